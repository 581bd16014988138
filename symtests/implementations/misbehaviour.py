"""What an implementation did in the place of an answer."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KINDS", "LOST", "REFUSALS", "Misbehaviour", "NotFinite", "OutOfTime"]

LOST = ("hung", "exited", "killed")
"""Kinds of misbehaviour that cost the process of the implementation: it has to be started again."""
KINDS = ("raised", "wrong type", "wrong shape", "wrong dtype", "not finite", "broken protocol", *LOST)
"""All kinds of misbehaviour."""
REFUSALS = (ValueError, TypeError, BufferError, NotImplementedError)
"""What Python code raises to say that it does not take an argument, as opposed to what a mistake in it raises."""


@dataclass(frozen=True)
class NotFinite:
    """A NaN or an infinity in an answer.

    Parameters
    ----------
    part
        Which part of the answer: ``parameters``, ``gradient``, ``loss``, ``outputs``, ``ends[3]`` of train_many, or
        ``pre_activations[0]``, ``activations[0]`` and ``error_signals[0]`` of stages.
    index
        Its position in the flat array; 0 for the loss.
    value
        The number.
    """

    part: str
    index: int
    value: float


class Misbehaviour(Exception):
    """An implementation raised, or answered something that is no answer.

    Attributes
    ----------
    kind
        One of `KINDS`: ``raised``, ``wrong type``, ``wrong shape``, ``wrong dtype`` or ``not finite``; of one in a
        process of its own, also ``hung``, ``exited``, ``killed`` or ``broken protocol``.
    output
        The traceback, or the end of what its process wrote to standard error; empty where there is neither.
    number
        Of what is ``not finite``, which number it is; None with any other kind.
    refuses
        Of what it ``raised``, whether that is one of `REFUSALS`.
    """

    def __init__(
        self, kind: str, message: str, output: str = "", number: NotFinite | None = None, *, refuses: bool = False
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.output = output
        self.number = number
        self.refuses = refuses


class OutOfTime(BaseException):
    """The time for a group of questions is up (`Checked.within`).

    No `Exception`, so that nobody takes it for something that the implementation did.
    """
