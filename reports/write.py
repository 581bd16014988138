"""Writes the report on a results file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from symtests.reports.badge import badge_of
from symtests.reports.changes import read_changes
from symtests.reports.diagnoses import read_diagnosis
from symtests.reports.pages import html_page, markdown_page, short_page
from symtests.reports.reading import read_results
from symtests.reports.report import report_of
from symtests.reports.timings import read_timings
from symtests.validation import InvalidValue
from symtests.whole_file import write_whole

__all__ = ["write_report"]


def write_report(
    results: Path,
    out: Path,
    benchmarks: Path | None = None,
    changes: Path | None = None,
    diagnoses: Sequence[Path] = (),
) -> tuple[Path, Path]:
    """Write the report on a run as ``report.html`` and ``report.md``; return both paths.

    Beside them stand ``report-short.md``, ten lines for a pull request, and ``badge.json``, the verdict for a badge.

    Parameters
    ----------
    results
        The results file, as `symtests check` writes it; that of a run that was cut short, too.
    out
        Folder for the report; made where it is missing.
    benchmarks
        Timings in the format of pytest-benchmark, as `symtests bench` writes them, or None.
    changes
        What has changed since an older run, as `symtests check --against` writes it, or None.
    diagnoses
        Examinations of models, as `symtests diagnose --out` writes them.

    Raises
    ------
    InvalidValue
        Where a file cannot be read or written, or is not what it should be; nothing is written then.
    """
    timings = None if benchmarks is None else read_timings(benchmarks)
    models = [read_diagnosis(path) for path in diagnoses]
    report = report_of(read_results(results), timings, None if changes is None else read_changes(changes), models)
    pages = {out / "report.html": html_page(report), out / "report.md": markdown_page(report)}
    beside = {out / "report-short.md": short_page(report), out / "badge.json": badge_of(report.headline)}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path, page in (pages | beside).items():
            write_whole(path, page)
    except OSError as error:
        raise InvalidValue(f"out={str(out)!r}: cannot be written ({error.strerror}); name another folder") from None
    html, markdown = pages
    return html, markdown
