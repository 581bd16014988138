"""Renders the report: one HTML page that needs nothing else, and its Markdown twin."""

from __future__ import annotations

from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from symtests.reports import markdown_text
from symtests.reports.ledger import COUNTS, as_words
from symtests.reports.numbers import compact, counted, date, duration, multiple
from symtests.reports.report import Report
from symtests.reports.speed_chart import speed_chart
from symtests.reports.story import TOLD_FIRST, floors_of, told
from symtests.reports.story_chart import story_chart

__all__ = ["html_page", "markdown_page"]

_TEMPLATES: Final = PackageLoader("symtests.reports", "templates")


def html_page(report: Report) -> str:
    """Return the report as one HTML page; every value is escaped."""
    environment = _environment(autoescape=True)
    environment.globals |= {"story_chart": story_chart, "speed_chart": speed_chart, "floors_of": floors_of}
    style = _TEMPLATES.get_source(environment, "report.css")[0]
    return environment.get_template("report.html.j2").render(
        report=report, results=report.results, run=report.results.run, style=Markup(style)
    )


def markdown_page(report: Report) -> str:
    """Return the report as Markdown; every value is escaped."""
    environment = _environment(autoescape=False, finalize=markdown_text.plain)
    environment.filters |= {"code": markdown_text.code, "fenced": markdown_text.fenced}
    template = environment.get_template("report.md.j2")
    return template.render(report=report, results=report.results, run=report.results.run).strip() + "\n"


def _environment(**settings: Any) -> Environment:
    environment = Environment(
        loader=_TEMPLATES, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, **settings
    )
    environment.filters |= {
        "as_words": as_words, "compact": compact, "counted": counted, "date": date, "duration": duration,
        "multiple": multiple,
    }  # fmt: skip
    environment.globals |= {"COUNTS": COUNTS, "TOLD_FIRST": TOLD_FIRST, "told": told}
    return environment
