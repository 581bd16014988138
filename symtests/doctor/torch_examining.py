"""From what a person hands over to a copy that can be examined, with nothing of theirs changed."""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from torch import nn

from symtests.doctor.fronts import is_keras
from symtests.doctor.model import NotExaminable
from symtests.doctor.origins import Origin
from symtests.doctor.torch_batches import Batches, Objective, said
from symtests.doctor.torch_defaults import random_batches
from symtests.doctor.torch_filling import lost_starts
from symtests.doctor.torch_model import TorchModel, default_optimizer
from symtests.doctor.torch_origins import Registrations, origins_of, registrations

__all__ = ["OtherFront", "few_threads", "prepared", "undisturbed"]

_SMALL: Final = 1_000_000
"""Numbers of parameters up to which threads cost more than they bring."""


@dataclass(frozen=True)
class _Seen:
    """What building a model showed: how starts got lost, and which lines made the parameters."""

    lost: Mapping[str, Sequence[str]] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)


class OtherFront(Exception):
    """What was built is a model of JAX or Keras."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model


def _is_of_jax(model: Any) -> bool:
    """Tell whether it is a structure with arrays of JAX, which is not imported for the question."""
    if "jax" not in sys.modules:
        return False
    from symtests.doctor.jax_handed import is_tree

    return is_tree(model)


@contextmanager
def undisturbed(model: Any, optimizer: Any, seed: int) -> Iterator[None]:
    """Seed everything, and put back the random states and all that is the caller's afterwards."""
    states = random.getstate(), np.random.get_state()  # noqa: NPY002 - the user's own
    grad = torch.is_grad_enabled()
    put_back = _remembered(model, optimizer)
    try:
        with torch.random.fork_rng(), torch.enable_grad():
            _seed(seed)
            yield
    finally:
        torch.set_grad_enabled(grad)
        put_back()
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002 - the user's own


def _remembered(model: Any, optimizer: Any) -> Callable[[], None]:
    """Return what puts a model and its optimizer back; where they can be copied, nothing has to be done."""
    if not isinstance(model, nn.Module):
        return lambda: None
    modes = {module: module.training for module in model.modules()}
    if _copy_of(model) is not None:
        return lambda: None
    tensors = [*model.parameters(), *model.buffers()]
    kept = [(each, each.detach().clone(), each.grad) for each in tensors]
    state = copy.deepcopy(optimizer.state_dict()) if isinstance(optimizer, torch.optim.Optimizer) else None

    def put_back() -> None:
        for module, mode in modes.items():
            module.training = mode
        with torch.no_grad():
            for tensor, value, gradient in kept:
                tensor.copy_(value)
                tensor.grad = gradient
        if state is not None:
            optimizer.state.clear()
            optimizer.load_state_dict(state)

    return put_back


@contextmanager
def few_threads(size: int) -> Iterator[None]:
    """Compute a small model in one thread."""
    threads = torch.get_num_threads()
    if size <= _SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - for a model that draws from it
    torch.manual_seed(seed)


def prepared(model: Any, batch: Any, loss: Callable[..., Any] | None, optimizer: Any, seed: int) -> TorchModel:
    """Return a copy of a model, or a new one, with all that a step needs.

    Parameters
    ----------
    model, batch, loss, optimizer
        As for `symtests.diagnose`.
    seed
        Of building it.
    """
    if isinstance(optimizer, torch.optim.Optimizer) and not isinstance(model, nn.Module):
        raise NotExaminable(
            "optimizer: belongs to another model than the one that is built; hand over a function: lambda model: "
            f"torch.optim.{type(optimizer).__name__}(model.parameters())"
        )
    module, own, seen = _copied(model, optimizer, seed)
    device = _check(module)
    if own is None:
        own = _made(optimizer, module)
    if not isinstance(own, torch.optim.Optimizer):
        raise NotExaminable(
            f"optimizer={type(own).__name__}: hand over one of torch.optim, or a function of the model that makes one"
        )
    given = random_batches(module, seed) if batch is None else batch
    return TorchModel(
        module, Batches(given, device), Objective(loss), own, seed, lost=seen.lost, origins=seen.origins
    )  # fmt: skip


