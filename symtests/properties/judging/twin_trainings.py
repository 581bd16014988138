"""Two trainings, or two parameters of one, that go the same way: bit for bit, or as far as one can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.model.groups import Positions
from symtests.properties.base import Case, Judgement
from symtests.properties.judging.judging import (
    PROMISE,
    REJECTED,
    TRIVIAL,
    Telling,
    judge_equal,
    number,
    together,
    train_if_it_converges,
)
from symtests.properties.judging.telling import assertion, explained, told_apart
from symtests.properties.judging.training_path import (
    Path,
    follow,
    in_words,
    is_steady,
    script_of_steps,
    script_of_training,
)

__all__ = ["Twins", "judge_twins"]

_ROUNDINGS: Final = 4
"""Of a movement: rate, product, sum with the parameter, and its share of the parameter that results."""


@dataclass(frozen=True, eq=False)
class Twins:
    """Parameters of one training that are, after every step, equal to parameters of a twin, or to their negatives.

    Parameters
    ----------
    case, twin
        The trainings; the same object where the parameters are of one.
    here, there
        Positions of the parameters of `case` and of `twin`, arrays of one length. Where there are two trainings, these
        are all parameters: gradients are equal only where everything is.
    signs
        1 or -1 for each.
    why
        Says why, as in "momentum with mu = 0 is sgd".
    script
        Lines of a script that turn `network`, `parameters` and `batch` of the case into those of the twin.
    """

    case: Case
    twin: Case
    here: Positions
    there: Positions
    signs: Array
    why: str
    script: tuple[str, ...] = ()


def judge_twins(implementation: Checked, twins: Twins, *, bits: bool) -> Judgement:
    """Judge whether twins are equal after the training.

    Where that is not so bit for bit, and `bits` are not asked for, both trainings are followed, and judged at the first
    step in which they part: by no more than rounding explains. What comes after it may grow from that.
    """
    one = train_if_it_converges(implementation, twins.case)
    other = one if twins.twin is twins.case else train_if_it_converges(implementation, twins.twin)
    if one is None or other is None:
        return REJECTED
    expected, found = twins.signs * one.vector[twins.here], other.vector[twins.there]
    if (found == expected).all():
        moved = found != twins.twin.parameters.vector[twins.there]
        return Judgement("held", bitwise=True) if moved.any() else TRIVIAL
    if bits:
        steps = twins.case.training.steps

        def tell(k: int) -> Telling:
            mine, its = _names(twins, k)
            numbers = number(found[k]), number(expected[k])
            told = f"{its} is {numbers[0]}, and should be {numbers[1]}"
            if twins.twin is twins.case:
                told = f"{its} and {mine} are {numbers[0]} and {numbers[1]}"
            sentence = f"{twins.why}, but after {in_words(twins.twin.training)} {told}"
            return Telling(sentence, _quantity(twins, k, steps), _script(implementation, twins, k, steps, 0.0))

        return judge_equal(found, expected.astype(found.dtype), tell)
    path = follow(implementation, twins.case)
    twin_path = path if twins.twin is twins.case else follow(implementation, twins.twin)
    return REJECTED if path is None or twin_path is None else _judge_paths(twins, path, twin_path)


def _judge_paths(twins: Twins, path: Path, twin_path: Path) -> Judgement:
    """Judge every step up to the first in which the twins part."""
    tolerance = path.moves().tolerance[:, twins.here] + twin_path.moves().tolerance[:, twins.there]
    moved, twin_moved = path.moved[:, twins.here] * twins.signs, twin_path.moved[:, twins.there]
    # what was rounded is as large as what was found
    tolerance = tolerance + _ROUNDINGS * path.implementation.unit_roundoff * (np.abs(moved) + np.abs(twin_moved))
    judgements = []
    for step in range(1, twins.case.training.steps + 1):
        after, twin_after = path.thetas[step], twin_path.thetas[step]
        judgements.append(_judge_step(path, twins, step, twin_moved[step - 1], moved[step - 1], tolerance[step - 1]))
        parted = twin_after.vector[twins.there] != twins.signs * after.vector[twins.here]
        if judgements[-1].outcome == "violated" and step > 1 and not (is_steady(path) and is_steady(twin_path)):
            judgements.pop()
            break
        if parted.any() or judgements[-1].outcome == "violated":
            break
    return together(*judgements)


def _judge_step(path: Path, twins: Twins, step: int, found: Array, expected: Array, tolerance: Array) -> Judgement:
    def tell(k: int) -> Telling:
        bound = float(tolerance[k])
        (mine, its), numbers = _names(twins, k), told_apart(found[k], expected[k])
        told = f"{its} by {numbers[0]}, and should move it by {numbers[1]}"
        if twins.twin is twins.case:
            told = f"{its} and {mine} by {numbers[0]} and {numbers[1]}"
        which = f"step {step} of {twins.twin.training.optimizer}"
        sentence = f"{twins.why}, but {which} moves {told}{explained(bound)}"
        return Telling(sentence, _quantity(twins, k, step), _script(path.implementation, twins, k, step, bound))

    return judge_equal(found, expected, tell, bound=tolerance, promise=PROMISE, tolerance=path.form)


def _names(twins: Twins, k: int) -> tuple[str, str]:
    theta = twins.case.parameters
    return theta.name_of(int(twins.here[k])), theta.name_of(int(twins.there[k]))


def _quantity(twins: Twins, k: int, steps: int) -> str:
    return f"{_names(twins, k)[1]} after {in_words(twins.twin.training, steps)}"


def _script(implementation: Checked, twins: Twins, k: int, steps: int, bound: float) -> tuple[str, ...]:
    i, j, sign = int(twins.here[k]), int(twins.there[k]), "-" if twins.signs[k] < 0 else ""
    earlier = f" - after({steps - 1})" if bound else ""
    lines = [*script_of_steps(implementation, twins.case), f"one = after({steps}){earlier}"]
    if twins.twin is twins.case:
        lines.append("other = one")
    else:
        lines += [*twins.script, script_of_training(implementation, twins.twin), f"other = after({steps}){earlier}"]
    return (*lines, assertion(f"other[{j}]", f"{sign}one[{i}]", bound))
