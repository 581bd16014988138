"""The list of mutants is complete, and says of each what is true of it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from symtests.implementations.checked import Checked
from symtests.properties import PROPERTIES
from tests.mutants.base import Correct
from tests.mutants.listing import MUTANTS, PIECES, Mutant

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "mutants.md"
ASKED = [prop.id for prop in PROPERTIES]
EACH = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)


def classes_of(file: Path) -> list[type]:
    """Return the classes that a file defines, those left out from which others are made."""
    module = importlib.import_module(f"tests.mutants.{file.stem}")
    found = [kind for kind in vars(module).values() if isinstance(kind, type) and kind.__module__ == module.__name__]
    return [kind for kind in found if not kind.__name__.startswith("_") and kind not in PIECES]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*_faults.py")), ids=lambda file: file.stem)
def test_every_class_of_the_file_is_listed(file: Path) -> None:
    classes = classes_of(file)
    assert classes
    assert {kind.__name__ for kind in classes} - {mutant.name for mutant in MUTANTS} == set()


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(names) >= 100
    assert len(set(names)) == len(names)


@EACH
def test_it_says_what_is_wrong_and_who_should_notice(mutant: Mutant) -> None:
    assert issubclass(mutant.kind, Correct)
    assert mutant.kind.__doc__ != mutant.kind.__mro__[1].__doc__
    assert re.fullmatch(r"[A-Z].*\.", mutant.fault)
    assert mutant.meant_for
    assert len(set(mutant.meant_for)) == len(mutant.meant_for)
    assert set(mutant.meant_for) <= set(ASKED)
    assert mutant.dtype in Checked(mutant.kind(), mutant.dtype).capabilities.dtypes


def test_every_property_is_meant_to_find_a_mutant() -> None:
    assert set(ASKED) - {prop for mutant in MUTANTS for prop in mutant.meant_for} == set()


def test_the_page_shows_the_mutants_of_the_list() -> None:
    rows = re.findall(r"^\| (\w+) \| .* \|.*\|.*\|.*\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows[0] == "mutant"
    assert [name for name in rows if name != "mutant"] == [mutant.name for mutant in MUTANTS]
