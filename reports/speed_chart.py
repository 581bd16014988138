"""Draws the ratios of one operation on a log scale: a dot at the median, a bar from quartile to quartile."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import altair as alt
from markupsafe import Markup

from symtests.reports.drawing import COLOURS, SERIES, drawable_ratio, drawn, points_of, styled
from symtests.reports.number_words import TIMES, multiple
from symtests.reports.speed import Speed, SpeedGroup

__all__ = ["LINE", "bars", "dots_of", "labels", "speed_chart", "ticks"]

_WIDTH: Final = 330
LINE: Final = 17
"""Height of a line: a group's name, or one implementation."""
_LEAST_SPAN: Final = 1.5
"""Ratios from 1/this to this are always in the picture, so that noise does not look like a difference."""
_STEPS: Final = (1, 2, 5)

_Rows = Sequence[Mapping[str, Any]]


def speed_chart(speed: Speed, operation: str, name: str) -> Markup:
    """Return the drawing of one operation: for each group its name, and a line for each implementation."""
    groups = [group for group in speed.groups if group.operation == operation]
    low, high = _domain(speed)
    names, dots = _lines(speed, groups, low, high)
    height = LINE * (len(names) + len(dots))
    y = alt.Y("line:Q", scale=alt.Scale(domain=(height / LINE, 0), nice=False), axis=None)
    x = alt.X(
        "ratio:Q",
        title="time relative to the reference (log scale)",
        scale=alt.Scale(type="log", domain=(low, high), nice=False),
        axis=alt.Axis(values=ticks(low, high), labelExpr=f"'{TIMES}' + format(datum.value, ',~g')"),
    )
    one = alt.Chart(points_of(_spans(groups))).mark_rule(stroke=COLOURS["quiet"], strokeDash=[3, 3])
    layers = [
        one.encode(x=x, y=y, y2="end:Q"),
        labels(names, "left", 0, COLOURS["quiet"]).encode(x=x, y=y),
        bars(dots).encode(x=alt.X("low:Q"), x2="high:Q", y=y),
        dots_of(dots).encode(x=x, y=y),
        labels([dot for dot in dots if dot["left_half"]], "left", 10, COLOURS["ink"]).encode(x=alt.X("high:Q"), y=y),
        labels([dot for dot in dots if not dot["left_half"]], "right", -10, COLOURS["ink"]).encode(
            x=alt.X("low:Q"), y=y
        ),
    ]
    label = f"Time of {operation}. " + ". ".join(_in_words(group) for group in groups) + "."
    return drawn(styled(alt.layer(*layers).properties(width=_WIDTH, height=height)), name, label)


def _domain(speed: Speed) -> tuple[float, float]:
    """Return the range of ratios that all drawings share."""
    ratios = [ratio for group in speed.groups for ratio in group.ratios]
    ends = [drawable_ratio(end) for ratio in ratios for end in (ratio.low, ratio.high)]
    return min([1 / _LEAST_SPAN, *ends]) / 1.1, max([_LEAST_SPAN, *ends]) * 1.1


def ticks(low: float, high: float) -> list[float]:
    """Return 1, 2, 5 times powers of ten within the range; powers of ten alone where that is many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = _STEPS if math.log10(high / low) < 3 else (1,)
    return [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]


def _lines(
    speed: Speed, groups: Sequence[SpeedGroup], low: float, high: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what stands on each line from the top: the names of groups, and the dots below each."""
    names: list[dict[str, Any]] = []
    dots: list[dict[str, Any]] = []
    for group in groups:
        names.append({"line": len(names) + len(dots) + 0.6, "ratio": low, "text": group.name})
        for ratio in group.ratios:
            implementation = ratio.timing.implementation
            dots.append(
                {
                    "line": len(names) + len(dots) + 0.5,
                    "low": drawable_ratio(ratio.low),
                    "ratio": drawable_ratio(ratio.median),
                    "high": drawable_ratio(ratio.high),
                    "text": f"{implementation} {multiple(ratio.median)}",
                    "colour": SERIES[speed.implementations.index(implementation) % len(SERIES)],
                    # A name stands on the side where there is more room.
                    "left_half": ratio.median < math.sqrt(low * high),
                }
            )
    return names, dots


def _spans(groups: Sequence[SpeedGroup]) -> list[dict[str, float]]:
    """Return from which line to which the mark of the reference goes: beside the dots, not through the names."""
    spans = []
    line = 0
    for group in groups:
        spans.append({"ratio": 1.0, "line": line + 1.0, "end": line + 1.0 + len(group.ratios)})
        line += 1 + len(group.ratios)
    return spans


def bars(dots: _Rows) -> alt.Chart:
    """Return a bar for each dot, in its colour."""
    colour = alt.Color("colour:N", scale=None)
    return alt.Chart(points_of(dots)).mark_rule(strokeWidth=7, strokeCap="round", opacity=0.4).encode(color=colour)


def dots_of(dots: _Rows) -> alt.Chart:
    """Return the dots, each in its colour."""
    colour = alt.Color("colour:N", scale=None)
    return alt.Chart(points_of(dots)).mark_circle(size=60, opacity=1).encode(color=colour)


def labels(rows: _Rows, align: Literal["left", "right"], dx: float, colour: str) -> alt.Chart:
    """Return the text of each row."""
    mark = alt.Chart(points_of(rows)).mark_text(align=align, baseline="middle", dx=dx, color=colour, fontSize=11.5)
    return mark.encode(text=alt.Text("text:N"))


def _in_words(group: SpeedGroup) -> str:
    return f"{group.name}: " + ", ".join(
        f"{ratio.timing.implementation} {multiple(ratio.median)}" for ratio in group.ratios
    )
