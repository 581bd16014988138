"""The bugs that the vectors stand for, each with the property that it breaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["FLAGS"]

FLAGS: Final[Mapping[str, tuple[str, str]]] = {
    "sign": ("GRAD1", "the gradient points uphill: prediction minus target is the wrong way round"),
    "missing_mean": ("LOSS3", "the sum over samples or outputs is not divided by their number"),
    "missing_factor": ("GRAD1", "the factor 2 of the squared error is missing, or there twice"),
    "transposed": ("GRAD1", "a weight matrix or its gradient is used transposed"),
    "missing_bias": ("GRAD1", "a bias is not added, or has no gradient"),
    "absent_bias": ("GRAD1", "a bias is trained in a network that has none"),
    "missing_slope": ("GRAD1", "the error signal is not multiplied by the derivative of the activation"),
    "slope_of_activation": (
        "GRAD1",
        "the derivative is taken at the activation where it should be at the pre-activation",
    ),
    "wrong_layer": ("GRAD1", "weights or slopes of the wrong layer are used in a deep network"),
    "kink": ("GRAD1", "the derivative of relu at 0, or of leaky_relu below it, is another"),
    "approximate_gelu": ("GRAD1", "gelu is computed by its approximation with tanh"),
    "sample_weights": ("LOSS4", "sample weights are ignored, or not divided by their sum"),
    "activated_output": ("LOSS1", "the loss is given activated outputs, or activates them twice"),
    "tie": ("SYM1", "equal units get different gradients"),
    "zero_start": ("ZERO1", "weights that are all zero move"),
    "remainder": ("EQV1", "the units or samples left over by blocks of 8, 16 or 128 are treated differently"),
    "vanishing": ("GRAD1", "small errors or learning rates count as 0"),
    "capped": ("GRAD1", "an activation stops growing"),
    "overflow": ("NUM2", "an exponential overflows, or a probability is clipped"),
    "updated_weights": ("STEP1", "a layer is updated before the error signals of the layer below are computed from it"),
    "learning_rate": ("STEP1", "the learning rate is applied twice, or scaled by the batch"),
    "too_many_steps": ("OPT6", "one step too many or too few is taken, or the gradient is not computed anew"),
    "momentum": ("OPT6", "momentum is damped, lost between steps, or shared between layers"),
    "nesterov": ("OPT6", "nesterov's step is that of momentum, or looks ahead with another formula"),
    "bias_correction": ("OPT2", "the running means are not corrected for their start at zero, or with the wrong step"),
    "epsilon": ("OPT2", "epsilon stands below the root, or is another"),
    "weight_decay": ("OPT6", "weight decay is added to the gradient, or scaled differently"),
    "running_square": ("OPT6", "the mean of squares is a sum, or the square of a mean"),
}
"""Name of each flag: id of the property, and the bug in words."""
