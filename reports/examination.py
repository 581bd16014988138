"""The examination of a model as one HTML page: findings, bars of effective width, a map of what moves."""

from __future__ import annotations

import platform
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from symtests.reports.diagnoses import GLYPHS, STYLES
from symtests.reports.examination_chart import movement_chart, shown_groups, shown_tensors, width_chart
from symtests.reports.plain_text import clean

if TYPE_CHECKING:
    from symtests.doctor import Diagnosis

__all__ = ["examination_page"]

_TEMPLATES: Final = PackageLoader("symtests.reports", "templates")


def examination_page(diagnosis: Diagnosis, headline: str, circumstances: str) -> str:
    """Return the page of a diagnosis, which needs no network and runs no script; every value is escaped.

    Parameters
    ----------
    diagnosis
        What was found.
    headline, circumstances
        How many findings of each verdict there are, and of what, in words.
    """
    from symtests import __version__

    record = diagnosis.record
    groups, names = shown_groups(diagnosis.groups), shown_tensors(record)
    return _template().render(
        headline=clean(headline), glyph="✗" if diagnosis.fatal else "✓",
        circumstances=clean(circumstances), findings=[_shown(each.to_json()) for each in diagnosis.findings],
        widths=width_chart(groups, "width") if groups else "",
        groups_left=len(diagnosis.groups) - len(groups),
        movement=movement_chart(record, names, "movement") if names else "",
        tensors_left=len(record.tensors) - len(names),
        starts=[clean(share.sentence) for share in diagnosis.starts.shares] if diagnosis.starts else [],
        unknown=[clean(each) for each in diagnosis.unknown],
        versions=f"symtests {__version__}, Python {platform.python_version()}",
    )  # fmt: skip


def _shown(finding: dict[str, Any]) -> dict[str, Any]:
    said = {key: clean(str(finding[key])) for key in ("kind", "verdict", "sentence", "cure", "accepted")}
    return {**said, "style": STYLES[finding["verdict"]], "glyph": GLYPHS[finding["verdict"]]}


@cache
def _template() -> Template:
    environment = Environment(
        loader=_TEMPLATES, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=True
    )
    environment.globals["style"] = Markup(_TEMPLATES.get_source(environment, "report.css")[0])
    return environment.get_template("examination.html.j2")
