"""BRK1: a random start is random."""

from __future__ import annotations

from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import DEFAULT_START
from symtests.implementations.checked import Checked
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.few_shapes import choices_of_network
from symtests.properties.drawing.strategies import networks
from symtests.properties.equal_units.symmetry import RUMELHART
from symtests.properties.judging.judging import number, violated

__all__ = ["BRK1"]

_RANDOM_STARTS: Final = (
    "uniform", "normal", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
    "orthogonal",
)  # fmt: skip


def _random_start_cases(
    domain: Domain, tier: Tier, schemes: tuple[str, ...] = _RANDOM_STARTS
) -> st.SearchStrategy[Case]:
    """Draw networks in which two units agree by chance about once in 10^10 cases: all have at least two weights."""

    @st.composite
    def random_start(draw: st.DrawFn) -> Case:
        network = draw(drawn)
        inputs, outputs = network.sizes[0], network.sizes[-1]
        batch = Batch(np.ones((1, inputs), domain.dtype), np.eye(1, outputs, dtype=domain.dtype))
        seed, further = draw(st.integers(0, 2**30)), draw(further_on)
        scheme = draw(choices_of_network(domain, network, offered))
        details = {"scheme": scheme, "seed": seed, "other_seed": seed + further}
        return Case(network, Parameters.zeros(network, domain.dtype), batch, details=details)

    own = (DEFAULT_START,) if schemes == _RANDOM_STARTS else ()
    offered = tuple(name for name in (*schemes, *own) if name in domain.capabilities.own_starts) or schemes
    # Seeds that agree in their lowest bits are the same to a generator that keeps no others.
    further_on = st.one_of(st.integers(1, 2**30), st.sampled_from([2**bits for bits in (8, 16, 24, 30)]))
    no_hidden = domain.capabilities.max_hidden_layers == 0
    drawn = networks(
        domain, tier,
        hidden_layers=(0, 0) if no_hidden else None,
        least_width=2 if tier == "small" else 3,
        inputs=(2, 2) if tier == "small" else (3, 33),
        outputs=(2, 2) if tier == "small" and no_hidden else None,
    )  # fmt: skip
    return random_start()


def _judge(implementation: Checked, case: Case) -> Judgement:
    network, scheme = case.network, case.details["scheme"]
    seed, other_seed = case.details["seed"], case.details["other_seed"]
    start = implementation.initialize(network, scheme, seed)
    told = f"{scheme} with seed {seed}"
    alike = _first_alike(start)
    if alike is not None:
        what, line = alike
        sentence = f"{told} gives {what} the same weights"
        return violated(sentence, what, (_start_line("start", scheme, seed), *line))
    if np.array_equal(start.vector, implementation.initialize(network, scheme, other_seed).vector):
        return violated(
            f"{told} and with seed {other_seed} gives the same weights",
            "start",
            (
                _start_line("start", scheme, seed),
                _start_line("other", scheme, other_seed),
                "assert (start != other).any()",
            ),
        )
    again = implementation.initialize(network, scheme, seed)
    changed = np.flatnonzero(start.vector != again.vector)
    if not changed.size:
        return Judgement("held", bitwise=True)
    index = int(changed[0])
    name, one, other = start.name_of(index), start.vector[index], again.vector[index]
    return violated(
        f"{told} gives another start each time: {name} is {number(one)}, then {number(other)}",
        name,
        (_start_line("start", scheme, seed), _start_line("again", scheme, seed), "assert (start == again).all()"),
        expected=one,
        found=other,
    )


def _start_line(name: str, scheme: str, seed: int) -> str:
    call = f"implementation.initialize(network, {scheme!r}, {seed})"
    return f'{name} = np.asarray(getattr(answer := {call}, "vector", answer))'


def _first_alike(start: Parameters) -> tuple[str, tuple[str, ...]] | None:
    """Find two units of a layer with equal incoming weights, two rows of a weight matrix, or two layers; show them."""
    for layer, weight in enumerate(start.weights):
        where = start.network.weight_slice(layer)
        line = f"W = start[{where.start}:{where.stop}].reshape{weight.shape}"
        # A single weight may meet another by chance; two or more do not.
        columns = _equal_rows(weight.T) if weight.shape[0] > 1 else None
        if columns is not None:
            one, other = columns
            said = f"units {one} and {other} of layer {layer + 1}"
            return said, (line, f"assert (W[:, {one}] != W[:, {other}]).any()")
        rows = _equal_rows(weight) if weight.shape[1] > 1 else None
        if rows is not None:
            one, other = rows
            return f"rows {one} and {other} of W{layer + 1}", (line, f"assert (W[{one}] != W[{other}]).any()")
    return _layers_alike(start)


def _layers_alike(start: Parameters) -> tuple[str, tuple[str, ...]] | None:
    """Find two layers of one shape with the same weights; say which, and show it."""
    for above, weight in enumerate(start.weights):
        for below, earlier in enumerate(start.weights[:above]):
            # A single weight may meet another by chance.
            if weight.size > 1 and np.array_equal(earlier, weight):
                one, other = (start.network.weight_slice(layer) for layer in (below, above))
                line = f"assert (start[{one.start}:{one.stop}] != start[{other.start}:{other.stop}]).any()"
                return f"layers {below + 1} and {above + 1}", (line,)
    return None


def _equal_rows(matrix: Array) -> tuple[int, int] | None:
    """Return the indices of the first two rows that are equal, or None."""
    order = np.lexsort(matrix.T)
    equal = np.flatnonzero((matrix[order[1:]] == matrix[order[:-1]]).all(axis=1))
    if not equal.size:
        return None
    one, other = sorted((int(order[equal[0]]), int(order[equal[0] + 1])))
    return one, other


BRK1: Final = Property(
    id="BRK1",
    group="symmetry_breaking",
    title="a random start is random",
    statement="A random start gives no two units of a layer, and no two layers, the same weights; another seed gives "
    "another start, and the same seed the same.",
    formula="for units i ≠ j: wᵢ ≠ wⱼ;  for seeds s ≠ s′: θ(s) ≠ θ(s′);  θ(s) = θ(s), drawn again",
    precondition="the weights of a unit are at least two numbers drawn from a continuous distribution",
    exactness=Exactness.LOGICAL,
    catches="the same random numbers for every unit or for every layer, a zero or constant start sold as a random one, "
    "a seed that is not used, or a generator that is not seeded",
    source=RUMELHART,
    claims=("S1", "S6", "S8"),
    cases=_random_start_cases,
    judge=_judge,
    needs=("initialize",),
    without_precondition=lambda domain: _random_start_cases(domain, "small", ("zeros", "constant")),
)
