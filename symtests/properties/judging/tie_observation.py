"""Where ties break: hidden widths 2 to 130, trained from a constant start."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.model.activations import activations_that
from symtests.network import LOSSES, Network
from symtests.parameters import Parameters
from symtests.properties.base import Observation
from symtests.properties.drawing.layer_sizes import FORCED_WIDTHS
from symtests.training import Training

__all__ = ["observe_ties"]

_START: Final = 0.5
_FEW_WIDTHS: Final = (3, 9, 17, 33, 65, 129)  # for an implementation that compiles each new size
_SECONDS: Final = 8.0  # for all trainings; what has been seen until then is reported
_OPTIMIZERS: Final = ("sgd", "adam")
_CURVED_FIRST: Final = (
    *activations_that(lambda entry: entry.is_curved),
    *activations_that(lambda entry: not entry.is_curved),
)


@dataclass(frozen=True, eq=False)
class _Setting:
    """One data set with one optimizer: what is scanned over the widths."""

    data: str
    activation: str
    loss: str
    bias: bool
    batch: Batch
    optimizer: str
    steps: int

    def network(self, width: int) -> Network:
        sizes = (self.batch.x.shape[1], width, self.batch.y.shape[1])
        return Network(sizes, self.activation, self.loss, self.bias)

    def training(self, width: int, steps: int) -> Training:
        # The largest curvature of the loss grows with the width; plain descent must not diverge.
        return Training(self.optimizer, 0.25 / width if self.optimizer == "sgd" else 0.01, steps)


def observe_ties(implementation: Checked, effort: float) -> list[Observation]:
    """Report, for each optimizer and data set, at which width and step ties first break, or that they all held.

    All weights start at 0.5, so all hidden units are tied. With effort 1 every width from 2 to 130 is tried over 200
    steps; with less, those at the edges of blocks of lanes over 50 steps at least, or six of them
    where each shape is compiled. What takes too long is cut short: the edges come first, and the observations say how
    many widths were tried.
    """
    can = implementation.capabilities
    widths = sorted(range(2, 131), key=lambda width: (width not in FORCED_WIDTHS, width))
    if can.few_shapes:
        widths = list(_FEW_WIDTHS)
    possible = [width for width in widths if can.min_width <= width <= (can.max_width or width)]
    tried = [width for width in possible if width in FORCED_WIDTHS or effort >= 1]
    deadline = time.monotonic() + _SECONDS
    scans = [] if can.max_hidden_layers == 0 or can.min_hidden_layers > 1 else [
        _Scan(implementation, setting, deadline) for setting in _settings(implementation, max(50, round(200 * effort)))
    ]  # fmt: skip
    for width in tried:  # all settings at one width before the next: when time is up, none has been left out
        for scan in scans:
            if time.monotonic() < deadline:
                scan.try_width(width)
    return [scan.observation() for scan in scans if scan.tried]


def _settings(implementation: Checked, steps: int) -> Iterator[_Setting]:
    can = implementation.capabilities
    activation = next(name for name in _CURVED_FIRST if name in can.activations)
    loss = next(name for name in LOSSES if name in can.losses)
    for optimizer in _OPTIMIZERS:
        if optimizer in can.optimizers:
            for data, batch in _batches(loss, implementation.dtype, can.max_samples):
                if batch.x.shape[1] > (can.max_inputs or batch.x.shape[1]):
                    continue
                yield _Setting(data, activation, loss, True in can.bias, batch, optimizer, steps)


def _batches(loss: str, dtype: str, most: int | None) -> Iterator[tuple[str, Batch]]:
    """Give XOR, and 16 random samples of 5 features; fewer samples where the implementation takes no more."""
    random = np.random.default_rng(0)
    for data, x, classes in (
        ("XOR", np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])),
        ("random data", random.normal(size=(16, 5)), random.integers(0, 2, 16)),
    ):
        if data == "XOR" and most is not None and most < len(x):
            continue
        y = np.eye(2)[classes] if loss == "softmax_cross_entropy" else classes[:, np.newaxis].astype(np.float64)
        yield data, Batch(x[:most], y[:most]).astype(dtype)


class _Scan:
    """Tries width after width in one setting and keeps the earliest step at which a tie broke."""

    def __init__(self, implementation: Checked, setting: _Setting, deadline: float) -> None:
        self.implementation = implementation
        self.setting = setting
        self.deadline = deadline
        self.tried: list[int] = []
        self.broken: list[int] = []
        self.spread = 0.0
        self.first: tuple[int, int] | None = None  # step and width

    def try_width(self, width: int) -> None:
        """Train once; where ties broke, find out whether they did so at an earlier step than at any width before."""
        try:
            spread = self._spread(width, self.setting.steps)
            self.tried.append(width)
            if spread > 0:
                self.broken.append(width)
                self.spread = max(self.spread, spread)
                self._find_first(width)
        except (Misbehaviour, Unsupported):
            pass  # the verdicts tell of misbehaviour; a training that diverges says nothing of ties

    def _find_first(self, width: int) -> None:
        broken = self.setting.steps if self.first is None else self.first[0] - 1
        if broken == 0 or (self.first is not None and self._spread(width, broken) == 0):
            return  # no earlier than before
        held = 0
        while broken - held > 1:
            middle = (held + broken) // 2
            held, broken = (held, middle) if self._spread(width, middle) > 0 else (middle, broken)
        # Ties can heal by rounding, so bisection may have passed over an earlier break: look at each step before.
        for step in range(1, broken):
            if time.monotonic() > self.deadline:
                break
            if self._spread(width, step) > 0:
                broken = step
                break
        self.first = broken, width

    def _spread(self, width: int, steps: int) -> float:
        """Return the largest difference between the weights of the first hidden unit and of any other."""
        network = self.setting.network(width)
        start = Parameters.zeros(network, self.implementation.dtype)
        start.vector[:] = _START
        after = self.implementation.train(network, start, self.setting.batch, self.setting.training(width, steps))
        incoming, outgoing = after.weight(0).astype(np.float64), after.weight(1).astype(np.float64)
        spread = max(np.ptp(incoming, axis=1).max(), np.ptp(outgoing, axis=0).max())
        return float(max(spread, np.ptp(after.bias(0).astype(np.float64)) if network.bias else 0.0))

    def observation(self) -> Observation:
        setting, steps = self.setting, self.setting.steps
        where = f"{self.implementation.dtype}, {setting.optimizer}, {setting.data}"
        data = {
            "dtype": self.implementation.dtype, "optimizer": setting.optimizer, "data": setting.data, "steps": steps,
            "widths_tried": len(self.tried), "widths_broken": len(self.broken), "spread": self.spread,
            "step": self.first and self.first[0], "width": self.first and self.first[1],
        }  # fmt: skip
        if self.first is None:
            sentence = f"ties held bit for bit at all {len(self.tried)} widths over {steps} steps ({where})"
        else:
            sentence = (
                f"ties break first at width {self.first[1]}, step {self.first[0]} ({where}), and {len(self.broken)} of "
                f"{len(self.tried)} widths break within {steps} steps; largest spread {self.spread:.2g}"
            )
        return Observation(sentence, data)
