"""A run that is followed to its end, or to the error that ends it: what was judged is kept, and reported."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing

import typer

from symtests import internal_error
from symtests.checking.events import Check, Event, Finished, Judged, Planned, Prepared, Preparing, Started
from symtests.checking.results.verdict import Verdict
from symtests.commands.run_files import RunFiles
from symtests.exit_status import INTERNAL_ERROR
from symtests.shown_text import shown
from symtests.spreading.place import ClusterLost
from symtests.terminal import follow
from symtests.validation import InvalidValue

__all__ = ["Watched"]


class Watched:
    """A run, and what it is doing.

    Parameters
    ----------
    events
        What `symtests.checking.check` gives.
    files
        Where it is written.
    """

    def __init__(self, events: Iterable[Event], files: RunFiles) -> None:
        self._events, self._files = events, files
        self._begun = self._ended = False
        self._preparing: list[str] = []
        self._judging: list[Check] = []

    def follow(self, on_verdict: Callable[[Verdict], None] | None = None) -> int:
        """Show the run, write its report and what else was asked for; return the exit status.

        An error of symtests ends the run: what was judged is kept and reported, and one sentence says what was done
        when it came, and where its traceback is.

        Parameters
        ----------
        on_verdict
            Told of each verdict as it comes.

        Raises
        ------
        InvalidValue
            Where the run cannot begin as it was asked for.
        """
        try:
            with closing(self._noted()) as events:
                finished = follow(events, self._files.console, on_verdict)
        except BrokenPipeError:
            raise
        except ClusterLost as error:
            typer.echo(shown(f"symtests: {error}; what was judged is kept: go on with --resume"), err=True)
            return self._files.write_all(INTERNAL_ERROR, whole=False) if self._begun else INTERNAL_ERROR
        except Exception as error:
            if isinstance(error, InvalidValue) and not self._begun:
                raise
            typer.echo(shown(f"symtests: {internal_error.told(error, self._files.out, self.at_work)}"), err=True)
            return self._files.write_all(INTERNAL_ERROR, whole=self._ended) if self._begun else INTERNAL_ERROR
        if finished.results is None:
            return finished.exit_status
        return self._files.write_all(finished.exit_status)

    @property
    def at_work(self) -> str:
        """What is being done, as the end of a sentence; empty where nothing is known."""
        checks = [f"{check.property} of {check.implementation} in {check.dtype}" for check in self._judging]
        if checks:
            return f"{' and '.join(checks)} {'was' if len(checks) == 1 else 'were'} being judged"
        if self._preparing:
            names = " and ".join(self._preparing)
            return f"{names} {'was' if len(self._preparing) == 1 else 'were'} asked trivial questions"
        return ""

    def _noted(self) -> Generator[Event, None, None]:
        """Give the events on, and note what each says of what is being done."""
        for event in self._events:
            match event:
                case Planned():
                    self._begun = True
                    self._files.remove_changes()
                case Preparing(implementation):
                    self._preparing.append(implementation)
                case Prepared(implementation):
                    self._preparing = [name for name in self._preparing if name != implementation]
                case Started(check):
                    self._judging.append(check)
                case Finished():
                    self._ended = True
                case Judged(verdict):
                    done = Check(verdict.implementation, verdict.property, verdict.dtype)
                    self._judging = [check for check in self._judging if check != done]
            yield event
