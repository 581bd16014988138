"""What one forward pass and loss of a PyTorch model say of its axes, and where a path to the loss ends."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from symtests.doctor.axes import Axes, Axis
from symtests.doctor.torch_operands import Operands
from symtests.doctor.torch_rules import POINTWISE, RULES

__all__ = ["Trace", "traced"]

_FLAT: Final = frozenset(
    {"round", "floor", "ceil", "trunc", "sign", "sgn", "heaviside", "argmax", "argmin", "bernoulli", "one_hot"}
)
"""Operators that pass no gradient at any values."""


@dataclass
class Step:
    """One operator: what it is called, which tensors it read and which it wrote, and whether its derivative is 0.

    The call is kept for its rule; `blind` says whether gradients were switched off.
    """

    name: str
    read: tuple[int, ...]
    wrote: tuple[int, ...]
    flat: bool
    call: tuple[Any, ...]
    shapes: tuple[tuple[int, ...], ...]
    blind: bool


_TURNING: Final = frozenset(
    {"transpose_", "t_", "swapaxes_", "swapdims_", "squeeze_", "unsqueeze_", "as_strided_", "resize_", "set_"}
)
"""Operators that turn a tensor in place, so that its axes are others afterwards."""


class Trace(TorchDispatchMode):  # type: ignore[misc, unused-ignore] # torch may be missing
    """Follows every operator of a pass; tensors are known by their identity, so that all are kept until the end.

    What an operator says of axes counts only if the loss depends on its result: a layer also stacks final states that
    nobody reads. So rules are applied afterwards, by `understand`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.axes = Axes()
        self.steps: list[Step] = []
        self.unknown: set[str] = set()
        self._of: dict[int, list[Axis]] = {}
        self._constants: set[int] = set()
        self._tracked: set[int] = set()
        self._kept: list[Any] = []
        self._without_gradient: set[int] = set()

    def add(self, tensor: torch.Tensor, *, fixed: bool) -> None:
        """Make a parameter, a buffer or an input known."""
        if id(tensor) not in self._of:
            self._kept.append(tensor)
            self._tracked.add(id(tensor))
            self._of[id(tensor)] = [self.axes.new(int(size), fixed=fixed) for size in tensor.shape]

    def of(self, tensor: torch.Tensor) -> list[Axis]:
        """Return the axes of a tensor; a constant that is the same along an axis has a new one for each use."""
        if id(tensor) not in self._of:
            self._add_constant(tensor)
        axes = self._of[id(tensor)]
        if id(tensor) not in self._constants:
            return axes
        return [self.axes.new(self.axes.size(axis), fixed=any(map(self.axes.is_fixed, axis))) for axis in axes]

    def _add_constant(self, tensor: torch.Tensor) -> None:
        """Note the axes of a tensor that comes from neither parameters nor data: fixed where its values differ."""
        self._kept.append(tensor)
        self._constants.add(id(tensor))
        self._of[id(tensor)] = []
        for place, size in enumerate(tensor.shape):
            alike = size > 1 and bool((tensor == tensor.narrow(place, 0, 1)).all())
            self._of[id(tensor)].append(self.axes.new(int(size), fixed=not alike))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operator, and take note of it."""
        kwargs = kwargs or {}
        read = [each for each in pytree.tree_leaves((args, kwargs)) if isinstance(each, torch.Tensor)]
        follows = any(id(tensor) in self._tracked for tensor in read) and not _is_factory(func)
        for tensor in read if follows else ():
            if id(tensor) not in self._tracked and id(tensor) not in self._of:
                self._add_constant(tensor)  # before the operator may write into it
        out = func(*args, **kwargs)
        wrote = [each for each in pytree.tree_leaves(out) if isinstance(each, torch.Tensor)]
        if follows:
            self._note(func, args, kwargs, out, read, wrote)
        return out

    def _note(self, func: Any, args: Any, kwargs: Any, out: Any, read: list[Any], wrote: list[Any]) -> None:
        name = func._schema.name.removeprefix("aten::")
        self._kept.extend((*read, *wrote))
        for tensor in read:
            if not tensor.requires_grad:
                self._without_gradient.add(id(tensor))
        self._tracked.update(map(id, wrote))
        call = (func, args, kwargs, out)
        shapes = tuple(tuple(map(int, each.shape)) for each in wrote)  # a later operator may turn a tensor in place
        self.steps.append(
            Step(
                name,
                tuple(map(id, read)),
                tuple(map(id, wrote)),
                _is_flat(name, args),
                call,
                shapes,
                not torch.is_grad_enabled(),
            )
        )

    def understand(self, loss: torch.Tensor) -> None:
        """Apply the rules of all operators on which the loss depends."""
        reached = self._leading_to(loss)
        for step in self.steps:
            if reached.intersection(step.wrote):
                self._apply(step)

    def _leading_to(self, loss: torch.Tensor) -> set[int]:
        reached = {id(loss)}
        for step in reversed(self.steps):
            if reached.intersection(step.wrote):
                reached.update(step.read)
        return reached

    def _apply(self, step: Step) -> None:
        func, args, kwargs, out = step.call
        found = self._by_rule(step.name, func, args, kwargs, out)
        if found is None:
            self.unknown.add(step.name)
            for tensor in pytree.tree_leaves((args, kwargs)):
                if isinstance(tensor, torch.Tensor):
                    for axis in self.of(tensor):
                        self.axes.fix(axis)
            found = []
        wrote = [each for each in pytree.tree_leaves(out) if isinstance(each, torch.Tensor)]
        turned = step.name in _TURNING
        for place, (tensor, shape) in enumerate(zip(wrote, step.shapes, strict=True)):
            self._set(tensor, shape, found[place] if place < len(found) else None, turned=turned)

    def _by_rule(self, name: str, func: Any, args: Any, kwargs: Any, out: Any) -> list[list[Axis]] | None:
        rule = RULES.get(name) or RULES.get(name.removesuffix("_"))
        if rule is None and torch.Tag.pointwise in func.tags:
            rule = POINTWISE
        if rule is None:
            return None
        try:
            return rule(Operands(self.axes, self.of, args, kwargs, out))
        except (NotImplementedError, ValueError, IndexError, TypeError, AttributeError):
            return None  # a form of the operator that the rule does not know

    def _set(self, tensor: torch.Tensor, shape: tuple[int, ...], axes: list[Axis] | None, *, turned: bool) -> None:
        if axes is None or tuple(self.axes.size(axis) for axis in axes) != shape:
            axes = [self.axes.new(size, fixed=True) for size in shape]
        before = self._of.get(id(tensor))
        in_place = before is not None and id(tensor) not in self._constants and not turned
        if in_place and before is not None and len(before) == len(axes):
            for one, other in zip(before, axes, strict=True):
                self.axes.unify(one, other)
        self._constants.discard(id(tensor))
        self._of[id(tensor)] = axes

    def release(self) -> None:
        """Let go of all tensors but the parameters: what is told by identities can still be asked."""
        self._kept.clear()
        self.steps = [replace(step, call=()) for step in self.steps]

    def used(self, tensor: torch.Tensor) -> bool:
        """Tell whether any operator read a tensor."""
        return any(id(tensor) in step.read for step in self.steps)

    def ends(self, tensor: torch.Tensor, loss: torch.Tensor) -> str | None:
        """Return the operator behind which a tensor's way to the loss has no gradient; None where there is no way."""
        reached = self._leading_to(loss)
        if id(tensor) not in reached:
            return None
        alive, made_by = {id(tensor)}, {id(tensor): ""}
        last = ""
        for step in self.steps:
            met = alive.intersection(step.read)
            if not met or not reached.intersection(step.wrote):
                continue
            if met <= self._without_gradient:
                return next(iter(filter(None, (made_by[each] for each in met))), step.name)
            if step.blind:
                return step.name
            last = step.name
            alive.update(step.wrote)
            made_by.update(dict.fromkeys(step.wrote, step.name))
        return last

    def flat(self, tensor: torch.Tensor) -> list[str]:
        """Return the operators behind a tensor that pass no gradient at any values."""
        alive, found = {id(tensor)}, []
        for step in self.steps:
            if alive.intersection(step.read):
                alive.update(step.wrote)
                if step.flat:
                    found.append(step.name)
        return list(dict.fromkeys(found))

    def order(self) -> dict[int, int]:
        """Return at which operator each tensor was first read, by its identity."""
        found: dict[int, int] = {}
        for place, step in enumerate(self.steps):
            for each in step.read:
                found.setdefault(each, place)
        return found


