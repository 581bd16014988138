"""Measures how small a fault each kind of tolerance sees, and writes what docs/tolerances.md shows.

    python docs/sharpness.py            measure; write sharpness.json, sharpness.svg and the tables of tolerances.md
    python docs/sharpness.py --draw     the same from the sharpness.json that is there

A fault is put into one component of a gradient that NumPy has computed, and the component is judged as the properties
judge it; the smallest fault that is called a violation, whatever its sign, is found by bisection.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import altair as alt
import numpy as np
import vl_convert
from fill_in import filled

from symtests.batch import Batch
from symtests.checking.results.plain import plain
from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.oracle import expect
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.properties.drawing.samples_apart import with_samples_apart
from symtests.properties.drawing.strategies import wide_batch, wide_parameters
from symtests.properties.gradients.gradient import GRAD1
from symtests.properties.judging.answers import measure, near_a_kink
from symtests.properties.judging.judging import Telling, judge_equal
from symtests.properties.judging.stages import shown_stages

HERE: Final = Path(__file__).resolve().parent
RECORD, PICTURE, PAGE = HERE / "sharpness.json", HERE / "sharpness.svg", HERE / "tolerances.md"
WIDTHS: Final = (8, 16, 32, 64, 128, 256)
DEPTHS: Final = (1, 2, 3, 4)
ACTIVATIONS: Final = ("tanh", "logistic", "relu")
SEEDS: Final = (1, 2)
SAMPLES, INPUTS, OUTPUTS = 16, 24, 4
PROMISE: Final = {"float32": 1e-4, "float64": 1e-10}
FORMS: Final = ("certified", "statistical", "stage-local", "fixed")
COLOURS: Final = ("#1f5fa8", "#1d7d4f", "#c4570e", "#a01010")
_FAULTS: Final = ("largest", "scale", "median")
_PER_TENSOR: Final = 16
"""Components of each weight matrix and bias vector that faults are put into: the largest, the rest at random."""
_SMALLEST, _LARGEST = -60, 10
"""Powers of two between which the smallest fault is looked for."""
_HALVINGS: Final = 12
_LEAST_SHARE: Final = 1e-30
Judge = Callable[[int, float], bool]
"""Tells whether it is called a violation if the component at an index has this value."""


@dataclass(frozen=True)
class Point:
    """The smallest faults that one kind of tolerance catches in networks of one width and depth, in any layer.

    Parameters
    ----------
    dtype, depth, width
        Of the networks: so many hidden layers of so many units each.
    form
        The kind of tolerance.
    largest
        Fault, relative to the component, in the largest component of a weight matrix or bias vector; the worst
        of all layers, activations and seeds. Infinite where a thousandfold value passes.
    scale
        Fault, relative to the root mean square of its weight matrix or bias vector, in any component; the worst.
    median
        Fault, relative to the component: half of the components show it, in the layer where that is worst.
    """

    dtype: str
    depth: int
    width: int
    form: str
    largest: float
    scale: float
    median: float


@dataclass(frozen=True)
class Kept:
    """In networks of one width and depth: how many promised faults were put in, and how many of them GRAD1 caught."""

    dtype: str
    depth: int
    width: int
    put_in: int
    caught: int


def question(dtype: str, depth: int, width: int, activation: str, seed: int) -> Case:
    """Return a case of these numbers: off all kinks, and few units dead, so that its gradient shows its pass."""
    network = Network((INPUTS, *(width,) * depth, OUTPUTS), activation)
    implementation = Checked(NumpyPlain(), dtype)
    for attempt in range(99):
        random = np.random.default_rng((seed, attempt, depth, width))
        parameters = wide_parameters(network, random, 1.0, dtype)
        case = Case(network, parameters, with_samples_apart(wide_batch(network, random, SAMPLES, dtype)))
        measured = measure(implementation, case)
        shown = shown_stages(measured)
        if shown is not None and shown.is_of_the_gradient and not near_a_kink(case, measured.expected):
            return case
    raise RuntimeError(f"no {activation} network of width {width} and depth {depth} will do")


def judges(implementation: Checked, case: Case) -> dict[str, Judge]:
    """Return the judge of each kind of tolerance."""
    measured = measure(implementation, case)
    shown = shown_stages(measured)
    assert shown is not None
    u = implementation.unit_roundoff
    ends = {form: expect(case.network, case.parameters, case.batch, u, form=form) for form in FORMS[:2]}
    right = ends["certified"].gradient.vector
    expected = {
        **{form: (right, each.gradient_tolerance + u * np.abs(right)) for form, each in ends.items()},
        "stage-local": (shown.expected.gradient.vector, shown.gradient_tolerance),
        "fixed": (right, 1e-5 + 1e-4 * np.abs(right)),
    }
    return {form: _judge(*expected[form]) for form in FORMS}


def _judge(right: Array, bound: Array) -> Judge:
    def is_violation(k: int, found: float) -> bool:
        part = slice(k, k + 1)
        return judge_equal([found], right[part], lambda _: Telling(""), bound=bound[part]).outcome == "violated"

    return is_violation


def smallest_fault(is_violation: Judge, k: int, found: Array, unit: float) -> float:
    """Return the smallest multiple of `unit` that is caught when it is added to, or taken from, component k."""

    def caught(fault: float) -> bool:
        # the faulty component is a number of the dtype too
        return all(is_violation(k, float(found.dtype.type(float(found[k]) + sign * fault * unit))) for sign in (1, -1))

    low, high = float(_SMALLEST), float(_LARGEST)
    if not caught(2.0**high):
        return float("inf")
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if caught(2.0**middle) else (middle, high)
    return float(2.0**high)


def faults_of(
    dtype: str, depth: int, width: int, activation: str, seed: int, per_tensor: int = _PER_TENSOR
) -> dict[str, dict[str, float]]:
    """Return for each kind of tolerance the smallest faults, as in `Point`, in one network."""
    implementation, case = Checked(NumpyPlain(), dtype), question(dtype, depth, width, activation, seed)
    found = implementation.loss_and_gradient(case.network, case.parameters, case.batch).gradient.vector
    every, random = judges(implementation, case), np.random.default_rng(seed)
    worst = {form: {"largest": 0.0, "scale": 0.0, "median": 0.0} for form in FORMS}
    for tensor in _tensors(case.network):
        size = np.abs(found[tensor].astype(np.float64))
        alive = np.flatnonzero(size > _LEAST_SHARE * size.max()) if size.any() else np.array([], int)
        if not alive.size:
            continue  # a dead unit has no gradient: there is no relative fault
        first = int(np.argmax(size))
        chosen = [first, *random.choice(alive, min(per_tensor - 1, alive.size), replace=False).tolist()]
        root_mean_square = float(np.sqrt((size**2).mean()))
        for form, is_violation in every.items():
            faults = [smallest_fault(is_violation, tensor.start + k, found, root_mean_square) for k in chosen]
            own = [fault * root_mean_square / size[k] for fault, k in zip(faults, chosen, strict=True)]
            new = {"largest": own[0], "scale": max(faults), "median": float(np.median(own[1:]))}
            worst[form] = {name: max(new[name], old) for name, old in worst[form].items()}
    return worst


def _tensors(network: Network) -> Iterator[slice]:
    for layer in range(network.layer_count):
        yield network.weight_slice(layer)
        yield network.bias_slice(layer)


def points(dtype: str, depth: int, width: int, per_tensor: int = _PER_TENSOR) -> list[Point]:
    """Return the points of all kinds of tolerance at one width and depth."""
    each = [faults_of(dtype, depth, width, name, seed, per_tensor) for name in ACTIVATIONS for seed in SEEDS]
    return [
        Point(dtype, depth, width, form, **{
            name: float(f"{max(worst[form][name] for worst in each):.3g}") for name in _FAULTS
        })
        for form in FORMS
    ]  # fmt: skip


class OneComponentOff(NumpyPlain):
    """NumPy's backpropagation with one component of the gradient multiplied by 1 + fault."""

    def __init__(self, index: int, fault: float) -> None:
        self.index, self.fault = index, fault

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the loss and the faulty gradient."""
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        gradient.vector[self.index] *= 1 + self.fault
        return loss, gradient


def promise_kept(dtype: str, depth: int, width: int) -> Kept:
    """Put the promised fault into two components of each matrix and vector, and ask GRAD1 as a whole each time."""
    put_in = caught = 0
    for activation in ACTIVATIONS:
        case = question(dtype, depth, width, activation, SEEDS[0])
        size = np.abs(measure(Checked(NumpyPlain(), dtype), case).vector)
        random = np.random.default_rng(SEEDS[0])
        for tensor in filter(lambda tensor: size[tensor].any(), _tensors(case.network)):
            usual = np.flatnonzero(size[tensor] >= np.sqrt((size[tensor] ** 2).mean()))
            for index in (int(np.argmax(size[tensor])), int(random.choice(usual))):
                faulty = OneComponentOff(tensor.start + index, float(random.choice((1, -1))) * PROMISE[dtype])
                put_in += 1
                caught += GRAD1.judge(Checked(faulty, dtype), case).outcome == "violated"
    return Kept(dtype, depth, width, put_in, caught)


def read() -> tuple[list[Point], list[Kept]]:
    """Return what was measured."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    points = [Point(**{**point, **{name: float(point[name]) for name in _FAULTS}}) for point in record["points"]]
    return points, [Kept(**kept) for kept in record["kept"]]


