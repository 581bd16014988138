"""Writes what shards found together as the folder of one run."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from symtests.checking.results.earlier import set_aside
from symtests.checking.results.growing_file import GrowingFile
from symtests.checking.results.results_file import RESULTS_FILE
from symtests.checking.results.scripts import Scripts
from symtests.checking.run_folder import RunFolder, require_free
from symtests.checking.sharding.joining import Joined
from symtests.validation import InvalidValue

__all__ = ["require_other", "write_joined"]


def require_other(out: Path, folders: Iterable[Path]) -> None:
    """See that the joined run can be written, and takes the place of none of its shards.

    Raises
    ------
    InvalidValue
        Where it cannot, or would.
    """
    require_free("out", out)
    for folder in folders:
        place = folder if folder.is_dir() else folder.parent
        if place.resolve() == out.resolve():
            raise InvalidValue(f"out={str(out)!r}: is the folder of one of the shards; name another folder")


def write_joined(joined: Joined, out: Path) -> Path:
    """Write the results file and the scripts of its counterexamples; return the results file.

    Parameters
    ----------
    joined
        What the shards found.
    out
        Folder of the joined run; a run that is there is moved aside, as by `symtests check`.

    Raises
    ------
    InvalidValue
        Where it cannot be written, or another run is writing there.
    """
    path = out / RESULTS_FILE
    with closing(RunFolder(out)):
        try:
            set_aside(out)
            with closing(GrowingFile(path, joined.lines)):
                scripts = Scripts(out, joined.head["implementations"])
                for verdict in joined.verdicts:
                    scripts.write(verdict)
        except OSError as error:
            raise InvalidValue(f"out={str(out)!r}: cannot be written ({error.strerror}); name another folder") from None
    return path
