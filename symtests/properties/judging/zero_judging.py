"""How zeros are judged: gradients that vanish exactly, parameters that do not move, an output bias that does."""

from __future__ import annotations

import numpy as np

from symtests.implementations.checked import Answer, Checked
from symtests.model.groups import Positions
from symtests.network import Network
from symtests.oracle import stages
from symtests.properties.base import Case, Judgement
from symtests.properties.judging.judging import (
    REJECTED,
    TRIVIAL,
    Telling,
    expectation,
    gradient_tolerance,
    judge_equal,
    number,
    train_if_it_converges,
    violated,
)
from symtests.properties.judging.telling import assertion, explained

__all__ = [
    "all_but_output_bias",
    "has_error",
    "judge_output_bias_moves",
    "judge_unmoved",
    "judge_vanishing_gradient",
    "judge_zero_gradient",
]


def all_but_output_bias(network: Network) -> Positions:
    """Return the positions of all parameters but the biases of the output layer."""
    return np.arange(network.parameter_count)[: network.weight_slice(network.layer_count - 1).stop]


def has_error(case: Case) -> bool:
    """Tell whether any output has an error signal: without one, every gradient vanishes and no property is tried."""
    return bool(stages(case.network, case.parameters, case.batch).error_signals[-1].any())


def judge_zero_gradient(case: Case, answer: Answer, positions: Positions, why: str) -> Judgement:
    """Judge whether these components of a gradient are exactly zero; `why` says why they should be."""
    gradient = answer.gradient

    def tell(k: int) -> Telling:
        index = int(positions[k])
        name, value = gradient.name_of(index), number(gradient.vector[index])
        return Telling(
            f"{why}, but the gradient of {name} is {value}, not 0",
            f"gradient of {name}",
            ("g = gradient(parameters)", f"assert g[{index}] == 0, g[{index}]  # {name}"),
        )

    return judge_equal(gradient.vector[positions], np.zeros(len(positions)), tell, trivial=not has_error(case))


def judge_vanishing_gradient(implementation: Checked, case: Case, answer: Answer, why: str) -> Judgement:
    """Judge whether a gradient is zero but for what rounding leaves of terms that cancel; `why` says why it should be.

    Terms cancel exactly only where elementary functions are exact: a logistic(0) that is one ulp above 1/2 leaves that
    ulp of each, which the derived tolerance allows.
    """
    gradient, expected = answer.gradient, expectation(implementation, case)
    bound = gradient_tolerance(implementation, case, answer, expected)
    zeros = np.zeros_like(gradient.vector)
    if not gradient.vector.any():
        return judge_equal(gradient.vector, zeros, lambda _: Telling(why), trivial=not has_error(case))

    def tell(k: int) -> Telling:
        name, largest = gradient.name_of(k), float(bound[k])
        return Telling(
            f"{why}, but the gradient of {name} is {number(gradient.vector[k])}, not 0{explained(largest)}",
            f"gradient of {name}",
            ("g = gradient(parameters)", assertion(f"g[{k}]", "0.0", largest)),
        )

    return judge_equal(gradient.vector, zeros, tell, bound=bound, tolerance=expected.form, trivial=False)


def judge_unmoved(implementation: Checked, case: Case, positions: Positions, why: str) -> Judgement:
    """Judge whether the training leaves these parameters exactly as they were; `why` says why it should."""
    after = train_if_it_converges(implementation, case)
    if after is None:
        return REJECTED
    before = case.parameters

    def tell(k: int) -> Telling:
        index = int(positions[k])
        name, values = after.name_of(index), (number(before.vector[index]), number(after.vector[index]))
        steps = f"{case.training.steps} step{'s' * (case.training.steps > 1)} of {case.training.optimizer}"
        return Telling(
            f"{why}, but {steps} moved {name} from {values[0]} to {values[1]}",
            f"{name} after {steps}",
            (
                "after = implementation.train(network, parameters, batch, training)",
                'theta = np.asarray(getattr(after, "vector", after))',
                f"assert theta[{index}] == parameters.vector[{index}], theta[{index}]  # {name}",
            ),
        )

    found, expected = after.vector[positions], before.vector[positions]
    return judge_equal(found, expected, tell, trivial=not has_error(case))


def judge_output_bias_moves(implementation: Checked, case: Case, answer: Answer) -> Judgement:
    """Judge whether each output bias has a gradient where rounding cannot have made its error signals cancel."""
    where = case.network.bias_slice(case.network.layer_count - 1)
    expected = expectation(implementation, case)
    right = expected.gradient.vector[where]
    certain = np.abs(right) > gradient_tolerance(implementation, case, answer, expected)[where]
    stuck = np.flatnonzero(certain & (answer.gradient.vector[where] == 0))
    if not certain.any():
        return TRIVIAL
    if not stuck.size:
        return Judgement("held", bitwise=True)
    index = int(where.start + stuck[0])
    name, total = answer.gradient.name_of(index), right[stuck[0]]
    return violated(
        f"the error signals of output {stuck[0]} sum to {total:.6g}, but the gradient of its bias {name} is 0",
        f"gradient of {name}",
        ("g = gradient(parameters)", f"assert g[{index}] != 0  # {name}"),
        expected=total,
        found=0.0,
    )
