"""A batch for a model for which none was handed over: random numbers of the shape that its first layer takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import torch
from torch import nn

from symtests.doctor.model import NotExaminable
from symtests.doctor.torch_batches import tensors_in

__all__ = ["random_batches"]

_SAMPLES: Final = 16
_LENGTH: Final = 12
_PLACES: Final = 32


def random_batches(model: nn.Module, seed: int) -> Callable[[int], Any]:
    """Return a function that gives the batch of each step: normal inputs, or random words, and normal targets.

    Parameters
    ----------
    model
        Its first layer says what it takes; ``dummy_inputs``, as models of the transformers library have them, come
        before that.
    seed
        Of the numbers.

    Raises
    ------
    NotExaminable
        Where the first layer says nothing, or the model does not take what follows from it.
    """
    dummy = getattr(model, "dummy_inputs", None)
    if isinstance(dummy, dict) and "input_ids" in dummy:
        return lambda _step: {**dummy, "labels": dummy["input_ids"]}
    draw = _inputs(model)
    try:
        with torch.no_grad():
            outputs = tensors_in(model(draw(torch.Generator().manual_seed(seed))))
    except Exception as error:
        raise NotExaminable(
            f"batch=None: the model does not take random inputs like its first layer's ({type(error).__name__}); "
            "hand over (inputs, targets), or a function that gives them"
        ) from error
    shape = tuple(outputs[0].shape)

    def batch(step: int) -> Any:
        random = torch.Generator().manual_seed((seed << 20) + step)
        return draw(random), torch.randn(shape, generator=random)

    return batch


def _inputs(model: nn.Module) -> Callable[[torch.Generator], torch.Tensor]:
    for module in model.modules():
        shape = _shape(module)
        if isinstance(module, nn.Embedding):
            known = module.num_embeddings
            return lambda random: torch.randint(0, known, (_SAMPLES, _LENGTH), generator=random)
        if shape is not None:
            size = shape
            return lambda random: torch.randn(size, generator=random)
    raise NotExaminable(
        "batch=None: what the model takes is not evident; hand over (inputs, targets), or a function that gives them"
    )


def _shape(module: nn.Module) -> tuple[int, ...] | None:
    """Return the shape of a batch of inputs of a layer, where the layer says it."""
    if isinstance(module, nn.Linear):
        return (_SAMPLES, module.in_features)
    if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Conv3d)):
        return (_SAMPLES, module.in_channels, *[_PLACES] * len(module.kernel_size))
    if isinstance(module, nn.RNNBase):
        return (_SAMPLES, _LENGTH, module.input_size) if module.batch_first else (_LENGTH, _SAMPLES, module.input_size)
    return None
