"""What an implementation did in the place of an answer."""

from __future__ import annotations

__all__ = ["Misbehaviour"]


class Misbehaviour(Exception):
    """An implementation raised, or answered something that is no answer.

    Attributes
    ----------
    kind
        ``raised``, ``wrong type``, ``wrong shape``, ``wrong dtype`` or ``not finite``; of a command (`Command`), also
        ``hung``, ``exited``, ``killed`` or ``broken protocol``.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
