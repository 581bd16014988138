"""A PyTorch model under examination: a copy of it, its batches, its loss and its optimizer."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch
from torch import nn
from torch.utils import _pytree as pytree

from symtests.doctor.grouping import expert_candidates, groups_of
from symtests.doctor.model import Facts, NotExaminable, Wiring
from symtests.doctor.origins import Origin
from symtests.doctor.torch_batches import Batches, Objective, said, tensors_in
from symtests.doctor.torch_filling import line_that_fills
from symtests.doctor.torch_trace import Trace, traced
from symtests.model.groups import Group, Values

__all__ = ["TorchModel", "default_optimizer"]

_PRECISE: Final = 5_000_000
"""Numbers of parameters up to which a second look in float64 is affordable."""


def default_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    """Return Adam with its defaults over all parameters that ask for a gradient."""
    return torch.optim.Adam([each for each in model.parameters() if each.requires_grad])


class TorchModel:
    """A copy of a model with all that a step needs.

    Parameters
    ----------
    module
        The model, already a copy.
    batches, objective
        Its data, and its loss.
    optimizer
        Of the parameters of this copy; it may be None for a model of which nothing is trained.
    seed
        Of the noise in each step, as of dropout.
    calm
        Whether modules that draw noise are in evaluation mode.
    lost
        How parameters were filled whose start got lost.
    origins
        Which line made each parameter, as far as that is known.
    """

    def __init__(
        self,
        module: nn.Module,
        batches: Batches,
        objective: Objective,
        optimizer: torch.optim.Optimizer | None,
        seed: int = 0,
        *,
        calm: bool = False,
        lost: Mapping[str, Sequence[str]] | None = None,
        origins: Mapping[str, Origin] | None = None,
    ) -> None:
        self._module, self._batches, self._objective = module, batches, objective
        self._optimizer, self._seed, self._calm = optimizer, seed, calm
        self._lost = lost or {}
        self.origins: Mapping[str, Origin] = origins or {}
        self._parameters = dict(module.named_parameters())
        self._state = {name: each for name, each in module.named_buffers() if each.is_floating_point()}
        self._start = {name: each.detach().clone() for name, each in self._all().items()}
        self._start_of_optimizer = copy.deepcopy(optimizer.state_dict()) if optimizer is not None else None
        self._trace: Trace | None = None
        self._facts = self._first_facts()

    @property
    def facts(self) -> Mapping[str, Facts]:
        """All parameters, by name, in the order of the model."""
        return self._facts

    @property
    def unit_roundoff(self) -> float:
        """Half the distance from 1 to the next number, in the coarsest dtype of the parameters."""
        return max((torch.finfo(each.dtype).eps / 2 for each in self._parameters.values()), default=2.0**-24)

    @property
    def batches_differ(self) -> bool:
        """Whether the batches of the steps so far differ."""
        return self._batches.differ

    @property
    def unknown_operations(self) -> Sequence[str]:
        """Operators of which it is not known what they say of axes."""
        return sorted(self._trace.unknown) if self._trace is not None else []

    def values(self) -> Mapping[str, Values]:
        """Return all parameters and buffers of floating point."""
        return {name: _array(each) for name, each in self._all().items()}

    def gradients(self) -> Mapping[str, Values | None]:
        """Return the gradients of the last step."""
        return {
            name: None if each.grad is None else _array(each.grad.to_dense() if each.grad.is_sparse else each.grad)
            for name, each in self._parameters.items()
        }

    def put(self, values: Mapping[str, Values]) -> None:
        """Set parameters and buffers."""
        own = self._all()
        with torch.no_grad():
            for name, value in values.items():
                own[name].copy_(torch.from_numpy(np.asarray(value, order="C")))

    def step(self, number: int, *, update: bool = True) -> float:
        """Take one step on batch `number`, or compute its gradients alone; return the loss before it."""
        self._set_mode()
        for each in self._parameters.values():
            each.grad = None
        loss = self._loss(number)
        if not loss.requires_grad:
            raise NotExaminable(
                "model: its loss has no gradient, as no parameter that asks for one reaches it; hand over a model with "
                "requires_grad_(True) and a loss that is computed outside of torch.no_grad()"
            )
        try:
            loss.backward()
        except RuntimeError as error:
            raise NotExaminable(
                f"model: its backward pass raised {said(error)}; hand over one that can be trained for a step"
            ) from error
        if update and self._optimizer is not None:
            self._advance(self._optimizer)
        return float(loss.detach())

    def evaluate(self) -> float:
        """Return the loss on the first batch, in evaluation mode."""
        self._module.eval()
        with torch.no_grad():
            return float(self._loss(0).detach().double())

    def outputs(self, number: int) -> Values | None:
        """Return the outputs for batch `number`, in training mode."""
        self._set_mode()
        with torch.no_grad():
            self._loss(number)
        last = self._objective.last_output
        return None if last is None else _array(last)

    def target(self, number: int) -> Values | None:
        """Return the target of batch `number`, where it is a tensor beside the inputs."""
        self.outputs(number)
        last = self._objective.last_target
        return None if last is None else _array(last)

    def inputs(self, number: int) -> Sequence[Values]:
        """Return the tensors of batch `number`."""
        return [_array(each) for each in tensors_in(self._batches[number])]

    def code(self, name: str, how: str) -> str:
        """Return a line that fills a parameter: "zeros", "normal" or, as its layer does, "layer"."""
        return line_that_fills(name, self._facts[name].shape, how)

    def restart(self) -> None:
        """Go back to the start: parameters, buffers, and the memory of the optimizer."""
        own = self._all()
        with torch.no_grad():
            for name, value in self._start.items():
                own[name].copy_(value)
        if self._optimizer is not None and self._start_of_optimizer is not None:
            self._optimizer.state.clear()
            self._optimizer.load_state_dict(copy.deepcopy(self._start_of_optimizer))

    def generic(self, names: Sequence[str] | None = None, seed: int = 0) -> Mapping[str, Values]:
        """Return random values of the size of a usual start: variance 1 / fan-in for matrices, about 1 for scales."""
        random = np.random.default_rng(seed)
        found = {}
        for name, each in self._parameters.items():
            if names is not None and name not in names:
                continue
            shape, kind = tuple(each.shape), np.float64 if each.dtype == torch.float64 else np.float32
            if len(shape) > 1:
                value = random.standard_normal(shape, dtype=kind)
                value /= math.sqrt(max(1, math.prod(shape[1:])))
            elif name.endswith("bias"):
                value = 0.3 * random.standard_normal(shape)
            else:
                value = random.uniform(0.5, 1.5, shape)
            found[name] = value.astype(_array(each).dtype, copy=False)
        return found

    def precise(self) -> TorchModel | None:
        """Return the same at its start in float64; None where that costs too much or an operator does not know it."""
        if sum(each.numel() for each in self._parameters.values()) > _PRECISE:
            return None
        try:
            other = self._twin(lambda module: module.double(), _in_double)
            other.evaluate()
        except Exception:  # whatever the user's code does not do in float64
            return None
        return other

    def quiet(self) -> TorchModel:
        """Return the same at its start without dropout: what draws noise is in evaluation mode."""
        return self._twin(_same, _same, calm=True)

    def candidates(self) -> Sequence[Group]:
        """Return the groups that the operators of a pass and the lists of modules suggest."""
        found: list[Group] = []
        if (trace := self._traced()) is not None:
            tensors = {name: trace.of(each) for name, each in self._all().items()}
            found = groups_of(trace.axes, tensors, self._facts)
            trace.release()
        listed = {
            name: [f"{name}.{place}" for place in range(len(module))]
            for name, module in self._module.named_modules()
            if isinstance(module, nn.ModuleList) and len(module) > 1
        }
        return [*found, *expert_candidates(self._facts, listed)]

    @property
    def wiring(self) -> Wiring:
        """How the model hangs together with its optimizer, and its parts with one another."""
        own = {id(each) for each in self._parameters.values()}
        return Wiring(
            foreign=sum(each.numel() for each in self._held() if id(each) not in own),
            remembered=len((self._start_of_optimizer or {}).get("state", {})),
            storages={name: each.untyped_storage().data_ptr() for name, each in self._parameters.items()},
            siblings=[
                [f"{name}.{each}" if name else each for each, _ in module.named_children()]
                for name, module in self._module.named_modules()
                if isinstance(module, (nn.ModuleList, nn.Sequential))
            ],
            lost=self._lost,
        )

    def flat_operations(self, name: str) -> Sequence[str]:
        """Return the operators between a parameter and the loss whose derivative is 0 everywhere."""
        trace = self._traced()
        return [] if trace is None else trace.flat(self._parameters[name])

    @staticmethod
    def _advance(optimizer: torch.optim.Optimizer) -> None:
        try:
            optimizer.step()
        except TypeError as error:  # it asks for a closure
            raise NotExaminable(
                f"optimizer: {type(optimizer).__name__} takes no step by itself ({said(error)}); "
                "hand over one that does"
            ) from error

    def _held(self) -> list[torch.Tensor]:
        groups = self._optimizer.param_groups if self._optimizer is not None else []
        return [each for group in groups for each in group["params"]]

    def _all(self) -> dict[str, torch.Tensor]:
        return {**self._parameters, **self._state}

    def _set_mode(self) -> None:
        self._module.train(not self._calm)
        if self._calm:
            for module in self._module.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.train()

    def _loss(self, number: int) -> torch.Tensor:
        torch.manual_seed((self._seed << 20) + number)
        return self._objective(self._module, self._batches[number])

    def _twin(
        self, change: Callable[[nn.Module], nn.Module], data: Callable[[Any], Any], calm: bool = False
    ) -> TorchModel:
        self.restart()
        for each in self._parameters.values():
            each.grad = None
        try:
            module, optimizer = copy.deepcopy((self._module, self._optimizer))
        except Exception:  # then it is this one, which starts again before each use
            if change is not _same:
                raise
            module, optimizer = self._module, self._optimizer
        batches = Batches(
            [data(self._batches[number]) for number in range(max(1, len(self._batches._drawn)))], torch.device("cpu")
        )
        return TorchModel(change(module), batches, self._objective, optimizer, self._seed, calm=calm or self._calm)

    def _first_facts(self) -> dict[str, Facts]:
        held = {id(each) for each in self._held()}
        kinds = {name: type(module).__name__ for name, module in self._module.named_modules()}
        aliases: dict[int, list[str]] = {}
        for name, each in self._module.named_parameters(remove_duplicate=False):
            aliases.setdefault(id(each), []).append(name)
        return {
            name: Facts(
                name, tuple(each.shape), tuple(aliases[id(each)][1:]), each.requires_grad, id(each) in held,
                order=place, kind=kinds.get(name.rpartition(".")[0], ""),
            )
            for place, (name, each) in enumerate(self._parameters.items())
        }  # fmt: skip

    def _traced(self) -> Trace | None:
        """Follow one pass; add to the facts what it shows."""
        if self._trace is None:
            try:
                self._trace, loss = self._follow()
            except NotExaminable:
                raise
            except Exception:  # a pass that a dispatch mode cannot follow: the groups that names suggest are left
                return None
            self._add_facts(self._trace, loss)
        return self._trace

    def _follow(self) -> tuple[Trace, torch.Tensor]:
        self._module.eval()
        with torch.enable_grad():
            return traced(lambda: self._loss(0), self._all(), tensors_in(self._batches[0]))

    def _add_facts(self, trace: Trace, loss: torch.Tensor) -> None:
        asked = {name: each for name, each in self._parameters.items() if each.requires_grad}
        given: Sequence[Any] = [None] * len(asked)
        if loss.requires_grad:
            try:
                given = torch.autograd.grad(loss, list(asked.values()), allow_unused=True)
            except RuntimeError:  # some models can be trained in training mode alone
                given = list(asked.values())
        without = {name for name, gradient in zip(asked, given, strict=True) if gradient is None}
        order = trace.order()
        for name, each in self._parameters.items():
            fact = self._facts[name]
            cut = trace.ends(each, loss) if name in without else None
            place = order.get(id(each), len(trace.steps) + fact.order)
            self._facts[name] = Facts(**{**vars(fact), "used": id(each) in order, "cut_at": cut, "order": place})


def _array(tensor: torch.Tensor) -> Values:
    tensor = tensor.detach().cpu()
    if tensor.dtype in (torch.bfloat16, torch.float16):
        tensor = tensor.float()
    return tensor.numpy()


def _same(each: Any) -> Any:
    return each


def _in_double(batch: Any) -> Any:
    return pytree.tree_map(
        lambda each: each.double() if isinstance(each, torch.Tensor) and each.is_floating_point() else each, batch
    )
