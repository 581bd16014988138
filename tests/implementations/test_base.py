"""What an implementation may say of itself."""

from __future__ import annotations

import json

import pytest

from symtests.implementations.base import Capabilities, capabilities_of
from symtests.validation import InvalidValue


@pytest.mark.parametrize("way", ["threads", "threads=0", "threads=two", "cpu=", "gpu=1", "", "strided=yes", 2])
def test_a_way_of_running_has_one_of_three_forms(way: object) -> None:
    with pytest.raises(InvalidValue, match=r"same_bits=.*: must be 'strided', 'threads=<number>' or 'cpu=<instruction"):
        Capabilities(same_bits=(way,))  # type: ignore[arg-type]  # that is what is tried


def test_ways_of_running_survive_json() -> None:
    ways = ("strided", "threads=2", "cpu=x86-64-v3")

    class Claims:
        capabilities = json.loads(json.dumps(Capabilities(same_bits=ways).to_json()))

    assert capabilities_of(Claims()).same_bits == ways


def test_a_single_way_may_stand_alone() -> None:
    assert capabilities_of(type("Claims", (), {"capabilities": {"same_bits": "strided"}})).same_bits == ("strided",)
