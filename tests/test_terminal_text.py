"""Lines for a terminal, and for what is none: nothing trails, and what is to be typed stays whole."""

from __future__ import annotations

import io
import shlex
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.padding import Padding
from rich.table import Table

from symtests.terminal_text import line_to_type, lines_of, terminal, typed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(*things: object, to: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stdout", to)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    console = terminal()
    for thing in things:
        console.print(thing, crop=False)
    return to.getvalue()


def blanks() -> list[object]:
    table = Table("property", "float64", box=None)
    table.add_row("GRAD1", "=")
    return [table, Padding(lines_of("a sentence of more than forty characters, which is broken"), (0, 0, 0, 2)), ""]


def test_nothing_trails_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(*blanks(), to=io.StringIO(), monkeypatch=monkeypatch)
    assert text == "\n".join(line.rstrip() for line in text.split("\n"))
    assert "GRAD1  =\n" in text
    assert text.count("\n") == 5


def test_colours_do_not_hide_what_trails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    to = io.StringIO()
    monkeypatch.setattr(sys, "stdout", to)
    terminal().file.write("\x1b[32mholds   \x1b[0m\nx \x1b[1m  \x1b[0m\n")
    assert to.getvalue() == "\x1b[32mholds\x1b[0m\nx\x1b[1m\x1b[0m\n"


def test_a_terminal_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(*blanks(), to=Terminal(), monkeypatch=monkeypatch)
    assert "GRAD1" in text
    assert any(line != line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("to", [io.StringIO, Terminal])
def test_a_line_to_type_is_not_broken(to: type[io.StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    line = "again: symtests check " + "word " * 30 + "end"
    assert line + "\n" in printed(line_to_type(line), to=to(), monkeypatch=monkeypatch)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX reads the line")
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_what_is_typed_gives_the_words_whatever_the_terminal_shows(encoding: str) -> None:
    words = ["größe/net.py:Net", "中 文", "plain", "it's"]
    line = typed(shlex.join(words), encoding)
    line.encode(encoding)
    done = subprocess.run(["bash", "-c", f'printf "%s\\0" {line}'], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == words


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1))
def test_whatever_the_words_are_the_line_can_be_shown(words: list[str]) -> None:
    from symtests.shown_text import shell_line

    assert shell_line(words, only_ascii=True).isascii()
    assert typed(shell_line(words), "utf-8") == shell_line(words)
