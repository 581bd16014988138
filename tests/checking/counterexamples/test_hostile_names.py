"""Whatever an implementation, a property or a folder is called, a script does what it does for a harmless name."""

from __future__ import annotations

import ast
import io
import os
import re
import shlex
import subprocess
import sys
import tokenize
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.checking.counterexamples.counterexample import Origin, of_call, of_unsteady_violation, of_violation
from symtests.checking.counterexamples.script import call_lines
from symtests.checking.profile import find_profile
from symtests.implementations.base import OPERATIONS, Capabilities
from symtests.implementations.checked import Call
from symtests.properties.base import Violation
from symtests.validation import InvalidValue
from tests.checking import own_properties
from tests.forbidden import ANY_TEXT, FORBIDDEN, HOSTILE

FEW = find_profile("quick", examples=12)
COOKIES = (
    "# -*- coding: utf-7 -*-", "coding=utf-7", "vim: set fileencoding=utf-7 :", "+AAo-import os+AAo-os._exit(7)",
    "coding: rot13", "-*- coding: latin-1 -*-\nimport os", "\f# coding: utf-16", "\ufeffcoding: cp037",
    "x" * 5000, '"""\nraise SystemExit(7)\n"""', "\\\nraise SystemExit(7)", "#\rraise SystemExit(7)",
    "\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET} = 1", "\u2067raise SystemExit(7)\u2066 #",
)  # fmt: skip
TEXTS = ANY_TEXT | st.sampled_from(COOKIES)


def script_of(**texts: Any) -> str:
    """The script of a violation, with these texts in place of harmless ones."""
    given = {"name": "mine", "location": "numpy", "title": "a title", "statement": "a sentence", "told": "no"}
    given |= {"quantity": "loss", "dtype": "float64", "folder": "folder", **texts}
    prop = replace(own_properties.STEP, title=given["title"], statement=given["statement"])
    folder = Path("/", re.sub("[\0\ud800-\udc7f\udd00-\udfff]", "_", given["folder"]))  # what no path can hold
    origin = Origin(given["name"], given["location"], Capabilities(), given["dtype"], prop, FEW, 3, folder)
    violation = Violation(given["told"], given["quantity"], 1.0, 2.0, 0.0, ("assert True",))
    return of_violation(origin, own_properties.one_case(), violation).script


def structure(script: str) -> str:
    """The statements of a script as Python reads its bytes, with every string left out."""
    source = script.encode()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    assert encoding == "utf-8"
    compile(source, "script", "exec")
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = "text"
        if isinstance(node, ast.List) and all(isinstance(each, ast.Constant) for each in node.elts):
            node.elts = node.elts[:1]  # of the words of a command
    return ast.dump(tree)


HARMLESS = structure(script_of())
FIELDS = ("name", "title", "statement", "told", "quantity", "dtype", "folder", "location")


@given(text=TEXTS, field=st.sampled_from(FIELDS))
def test_no_text_changes_what_a_script_does(text: str, field: str) -> None:
    if field == "location" and text.startswith("command:"):
        text = text.removeprefix("command:")
    script = script_of(**{field: text})
    assert structure(script) == HARMLESS
    assert not FORBIDDEN.search(script)


@given(texts=st.fixed_dictionaries(dict.fromkeys(FIELDS[:-1], TEXTS)))
def test_nor_do_all_of_them_together(texts: dict[str, str]) -> None:
    assert structure(script_of(**texts)) == HARMLESS


@given(texts=st.fixed_dictionaries(dict.fromkeys(FIELDS[:-1], TEXTS)), words=st.lists(TEXTS, min_size=1, max_size=3))
def test_nor_does_a_command(texts: dict[str, str], words: list[str]) -> None:
    clean = [word.replace("\0", "") or "x" for word in words]
    location = "command:" + shlex.join(clean)
    script = script_of(**texts, location=location)
    assert structure(script) == structure(script_of(location="command:node"))
    assert not FORBIDDEN.search(script)
    called = [node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Call)]
    [started] = [node for node in called if ast.unparse(node.func) == "subprocess.Popen"]
    assert ast.literal_eval(started.args[0]) == clean


