"""How each parameter was filled while a model was built: a start that was set and then drawn anew got lost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

__all__ = ["Filling", "line_that_fills", "lost_starts"]

_CONSTANT: Final = ("zero_", "fill_")
_RANDOM: Final = ("uniform_", "normal_", "random_", "exponential_", "bernoulli_")
_CODE: Final = {
    "zeros": "nn.init.zeros_({0})",
    "normal": "nn.init.normal_({0}, std={1:.2g})",
    "layer": "nn.init.kaiming_uniform_({0}, a=5**0.5)",
}
_SMALL: Final = 0.02
"""Deviation of what has no fan-in."""


class Filling(TorchDispatchMode):  # type: ignore[misc, unused-ignore] # torch may be missing
    """Notes which operators fill which memory; memory that is given out anew starts without a past."""

    def __init__(self) -> None:
        super().__init__()
        self.filled: dict[int, list[tuple[str, int]]] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operator; note it if it fills a tensor."""
        out = func(*args, **(kwargs or {}))
        name = func._schema.name.removeprefix("aten::")
        if name in _CONSTANT or name in _RANDOM:
            self.filled.setdefault(args[0].data_ptr(), []).append((name, args[0].numel()))
        elif name.startswith("empty") and isinstance(out, torch.Tensor):
            self.filled.pop(out.data_ptr(), None)
        return out


def lost_starts(build: Callable[[], Any]) -> tuple[Any, Mapping[str, tuple[str, ...]]]:
    """Build a model; return it with the operators that filled each parameter whose start got lost.

    That is one which was drawn at random, as layers do by themselves, then set to a constant, which somebody meant,
    and then drawn at random again.

    Parameters
    ----------
    build
        Returns a model.
    """
    filling = Filling()
    with filling:
        model = build()
    found = {}
    for name, each in model.named_parameters() if isinstance(model, nn.Module) else ():
        if each.is_meta or isinstance(each, nn.parameter.UninitializedParameter):
            continue
        past = [filled for filled, size in filling.filled.get(each.data_ptr(), ()) if size == each.numel()]
        places = [place for place, filled in enumerate(past) if filled in _CONSTANT]
        drawn_again = bool(places) and any(name in _RANDOM for name in past[: places[0]]) and past[-1] in _RANDOM
        if drawn_again and not bool((each.detach() == each.detach().reshape(-1)[:1]).all()):
            found[name] = tuple(past)
    return model, found


def line_that_fills(name: str, shape: Sequence[int], how: str) -> str:
    """Return a line of PyTorch that fills a parameter.

    Parameters
    ----------
    name, shape
        Of the parameter.
    how
        "zeros", "normal" of variance 1 / fan-in, or "layer", as PyTorch's layers do.
    """
    deviation = 1 / math.sqrt(max(1, math.prod(shape[1:]))) if len(shape) > 1 else _SMALL
    return _CODE[how].format(f'model.get_parameter("{name}")', deviation)
