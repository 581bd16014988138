"""A training followed step by step: the implementation's own parameters, and the right gradient at each of them.

Two correct trainings may part: a difference in the last bits grows from step to step. Followed from the parameters that
the implementation itself has reached, every step can be judged by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.network import OPTIMIZERS
from symtests.oracle import Expectation
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Judgement
from symtests.properties.drawing.strategies import supported
from symtests.properties.judging.answers import near_a_kink
from symtests.properties.judging.judging import (
    PROMISE,
    Telling,
    Tolerance,
    expectation,
    judge_equal,
    train_if_it_converges,
)
from symtests.properties.judging.optimizer_bounds import Moves, moves
from symtests.properties.judging.telling import assertion, explained, told_apart
from symtests.training import Training

__all__ = [
    "PLAIN",
    "Path",
    "follow",
    "in_words",
    "is_steady",
    "judge_movement",
    "optimizer_trainings",
    "script_of_steps",
    "script_of_training",
]

PLAIN: Final = ("sgd", "momentum", "nesterov")
"""Optimizers whose step is proportional to the gradient; the others divide it by its own size."""
# 0.1 is no number of any dtype: a rate that has been rounded to a narrower one is another.
_RATES: Final = {True: (0.5, 1.0, 0.1), False: (0.125, 0.25, 0.1)}
_MOMENTA: Final = (0.5, 0.9, 0.75)
_MEAN_DECAYS: Final = (0.5, 0.9)
_SQUARE_DECAYS: Final = (0.75, 0.999, 0.5)
_EPSILONS: Final = (1e-8, 0.5, 0.0625)
_WEIGHT_DECAYS: Final = (0.5, 0.0, 1.0, 0.1)


def optimizer_trainings(
    domain: Domain,
    optimizers: Sequence[str] = OPTIMIZERS,
    *,
    steps: tuple[int, int],
    epsilons: Sequence[float] = _EPSILONS,
    weight_decays: Sequence[float] = _WEIGHT_DECAYS,
    rates: Sequence[float] | None = None,
) -> st.SearchStrategy[Training]:
    """Draw trainings with one of the optimizers, as far as the implementation has them, and all of its settings.

    The usual settings are among those drawn; what an optimizer does not use has its default.

    Raises
    ------
    Unsupported
        Where it has none of the `optimizers`.
    """
    names = supported("optimizers", optimizers, domain.capabilities.optimizers)

    @st.composite
    def training(draw: st.DrawFn) -> Training:
        name = draw(st.sampled_from(names))
        drawn = Training(name, draw(st.sampled_from(rates or _RATES[name in PLAIN])), draw(st.integers(*steps)))
        if name in ("momentum", "nesterov"):
            return replace(drawn, momentum=draw(st.sampled_from(_MOMENTA)))
        if name == "sgd":
            return drawn
        drawn = replace(drawn, epsilon=draw(st.sampled_from(epsilons)))
        if name != "adagrad":
            drawn = replace(drawn, square_decay=draw(st.sampled_from(_SQUARE_DECAYS)))
        if name in ("adam", "adamw"):
            drawn = replace(drawn, mean_decay=draw(st.sampled_from(_MEAN_DECAYS)))
        if name == "adamw":
            drawn = replace(drawn, weight_decay=draw(st.sampled_from(weight_decays)))
        return drawn

    return training()


@dataclass(frozen=True, eq=False)
class Path:
    """The parameters that an implementation reaches in 0, 1, .. T steps, and the right answer at all but the last.

    Parameters
    ----------
    implementation, case
        Who was trained, and how.
    thetas
        T + 1 parameters.
    expected
        T answers.
    """

    implementation: Checked
    case: Case
    thetas: tuple[Parameters, ...]
    expected: tuple[Expectation, ...]

    @property
    def moved(self) -> Array:
        """What each step has moved each parameter by, shape (T, n), float64."""
        moved: Array = np.diff([theta.vector.astype(np.float64) for theta in self.thetas], axis=0)
        return moved

    @property
    def form(self) -> Tolerance:
        """The weakest kind of tolerance of any step."""
        forms = {expected.form for expected in self.expected}
        return "statistical" if "statistical" in forms else "certified"

    def moves(self, gradient: Array | None = None) -> Moves:
        """Return what a correct implementation moves in each step, from the parameters that this one has reached.

        With a `gradient`, that of every step is taken to be this one, uncertain by how far the right ones lie from it.
        """
        u = self.implementation.unit_roundoff
        right = [expected.gradient.vector for expected in self.expected]
        # one rounding more where the loss has another scale
        errors = [e.gradient_tolerance * (1 + u) + u * np.abs(g) for e, g in zip(self.expected, right, strict=True)]
        if gradient is not None:
            errors = [error + np.abs(g - gradient) for error, g in zip(errors, right, strict=True)]
            right = [gradient] * len(right)
        before = [theta.vector.astype(np.float64) for theta in self.thetas[:-1]]
        return moves(self.case.training, before, right, errors, u)


def is_steady(path: Path) -> bool:
    """Tell whether each training of the path ends at the same bits when it is asked for again.

    The parameters of a path come from trainings of their own. Where sums run in another order each time, these are not
    one training cut short, and only the first step, from given parameters, can be judged: NUM4 tells of the rest.
    """
    case = path.case
    for count in range(1, case.training.steps + 1):
        training = case.training.with_steps(count)
        again = path.implementation.train(case.network, case.parameters, case.batch, training, finite=False)
        if again.vector.tobytes() != path.thetas[count].vector.tobytes():
            return False
    return True


def follow(implementation: Checked, case: Case) -> Path | None:
    """Return the path of a training; None where it diverges or comes within rounding of a kink.

    Raises
    ------
    Misbehaviour
        Where a NaN or an infinity comes out although a correct training stays finite.
    """
    last = train_if_it_converges(implementation, case)
    if last is None:
        return None
    shorter = [case.training.with_steps(count) for count in range(1, case.training.steps)]
    between = [implementation.train(case.network, case.parameters, case.batch, training) for training in shorter]
    thetas = [case.parameters, *between]
    expected = []
    for theta in thetas:
        here = replace(case, parameters=theta)
        expected.append(expectation(implementation, here))
        if near_a_kink(here, expected[-1]):
            return None
    return Path(implementation, case, (*thetas, last), tuple(expected))


def judge_movement(
    path: Path,
    between: tuple[int, int],
    moved: Array,
    wanted: Array,
    bound: Array,
    say: Callable[[int, str, str, str], str],
    when: str,
) -> Judgement:
    """Judge how far the parameters have moved.

    Parameters
    ----------
    path
        The training.
    between
        The numbers of steps before and after the movement.
    moved, wanted, bound
        What was found, what is right, and how far rounding may part them; shape (n,).
    say
        From the index of a parameter, its name, the right movement and the one found to a sentence.
    when
        The steps in words.
    """
    before, after = between

    def tell(k: int) -> Telling:
        name, (right, wrong) = path.case.parameters.name_of(k), told_apart(wanted[k], moved[k])
        return Telling(
            f"{say(k, name, right, wrong)}{explained(float(bound[k]))}",
            f"movement of {name} in {when}",
            (
                *script_of_steps(path.implementation, path.case),
                f"moved = (after({after}) - after({before}))[{k}]  # {name}, in {when}",
                assertion("moved", repr(float(wanted[k])), float(bound[k])),
            ),
        )

    return judge_equal(moved, wanted, tell, bound=bound, promise=PROMISE, tolerance=path.form)


def in_words(training: Training, steps: int | None = None) -> str:
    """Say how many steps of what: "3 steps of adam"."""
    count = training.steps if steps is None else steps
    return f"{count} step{'s' * (count != 1)} of {training.optimizer}"


def script_of_training(implementation: Checked, case: Case) -> str:
    """Return the line of a script that has the training as the implementation is asked for it in `training`."""
    training, scale = case.training, implementation.capabilities.scale_in_training(case.network.loss)
    if scale != 1:  # the loss of the implementation is so many times larger
        if training.optimizer in PLAIN:
            training = replace(training, learning_rate=training.learning_rate / scale)
        else:
            training = replace(training, epsilon=training.epsilon * scale)
    values = ((field.name, getattr(training, field.name), field.default) for field in fields(Training))
    settings = ", ".join(f"{name}={value!r}" for name, value, default in values if value != default)
    return f"training = Training({settings})"


def script_of_steps(implementation: Checked, case: Case) -> tuple[str, ...]:
    """Return lines of a script after which ``after(steps)`` are the parameters after so many steps, as a flat array."""
    return (
        script_of_training(implementation, case),
        "",
        "",
        "def after(steps):",
        "    if steps == 0:",
        "        return parameters.vector.astype(float)",
        "    theta = implementation.train(network, parameters.copy(), batch, training.with_steps(steps))",
        '    return np.asarray(getattr(theta, "vector", theta)).astype(float)',
        "",
        "",
    )