@given(text=TEXTS)
def test_what_was_asked_is_no_code_either(text: str) -> None:
    origin = Origin(text, "numpy", Capabilities(), "float64", own_properties.STEP, FEW, 3, Path("/"))
    case = own_properties.one_case()
    calls = {
        "initialize": (case.network, text, 1),
        "train_many": (case.network, text, [1, 2], case.batch, case.training),
        "run_as": (text,),
    }
    for operation, arguments in calls.items():
        script = of_call(origin, case, Call(operation, arguments), text).script
        harmless = tuple("x" if each is text else each for each in arguments)
        assert structure(script) == structure(of_call(origin, case, Call(operation, harmless), "x").script)
    found = of_unsteady_violation(origin, case, Violation(text, script=(f"print({text!a})", "assert True")), text)
    plain = of_unsteady_violation(origin, case, Violation("x", script=("print('x')", "assert True")), "x")
    assert structure(found.script) == structure(plain.script)


@given(text=TEXTS)
def test_an_operation_is_one_of_those_that_there_are(text: str) -> None:
    if text not in OPERATIONS:
        with pytest.raises(InvalidValue, match=r"^operation="):
            call_lines(text, (), "float64")


def test_what_is_outside_stands_behind_the_lines_that_python_and_editors_read() -> None:
    for text in (*HOSTILE, *COOKIES):
        lines = script_of(name=text, told=text).split("\n")
        assert lines[:5] == script_of().split("\n")[:5]
        assert lines[0] == "# -*- coding: utf-8 -*-"


@pytest.mark.thorough
@pytest.mark.parametrize("text", [*COOKIES, "".join(HOSTILE), "\ud800\x1b[2J"])
def test_a_script_with_any_text_runs(text: str, tmp_path: Path) -> None:
    script = script_of(name=text, title=text, statement=text, told=text, quantity=text, folder=text)
    file = tmp_path / "script.py"
    file.write_text(script, encoding="utf-8")
    done = subprocess.run([sys.executable, file], capture_output=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not FORBIDDEN.search(done.stdout.decode())


@given(text=TEXTS)
def test_the_id_of_a_property_is_a_name(text: str) -> None:
    if re.fullmatch("[A-Za-z0-9._-]*", text) or re.fullmatch("[A-Za-z0-9._-]*:[ -~]+", text):
        replace(own_properties.STEP, id=f"SYM1{text}")
    elif ":" not in text or FORBIDDEN.search(text):
        for property_id in (text, f"SYM1{text}"):
            with pytest.raises(InvalidValue, match=r"^id="):
                replace(own_properties.STEP, id=property_id)


@given(text=TEXTS)
def test_the_line_for_a_shell_is_one_line_and_nothing_else(text: str) -> None:
    for location in (text, f"command:{text}", None):
        origin = Origin(text, location, Capabilities(), "float64", own_properties.STEP, FEW, 3, Path("/"))
        assert not FORBIDDEN.search(origin.command)
        assert "\n" not in origin.command


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="a shell of POSIX reads the line")
@pytest.mark.parametrize("text", [each for each in (*HOSTILE, *COOKIES, "-x", "--out=x") if "\0" not in each])
def test_a_shell_gives_the_words_back(text: str) -> None:
    origin = Origin("x", text, Capabilities(), "float64", own_properties.STEP, FEW, 3, Path("/"))
    echo = 'symtests() { printf "%s\\0" "$@"; }; '
    done = subprocess.run(["bash", "-c", echo + origin.command], capture_output=True, check=True)
    foreign = all("\udc80" <= each <= "\udcff" for each in text if "\ud800" <= each <= "\udfff")
    asked = text.encode("utf-8", "surrogateescape" if foreign else "surrogatepass")
    options = [b"--property", own_properties.STEP.id.encode(), b"--dtype", b"float64", b"--seed", b"3"]
    options += [b"--profile", FEW.name.encode(), b"--examples", str(FEW.small_examples).encode()]
    words = [*options, b"--", asked] if asked.startswith(b"-") else [asked, *options]
    assert done.stdout.split(b"\0")[:-1] == [b"check", *words]
