"""The smallest failing case as something to hand on: a sentence, a line that finds it again, a script that shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import indent
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.checking.counterexamples.script import call_lines, script
from symtests.checking.profile import DEFAULT_CALL_LIMIT, PROFILES, Profile
from symtests.checking.results.verdict import Counterexample
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Call, for_scaled_loss
from symtests.implementations.command_name import PREFIX, is_command
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Property, Violation
from symtests.shown_text import shell_line, shown
from symtests.training import Training

__all__ = ["Origin", "of_call", "of_number", "of_unsteady_violation", "of_violation"]

_TIMES: Final = 100
"""How often a script asks what is answered differently now and then."""


@dataclass(frozen=True)
class Origin:
    """The check that a counterexample comes from: what has to be said to find it again.

    Parameters
    ----------
    implementation
        What the implementation is called.
    location
        What `symtests.implementations.find` takes, or None for an object that cannot be found by a name.
    capabilities, dtype, prop, profile, seed
        The rest of the check, and how it was searched.
    folder
        Folder in which the check was started.
    reference
        What finds the property by name, where that is not its id.
    call_limit
        Seconds that one call may take, where that was said.
    """

    implementation: str
    location: str | None
    capabilities: Capabilities
    dtype: str
    prop: Property
    profile: Profile
    seed: int
    folder: Path
    reference: str = ""
    call_limit: float | None = None

    @property
    def command(self) -> str:
        """The line of a shell that repeats the search; empty where the implementation has no name that finds it."""
        location = self.location
        if location is None:
            return ""
        named, last = [location], []
        if is_command(location):
            named = ["--command", location.removeprefix(PREFIX)]
        elif location.startswith("-"):  # it would be taken for an option
            named, last = [], ["--", location]
        words = ["symtests", "check", *named, "--property", self.reference or self.prop.id]
        words += ["--dtype", self.dtype, "--seed", str(self.seed)]
        if self.profile.name in PROFILES:
            words += ["--profile", self.profile.name, *self._examples]
        if self.call_limit not in (None, DEFAULT_CALL_LIMIT):
            words += ["--time-limit", repr(self.call_limit)]
        return shell_line([*words, *last])

    @property
    def _examples(self) -> list[str]:
        """The option for another number of cases than the profile has."""
        named = PROFILES[self.profile.name].of(self.capabilities)
        counts = [(each.small_examples, each.wide_examples) for each in (self.profile, named)]
        return [] if counts[0] == counts[1] else ["--examples", str(self.profile.small_examples)]

    def loss_scale(self, case: Case) -> float:
        """Return how many times the loss of the implementation is larger than the one of symtests."""
        return self.capabilities.scale_of(case.network.loss)

    def scale_in_training(self, case: Case) -> float:
        """Return how many times larger than that of the loss of symtests the gradient is that its training follows."""
        return self.capabilities.scale_in_training(case.network.loss)

    def violation_script(self, sentence: str, case: Case, lines: list[str]) -> str:
        """Return a standalone script of a violation, whose training is the one that the implementation is asked for."""
        training = for_scaled_loss(case.training, self.scale_in_training(case))
        return self.script(sentence, replace(case, training=training), lines)

    def script(self, sentence: str, case: Case, lines: list[str]) -> str:
        """Return a standalone script that asks what `case` asks, and runs `lines`."""
        return script(
            (
                f"{self.prop.id}, {self.prop.title}: {self.prop.statement}",
                f"{self.implementation}, {self.dtype}: {sentence}",
                f"Found by: {self.command or 'a check from Python'}",
            ),
            self.location,
            self.folder,
            case.network,
            case.parameters,
            case.batch,
            case.training,
            lines,
            loss_scale=self.loss_scale(case),
            scale_in_training=self.scale_in_training(case),
        )

    def counterexample(
        self, sentence: str, case: Case, text: str, violation: Violation | None = None
    ) -> Counterexample:
        """Return the counterexample of a case with its script."""
        found = Counterexample(sentence, case.to_json(), case.hidden_units, len(case.batch), self.command, text)
        if violation is None:
            return found
        if not _has_numbers(violation):
            return replace(found, quantity=violation.quantity)
        return replace(
            found,
            quantity=violation.quantity,
            expected=float(violation.expected),
            found=float(violation.found),
            bound=float(violation.bound),
        )


def of_violation(origin: Origin, case: Case, violation: Violation) -> Counterexample:
    """Return the counterexample of a case that breaks a property."""
    lines = [*_recorded(violation), *(violation.script or ("print(gradient(parameters))",))]
    return origin.counterexample(
        violation.sentence, case, origin.violation_script(violation.sentence, case, lines), violation
    )


def of_unsteady_violation(origin: Origin, case: Case, violation: Violation, sentence: str) -> Counterexample:
    """Return the counterexample of a case that breaks a property in one run and not in another."""
    lines = [
        *_recorded(violation),
        f"answers = {{gradient(parameters).tobytes() for _ in range({_TIMES})}}",
        f'print(f"{_TIMES} times the same question: {{len(answers)}} different gradients")',
        "assert len(answers) == 1",
    ]
    if violation.script:  # it may ask for more than gradients
        lines += [f"for attempt in range({_TIMES}):", *indent("\n".join(violation.script), "    ").split("\n")]
    found = origin.counterexample(sentence, case, origin.violation_script(sentence, case, lines), violation)
    return replace(found, steady=False)


def of_call(origin: Origin, case: Case, call: Call | None, sentence: str, times: int = 1) -> Counterexample:
    """Return the counterexample of a case on which the implementation raised, hung, died or gave what is no answer.

    The script asks `call`, which need not be what the case itself asks: a property may ask several questions. It asks
    it so many `times`.
    """
    if call is None:
        training = for_scaled_loss(case.training, origin.scale_in_training(case))
        asked, lines = replace(case, training=training), call_lines("train", (), origin.dtype)
    else:
        asked, lines = _asked(case, call), call_lines(call.operation, call.arguments, origin.dtype)
    if times > 1:
        lines = [f"for attempt in range({times}):", *indent("\n".join(lines), "    ").splitlines()]
    return origin.counterexample(sentence, case, origin.script(sentence, asked, lines))


def of_number(
    origin: Origin, case: Case, call: Call | None, violation: Violation, sentence: str, *, steady: bool
) -> Counterexample:
    """Return the counterexample of a case with an answer that holds a NaN or an infinity where a number is due.

    Parameters
    ----------
    origin, case, call
        Where it comes from, what was tried, and what was asked.
    violation, sentence
        Which number it is, and what is said of it.
    steady
        Whether it is there each time; if not, the script asks again and again.
    """
    found = of_call(origin, case, call, sentence, times=1 if steady else _TIMES)
    found = replace(found, quantity=violation.quantity, found=violation.found, steady=steady)
    return (
        found if math.isnan(violation.expected) else replace(found, expected=violation.expected, bound=violation.bound)
    )


def _recorded(violation: Violation) -> list[str]:
    """Return lines that print what the check saw."""
    lines = [f"print({shown(violation.sentence)!a})"]
    if _has_numbers(violation):
        numbers = (
            f"{violation.quantity or 'value'}: expected {float(violation.expected)!r}, "
            f"give or take {float(violation.bound)!r}; found {float(violation.found)!r}"
        )
        lines.append(f"print({shown(numbers)!a})")
    return lines


def _has_numbers(violation: Violation) -> bool:
    return not (math.isnan(violation.expected) and math.isnan(violation.found))


def _asked(case: Case, call: Call) -> Case:
    """Return the case with what the call was given in place of its own data."""
    for argument in call.arguments:
        if isinstance(argument, Network) and argument != case.network:
            case = replace(case, network=argument, parameters=Parameters.zeros(argument, case.parameters.dtype))
    for argument in call.arguments:
        if isinstance(argument, Parameters):
            case = replace(case, parameters=argument)
        elif isinstance(argument, Batch):
            case = replace(case, batch=argument)
        elif isinstance(argument, Training):
            case = replace(case, training=argument)
        elif isinstance(argument, np.ndarray):  # the inputs that predict was given
            targets = np.zeros((len(argument), case.network.sizes[-1]), argument.dtype)
            case = replace(case, batch=Batch(argument, targets))
    return case
