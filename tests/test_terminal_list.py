"""The properties at a glance and one of them whole, as a person sees them."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from symtests.properties import FAMILIES, PROPERTIES, family_of
from symtests.properties.base import Property
from symtests.terminal_list import family_lines, law_lines, law_table, law_text


def shown(*things: object, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    for thing in things:
        console.print(thing, crop=False)
    return console.file.getvalue()  # type: ignore[attr-defined] # a StringIO


def test_the_families_fit_a_screen() -> None:
    lines = [line.plain for line in family_lines(PROPERTIES)]
    assert len(lines) < 24
    assert [line.split()[0] for line in lines[: len(FAMILIES)]] == list(FAMILIES)
    count = sum(int(line.split()[1].split("-")[-1]) for line in lines[: len(FAMILIES)])
    assert count == len(PROPERTIES)


def test_a_line_for_each_and_a_table_of_all() -> None:
    lines = [line.plain for line in law_lines(PROPERTIES)]
    assert [line.split()[0] for line in lines] == [law.id for law in PROPERTIES]
    table = shown(law_table(PROPERTIES), width=160)
    assert all(law.id in table for law in PROPERTIES)


@pytest.mark.parametrize("law", PROPERTIES, ids=[law.id for law in PROPERTIES])
def test_one_is_told_whole(law: Property) -> None:
    text = " ".join(shown(*law_text(law)).split())
    for part in (law.id, law.title, law.statement, law.formula, law.precondition, law.exactness.value, law.catches,
                 law.source, f"--property {law.id}"):  # fmt: skip
        assert "".join(part.split()) in text.replace(" ", "")


@pytest.mark.parametrize(
    ("arguments", "some", "none"),
    [
        (["GRAD"], "GRAD1", "STEP1"),
        (["gradient"], "STEP1", "SYM1"),
        (["tie", "--exactly", "bitwise"], "SYM1", "ZERO1"),
        (["SYM", "outputs"], "SYM5", "SYM1"),
        (["S9"], "GRAD1", "SYM1"),
    ],
)
def test_filters_are_words(arguments: list[str], some: str, none: str, capsys: pytest.CaptureFixture[str]) -> None:
    from symtests.cli import app

    app(["list", *arguments], standalone_mode=False)
    names = {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert some in names
    assert none not in names
    app(["list", *arguments, "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    assert {law["id"] for law in document["laws"]} == names
    assert {claim["id"] for claim in document["claims"]} == {name for law in document["laws"] for name in law["claims"]}


def test_a_family_is_a_family_and_no_word(capsys: pytest.CaptureFixture[str]) -> None:
    from symtests.cli import app

    for family in FAMILIES:
        app(["list", family.lower()], standalone_mode=False)
        names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
        assert set(names) >= {law.id for law in PROPERTIES if family_of(law.id) == family}
        assert len({family_of(name) for name in names}) == 1 or family.lower() in {law.group for law in PROPERTIES}
