"""Each finding is a page that its library's maintainers can be sent: short, with what is expected, found, and why."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = sorted((DOCS / "findings").glob("*.md"))


def test_the_pages_are_those_that_the_findings_give() -> None:
    done = subprocess.run([sys.executable, str(DOCS / "finding_pages.py"), "--check"], check=False)
    assert done.returncode == 0, "run python docs/finding_pages.py"
    entries = re.findall(
        r'^id = "(.*)"$', (DOCS / "findings" / "findings.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(entries) == [page.stem for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_ready_to_be_sent(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE) == [
        "Expected", "Found", "Cause", "Script"
    ]  # fmt: skip
    head = text.split("## Expected", maxsplit=1)[0].strip().splitlines()
    assert head[0].startswith("# ")
    assert 3 <= len([line for line in head[1:] if line]) <= 10
    assert len(head[0]) <= 180
    assert re.search(r"tried with [\w.+ ]*\d|tried with [0-9a-f]{7}", text)
    (script,) = re.findall(r"\]\(([\w.]+)\)", head[-1])
    assert (page.parent / script).is_file()
    assert "import symtests" not in text