def _is_factory(func: Any) -> bool:
    """Tell whether an operator takes of a tensor its shape alone: what it makes is a constant, or noise."""
    name = func._schema.name.removeprefix("aten::")
    return name.endswith("_like") or name.startswith("new_")


def _is_flat(name: str, args: Sequence[Any]) -> bool:
    """Tell whether an operator passes no gradient; a softmax over one unit is 1 whatever it is given."""
    if "softmax" in name:
        return int(args[0].shape[args[1]]) == 1
    return name.removesuffix("_") in _FLAT


@contextmanager
def _taken_apart() -> Iterator[None]:
    """Have PyTorch run the operators of which fused ones are made."""
    fast = torch.backends.mha.get_fastpath_enabled()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.backends.mha.set_fastpath_enabled(False)
        try:
            with torch.backends.mkldnn.flags(enabled=False), sdpa_kernel(SDPBackend.MATH):
                yield
        finally:
            torch.backends.mha.set_fastpath_enabled(fast)


def traced(
    run: Callable[[], torch.Tensor], tensors: Mapping[str, torch.Tensor], inputs: list[torch.Tensor]
) -> tuple[Trace, torch.Tensor]:
    """Return what a pass says of the tensors of a model, and the loss that it gave.

    Parameters
    ----------
    run
        Computes the loss.
    tensors
        Parameters and buffers.
    inputs
        The tensors of the batch: data, whose positions are told apart.
    """
    trace = Trace()
    for tensor in tensors.values():
        trace.add(tensor, fixed=False)
    for tensor in inputs:
        trace.add(tensor, fixed=True)
    with _taken_apart(), trace:
        loss = run()
    trace.understand(loss)
    return trace, loss
