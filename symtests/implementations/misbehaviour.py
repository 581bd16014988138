"""What an implementation did in the place of an answer."""

from __future__ import annotations

__all__ = ["LOST", "Misbehaviour", "OutOfTime"]

LOST = ("hung", "exited", "killed")
"""Kinds of misbehaviour that cost the process of the implementation: it has to be started again."""


class Misbehaviour(Exception):
    """An implementation raised, or answered something that is no answer.

    Attributes
    ----------
    kind
        ``raised``, ``wrong type``, ``wrong shape``, ``wrong dtype`` or ``not finite``; of one in a process of its own,
        also ``hung``, ``exited``, ``killed`` or ``broken protocol``.
    output
        The traceback, or the end of what its process wrote to standard error; empty where there is neither.
    """

    def __init__(self, kind: str, message: str, output: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.output = output


class OutOfTime(BaseException):
    """The time for a group of questions is up (`Subject.within`).

    No `Exception`, so that nobody takes it for something that the implementation did.
    """
