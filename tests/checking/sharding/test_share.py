"""A run dealt out and joined is the run itself; a shard goes on as any run does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symtests.checking import Event, Judged, Planned, check
from symtests.checking.profile import find_profile
from symtests.checking.results.results_file import RESULTS_FILE, read_results
from symtests.checking.sharding.joining import join
from symtests.checking.sharding.writing import require_other, write_joined
from symtests.reports import write_report
from symtests.validation import InvalidValue
from tests.checking import misbehaving, own_properties
from tests.checking.sharding.synthetic import timeless

# A machine that is busy must not leave learning curves out: they may take long.
PATIENT = replace(find_profile("quick", examples=2), story_seconds=3600.0)
ASKED: dict[str, Any] = {"properties": [own_properties.STEP, own_properties.STILL], "profile": PATIENT}
OF = 4


class Other(misbehaving.Good):
    name = "other"


def nets() -> list[object]:
    return [misbehaving.Good(), Other()]


def events(out: Path, **options: Any) -> list[Event]:
    return list(check(options.pop("nets", nets()), out=out, **{**ASKED, **options}))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    events(folder / "whole")
    for number in range(1, OF + 1):
        # The order of implementations is of no account.
        events(folder / str(number), shard=f"{number}/{OF}", nets=nets()[:: 1 if number % 2 else -1])
    return folder


def shards(runs: Path) -> list[Path]:
    return [runs / str(number) for number in range(1, OF + 1)]


def test_the_joined_run_is_the_whole_one(runs: Path) -> None:
    joined, alone = join(shards(runs)), join([runs / "whole"])
    assert joined.end is not None
    assert [*map(timeless, joined.lines)] == [*map(timeless, alone.lines)]
    found = read_results(runs / "whole" / RESULTS_FILE)
    lines = [timeless(verdict.to_json()) for verdict in found.verdicts]
    assert [timeless(verdict.to_json()) for verdict in joined.verdicts] == lines
    assert [timeless(story) for story in joined.stories] == [timeless(story) for story in found.stories]


def test_each_shard_says_which_it_is(runs: Path) -> None:
    for number, folder in enumerate(shards(runs), 1):
        run = read_results(folder / RESULTS_FILE).run
        assert (run["shard"]["number"], run["shard"]["of"]) == (number, OF)
        assert run["notes"] == [f"this is shard {number}/{OF}: {run['checks']} of 4 checks"]


def test_the_joined_run_is_read_reported_and_gone_on_with(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "joined"
    joined = join(shards(runs)[1:])
    path = write_joined(joined, out)
    assert [dict(line) for line in joined.lines][1:] == [
        *read_results(path).implementations.values(),
        *(verdict.to_json() for verdict in read_results(path).verdicts),
        *read_results(path).stories,
    ]
    html, _ = write_report(path, out)
    assert "Shard 1/4 is missing" in html.read_text(encoding="utf-8")
    # Shard 2, the first that is there, had the implementations the other way round.
    judged = [event for event in events(out, resume=out, nets=nets()[::-1]) if isinstance(event, Judged)]
    assert len(judged) == joined.missing > 0
    whole = join([runs / "whole"])
    after = read_results(path)
    key = lambda line: sorted(map(str, line.items()))  # noqa: E731
    assert sorted((timeless(verdict.to_json()) for verdict in after.verdicts), key=key) == sorted(
        (timeless(verdict.to_json()) for verdict in whole.verdicts), key=key
    )


def test_a_shard_goes_on_as_itself_alone(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "cut"
    out.mkdir()
    lines = (runs / "2" / RESULTS_FILE).read_bytes().splitlines(keepends=True)
    (out / RESULTS_FILE).write_bytes(b"".join(lines[:3]))
    with pytest.raises(InvalidValue, match=r"was shard 2/4 .*, this one is shard 3/4"):
        check(nets()[::-1], out=out, resume=out, shard="3/4", **ASKED)
    with pytest.raises(InvalidValue, match=r"was shard 2/4 .*, this one is no shard"):
        check(nets()[::-1], out=out, resume=out, **ASKED)
    planned = events(out, resume=out, shard="2/4", nets=nets()[::-1])[0]
    assert isinstance(planned, Planned)
    assert planned.done == sum(b'"type": "verdict"' in line for line in lines[:3])
    again = [runs / "1", out, runs / "3", runs / "4"]
    assert [*map(timeless, join(again).lines)] == [*map(timeless, join([runs / "whole"]).lines)]


def test_other_options_are_another_run(runs: Path, tmp_path: Path) -> None:
    events(tmp_path / "2", shard=f"2/{OF}", diagnosis=False, nets=nets())
    with pytest.raises(InvalidValue, match="what decides its results"):
        join([runs / "1", tmp_path / "2", runs / "3", runs / "4"])


def test_no_shard_is_overwritten(runs: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="is the folder of one of the shards"):
        require_other(runs / "1", shards(runs))
    with pytest.raises(InvalidValue, match="is the folder of one of the shards"):
        require_other(runs / "1", [runs / "1" / RESULTS_FILE])
    require_other(tmp_path / "new", shards(runs))
