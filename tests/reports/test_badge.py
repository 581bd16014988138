"""A badge is JSON that shields.io reads, and says no more than the headline."""

import json

import pytest

from symtests.reports.badge import badge_of
from symtests.reports.headline import Headline
from symtests.reports.words import WORDS


@pytest.mark.parametrize("word", WORDS)
def test_every_verdict_is_a_badge(word: str) -> None:
    badge = json.loads(badge_of(Headline(WORDS[word], "3 of 4; and more")))
    assert badge["schemaVersion"] == 1
    assert (badge["label"], badge["message"]) == ("backpropagation", "3 of 4")
    assert (badge["color"] == "brightgreen") == (word in ("exact", "holds"))
    assert badge["isError"] == (word in ("violated", "errored"))


def test_a_long_sentence_is_cut() -> None:
    badge = json.loads(badge_of(Headline(WORDS["violated"], "x" * 1000)))
    assert len(badge["message"]) == 60
    assert set(badge) == {"schemaVersion", "label", "message", "color", "isError"}
