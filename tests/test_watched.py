"""A run whose cluster is gone keeps what was judged, and says in a sentence how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from symtests.checking.events import Event, Planned
from symtests.commands.run_files import RunFiles
from symtests.commands.watched import Watched
from symtests.exit_status import INTERNAL_ERROR
from symtests.spreading.place import ClusterLost
from symtests.terminal_text import terminal
from tests.checking.sharding.synthetic import whole_run, write


@pytest.mark.parametrize("begun", [True, False])
def test_a_lost_cluster_is_told_and_what_was_judged_is_reported(
    begun: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = whole_run(Random(1))
    checks = [check for check in run.found if check.property != "story"]
    write(tmp_path, run.lines(Random(1), checks)[:-1])

    def events() -> Iterator[Event]:
        if begun:
            yield Planned(3)
        raise ClusterLost("the scheduler tcp://host:8786 does not answer any more")

    files = RunFiles(tmp_path, None, None, [], None, "", False, terminal(stderr=False))
    assert Watched(events(), files).follow() == INTERNAL_ERROR
    said = capsys.readouterr().err
    assert "symtests: the scheduler tcp://host:8786 does not answer any more; what was judged is kept" in said
    assert (tmp_path / "report.html").is_file() == begun
