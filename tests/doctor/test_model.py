"""Parts, groups and their exchange."""

from __future__ import annotations

import numpy as np

from symtests.doctor.model import Facts, own_parts
from symtests.model.groups import Group, Part


def test_what_belongs_to_an_expert_alone() -> None:
    stack, router = Part(("w",), 0, np.arange(2)[:, None]), Part(("r",), 0, np.arange(2)[:, None])
    facts = {"w": Facts("w", (2, 3, 4)), "r": Facts("r", (2, 3))}
    assert own_parts(Group("moe", "experts", 2, (stack, router)), facts) == (stack,)
    assert own_parts(Group("moe", "hidden units", 2, (stack, router)), facts) == (stack, router)
    assert Group("moe", "experts", 2, (stack, router)).title == "experts of moe"
