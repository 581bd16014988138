"""docs/findings.md: every finding is reproduced where its library is installed, and every broken property has one."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from symtests.implementations import BUILT_IN, missing

ROOT = Path(__file__).resolve().parent.parent.parent


def loaded() -> ModuleType:
    specification = importlib.util.spec_from_file_location("findings", ROOT / "docs" / "findings.py")
    assert specification is not None
    assert specification.loader is not None
    module = sys.modules["findings"] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


page = loaded()
ENTRIES = page.findings()
RUN_BY = {".py": sys.executable, ".mjs": "node", ".js": "node"}


def is_here(entry: Any) -> bool:
    if entry.needs:
        try:
            return subprocess.run(entry.needs, cwd=page.FOLDER, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            return False
    return all(missing(name) is None for name in entry.implementation if name in BUILT_IN)


HERE = [entry for entry in ENTRIES if is_here(entry)]


@pytest.mark.parametrize("entry", HERE, ids=[entry.id for entry in HERE])
def test_what_was_found_is_still_so(entry: Any) -> None:
    python = os.environ["NEUROLAB_PYTHON"] if "Neurolab" in entry.implementation else RUN_BY[".py"]
    command = [{**RUN_BY, ".py": python}[entry.script.suffix], str(entry.script)]
    done = subprocess.run(command, cwd=page.FOLDER, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stdout.strip() == entry.output.strip(), done.stderr
    assert done.returncode == 1, "0 means that the finding is gone: say so in docs/findings/findings.toml"


def test_what_cannot_be_tried_here_is_counted() -> None:
    away = [entry.id for entry in ENTRIES if entry not in HERE]
    if away:
        warnings.warn(f"not tried, as the library is missing: {len(away)}, {', '.join(away)}", stacklevel=1)
    assert len(HERE) + len(away) == len(ENTRIES)
    assert "symtests" not in "".join(entry.script.read_text(encoding="utf-8") for entry in ENTRIES)


def test_every_broken_property_is_explained_and_every_explanation_is_needed() -> None:
    assert page.unexplained(page.stored(), ENTRIES) == []


def test_the_page_is_what_its_files_give() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(page.stored(), ENTRIES)


def test_a_broken_property_without_an_entry_is_refused_by_name() -> None:
    verdicts = {"mine": {"verdicts": {"SYM1": {"float64": "violated", "float32": "holds"}}}}
    assert page.unexplained(verdicts, []) == ["SYM1 is violated by mine in float64: findings.toml must say why"]
    entry = page.Finding("why", ("mine",), ("1",), ("SYM1 float64",), "bug", "", "", "")
    assert page.unexplained(verdicts, [entry]) == []


def test_an_explanation_of_what_holds_is_refused_by_name() -> None:
    verdicts = {"mine": {"verdicts": {"SYM1": {"float64": "holds", "float32": "violated"}}}}
    entry = page.Finding("why", ("mine",), ("1",), ("SYM1 float32", "SYM1 float64"), "bug", "", "", "")
    assert page.unexplained(verdicts, [entry]) == ["findings.toml: why says that SYM1 float64 is broken, and it is not"]
    elsewhere = page.Finding("why", ("another",), ("1",), ("SYM1",), "bug", "", "", "")
    assert len(page.unexplained(verdicts, [elsewhere])) == 1
