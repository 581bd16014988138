"""Draws what an examination saw of a model: how wide each layer really is, and which tensor moves at which step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import altair as alt
from markupsafe import Markup

from symtests.reports.drawing import COLOURS, drawn, points_of, styled
from symtests.reports.plain_text import clean

if TYPE_CHECKING:
    from symtests.doctor.watching import GroupRecord, Record, TensorRecord

__all__ = ["MOST_GROUPS", "MOST_TENSORS", "movement_chart", "shown_groups", "shown_tensors", "width_chart"]

MOST_GROUPS: Final = 40
MOST_TENSORS: Final = 60
_MOST_STEPS: Final = 40
_WIDTH: Final = 430
_LINE: Final = 18
_NAMES: Final = 330
"""Pixels for the names left of a drawing."""
_FAINT: Final = 0.15
"""Opacity of the smallest change that is drawn, of 1e-6 of a tensor; one of a tenth and more is full."""


def shown_groups(groups: Sequence[GroupRecord]) -> list[GroupRecord]:
    """Return the groups that are drawn: of many, those that are narrower than they seem come first."""
    order = sorted(range(len(groups)), key=lambda place: groups[place].width == groups[place].group.size)
    return [groups[place] for place in sorted(order[:MOST_GROUPS])]


def shown_tensors(record: Record) -> list[str]:
    """Return the tensors that are drawn: of many, those with a step without a gradient come first."""
    names = list(record.tensors)
    order = sorted(range(len(names)), key=lambda place: all(record.tensors[names[place]].gradients))
    return [names[place] for place in sorted(order[:MOST_TENSORS])]


def width_chart(groups: Sequence[GroupRecord], name: str) -> Markup:
    """Return bars: the units of each group, and how many of them are different.

    Parameters
    ----------
    groups
        Those of `shown_groups`; at least one.
    name
        Unique in the page.
    """
    rows = [
        {
            "line": place + 0.5, "name": f"{clean(each.group.title)}", "share": each.width / each.group.size,
            "text": f"{each.width} of {each.group.size}", "start": 0.0, "full": 1.0,
            "colour": COLOURS["floor" if each.width < each.group.size else "series-1"],
        }
        for place, each in enumerate(groups)
    ]  # fmt: skip
    height = _LINE * len(rows)
    y = alt.Y("line:Q", scale=alt.Scale(domain=(len(rows), 0), nice=False), axis=None)
    x = alt.Scale(domain=(-_NAMES / _WIDTH, 1.25), nice=False)
    data = points_of(rows)
    bar = _LINE - 7
    layers = [
        alt.Chart(data).mark_text(align="right", dx=-8, color=COLOURS["ink"], fontSize=11, limit=_NAMES).encode(
            x=alt.X("start:Q", scale=x, axis=None), y=y, text="name:N"
        ),
        alt.Chart(data).mark_bar(height=bar, fill=COLOURS["grid"]).encode(x=alt.X("start:Q"), x2="full:Q", y=y),
        alt.Chart(data).mark_bar(height=bar).encode(
            x=alt.X("start:Q"), x2="share:Q", y=y, fill=alt.Fill("colour:N", scale=None)
        ),
        alt.Chart(data).mark_text(align="left", dx=6, color=COLOURS["quiet"], fontSize=11).encode(
            x=alt.X("full:Q"), y=y, text="text:N"
        ),
    ]  # fmt: skip
    label = "Effective width: " + "; ".join(f"{row['text']} {row['name']}" for row in rows) + "."
    chart = alt.layer(*layers).properties(width=round(_WIDTH * (1.25 + _NAMES / _WIDTH)), height=height)
    return drawn(styled(chart), name, label)


def movement_chart(record: Record, names: Sequence[str], name: str) -> Markup:
    """Return a map of tensors and steps: the darker, the more a step changed the tensor; 0 and – are written out.

    Parameters
    ----------
    record
        What the steps showed.
    names
        The tensors that are drawn, those of `shown_tensors`; at least one.
    name
        Unique in the page.
    """
    steps = min(record.steps, _MOST_STEPS)
    cells = [
        {"left": step, "right": step + 0.94, "line": line, "end": line + 0.9, "middle": line + 0.45,
         **_cell(record.tensors[tensor], step)}
        for line, tensor in enumerate(names) for step in range(steps)
    ]  # fmt: skip
    labels = [{"line": line + 0.45, "name": clean(tensor), "start": 0} for line, tensor in enumerate(names)]
    numbers = [{"at": step + 0.47, "line": len(names) + 0.4, "text": str(step)} for step in range(0, steps, 5)]
    y = alt.Y("line:Q", scale=alt.Scale(domain=(len(names) + 1, 0), nice=False), axis=None)
    x = alt.Scale(domain=(-_NAMES / _WIDTH * steps, steps), nice=False)
    layers = [
        alt.Chart(points_of(labels)).mark_text(align="right", dx=-8, fontSize=11, limit=_NAMES, color=COLOURS["ink"])
        .encode(x=alt.X("start:Q", scale=x, axis=None), y=y, text="name:N"),
        alt.Chart(points_of(cells)).mark_rect().encode(
            x=alt.X("left:Q"), x2="right:Q", y=y, y2="end:Q", fill=alt.Fill("colour:N", scale=None),
            fillOpacity=alt.FillOpacity("opacity:Q", scale=None),
        ),
        alt.Chart(points_of(numbers)).mark_text(color=COLOURS["quiet"], fontSize=10).encode(
            x=alt.X("at:Q"), y=y, text="text:N"
        ),
    ]  # fmt: skip
    texts = [{**each, "line": each["middle"]} for each in cells if each["text"]]
    if texts:
        text = alt.Chart(points_of(texts)).mark_text(align="left", dx=3, color=COLOURS["ink"], fontSize=10)
        layers.append(text.encode(x=alt.X("left:Q"), y=y, text="text:N"))
    height = _LINE * (len(names) + 1)
    chart = alt.layer(*layers).properties(width=_WIDTH + _NAMES, height=height)
    return drawn(styled(chart), name, _in_words(record, names))


def _cell(tensor: TensorRecord, step: int) -> dict[str, Any]:
    """Return colour, opacity and text of one tensor at one step."""
    gradient, update, size = tensor.gradients[step], tensor.updates[step], tensor.sizes[step]
    if gradient is None:
        return {"colour": COLOURS["grid"], "opacity": 1.0, "text": "–"}  # noqa: RUF001 - an en dash
    if gradient == 0:
        return {"colour": COLOURS["floor"], "opacity": 0.35, "text": "0"}
    ratio = update / size if size > 0 and math.isfinite(update) and math.isfinite(size) else float(update > 0)
    if ratio == 0:
        return {"colour": COLOURS["grid"], "opacity": 1.0, "text": "·"}
    share = (math.log10(min(max(ratio, 1e-6), 0.1)) + 6) / 5
    return {"colour": COLOURS["series-1"], "opacity": round(_FAINT + (1 - _FAINT) * share, 3), "text": ""}


def _in_words(record: Record, names: Sequence[str]) -> str:
    firsts = [(each, record.tensors[each].first_move) for each in names]
    return "First step at which each tensor moves: " + "; ".join(
        f"{clean(each)} {'never' if step is None else step}" for each, step in firsts
    )
