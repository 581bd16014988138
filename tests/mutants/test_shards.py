"""The mutants are dealt out, and the trials of the shares are put together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from symtests.checking.profile import PROFILES
from symtests.validation import InvalidValue
from tests.mutants.kill import Trial
from tests.mutants.kill_matrix import _share, _tried_before, _write_json
from tests.mutants.kill_summary import summary_of
from tests.mutants.listing import MUTANTS

QUICK = PROFILES["quick"]


def trials_of(name: str, properties: tuple[str, ...]) -> list[Trial]:
    return [Trial(name, prop, "float64", True, "violated", "why", True, 3, 1, 2, 0.5) for prop in properties]


def shares(tmp_path: Path, of: int) -> list[Path]:
    for number in range(1, of + 1):
        chosen = _share(MUTANTS, f"{number}/{of}")
        trials = [trial for mutant in chosen for trial in trials_of(mutant.name, mutant.meant_for)]
        _write_json(tmp_path / str(number) / "mutants.json", QUICK, summary_of(chosen, trials), trials)
    return [tmp_path / str(number) for number in range(1, of + 1)]


def test_each_mutant_is_in_one_share_and_all_are_put_together(tmp_path: Path) -> None:
    folders = shares(tmp_path, 3)
    assert sorted(m.name for n in (1, 2, 3) for m in _share(MUTANTS[::-1], f"{n}/3")) == sorted(m.name for m in MUTANTS)
    found = _tried_before(MUTANTS, QUICK, folders, all_properties=False)
    assert set(found) == {mutant.name for mutant in MUTANTS}
    assert found[MUTANTS[0].name] == trials_of(MUTANTS[0].name, MUTANTS[0].meant_for)
    part = _tried_before(MUTANTS, QUICK, folders[:2], all_properties=False)
    assert set(part) == {mutant.name for n in (1, 2) for mutant in _share(MUTANTS, f"{n}/3")}


def test_trials_of_other_properties_or_cases_are_not_taken_over(tmp_path: Path) -> None:
    (folder,) = shares(tmp_path, 1)
    assert not _tried_before(MUTANTS, QUICK, [folder], all_properties=True)
    with pytest.raises(InvalidValue, match="another profile"):
        _tried_before(MUTANTS, replace(QUICK, small_examples=1), [folder], all_properties=False)
    (folder / "mutants.json").write_text(json.dumps({"profile": {}}))
    with pytest.raises(InvalidValue, match="can be read"):
        _tried_before(MUTANTS, QUICK, [folder], all_properties=False)
