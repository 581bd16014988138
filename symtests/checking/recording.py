"""Keeps what a check tells: the results file, a script for each counterexample, and the count of words."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from symtests import __version__
from symtests.checking.events import Check, Event, Finished, Judged, Prepared, StoryTold, Warned
from symtests.checking.profile import Profile
from symtests.checking.results.earlier import set_aside
from symtests.checking.results.growing_file import GrowingFile
from symtests.checking.results.machine import machine
from symtests.checking.results.results_file import RESULTS_FILE, SCHEMA, claim_to_json, property_to_json
from symtests.checking.results.scripts import Scripts
from symtests.checking.results.verdict import EXIT_STATUS, Verdict, exit_status
from symtests.checking.resuming import Resumed
from symtests.checking.run_folder import RunFolder
from symtests.claims import claims_of
from symtests.exit_status import INTERNAL_ERROR
from symtests.implementations.fingerprint import fingerprint_of_symtests
from symtests.properties import PROPERTIES
from symtests.properties.base import Property
from symtests.validation import InvalidValue

__all__ = ["Recorder", "head_of_run", "write_judged"]


def head_of_run(
    implementations: Sequence[str],
    dtypes: Sequence[str] | None,
    properties: Sequence[Property],
    profile: Profile,
    seed: int,
    command: str,
) -> dict[str, Any]:
    """Return the first line of a results file, all but the number of checks."""
    return {
        "type": "run",
        "schema": SCHEMA,
        "symtests": __version__,
        "fingerprint": fingerprint_of_symtests(),
        "started": _now(),
        "profile": profile.name,
        "seed": seed,
        "examples": {"small": profile.small_examples, "wide": profile.wide_examples},
        "command": command,
        "machine": machine(),
        "implementations": list(implementations),
        "dtypes": None if dtypes is None else list(dtypes),
        "properties": [property_to_json(prop) for prop in properties],
        "claims": [claim_to_json(claim) for claim in claims_of(properties)],
    }


class Recorder:
    """Writes down the events of a check, and goes on where the disk is full: all is written again at the end.

    Parameters
    ----------
    folder
        Folder of the run, for the results file and the scripts. Nothing is written where it is None.
    head
        The first line of the file.
    resumed
        The earlier run that goes on, or None for a new file; its verdicts that do not hold any more are taken out.

    Attributes
    ----------
    set_aside
        Where the run is now that was in the folder before; None where there was none, or it goes on.

    Raises
    ------
    InvalidValue
        Where the results file cannot be written, or the run that was there cannot be moved.
    """

    def __init__(self, folder: RunFolder | None, head: Mapping[str, Any], resumed: Resumed | None = None) -> None:
        self._started = time.monotonic()
        kept = () if resumed is None else resumed.kept.verdicts
        self._verdicts: list[Verdict] = list(kept)
        self._folder = folder
        self._path = None if folder is None else folder.folder / RESULTS_FILE
        self._file: GrowingFile | None = None
        self._scripts: Scripts | None = None
        self._troubled = False
        self.set_aside: Path | None = None
        if folder is None or self._path is None:
            return
        self._scripts = Scripts(folder.folder, head["implementations"])
        if resumed is None:
            self.set_aside = _set_aside(folder.folder)
        else:
            self._scripts.remove(resumed.dropped)
        records = [head, *(() if resumed is None else _records(resumed))]
        try:
            self._file = GrowingFile(self._path, records)
            for verdict in kept:
                self._scripts.write(verdict)
        except OSError as error:
            self.close()
            sentence = f"{self._path.name} cannot be written ({error.strerror}); name another folder"
            raise InvalidValue(f"out={str(folder.folder)!r}: {sentence}") from None

    def note(self, event: Event) -> Warned | None:
        """Write down an event; return a warning the first time that it cannot be written."""
        try:
            if isinstance(event, Judged):
                self._verdicts.append(event.verdict)
                self._add(event.verdict.to_json())
                if self._scripts is not None:
                    self._scripts.write(event.verdict)
            elif isinstance(event, Prepared):
                self._add(event.record)
            elif isinstance(event, StoryTold):
                self._add({"type": "story", **event.story})
        except OSError as error:
            if not self._troubled:
                self._troubled = True
                return Warned(
                    f"the results cannot be written to {str(self._path)!r} ({error.strerror}); the run goes on, and "
                    "they are tried again"
                )
        return None

    def finish(self) -> Finished:
        """Write the last line, and whatever could not be written before; return the last event."""
        counts = dict(Counter(verdict.word for verdict in self._verdicts))
        seconds, problem = time.monotonic() - self._started, ""
        status = exit_status(self._verdicts)
        try:
            if self._folder is not None and self._file is not None and self._scripts is not None:
                self._folder.hold_again()
                self._scripts.write_missing(self._verdicts)
                self._file.end({
                    "type": "end", "finished": _now(), "seconds": seconds, "counts": counts, "exit_status": status,
                    "lines": self._file.lines + 1,
                })  # fmt: skip
        except (OSError, InvalidValue) as error:
            said = error.strerror if isinstance(error, OSError) else error
            problem = f"the results could not be written to {str(self._path)!r} ({said}); what is above is all of them"
            status = INTERNAL_ERROR
        return Finished(counts, status, seconds, None if problem else self._path, problem, self._written_scripts())

    def _written_scripts(self) -> dict[Check, Path]:
        if self._scripts is None:
            return {}
        paths = {
            Check(verdict.implementation, verdict.property, verdict.dtype): self._scripts.path_of(verdict)
            for verdict in self._verdicts
            if verdict.counterexample is not None
        }
        return {check: path for check, path in paths.items() if path.is_file()}

    def close(self) -> None:
        """Close the results file."""
        if self._file is not None:
            self._file.close()

    def _add(self, record: Mapping[str, Any]) -> None:
        if self._file is not None:
            self._file.add(record)


def _set_aside(folder: Path) -> Path | None:
    try:
        return set_aside(folder)
    except OSError as error:
        raise InvalidValue(
            f"out={str(folder)!r}: the run that is there cannot be moved aside ({error.strerror}); name another folder"
        ) from None


def _records(resumed: Resumed) -> list[Mapping[str, Any]]:
    """Return the lines of an earlier run that still hold, without the first."""
    kept = resumed.kept
    return [*kept.implementations.values(), *(verdict.to_json() for verdict in kept.verdicts), *kept.stories]


def write_judged(folder: Path, judged: Sequence[Mapping[str, Any]], profile: Profile, seed: int, command: str) -> Path:
    """Write the results file of checks that were judged one by one; return its path.

    Parameters
    ----------
    folder
        Folder of the results.
    judged
        For each check its verdict and the line of its implementation, as plain JSON data.
    profile, seed, command
        How they were judged, and what the results file says of how it was made.

    Raises
    ------
    InvalidValue
        Where it cannot be written, or another run is writing to the folder.
    """
    told = [Verdict.from_json(check["verdict"]) for check in judged]
    worst_last = sorted(told, key=lambda verdict: EXIT_STATUS[verdict.word] == 1)
    # Two tests may ask the same.
    found = list({(v.implementation, v.property, v.dtype): v for v in worst_last}.values())
    implementations = {check["implementation"]["name"]: check["implementation"] for check in judged}
    asked = {verdict.property for verdict in found}
    properties = [prop for prop in PROPERTIES if prop.id in asked]
    head = head_of_run(list(implementations), None, properties, profile, seed, command)
    with closing(RunFolder(folder)) as locked:
        recorder = Recorder(locked, {**head, "checks": len(found)})
        try:
            for name, record in implementations.items():
                recorder.note(Prepared(name, record))
            for verdict in found:
                recorder.note(Judged(verdict))
            finished = recorder.finish()
        finally:
            recorder.close()
    if finished.problem:
        raise InvalidValue(f"out={str(folder)!r}: {finished.problem}")
    return folder / RESULTS_FILE


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
