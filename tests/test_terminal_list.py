"""The properties at a glance and one of them whole, as a person sees them."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from symtests.properties import FAMILIES, PROPERTIES, family_of
from symtests.properties.base import Property
from symtests.terminal_list import family_lines, property_lines, property_table, property_text


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
    lines = [line.plain for line in property_lines(PROPERTIES)]
    assert [line.split()[0] for line in lines] == [prop.id for prop in PROPERTIES]
    table = shown(property_table(PROPERTIES), width=160)
    assert all(prop.id in table for prop in PROPERTIES)


@pytest.mark.parametrize("prop", PROPERTIES, ids=[prop.id for prop in PROPERTIES])
def test_one_is_told_whole(prop: Property) -> None:
    text = " ".join(shown(*property_text(prop)).split())
    for part in (prop.id, prop.title, prop.statement, prop.formula, prop.precondition, prop.exactness.value,
                 prop.catches,
                 prop.source, f"--property {prop.id}"):  # fmt: skip
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
    assert {prop["id"] for prop in document["properties"]} == names
    assert {claim["id"] for claim in document["claims"]} == {
        name for prop in document["properties"] for name in prop["claims"]
    }


def test_a_family_is_a_family_and_no_word(capsys: pytest.CaptureFixture[str]) -> None:
    from symtests.cli import app

    for family in FAMILIES:
        app(["list", family.lower()], standalone_mode=False)
        names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
        assert set(names) >= {prop.id for prop in PROPERTIES if family_of(prop.id) == family}
        assert len({family_of(name) for name in names}) == 1 or family.lower() in {prop.group for prop in PROPERTIES}