def table(kind: str) -> str:
    """Return a table of the page: ``sharpness float32``, ``sharpness float64`` or ``promise``."""
    all_points, kept = read()
    if kind == "promise":
        lines = ["| | fault | put in | caught by GRAD1 |", "|---|---|---|---|"]
        for dtype, fault in PROMISE.items():
            put_in, caught = (sum(getattr(k, name) for k in kept if k.dtype == dtype) for name in ("put_in", "caught"))
            lines.append(f"| {dtype} | {fault:.0e} | {put_in:,} | {caught:,} |")
        return "\n".join(lines)
    dtype = kind.split()[1]
    lines = ["| depth | width | certified | statistical | stage-local | fixed rtol=1e-4, atol=1e-5 |", "|" + "---|" * 6]
    for depth in DEPTHS:
        for width in (8, 64, 256):
            here = {p.form: p for p in all_points if (p.dtype, p.depth, p.width) == (dtype, depth, width)}
            cells = [f"{here[form].largest:.1g} / {here[form].median:.1g} / {here[form].scale:.1g}" for form in FORMS]
            lines.append(f"| {depth} | {width} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def chart(all_points: list[Point]) -> dict[str, Any]:
    """Return the picture: fault over width, for each depth and dtype, a line for each kind of tolerance."""
    rows = [
        {**asdict(point), "tolerance": _NAMES[point.form], "kind": kind, "fault": getattr(point, kind)}
        for point in all_points
        for kind in _KINDS
    ]
    words = "solid: seen in the largest component of each matrix; dashed: in half of all; grey: what GRAD1 promises"
    picture = alt.vconcat(*(_row(rows, dtype) for dtype in PROMISE)).properties(title=words)
    picture = picture.configure_title(fontSize=12, fontWeight="normal", anchor="start", offset=8)
    picture = picture.configure(background="white", font="sans-serif", padding=12, aria=False)
    picture = picture.configure_view(stroke="#dddddd")
    text: dict[str, Any] = {"labelFontSize": 11.5, "titleFontSize": 12, "titleFontWeight": "normal"}
    picture = picture.configure_axis(gridColor="#eeeeee", **text)
    return picture.configure_legend(orient="top", labelLimit=400, **text).to_dict()


_NAMES: Final[Mapping[str, str]] = {
    "certified": "certified", "statistical": "statistical", "stage-local": "stage-local",
    "fixed": "fixed rtol=1e-4, atol=1e-5",
}  # fmt: skip
_KINDS: Final = {"largest": "largest component of each matrix", "median": "half of all components"}


def _row(rows: list[dict[str, Any]], dtype: str) -> alt.HConcatChart:
    domain = (1e-7, 10.0) if dtype == "float32" else (1e-16, 10.0)
    panels = []
    for depth in DEPTHS:
        here = [{**row, "kind": _KINDS[row["kind"]]} for row in rows if (row["dtype"], row["depth"]) == (dtype, depth)]
        base = alt.Chart(alt.Data(values=here))
        lines = base.mark_line(point=alt.OverlayMarkDef(size=28), clip=True).encode(
            x=alt.X("width:Q", title="width", scale=alt.Scale(type="log", base=2, domain=(7, 290), nice=False),
                    axis=alt.Axis(values=WIDTHS)),
            y=alt.Y("fault:Q", title=f"{dtype}: smallest fault caught" if depth == 1 else None,
                    scale=alt.Scale(type="log", domain=domain, nice=False, clamp=True),
                    axis=alt.Axis(format=".0e", tickCount=8, labels=depth == 1)),
            color=alt.Color("tolerance:N", title="tolerance",
                            scale=alt.Scale(domain=list(_NAMES.values()), range=list(COLOURS))),
            strokeDash=alt.StrokeDash("kind:N", legend=None,
                                      scale=alt.Scale(domain=list(_KINDS.values()), range=[[1, 0], [4, 3]])),
        )  # fmt: skip
        promise = alt.Chart(alt.Data(values=[{"promise": PROMISE[dtype]}])).mark_rule(color="#555555", strokeWidth=1)
        layers = alt.layer(promise.encode(y="promise:Q"), lines)
        panels.append(layers.properties(width=190, height=230, title=f"depth {depth}"))
    return alt.hconcat(*panels)


def main() -> None:
    """Measure, unless told to draw only; write the record, the picture and the tables."""
    if "--draw" not in sys.argv[1:]:
        measured, kept = [], []
        for dtype, depth, width in itertools.product(PROMISE, DEPTHS, WIDTHS):
            measured += points(dtype, depth, width)
            kept.append(promise_kept(dtype, depth, width))
            print(*measured[-len(FORMS) :], kept[-1], sep="\n", flush=True)
        about = {"numpy": np.__version__, "samples": SAMPLES, "inputs": INPUTS, "outputs": OUTPUTS,
                 "activations": ACTIVATIONS, "seeds": SEEDS}  # fmt: skip
        parts = (",\n".join(json.dumps(plain(asdict(each))) for each in part) for part in (measured, kept))
        text = '{{"about": {}, "points": [\n{}\n], "kept": [\n{}\n]}}\n'.format(json.dumps(about), *parts)
        RECORD.write_text(text, encoding="utf-8")
    PICTURE.write_text(vl_convert.vegalite_to_svg(chart(read()[0])), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(filled(page, lambda _, name: table(name)), encoding="utf-8")


if __name__ == "__main__":
    main()
