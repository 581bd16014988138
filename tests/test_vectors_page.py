"""The page of the vectors says what is so: its examples in other languages read what the file holds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

from symtests.vectors.document import document
from tests.mutants.listing import MUTANTS

PAGE = (Path(__file__).parents[1] / "docs" / "vectors.md").read_text(encoding="utf-8")


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_its_figures_are_those_of_the_code() -> None:
    text = document()
    assert f"{len(json.loads(text)['vectors'])} vectors, {round(len(text), -5) // 1000} kB" in PAGE
    assert f"Of the {len(MUTANTS)} implementations" in PAGE


def test_its_reader_of_hexadecimal_floats_agrees_with_the_one_of_python(tmp_path: Path) -> None:
    node, words = shutil.which("node"), sorted(set(re.findall(r'"(-?0x[01][^"]*)"', document())))
    assert len(words) > 1000
    values = [float.fromhex(word) for word in words]
    assert re.search(r"16 \*\* -\(i \+ 1\)", example("js"))
    if node is not None:
        (tmp_path / "words.json").write_text(json.dumps(words), encoding="utf-8")
        asks = 'const words = JSON.parse(require("fs").readFileSync("words.json")); '
        asks += "console.log(JSON.stringify(words.map(readHexFloat)));"
        done = subprocess.run(
            [node, "-e", example("js") + asks], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout) == values


def test_its_program_in_c_says_right(tmp_path: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert "strtod" in example("c")
    if compiler is not None:
        (tmp_path / "read.c").write_text(example("c"), encoding="utf-8")
        subprocess.run([compiler, "-o", "read", "read.c"], cwd=tmp_path, check=True)
        done = subprocess.run([str(tmp_path / "read")], capture_output=True, text=True, check=True)
        assert done.stdout.strip().endswith("right")
