"""All that an implementation answers to one case, array by array, for properties that ask one question in two ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.properties.base import Case

__all__ = ["Part", "ask", "offered", "script_lines"]

_OPERATIONS: Final = ("loss_and_gradient", "predict", "train")


@dataclass(frozen=True, eq=False)
class Part:
    """One array of an answer.

    Parameters
    ----------
    operation
        What was asked.
    kind
        ``loss``, ``gradient``, ``outputs`` or ``parameters`` (after the training).
    values
        The numbers.
    """

    operation: str
    kind: str
    values: Array

    def name_of(self, case: Case, k: int) -> str:
        """Name a number by its flat index, as in "the gradient of W1[0,1]"."""
        if self.kind == "loss":
            return "the loss"
        if self.kind == "outputs":
            return f"output {list(map(int, np.unravel_index(k, self.values.shape)))}"
        steps = f"{case.training.steps} step{'s' * (case.training.steps != 1)} of {case.training.optimizer}"
        of = case.parameters.name_of(k)
        return f"the gradient of {of}" if self.kind == "gradient" else f"{of} after {steps}"


def offered(implementation: Checked) -> list[str]:
    """Return the operations that are asked."""
    return [operation for operation in _OPERATIONS if implementation.offers(operation)]


def ask(implementation: Checked, case: Case, operation: str) -> list[Part]:
    """Return the answer to a case by one operation; a gradient is asked of those who offer it."""
    if operation == "predict":
        return [Part(operation, "outputs", implementation.predict(case.network, case.parameters, case.batch.x))]
    if operation == "train":
        after = implementation.train(case.network, case.parameters, case.batch, case.training)
        return [Part(operation, "parameters", after.vector)]
    answer = implementation.loss_and_gradient(case.network, case.parameters, case.batch)
    loss = [] if answer.loss is None else [Part(operation, "loss", np.array([answer.loss]))]
    return [*loss, Part(operation, "gradient", answer.gradient.vector)]


def script_lines(part: Part, implementation: str, parameters: str, batch: str, name: str) -> tuple[str, ...]:
    """Return lines that ask for a part, given these expressions, and put its numbers flat into the variable `name`."""
    call = f"{implementation}.{part.operation}(network, {parameters}, {batch}"
    if part.kind == "outputs":
        return (f"{name} = np.ravel({call}.x))",)
    if part.kind == "loss":
        return (f"{name} = [{call})[0]]",)
    answer = f"{call}, training)" if part.kind == "parameters" else f"{call})[1]"
    return (f"{name} = {answer}", f'{name} = np.asarray(getattr({name}, "vector", {name}))')
