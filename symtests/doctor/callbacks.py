"""Examinations inside of training: callbacks for Lightning and Keras that look at a model before its first step."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from symtests.doctor.diagnosing import CannotLearn, Diagnosis, diagnose
from symtests.validation import InvalidValue

__all__ = ["for_keras", "for_lightning"]


def _base(names: tuple[str, ...]) -> Any:
    """Return the class of callbacks of the first library that is here, else a plain one."""
    for name in names:
        package, _, rest = name.partition(":")
        if find_spec(package.partition(".")[0]) is not None:
            return getattr(import_module(package), rest)
    return object


def _judged(result: Diagnosis, on_fatal: str) -> None:
    if not result.fatal:
        return
    said = "\n".join(f"- {each.sentence}" for each in result.fatal)
    if on_fatal == "raise":
        raise CannotLearn(f"{len(result.fatal)} fatal before the first step:\n{said}")
    warnings.warn(f"symtests diagnose: {len(result.fatal)} fatal:\n{said}", stacklevel=3)


def _known(on_fatal: str) -> str:
    if on_fatal not in ("raise", "warn"):
        raise InvalidValue(f"on_fatal={on_fatal!r}: must be 'raise' or 'warn'")
    return on_fatal


def for_lightning(*, on_fatal: str = "raise", steps: int = 20, accept: Mapping[str, str] | None = None) -> Any:
    """Return a callback for Lightning, which examines a copy of the module with its first batch and its optimizer.

    The loss is what ``training_step`` returns. The result stands in the attribute `diagnosis`.

    Parameters
    ----------
    on_fatal
        What a fatal finding does: "raise" `CannotLearn`, or "warn".
    steps, accept
        As for `symtests.diagnose`.
    """
    _known(on_fatal)
    base = _base(("lightning.pytorch:Callback", "pytorch_lightning:Callback"))

    class Examination(base):  # type: ignore[misc, valid-type] # whichever library is here
        """Examines a module before its first step."""

        diagnosis: Diagnosis | None = None

        def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
            """Examine the module once."""
            if self.diagnosis is not None:
                return
            optimizers = list(getattr(trainer, "optimizers", ()))
            self.diagnosis = diagnose(
                pl_module, [batch], lambda module, data: _loss_of(module.training_step(data, batch_idx)),
                optimizers[0] if len(optimizers) == 1 else None, steps=steps, accept=accept,
            )  # fmt: skip
            _judged(self.diagnosis, on_fatal)

    return Examination()


def _loss_of(step: Any) -> Any:
    return step["loss"] if isinstance(step, Mapping) else step


def for_keras(batch: Any, *, on_fatal: str = "raise", steps: int = 20, accept: Mapping[str, str] | None = None) -> Any:
    """Return a callback for Keras, which examines the compiled model when training begins.

    Keras hands no data to callbacks, so that a batch is needed. The result stands in the attribute `diagnosis`.

    Parameters
    ----------
    batch
        ``(x, y)``, as for ``fit``.
    on_fatal
        What a fatal finding does: "raise" `CannotLearn`, or "warn".
    steps, accept
        As for `symtests.diagnose`.
    """
    _known(on_fatal)
    base = _base(("keras.callbacks:Callback",))

    class Examination(base):  # type: ignore[misc, valid-type] # Keras may be missing
        """Examines a model before its first step."""

        diagnosis: Diagnosis | None = None

        def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002 - Keras passes it
            """Examine the model."""
            self.diagnosis = diagnose(self.model, batch, steps=steps, accept=accept)
            _judged(self.diagnosis, on_fatal)

    return Examination()
