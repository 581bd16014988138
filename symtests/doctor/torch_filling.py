"""How each parameter was filled while a model was built: a start that was set and then drawn anew got lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

__all__ = ["Filling", "lost_starts"]

_CONSTANT: Final = ("zero_", "fill_")
_RANDOM: Final = ("uniform_", "normal_", "random_", "exponential_", "bernoulli_")


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
