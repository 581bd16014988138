"""Shards that are cut, doubled, mixed up or foreign: the joined run is the whole one, or says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.checking.results import results_file
from symtests.checking.results.results_file import RESULTS_FILE, read_results
from symtests.checking.sharding.joining import Joined, join
from symtests.validation import InvalidValue
from tests.checking.sharding.synthetic import Line, Whole, timeless, whole_run, write

RUNS = 40
DAMAGES = ("shuffle", "double", "drop", "cut", "lose line", "repeat line", "move line", "foreign", "contradict")
LATE = ("foreign", "contradict")


@cache
def run(number: int) -> tuple[Whole, tuple[list[Line], ...], list[Line]]:
    """One of a few runs: as a whole, as the lines of its shards, and as what the joined lines must be."""
    random = Random(number)
    whole = whole_run(random)
    return whole, tuple(whole.shards(random, random.randint(1, 6))), whole.lines(random)


@pytest.fixture(scope="module", autouse=True)
def _each_line_is_checked_once() -> Iterator[None]:
    """Cases are made of few different lines: the schema looks at each of them once, not a thousand times."""
    checked, original = set[bytes](), results_file.check_record

    def check(record: Any) -> None:
        line = json.dumps(record).encode()
        if line not in checked:
            original(record)
            checked.add(line)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(results_file, "check_record", check)
        yield


@dataclass
class Files:
    """The shards of a run as texts that damage is done to; `harmed` tells whether anything of them was lost."""

    texts: list[list[bytes]]
    harmed: bool = False
    foreign: bool = False

    def do(self, damage: str, where: int, what: int) -> None:
        """Do one kind of damage to one of the shards."""
        if not self.texts:
            return
        text = self.texts[where % len(self.texts)]
        damages: dict[str, Callable[[list[bytes], Random], None]] = {
            "shuffle": self._shuffle, "double": self._double, "drop": self._drop, "cut": self._cut,
            "lose line": self._lose, "repeat line": self._repeat, "move line": self._move,
            "foreign": self._make_foreign, "contradict": self._contradict,
        }  # fmt: skip
        damages[damage](text, Random(what))

    def _shuffle(self, text: list[bytes], random: Random) -> None:
        if text and text[-1].startswith(b'{"type": "end"') and text[-1].endswith(b"\n"):
            middle = text[1:-1]
            random.shuffle(middle)
            text[1:-1] = middle
        random.shuffle(self.texts)

    def _double(self, text: list[bytes], random: Random) -> None:
        lines = [json.loads(line) for line in text if line.endswith(b"\n")]
        self.texts.append(
            [_line({**line, "seconds": random.random()} if "seconds" in line else line) for line in lines]
        )

    def _drop(self, text: list[bytes], random: Random) -> None:
        self.texts.remove(text)
        self.harmed = True

    def _cut(self, text: list[bytes], random: Random) -> None:
        whole = b"".join(text)
        text[:] = whole[: random.randrange(len(whole) + 1)].splitlines(keepends=True)
        self.harmed = True

    def _lose(self, text: list[bytes], random: Random) -> None:
        if text:
            del text[random.randrange(len(text))]
        self.harmed = True

    def _repeat(self, text: list[bytes], random: Random) -> None:
        if text:
            text.insert(random.randrange(len(text) + 1), random.choice(text))
        self.harmed = True

    def _move(self, text: list[bytes], random: Random) -> None:
        if text:
            random.choice(self.texts).append(text.pop(random.randrange(len(text))))
        self.harmed = True

    def _make_foreign(self, text: list[bytes], random: Random) -> None:
        changes: list[tuple[str, Any]] = [
            ("symtests", "0.0.1"), ("fingerprint", "other"), ("seed", 4), ("profile", "nightly"),
            ("dtypes", ["float32"]), ("examples", {"small": 9, "wide": 1}), ("implementations", ["other"]),
        ]  # fmt: skip
        name, value = random.choice(changes)
        if (
            not self.foreign
            and text
            and len(self.texts) > 1
            and text[0].startswith(b'{"type": "run"')
            and text[0].endswith(b"\n")
        ):
            text[0] = _line({**json.loads(text[0]), name: value})
        self.harmed = self.foreign = True

    def _contradict(self, text: list[bytes], random: Random) -> None:
        other = [
            _line({**json.loads(line), "sentence": "Something else."}) if b'"type": "verdict"' in line else line
            for line in text
            if line.endswith(b"\n")
        ]
        self.texts.append(other)
        self.harmed = True


def _line(line: Line) -> bytes:
    return json.dumps(line).encode() + b"\n"


def _late(damage: tuple[str, int, int]) -> int:
    return LATE.index(damage[0]) if damage[0] in LATE else -1


def check_case(folder: Path, number: int, damages: list[tuple[str, int, int]]) -> str:
    """Join the damaged shards of one run; return what became of it."""
    _, shards, alone = run(number)
    files = Files([[_line(line) for line in lines] for lines in shards])
    # What is foreign, or contradicts a shard, is seen as long as the others are there too: nothing is dropped after it.
    for damage in sorted(damages, key=_late):
        files.do(*damage)
    folders = []
    for place, text in enumerate(files.texts):
        folders.append(folder / str(place))
        folders[-1].mkdir(exist_ok=True)
        (folders[-1] / RESULTS_FILE).write_bytes(b"".join(text))
    try:
        joined = join(folders)
    except InvalidValue as error:
        refusal = str(error)
    else:
        return _joined(joined, join([write(folder / "alone", alone)]), files)
    assert files.harmed, f"refused what was whole: {refusal}"
    assert len(refusal.split()) > 5  # a reason
    return "refused"


def _joined(joined: Joined, wanted: Joined, files: Files) -> str:
    if joined.end is not None:
        assert [*map(timeless, joined.lines)] == [*map(timeless, wanted.lines)]
        assert joined.missing == 0
        return "whole"
    assert files.harmed
    _require_part_of(joined, wanted)
    return "part"


def _require_part_of(joined: Joined, wanted: Joined) -> None:
    """See that a joined run that lacks something says so, and says nothing else than the whole one."""
    assert joined.told
    assert joined.exit_status == wanted.exit_status or joined.exit_status in (1, 3)
    assert joined.exit_status != 0
    lines = [timeless(verdict.to_json()) for verdict in wanted.verdicts]
    assert all(timeless(verdict.to_json()) in lines for verdict in joined.verdicts)
    assert joined.missing == len(wanted.verdicts) - len(joined.verdicts)
    head, right = ({**timeless(each.head), "notes": None} for each in (joined, wanted))
    assert head == right or sorted(head["implementations"]) == sorted(right["implementations"])
    assert set(joined.told) >= {note for note in joined.head["notes"] if note.startswith("shard ")}


CASES = st.lists(st.tuples(st.sampled_from(DAMAGES), st.integers(0, 5), st.integers(0, 999)), min_size=0, max_size=3)


@settings(max_examples=300)
@given(st.integers(0, RUNS - 1), CASES)
def test_the_joined_run_is_the_whole_one_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, number: int, damages: list[tuple[str, int, int]]
) -> None:
    check_case(tmp_path_factory.getbasetemp(), number, damages)


@pytest.mark.thorough
def test_ten_thousand_cases_end_in_each_way(tmp_path: Path) -> None:
    random, ends = Random(20), dict.fromkeys(("whole", "part", "refused"), 0)
    for _ in range(10_000):
        damages = [
            (random.choice(DAMAGES), random.randrange(6), random.randrange(1000)) for _ in range(random.randrange(4))
        ]
        ends[check_case(tmp_path, random.randrange(RUNS), damages)] += 1
    assert min(ends.values()) > 500, ends  # no end is so rare that it was hardly tried


@settings(max_examples=50)
@given(st.integers(0, RUNS - 1), st.integers(0, 999))
def test_whole_shards_in_any_order_give_the_whole_run(
    tmp_path_factory: pytest.TempPathFactory, number: int, seed: int
) -> None:
    damages = [("shuffle", each, seed + each) for each in range(6)] + [("double", seed, seed)]
    assert check_case(tmp_path_factory.getbasetemp(), number, damages) == "whole"


def shards_of(tmp_path: Path, number: int = 1, of: int = 3) -> tuple[Whole, list[Path]]:
    random = Random(number)
    whole = whole_run(random)
    while len(whole.found) < 12:
        whole = whole_run(random)
    return whole, [write(tmp_path / str(n), lines) for n, lines in enumerate(whole.shards(random, of), 1)]


def changed(folder: Path, line: int, **fields: Any) -> Path:
    path = folder / RESULTS_FILE
    lines = [json.loads(each) for each in path.read_text().splitlines()]
    lines[line] = {**lines[line], **fields}
    return write(folder, lines)


def test_a_missing_shard_is_named_and_its_checks_are_not_judged(tmp_path: Path) -> None:
    _, folders = shards_of(tmp_path)
    joined = join([folders[0], folders[2]])
    left = read_results(folders[1] / RESULTS_FILE).run["checks"]
    assert joined.told == (f"shard 2/3 is missing: its {left} checks are not judged",)
    assert (joined.missing, joined.end, joined.head["notes"][-1]) == (left, None, joined.told[0])
    assert joined.exit_status in (1, 3)


def test_a_shard_that_was_cut_short_is_told(tmp_path: Path) -> None:
    _, folders = shards_of(tmp_path)
    path = folders[1] / RESULTS_FILE
    lines = path.read_bytes().splitlines(keepends=True)
    verdicts = [place for place, line in enumerate(lines) if b'"type": "verdict"' in line]
    path.write_bytes(b"".join(lines[: verdicts[-1]]) + lines[verdicts[-1]][:20])
    (told,) = join(folders).told
    assert told == f"shard 2/3 was cut short, in the middle of a line: 1 of its {len(verdicts)} checks are not judged"
    # The same shard, run again, makes it whole.
    again = write(tmp_path / "again", [json.loads(line) for line in lines])
    assert join([*folders, again]).told == ("shard 2/3 was given 2 times, which say the same",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"fingerprint": "other"}, "has fingerprint=f, and .* has fingerprint=other"),
        ({"seed": 5}, "seed=3, and .* seed=5"),
        ({"symtests": "0.0.1"}, r"was written by symtests 0\.0\.1"),
        ({"checks": 99}, "ends after"),
        ({"implementations": ["other"]}, "was dealt out for other implementations"),
    ],
)
def test_a_foreign_shard_is_refused(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    _, folders = shards_of(tmp_path)
    changed(folders[1], 0, **change)
    with pytest.raises(InvalidValue, match=reason):
        join(folders)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"asked": "b" * 16}, r"profile, time limits, known failures"),
        ({"costs": "b" * 16}, "another table of costs"),
        ({"of": 4}, r"was to do|does not belong"),
        ({"number": 4}, "which there cannot be"),
        ({"number": 3}, r"was to do|does not belong"),
    ],
)
def test_a_shard_of_another_deal_is_refused(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    _, folders = shards_of(tmp_path)
    head = json.loads((folders[1] / RESULTS_FILE).read_text().splitlines()[0])
    changed(folders[1], 0, shard={**head["shard"], **change})
    with pytest.raises(InvalidValue, match=reason):
        join(folders)


def test_another_version_of_an_implementation_is_refused(tmp_path: Path) -> None:
    _, folders = shards_of(tmp_path)
    changed(folders[2], 1, version="2")
    with pytest.raises(InvalidValue, match=r"version=1, and .* version=2"):
        join(folders)


def test_two_whole_runs_and_a_joined_one_are_refused(tmp_path: Path) -> None:
    whole, folders = shards_of(tmp_path)
    alone = [write(tmp_path / name, whole.lines(Random(1))) for name in ("a", "b")]
    with pytest.raises(InvalidValue, match="holds a whole run"):
        join(alone)
    with pytest.raises(InvalidValue, match="holds a whole run"):
        join([folders[0], alone[0]])
    again = write(tmp_path / "again", [*join(folders).lines])
    with pytest.raises(InvalidValue, match="is joined already"):
        join([again])
    with pytest.raises(InvalidValue, match="at least one folder"):
        join([])


def test_the_command_is_that_of_the_whole_run(tmp_path: Path) -> None:
    _, folders = shards_of(tmp_path)
    changed(folders[0], 0, command="symtests check a 'b c' --shard 1/3 -n 2 --out=x --out y --resume --seed 3")
    assert join(folders).head["command"] == "symtests check a 'b c' --seed 3"
