"""Many runs make one matrix with a history; what is no results file is refused."""

from __future__ import annotations

import http.server
import json
import re
import threading
from pathlib import Path
from random import Random

import pytest

from symtests.checking import shared_record
from symtests.checking.results.results_file import RESULTS_FILE, read_results
from symtests.checking.sharding.costs import STORY
from symtests.checking.shared_record import fetched, gathered, history_page, published
from symtests.reports import write_report
from symtests.validation import InvalidValue
from tests.checking.sharding.synthetic import Whole, whole_run, write


def _can_be_reported(run: Whole) -> bool:
    """Whether no verdict has a counterexample, of which a report reads the case."""
    return len(run.found) > 4 and not any(line.get("counterexample") for line in run.found.values())


def places(tmp_path: Path, **later: object) -> list[tuple[str, Path]]:
    """Two runs of some of the same implementations; the second is younger."""
    found = []
    for number in (1, 2):
        run = next(each for each in map(whole_run, map(Random, range(99))) if _can_be_reported(each))
        checks = [check for check in run.found if check.property != STORY]
        lines = run.lines(Random(number), checks)
        lines[0] = {**lines[0], "started": f"2026-01-0{number}T00:00:00+00:00", **(later if number == 2 else {})}
        found.append((f"run {number}", write(tmp_path / str(number), lines) / RESULTS_FILE))
    return found


def test_the_newest_run_of_each_implementation_counts(tmp_path: Path) -> None:
    runs = published(places(tmp_path)[::-1])
    assert [run.place for run in runs] == sorted(run.place for run in runs)
    out = write(tmp_path / "all", list(gathered(runs)))
    results = read_results(out / RESULTS_FILE)
    younger = read_results(tmp_path / "2" / RESULTS_FILE)
    assert sorted(map(repr, results.verdicts)) == sorted(map(repr, younger.verdicts))
    assert all("2026-01-02" in note for note in results.run["notes"])
    html, _ = write_report(out / RESULTS_FILE, out)
    assert "checked on 2026-01-02" in html.read_text(encoding="utf-8")


def test_implementations_of_several_people_stand_side_by_side(tmp_path: Path) -> None:
    first, second = places(tmp_path)
    text = re.sub(r'"net(\d)', r'"other\1', second[1].read_text())
    second[1].write_text(text)
    results = list(gathered(published([first, second])))
    names = results[0]["implementations"]
    assert sorted(names) == names
    assert {name[:3] for name in names} == {"net", "oth"}
    assert len(set(names)) == 2 * len(read_results(first[1]).implementations)


def test_an_older_version_of_a_property_is_named(tmp_path: Path) -> None:
    first, second = places(tmp_path)
    lines = [json.loads(line) for line in re.sub(r'"net(\d)', r'"other\1', second[1].read_text()).splitlines()]
    prop = lines[0]["properties"][0]
    prop["version"] = 2
    write(
        second[1].parent,
        [{**line, "property_version": 2} if line.get("property") == prop["id"] else line for line in lines],
    )
    notes = next(iter(gathered(published([first, second]))))["notes"]
    assert any(
        note.endswith(f"was asked an older version of {prop['id']}") and note.startswith("net") for note in notes
    )


def test_the_history_has_a_line_for_each_run_newest_first(tmp_path: Path) -> None:
    runs = published(places(tmp_path))
    page = history_page(runs).splitlines()
    assert len(page) == 4 + len(runs)
    assert [line.count("2026-01-02") for line in page[4:]] == [1] * (len(runs) // 2) + [0] * (len(runs) // 2)


def test_what_is_hostile_is_no_markup(tmp_path: Path) -> None:
    (place, path), _ = places(tmp_path)
    path.write_text(
        path.read_text().replace('"version": "1", "fingerprint"', '"version": "<b>|x\\n[y](z)", "fingerprint"')
    )
    page = history_page(published([(place, path)]))
    assert "<b>" not in page
    assert "&lt;b>\\|x" in page


def test_what_is_no_results_file_is_refused(tmp_path: Path) -> None:
    (place, path), _ = places(tmp_path, schema=3)
    with pytest.raises(InvalidValue, match=r"line 1"):
        published([("run 2", tmp_path / "2" / RESULTS_FILE)])
    path.write_text("{}\n")
    with pytest.raises(InvalidValue, match=r"line 1"):
        published([(place, path)])
    with pytest.raises(InvalidValue, match="at least one run"):
        list(gathered([]))


def test_an_address_is_fetched_by_https_alone_and_not_without_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidValue, match="must begin with https"):
        fetched("http://127.0.0.1/results.jsonl", tmp_path)
    with pytest.raises(InvalidValue, match="cannot be fetched"):
        fetched("https://127.0.0.1:1/results.jsonl", tmp_path)

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 1000)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"https://127.0.0.1:{server.server_port}/results.jsonl"
        monkeypatch.setattr(  # the certificate of a server on this machine is another test's business
            shared_record, "Request", lambda given, **_: given.replace("https", "http")
        )
        assert fetched(address, tmp_path / "a").read_bytes() == b"x" * 1000
        monkeypatch.setattr(shared_record, "_LARGEST", 999)
        with pytest.raises(InvalidValue, match="is larger than"):
            fetched(address, tmp_path / "b")
        server.shutdown()