def _copied(model: Any, optimizer: Any, seed: int) -> tuple[nn.Module, torch.optim.Optimizer | None, _Seen]:
    if is_keras(model) or (not isinstance(model, nn.Module) and _is_of_jax(model)):
        raise OtherFront(model)
    if not isinstance(model, nn.Module):
        if not callable(model):
            raise NotExaminable(
                f"model={type(model).__name__}: hand over a torch.nn.Module, or a function that builds one"
            )
        _seed(seed)
        try:
            built, lost, lines = _built(model, seed)
        except Exception as error:
            raise NotExaminable(f"build: raised {said(error)}; hand over a function that needs no arguments") from error
        if is_keras(built) or (not isinstance(built, nn.Module) and _is_of_jax(built)):
            raise OtherFront(built)
        if not isinstance(built, nn.Module):
            raise NotExaminable(
                f"build: gave a {type(built).__name__}; hand over a function that returns a torch.nn.Module"
            )
        plain = _plain(built)
        seen = _Seen(lost, origins_of(plain, lines))
        copied = _copy_of(plain)  # it may be no new one
        return plain if copied is None else copied, None, seen
    given = optimizer if isinstance(optimizer, torch.optim.Optimizer) else None
    plain = _plain(model)
    seen = _Seen(origins=origins_of(plain))
    return (*(_copy_of((plain, given)) or (plain, given)), seen)  # `undisturbed` puts back what is no copy


def _copy_of(what: Any) -> Any | None:
    """Return a copy; None where what it holds cannot be copied, as an open file."""
    try:
        return copy.deepcopy(what)
    except Exception:  # copying runs the user's own code, which may raise anything
        return None


def _built(build: Callable[[], Any], seed: int) -> tuple[Any, Mapping[str, Sequence[str]], Registrations]:
    """Build a model and see how it is filled; without seeing it, where that is what cannot be done."""
    with registrations() as lines:
        try:
            return (*lost_starts(build), lines)
        except Exception:  # whatever the user's code, or what watches it, raises: built once more, it raises it again
            _seed(seed)
            return build(), {}, lines


def _plain(module: nn.Module) -> nn.Module:
    """Return the module inside of a compiled or a parallel one: it has the same parameters."""
    if isinstance(module, torch.jit.ScriptModule):
        raise NotExaminable("model: is a compiled script; hand over the torch.nn.Module that it was made of")
    inner = getattr(module, "_orig_mod", None)
    if inner is None and type(module).__name__ in ("DataParallel", "DistributedDataParallel"):
        inner = module.module
    if type(module).__name__.startswith(("FullyShardedDataParallel", "FSDP")):
        raise NotExaminable("model: is sharded; hand over the function that builds it on one device")
    return inner if isinstance(inner, nn.Module) else module


def _check(module: nn.Module) -> torch.device:
    """Return where a model is; refuse one with nothing to examine."""
    parameters = list(module.parameters())
    if not parameters:
        raise NotExaminable(
            "model: has no parameters; hand over one that has some, after a first pass if they are lazy"
        )
    if any(isinstance(each, nn.parameter.UninitializedParameter) for each in parameters):
        raise NotExaminable("model: has lazy parameters without a shape; run model(inputs) once before handing it over")
    if any(type(each).__name__ == "DTensor" for each in parameters):
        raise NotExaminable("model: is sharded; hand over the function that builds it on one device")
    if any(each.is_meta for each in parameters):
        raise NotExaminable("model: is on the device meta, which has no numbers; hand over one on the CPU")
    if not any(each.requires_grad for each in parameters):
        raise NotExaminable("model: no parameter asks for a gradient; hand over one with requires_grad_(True)")
    devices = {each.device for each in parameters}
    if len(devices) > 1:
        raise NotExaminable(f"model: lies on {len(devices)} devices; hand over one on a single device, as model.cpu()")
    return devices.pop()


def _made(optimizer: Any, module: nn.Module) -> Any:
    if optimizer is None:
        return default_optimizer(module)
    if not callable(optimizer):
        return optimizer
    try:
        return optimizer(module)
    except Exception as error:
        raise NotExaminable(f"optimizer: raised {said(error)}; hand over a function of the model alone") from error
