"""Renders the report: one HTML page that needs nothing else, and its Markdown twin."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from symtests.reports import markdown_text
from symtests.reports.comparison_chart import comparison_chart
from symtests.reports.ledger import COUNTS, as_words, end_of
from symtests.reports.number_words import compact, counted, date, duration, multiple
from symtests.reports.report import Report
from symtests.reports.speed_chart import speed_chart
from symtests.reports.story import TOLD_FIRST, floors_of, told
from symtests.reports.story_chart import story_chart

__all__ = ["LONGEST_MARKDOWN", "html_page", "markdown_page", "short_page"]

LONGEST_MARKDOWN: Final = 60_000
"""Characters of the Markdown twin: a comment on a pull request holds 65,536."""
_ROOM_FOR_THE_END: Final = 2_000
_MOST_NAMES: Final = 12
_LONGEST_NAME: Final = 100
_LONGEST_LINE: Final = 300

_OPTION: Final = re.compile(r"(?<!\S)--(?:command|dtype|examples|profile|property|seed|time-limit)(?!\S)")
_COMMENT: Final = re.compile(r"/\*.*?\*/\n?|^ +", re.DOTALL | re.MULTILINE)
_DRAWN_STORIES: Final = 1
"""Stories that are drawn; of the others a sentence tells the same, and the page stays small."""
_TEMPLATES: Final = PackageLoader("symtests.reports", "templates")


def html_page(report: Report) -> str:
    """Return the report as one HTML page; every value is escaped."""
    return _html_template().render(report=report, results=report.results, run=report.results.run)


def markdown_page(report: Report, longest: int = LONGEST_MARKDOWN) -> str:
    """Return the report as Markdown of at most so many characters; every value is escaped.

    What failed comes first. Of what would make it too long, the names stand at the end.
    """
    given = {"report": report, "results": report.results, "run": report.results.run}
    pieces = [("the verdict", "report", given)]
    causes = [(cause, {**given, "cause": cause}) for cause in report.causes]
    pieces += [
        (f"a cause of {cause.implementation}", "cause", its) for cause, its in causes if cause.word.word != "known"
    ]
    pieces.append(("what could not be judged", "unjudged", given))
    pieces += [
        (f"known failures of {cause.implementation}", "cause", its)
        for cause, its in causes
        if cause.word.word == "known"
    ]
    names = [*["changes"] * (report.changes is not None), "matrix", "speed", *["models"] * bool(report.models)]
    names += ["gaps", "claims", "story", "observations"]
    pieces += [(name, name, given) for name in [*names, "method"]]
    return _joined(pieces, longest - _ROOM_FOR_THE_END)


def _joined(pieces: list[tuple[str, str, dict[str, Any]]], longest: int) -> str:
    """Return the pieces that fit, and which do not."""
    told: list[str] = []
    left_out: list[str] = []
    for name, template, given in pieces:
        text = _markdown(template).render(**given).strip()
        if sum(map(len, told)) + 2 * len(told) + len(text) <= longest:
            told += [text] * bool(text)
        else:
            left_out.append(str(markdown_text.plain(name))[:_LONGEST_NAME])
    if left_out:
        names = ", ".join(dict.fromkeys(left_out[:_MOST_NAMES])) + (", ..." if len(left_out) > _MOST_NAMES else "")
        told.append(f"Left out here, as it would be too long, and told by report.html: {names}.")
    return "\n\n".join(told) + "\n"


def short_page(report: Report) -> str:
    """Return the report as Markdown of at most ten lines, for a comment on a pull request."""
    page = _markdown("short").render(report=report, results=report.results, run=report.results.run)
    return "\n".join(line for line in page.splitlines() if line.strip()) + "\n"


@cache
def _html_template() -> Template:
    environment = _environment(autoescape=True)
    style = Markup(_COMMENT.sub("", _TEMPLATES.get_source(environment, "report.css")[0]))
    environment.globals |= {
        "style": style, "DRAWN_STORIES": _DRAWN_STORIES,
        "story_chart": story_chart, "speed_chart": speed_chart, "floors_of": floors_of,
        "comparison_chart": comparison_chart,
    }  # fmt: skip
    environment.filters["whole_options"] = _whole_options
    return environment.get_template("report.html.j2")


@cache
def _markdown(name: str) -> Template:
    environment = _environment(autoescape=False, finalize=markdown_text.plain)
    environment.filters |= {"code": markdown_text.code, "fenced": markdown_text.fenced, "brief": _brief}
    return environment.get_template(f"{name}.md.j2")


def _brief(text: str) -> str:
    """Return a text on one line that a person reads at a glance."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"


def _whole_options(command: str) -> Markup:
    """Return a command, escaped, in which no line breaks within the name of an option, which a hyphen would allow."""
    parts, end = [Markup()], 0
    for found in _OPTION.finditer(command):
        parts += [escape(command[end : found.start()]), Markup("<span>{}</span>").format(found[0])]
        end = found.end()
    return Markup().join([*parts, escape(command[end:])])


def _environment(**settings: Any) -> Environment:
    environment = Environment(
        loader=_TEMPLATES, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, **settings
    )
    environment.filters |= {
        "as_words": as_words, "compact": compact, "counted": counted, "date": date, "duration": duration,
        "multiple": multiple, "end_of": end_of,
    }  # fmt: skip
    environment.globals |= {"COUNTS": COUNTS, "TOLD_FIRST": TOLD_FIRST, "told": told}
    return environment
