"""What a user gets wrong, or finds wrong: files, names, streams, environments, permissions; and what must be said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.command_line import EXAMPLES

__all__ = ["REFUSED", "UNUSUAL", "Refused", "Unusual"]

NET: Final = (EXAMPLES / "my_network.py").read_text(encoding="utf-8")
ASKED: Final = ("--profile", "quick", "--dtype", "float64", "-n", "1", "--examples", "1", "-p", "GRAD4")
GOOD: Final = ("check", "net.py:MyNetwork", *ASKED)
RUN: Final = json.dumps({"type": "run", "schema": 1})


@dataclass(frozen=True)
class Refused:
    """A command line that ends in one sentence and status 2, before anything is tried or written.

    Parameters
    ----------
    name
        No other has it.
    arguments
        The command line, without `symtests`.
    says
        Parts of the sentence.
    files
        Content of the files that are there, by their paths; None stands for a folder.
    environment
        What is set.
    links
        Links that are there, with what they lead to.
    """

    name: str
    arguments: Sequence[str]
    says: Sequence[str]
    files: Mapping[str, bytes | str | None] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


def _of_check(name: str, *arguments: str, says: Sequence[str], **more: object) -> Refused:
    return Refused(name, ("check", *arguments), says, **more)  # type: ignore[arg-type] # its own fields


def _of_file(name: str, content: bytes | str, *says: str, object_in_it: str = "Net") -> Refused:
    return Refused(f"implementation_{name}", ("check", f"net.py:{object_in_it}"), says, {"net.py": content})


def _claims(capabilities: str) -> str:
    return f"class Net:\n    capabilities = {capabilities}\n    def train(self, *a): ...\n"


def _of_results(name: str, content: bytes | str | None) -> list[Refused]:
    """Return the refusals of one results file by all that read one."""
    there = {"old/results.jsonl": content}
    lines = {
        "report": ("report", "old"),
        "compare": ("compare", "old", "old"),
        "against": (*GOOD, "--against", "old"),
        "resume": (*GOOD, "--out", "old", "--resume"),
    }
    return [
        Refused(
            f"results_{name}_{reader}",
            line,
            ["results.jsonl" if content is not None else "old"],
            {**there, "net.py": NET},
        )
        for reader, line in lines.items()
    ]


def _of_known(name: str, content: bytes | str, *says: str) -> Refused:
    return Refused(f"known_{name}", (*GOOD, "--known", "k.toml"), ["k.toml", *says], {"k.toml": content, "net.py": NET})


def _of_vectors(name: str, content: bytes | str, *says: str) -> Refused:
    line = ("vectors", "check", "net.py:MyNetwork", "--vectors", "v.json")
    return Refused(f"vectors_{name}", line, ["v.json", *says], {"v.json": content, "net.py": NET})


NAMES: Final = (
    _of_check("name_misspelt", "nmba", says=["implementation='nmba': must be one of", "did you mean 'numba'?"]),
    _of_check("name_in_capitals", "NUMPY", says=["did you mean 'numpy'?"]),
    _of_check("name_empty", "", says=["implementation='': must be one of"]),
    _of_check("name_of_a_file_alone", "net.py", says=["must name a class or an object in", "net.py:MyNetwork"]),
    _of_check("name_of_a_folder", "below/", says=["must name a class or an object"], files={"below": None}),
    _of_check("name_of_no_file", "nowhere.py:Net", says=["no file nowhere.py"]),
    _of_check("name_of_no_module", "no_such_module:Net", says=["cannot import no_such_module"]),
    _of_check("name_without_object", "json:", says=["json has no ''"]),
    _of_check("name_of_no_object", "json:Nett", says=["json has no 'Nett'"]),
    _of_check("name_of_what_cannot_train", "json:JSONDecoder", says=["has no method 'train'"]),
    _of_check("name_of_a_module_alone", "json", says=["must be one of"]),
    _of_check("name_with_control_characters", "\x1b[2Jnet", says=[r"\x1b[2Jnet"]),
    _of_check("name_that_turns_the_line", "\u202eten", says=[r"\u202eten"]),
    _of_check("name_of_many_characters", "n" * 5000, says=["must be one of"]),
    _of_check("name_with_a_line_feed", "a\nb", says=["a\\nb"]),
    _of_check("command_that_is_not_there", "--command", "no-such-program", says=["no-such-program"]),
    _of_check("command_that_ends", "--command", "false", says=["it ended with status 1; it must stay"]),
    _of_check("command_empty", "--command", "", says=["command"]),
    _of_check("command_of_open_quotes", "--command", "node 'net", says=["command"]),
    _of_check("property_misspelt", "numpy", "--property", "GARD1", says=["did you mean 'GRAD1'?"]),
    _of_check("property_of_no_module", "numpy", "--property", "nowhere:PROPERTY", says=["cannot be imported"]),
    _of_check("property_that_is_none", "numpy", "--property", "json:loads", says=["must be a symtests"]),
    Refused("show_misspelt", ("show", "GARD1"), ["did you mean 'GRAD1'?"]),
    Refused("show_nothing", ("show",), ["PROPERTY"]),
    Refused("list_of_nothing", ("list", "quux"), ["words='quux': fits no property that is left"]),
    Refused("list_exactly_what", ("list", "--exactly", "bitwize"), ["did you mean 'bitwise'?"]),
    Refused("command_misspelt", ("chek",), ["check"]),
    Refused("option_misspelt", ("check", "numpy", "--drype", "float32"), ["--dtype"]),
    Refused("bench_misspelt", ("bench", "nmba"), ["did you mean 'numba'?"]),
    Refused("bench_of_no_group", ("bench", "--group", "smal-nets"), ["small-nets"]),
    Refused("smoke_of_nothing", ("smoke",), ["must name one at least"]),
    Refused("vectors_misspelt", ("vectors", "chek"), ["chek"]),
)  # fmt: skip
NUMBERS: Final = (
    _of_check("dtype_misspelt", "numpy", "--dtype", "float23", says=["did you mean 'float32'?"]),
    _of_check("profile_misspelt", "numpy", "--profile", "quik", says=["did you mean 'quick'?"]),
    _of_check("seed_of_letters", "numpy", "--seed", "x", says=["seed='x': must be a whole number"]),
    _of_check("seed_of_halves", "numpy", "--seed", "0.5", says=["seed='0.5': must be a whole number"]),
    _of_check("seed_below_zero", "numpy", "--seed", "-1", says=["seed=-1: must be a whole number of at least 0"]),
    _of_check("examples_none", "numpy", "--examples", "0", says=["examples=0: must be a whole number of at least 1"]),
    _of_check("processes_none", "numpy", "-n", "0", says=["processes=0: must be a whole number of at least 1"]),
    _of_check("time_limit_of_letters", "numpy", "--time-limit", "x", says=["time_limit='x': must be a number"]),
    _of_check("time_limit_none", "numpy", "--time-limit", "0", says=["time_limit=0.0: must be"]),
    _of_check("time_limit_endless", "numpy", "--time-limit", "inf", says=["time_limit=inf: must be"]),
    Refused("time_limit_no_number", ("smoke", "numpy", "--time-limit", "nan"), ["time_limit=nan: must be"]),
    _of_check("release_to_come", "numpy", "--properties-of", "99",
              says=["properties='99': is newer than this symtests"]),
    _of_check("release_of_letters", "numpy", "--properties-of", "new",
              says=["properties='new': must be a release of symtests"]),
    _of_check("two_baselines", "numpy", "--known", "a", "--write-known", "b", says=["must be the file of --known"]),
    Refused("two_forms_of_a_list", ("list", "--json", "--markdown"), ["markdown=True: cannot go with"]),
    Refused("two_other_forms_of_a_list", ("list", "--json", "--full"), ["full=True: cannot go with"]),
)  # fmt: skip
IMPLEMENTATIONS: Final = (
    _of_file("empty", "", "net.py has no 'Net'"),
    _of_file("of_another_name", "class Nett:\n    def train(self, *a): ...\n", "did you mean 'Nett'?"),
    _of_file("cut_short", "class Net:\n    def train(", "cannot import net.py (SyntaxError"),
    _of_file("that_raises", "raise RuntimeError('no licence')", "RuntimeError: no licence"),
    _of_file("that_lacks_a_package", "import no_such_package", "no_such_package"),
    _of_file("of_latin_1", "name = 'größe'".encode("latin-1"), "cannot import net.py"),
    _of_file("of_utf_16", "class Net: ...".encode("utf-16"), "cannot import net.py"),
    _of_file("of_zeros", b"\0" * 100, "cannot import net.py"),
    _of_file("without_train", "class Net: ...", "has no method 'train'"),
    _of_file("that_needs_an_argument", "class Net:\n    def __init__(self, path): ...\n", "without arguments"),
    _of_file("that_is_a_number", "Net = 3", "has no method 'train'"),
    _of_file("of_no_activation", _claims("{'activations': ['tahn']}"),
             "did you mean 'tanh'?"),
    _of_file("of_no_capability", _claims("{'activation': ['tanh']}"),
             "did you mean 'activations'?"),
)  # fmt: skip
FILES: Final = (
    *_of_results("empty", ""),
    *_of_results("of_rubbish", "{}\nnot json\n{}\n"),
    *_of_results("of_bytes", b"\xff\xfe\x00"),
    *_of_results("of_another_schema", json.dumps({"type": "run", "schema": 99}) + "\n"),
    *_of_results("that_is_a_folder", None),
    Refused("report_of_nothing", ("report", "nowhere"), ["run symtests check first"]),
    Refused("compare_with_nothing", ("compare", "nowhere"), ["base='nowhere'", "run symtests check first"]),
    Refused("resume_of_nothing", (*GOOD, "--resume", "--out", "nowhere"), ["nowhere"], {"net.py": NET}),
    Refused("known_nowhere", (*GOOD, "--known", "k.toml"), ["known='k.toml': cannot be read"], {"net.py": NET}),
    _of_known("of_bytes", b"\xff\xfe\x00\x01"),
    _of_known("cut_short", "[[known"),
    _of_known("of_another_shape", "known = 3"),
    _of_known("without_a_property", '[[known]]\nimplementation = "x"\n'),
    _of_known("of_no_property", "[[known]]\nproperty = 'GARD1'\nimplementation = 'x'\nfound = 'violated'\n"
              "reason = 'r'\ncounterexample = '{}'\n"),
    _of_vectors("empty", ""),
    _of_vectors("cut_short", '{"vectors": ['),
    _of_vectors("of_another_shape", '{"vectors": 3}'),
    Refused("vectors_nowhere", ("vectors", "check", "numpy", "--vectors", "my v.json"),
            ["write it with symtests vectors export --out 'my v.json'"]),
)  # fmt: skip
PLACES: Final = (
    Refused("out_is_a_file", (*GOOD, "--out", "out"), ["out='out': is no folder"], {"net.py": NET, "out": "mine"}),
    Refused("out_is_below_a_file", (*GOOD, "--out", "out/x"), ["out"], {"net.py": NET, "out": "mine"}),
    Refused("out_is_a_device", (*GOOD, "--out", "/dev/null"), ["/dev/null"], {"net.py": NET}),
    Refused("out_is_where_nobody_writes", (*GOOD, "--out", "/proc/out"), ["/proc/out"], {"net.py": NET}),
    Refused("out_has_no_end", (*GOOD, "--out", "o" * 300), ["out="], {"net.py": NET}),
    Refused("out_is_a_link_to_itself", (*GOOD, "--out", "out"), ["out="], {"net.py": NET}, links={"out": "out"}),
    Refused("junit_is_a_folder", (*GOOD, "--junit", "j"), ["junit='j': is a folder"], {"net.py": NET, "j": None}),
    Refused("junit_is_a_device", (*GOOD, "--junit", "/dev/full"), ["is a device or a pipe"], {"net.py": NET}),
    Refused("junit_is_below_a_file", (*GOOD, "--junit", "j/x.xml"), ["junit="], {"net.py": NET, "j": "mine"}),
    Refused("known_is_below_a_file", (*GOOD, "--write-known", "k/k"), ["write_known="], {"net.py": NET, "k": "mine"}),
    Refused("vectors_cannot_be_written", ("vectors", "export", "--out", "/proc/v.json"), ["v.json"]),
    Refused("vectors_go_to_a_folder", ("vectors", "export", "--out", "v"), ["is a folder; name a file"], {"v": None}),
)  # fmt: skip
REFUSED: Final = {each.name: each for each in (*NAMES, *NUMBERS, *IMPLEMENTATIONS, *FILES, *PLACES)}


@dataclass(frozen=True)
class Unusual:
    """A run in unusual circumstances, which ends as any other: its status, its report, and what stands on the streams.

    Parameters
    ----------
    name
        No other has it.
    environment
        What is set.
    status
        How it ends.
    stdout
        A file for its standard output, or ``closed`` for a pipe that nobody reads.
    arguments
        The command line.
    prepare
        Makes what is there besides the implementation.
    holds
        What standard output holds.
    lacks
        What neither output holds.
    """

    name: str
    environment: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    stdout: str | None = None
    arguments: Sequence[str] = (*GOOD, "--out", "out")
    prepare: Callable[[Path], object] = lambda _: None
    holds: Sequence[bytes] = ()
    lacks: Sequence[bytes] = (b"Traceback", b"Warning", b"UnicodeEncodeError", b"\\u")


BROKEN: Final = ("check", "broken.py:MyBrokenNetwork", *ASKED[:-1], "STEP1", "--no-diagnosis", "--out", "out")
LINE: Final = b"again: symtests check broken.py:MyBrokenNetwork --property STEP1 --dtype float64"
UNUSUAL: Final = {
    each.name: each
    for each in (
        *(
            Unusual(f"stream_{encoding}", {"PYTHONIOENCODING": encoding}, 1, None, BROKEN, holds=[LINE, glyph])
            for encoding, glyph in (
                ("ascii", b"\nx violated"), ("ascii:strict", b"\nx violated"), ("latin-1", b"\nx violated"),
                ("cp1252", b"\nx violated"), ("cp437", b"\nx violated"), ("utf-8", "\n✗ violated".encode()),
            )
        ),
        Unusual("stream_that_nobody_reads", status=141, stdout="closed"),
        Unusual("stream_that_is_full", status=4, stdout="/dev/full"),
        Unusual("stream_to_nowhere", stdout="/dev/null"),
        Unusual("warnings_are_errors", {"PYTHONWARNINGS": "error"}, holds=[b"= exact"]),
        Unusual("without_a_home", {"HOME": "/nowhere/at/all", "XDG_CACHE_HOME": ""}),
        Unusual("without_a_terminal_type", {"TERM": "dumb"}),
        Unusual("of_one_column", {"COLUMNS": "1"}),
        Unusual("of_no_column", {"COLUMNS": "0"}),
        Unusual("of_columns_that_are_none", {"COLUMNS": "many"}),
        Unusual("of_a_language_that_is_none", {"LANG": "xx_YY.nothing", "LC_ALL": "xx_YY"}),
        Unusual("without_colours", {"NO_COLOR": "1"}),
        Unusual("optimized", {"PYTHONOPTIMIZE": "2"}),
        Unusual("beside_a_module_of_the_name_of_one_of_python", prepare=lambda at: (at / "json.py").write_text("boom")),
        Unusual("beside_a_run_that_was_damaged", prepare=lambda at: damaged(at / "out")),
    )
}  # fmt: skip


def damaged(out: Path) -> None:
    """Leave a results file that no run can have written."""
    out.mkdir()
    (out / "results.jsonl").write_bytes(b"\xff\0 precious")
