"""The truth: float64, written to be obviously right, with a bound on what rounding may change."""

from symtests.oracle.complex_step import complex_step_gradient, complex_step_slope
from symtests.oracle.error_bounds import Expectation, StageTolerances, detectable, expect, recovered_tolerance
from symtests.oracle.hessian import hessian, hessian_vector_product
from symtests.oracle.optimizers import train
from symtests.oracle.passes import Stages, loss, loss_and_gradient, predict, stages

__all__ = [
    "Expectation",
    "StageTolerances",
    "Stages",
    "complex_step_gradient",
    "complex_step_slope",
    "detectable",
    "expect",
    "hessian",
    "hessian_vector_product",
    "loss",
    "loss_and_gradient",
    "predict",
    "recovered_tolerance",
    "stages",
    "train",
]
