"""All attacks by implementations in Python, and the groups in which one process carries them out."""

from __future__ import annotations

from typing import Final

from tests.attacks.attack import by_name, of_groups
from tests.attacks.targets.answering import ANSWERING
from tests.attacks.targets.ending import ENDING
from tests.attacks.targets.hanging import HANGING
from tests.attacks.targets.meddling import CHEATING, MEDDLING
from tests.attacks.targets.question import PythonAttack
from tests.attacks.targets.raising import RAISING

__all__ = ["ALL", "ASKED_ONCE", "GROUPS", "NUMBERS"]

ALL: Final = by_name((*RAISING, *ANSWERING, *HANGING, *ENDING, *MEDDLING, *CHEATING))
NUMBERS: Final = {attack.name: (number, attack.operation) for number, attack in enumerate(ALL.values())}
"""The number by which an attack is asked for, and the operation."""

_STATUSES: Final = {0: "right", 1: "wrong", 3: "errors"}


def _by_status(name: str, attacks: tuple[PythonAttack, ...]) -> dict[str, tuple[PythonAttack, ...]]:
    """Return attacks in groups whose runs have one exit status."""
    return {
        f"{name}_{word}": found
        for status, word in _STATUSES.items()
        if (found := tuple(attack for attack in attacks if attack.expected.status == status))
    }


def _ends(attack: PythonAttack) -> bool:
    """Tell whether the process may end, or have to be ended."""
    return bool({"exited", "killed", "hung"} & set(attack.expected.failure))


_ENDING: Final = tuple(attack for attack in (*ANSWERING, *HANGING, *ENDING) if _ends(attack))
_WHOLE: Final = (
    "hangs_in_python", "hangs_in_the_lock", "hangs_in_array", "exits_at_once_0", "closes_every_descriptor",
    "gets_SIGKILL",
    "leaves_and_is_killed", "kills_its_parent", "writes_verdicts_and_exits",
)  # fmt: skip
"""Of those that end their process, the ones that a whole check tries: it asks each three times."""
ASKED_ONCE: Final = tuple(attack for attack in _ENDING if attack.name not in _WHOLE)
"""Those that are asked one question, without a check."""
GROUPS: Final = {
    **_by_status("raising", RAISING),
    **_by_status("answering", tuple(attack for attack in (*ANSWERING, *HANGING) if not _ends(attack))),
    **of_groups("ending", tuple(attack for attack in _ENDING if attack.name in _WHOLE), 3),
    **of_groups("meddling", MEDDLING, 8),
    **of_groups("cheating", CHEATING, 5),
}
"""A process that has ended three times is given up: those that end theirs come in threes."""
