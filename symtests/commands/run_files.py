"""What is written when a check has ended: the report, and what else was asked for; each as far as it can be."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from symtests import internal_error
from symtests.ascii_forms import json_for
from symtests.checking.known.writing import write_known
from symtests.checking.results.changes import CHANGES_FILE, changes_between
from symtests.checking.results.junit import write_junit
from symtests.checking.results.results_file import RESULTS_FILE, Results, read_results
from symtests.checking.results.verdict import exit_status
from symtests.checking.selection import selected_properties
from symtests.commands.arguments import beside, diagnoses_beside
from symtests.exit_status import ALL_AS_EXPECTED, INTERNAL_ERROR, worst
from symtests.shown_text import shown
from symtests.terminal_changes import changes_table
from symtests.terminal_next import next_command
from symtests.terminal_text import line_to_type, typed
from symtests.terminal_waiting import said_while_it_lasts
from symtests.validation import InvalidValue
from symtests.whole_file import require_writable, write_whole

__all__ = ["RunFiles"]


@dataclass(frozen=True)
class RunFiles:
    """Where a run and what comes of it are written.

    Parameters
    ----------
    out
        Folder of the results and the report.
    junit, write_known
        Files that were asked for, or None.
    properties
        Properties that were asked for; all unless given.
    baseline, baseline_name
        Results of an older run to compare with, and what it was called; None without one.
    as_json
        Whether the changes are printed as JSON too.
    console
        Where to say what was written.
    """

    out: Path
    junit: Path | None
    write_known: Path | None
    properties: Sequence[str]
    baseline: Results | None
    baseline_name: str
    as_json: bool
    console: Console

    @property
    def results(self) -> Path:
        """The results file."""
        return self.out / RESULTS_FILE

    def require_writable(self) -> None:
        """See that the files that were asked for can be written, before the run costs time.

        Raises
        ------
        InvalidValue
            Where one cannot be.
        """
        for name, path in (("junit", self.junit), ("write_known", self.write_known)):
            if path is not None:
                require_writable(name, path)

    def remove_changes(self) -> None:
        """Remove the changes of the run that this one replaces; a file that says anything else stays."""
        path = self.out / CHANGES_FILE
        try:
            found = json.loads(path.read_bytes())
            if isinstance(found, dict) and found.get("type") == "changes" and not path.is_symlink():
                path.unlink()
        except (OSError, ValueError, RecursionError):
            return

    def write_all(self, status: int, *, whole: bool = True) -> int:
        """Write everything; return the exit status, which is 4 where something could not be written.

        Parameters
        ----------
        status
            Exit status of the check.
        whole
            Whether the run came to its end; else the report alone is written.
        """
        statuses = [status]
        if whole:
            if self.write_known is not None:
                written = self._try("the known failures were written", self._write_known)
                # What fails is known now, and what was stale is gone: the status is that of all else.
                statuses = [status, written] if INTERNAL_ERROR in (status, written) else [written]
            if self.junit is not None:
                statuses.append(self._try("the JUnit file was written", self._write_junit))
            if self.baseline is not None:
                changed = self._try("the changes were told", self._tell_changes)
                statuses = [each for each in statuses if each == INTERNAL_ERROR] + [changed]
        statuses.append(self._try("the report was written", self._write_report))
        return worst(statuses)

    def _try(self, what: str, write: Callable[[], int]) -> int:
        """Do one of them; whatever is raised there costs the others nothing."""
        try:
            return write()
        except InvalidValue as error:
            said = str(error)
        except Exception as error:
            said = internal_error.told(error, self.out, what)
        typer.echo(shown(f"symtests: {' '.join(said.split())}"), err=True)
        return INTERNAL_ERROR

    def _write_known(self) -> int:
        """Write the file of known failures; return the exit status of all that it does not speak of."""
        assert self.write_known is not None
        properties = selected_properties(self.properties or None).values()
        done = write_known(self.write_known, read_results(self.results).verdicts, properties)
        added = f"({done.added} added, {done.updated} written again, {done.removed} removed)"
        said = f"Known failures: {self.write_known} {added}"
        self.console.print(said, soft_wrap=True, highlight=False, markup=False)
        return exit_status(done.left) if done.left else ALL_AS_EXPECTED

    def _write_junit(self) -> int:
        assert self.junit is not None
        write_junit(self.junit, read_results(self.results))
        return 0

    def _tell_changes(self) -> int:
        """Print what has changed and leave it beside the results; return the exit status that it deserves."""
        assert self.baseline is not None
        new = read_results(self.results)
        changes = changes_between(self.baseline.verdicts, new.verdicts)
        document = json.dumps(changes.to_json(self.baseline, new), ensure_ascii=False)
        if self.as_json:
            typer.echo(json_for(sys.stdout, document))
        self.console.print(changes_table(changes, self.baseline_name))
        path = self.out / CHANGES_FILE
        try:
            write_whole(path, document + "\n")
        except OSError as error:
            raise InvalidValue(f"out={str(self.out)!r}: {path.name} cannot be written ({error.strerror})") from None
        return changes.exit_status

    def _write_report(self) -> int:
        from symtests.reports import write_report

        results = self.results
        benchmarks, changes = beside(results, "benchmarks.json"), beside(results, CHANGES_FILE)
        with said_while_it_lasts(self.console, "writing the report"):
            page, _ = write_report(results, self.out, benchmarks, changes, diagnoses_beside(results))
        self.console.print(f"Report: {page}", soft_wrap=True, highlight=False, markup=False)
        run = read_results(results)
        following = next_command(run.verdicts, str(run.run.get("command")), str(run.run.get("profile")))
        if following:
            self.console.print(line_to_type(f"Next: {typed(following, self.console.encoding)}", ""), crop=False)
        return 0
