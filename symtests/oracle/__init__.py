"""The truth: float64, written to be obviously right, with a bound on what rounding may change."""

from symtests.oracle.complex_step import complex_step_gradient, complex_step_slope
from symtests.oracle.error_bounds import Expectation, StageTolerances, detectable, expect
from symtests.oracle.hessian import hessian, hessian_vector_product
from symtests.oracle.optimizers import train
from symtests.oracle.passes import Stages, loss, loss_and_gradient, predict, stages
from symtests.oracle.stage_bounds import StageExpectation, expect_stages
from symtests.oracle.step_bounds import recovered_tolerance, step_tolerance

__all__ = [
    "Expectation",
    "StageExpectation",
    "StageTolerances",
    "Stages",
    "complex_step_gradient",
    "complex_step_slope",
    "detectable",
    "expect",
    "expect_stages",
    "hessian",
    "hessian_vector_product",
    "loss",
    "loss_and_gradient",
    "predict",
    "recovered_tolerance",
    "stages",
    "step_tolerance",
    "train",
]
