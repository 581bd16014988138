"""Renders the report: one HTML page that needs nothing else, and its Markdown twin."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from symtests.reports import markdown_text
from symtests.reports.comparison_chart import comparison_chart
from symtests.reports.ledger import COUNTS, as_words
from symtests.reports.number_words import compact, counted, date, duration, multiple
from symtests.reports.report import Report
from symtests.reports.speed_chart import speed_chart
from symtests.reports.story import TOLD_FIRST, floors_of, told
from symtests.reports.story_chart import story_chart

__all__ = ["html_page", "markdown_page"]

_TEMPLATES: Final = PackageLoader("symtests.reports", "templates")


def html_page(report: Report) -> str:
    """Return the report as one HTML page; every value is escaped."""
    return _html_template().render(report=report, results=report.results, run=report.results.run)


def markdown_page(report: Report) -> str:
    """Return the report as Markdown; every value is escaped."""
    page = _markdown_template().render(report=report, results=report.results, run=report.results.run)
    return page.strip() + "\n"


@cache
def _html_template() -> Template:
    environment = _environment(autoescape=True)
    style = Markup(_TEMPLATES.get_source(environment, "report.css")[0])
    environment.globals |= {
        "style": style, "story_chart": story_chart, "speed_chart": speed_chart, "floors_of": floors_of,
        "comparison_chart": comparison_chart,
    }  # fmt: skip
    return environment.get_template("report.html.j2")


@cache
def _markdown_template() -> Template:
    environment = _environment(autoescape=False, finalize=markdown_text.plain)
    environment.filters |= {"code": markdown_text.code, "fenced": markdown_text.fenced}
    return environment.get_template("report.md.j2")


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
