"""Batches, the call of a model and its loss, in the forms in which people have them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import torch
from torch.nn import functional
from torch.utils import _pytree as pytree

from symtests.doctor.model import NotExaminable

__all__ = ["Batches", "Objective", "said", "tensors_in"]

_TARGETS: Final = ("labels", "label", "targets", "target", "y")
_SHOWN: Final = 200


def tensors_in(value: Any) -> list[torch.Tensor]:
    """Return all tensors in a structure of lists, mappings and objects with fields."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [tensor for each in value.values() for tensor in tensors_in(each)]
    return [each for each in pytree.tree_leaves(value) if isinstance(each, torch.Tensor)]


class Batches:
    """The batch of each step, drawn once and kept: an examination asks for the same one again.

    Parameters
    ----------
    source
        A batch; a list of them; a loader; a function of the number of the step, or of nothing.
    device
        Where the model is.
    """

    def __init__(self, source: Any, device: torch.device) -> None:
        self._source = source
        self._device = device
        self._drawn: list[Any] = []
        self._endless = self._each()

    def __getitem__(self, number: int) -> Any:
        while len(self._drawn) <= number:
            self._drawn.append(_moved(next(self._endless), self._device))
        return self._drawn[number]

    @property
    def differ(self) -> bool:
        """Whether the batches that were drawn differ."""
        first = tensors_in(self._drawn[0]) if self._drawn else []
        return any(
            a.shape != b.shape or not torch.equal(a, b)
            for each in self._drawn[1:3]
            for a, b in zip(first, tensors_in(each), strict=False)
        )

    def _each(self) -> Iterator[Any]:
        source = self._source
        if isinstance(source, (torch.Tensor, tuple, Mapping)):
            while True:
                yield source
        if callable(source):
            takes_one = _arguments(source) >= 1
            number = 0
            while True:
                yield source(number) if takes_one else source()
                number += 1
        while True:
            none = True
            for each in islice(iter(source), 1000):
                none = False
                yield each
            if none:
                raise NotExaminable("batch: the loader gives none; hand over one that gives a batch at least")


def _moved(batch: Any, device: torch.device) -> Any:
    return pytree.tree_map(lambda each: each.to(device) if isinstance(each, torch.Tensor) else each, batch)


def _arguments(function: Any) -> int:
    """Return how many arguments a function takes that have no default."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(each.kind in positional and each.default is inspect.Parameter.empty for each in parameters)


class Objective:
    """The loss of a model on a batch, whichever form it was given in.

    Parameters
    ----------
    loss
        ``loss(output, target)``, ``loss(output)``, ``loss(model, batch)``, or None: the model returns it, or it
        follows from the target (cross-entropy of whole numbers, else the mean squared error).
    """

    def __init__(self, loss: Callable[..., Any] | None) -> None:
        self._loss = loss
        self._whole = loss is not None and _first_name(loss) in ("model", "net", "network", "module")
        self.last_output: torch.Tensor | None = None
        self.last_target: torch.Tensor | None = None

    def __call__(self, model: torch.nn.Module, batch: Any) -> torch.Tensor:
        """Return the loss; the output and the target of the last call are kept beside."""
        self.last_output = self.last_target = None
        loss = self._loss
        if self._whole and loss is not None:
            return self._scalar(self._tried(lambda: self._of_all(loss, model, batch)))
        args, kwargs, target = _parts(batch, given=self._loss is not None)
        try:
            output = model(*args, **kwargs)
        except (TypeError, RuntimeError, ValueError, IndexError, AttributeError) as error:
            raise NotExaminable(_wrong_batch(error)) from error
        self.last_output = _output_in(output)
        self.last_target = target if isinstance(target, torch.Tensor) else None
        return self._scalar(self._tried(lambda: self._of(output, target)))

    @staticmethod
    def _tried(compute: Callable[[], Any]) -> Any:
        try:
            return compute()
        except NotExaminable:
            raise
        except Exception as error:
            raise NotExaminable(f"loss: raised {said(error)}; hand over loss(output, target)") from error

    def _of_all(self, loss: Callable[..., Any], model: torch.nn.Module, batch: Any) -> Any:
        """Return ``loss(model, batch)``, and keep what the model gave meanwhile, and the last part of the batch."""

        def keep(_module: torch.nn.Module, _inputs: Any, output: Any) -> None:
            self.last_output = _output_in(output)

        handle = model.register_forward_hook(keep)
        try:
            found = loss(model, batch)
        finally:
            handle.remove()
        target = _parts(batch, given=True)[2]
        self.last_target = target if isinstance(target, torch.Tensor) else None
        return found

    def _of(self, output: Any, target: Any) -> Any:
        if self._loss is not None:
            return (
                self._loss(output)
                if _arguments(self._loss) == 1 and not _is_module(self._loss)
                else self._loss(output, target)
            )
        own = output.get("loss") if isinstance(output, Mapping) else getattr(output, "loss", None)
        if own is not None:
            return own
        if isinstance(output, torch.Tensor) and output.dim() == 0:
            return output
        main = _output_in(output)
        if main is None or not isinstance(target, torch.Tensor):
            raise NotExaminable("loss: the model returns none; hand over loss(output, target) or loss(model, batch)")
        if not target.is_floating_point() and main.dim() == target.dim() + 1:
            return functional.cross_entropy(main, target)
        if main.shape == target.shape:
            return functional.mse_loss(main, target.to(main.dtype))
        raise NotExaminable(
            f"loss: none is evident from an output of shape {tuple(main.shape)} and a target of shape "
            f"{tuple(target.shape)}; hand over loss(output, target)"
        )

    @staticmethod
    def _scalar(loss: Any) -> torch.Tensor:
        if isinstance(loss, torch.Tensor) and loss.numel() == 1:
            return loss.reshape(())
        shape = f"shape {tuple(loss.shape)}" if isinstance(loss, torch.Tensor) else type(loss).__name__
        raise NotExaminable(f"loss: gave a {shape}; hand over one that returns a tensor of one number")


def _is_module(loss: Any) -> bool:
    return isinstance(loss, torch.nn.Module)


def _first_name(function: Any) -> str:
    try:
        return next(iter(inspect.signature(function).parameters), "")
    except (TypeError, ValueError):
        return ""


def _parts(batch: Any, *, given: bool) -> tuple[tuple[Any, ...], dict[str, Any], Any]:
    """Return what the model is called with, and the target."""
    if isinstance(batch, Mapping):
        name = next((each for each in _TARGETS if each in batch), None)
        rest = {key: value for key, value in batch.items() if key != name}
        return (), dict(rest if given else batch), batch[name] if name is not None else None
    if isinstance(batch, (tuple, list)):
        if len(batch) == 1:
            return (batch[0],), {}, batch[0]
        return tuple(batch[:-1]), {}, batch[-1]
    return (batch,), {}, batch


def _output_in(output: Any) -> torch.Tensor | None:
    """Return the main output: the logits of an object that has them, or the first tensor of floating point."""
    logits = output.get("logits") if isinstance(output, Mapping) else getattr(output, "logits", None)
    if isinstance(logits, torch.Tensor):
        return logits
    return next((each for each in tensors_in(output) if each.is_floating_point() and each.dim() > 0), None)


def _wrong_batch(error: Exception) -> str:
    return (
        f"batch: the model cannot be called with it ({said(error)}); "
        "hand over (inputs, targets), or a dict of its named arguments"
    )


def said(error: Exception) -> str:
    """Return the kind and the message of an error of the user's code, in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}"
