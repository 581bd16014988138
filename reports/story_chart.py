"""Draws hidden units over a training as lines, above the loss with its proven floor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import altair as alt
from markupsafe import Markup

from symtests.reports.drawing import COLOURS, SERIES, drawable, drawn, points_of, styled
from symtests.reports.number_words import compact
from symtests.reports.results import Story
from symtests.reports.story import Fate, floors_of

__all__ = ["story_chart"]

_WIDTH: Final = 290
_ROOM_FOR_NAMES: Final = 1.2
"""How far the time axis goes beyond the last step, so that lines can be named at their ends."""

_LEAST_SPAN: Final = 1e-60
"""What spans less is drawn as if it were one point."""
_REACH: Final = 1000.0
"""How many times the height of its panel a line of losses may reach beyond it."""

_HEIGHT: Final = 150
_NAME_HEIGHT: Final = 12
_MOST_NAMES: Final = 8
"""Lines that are named one by one; more names would hide one another."""

_LINE: Final = 2.0
_BAND: Final = 5.0
_SEAM: Final = 0.8
"""Width of a line, how much wider each further line of a tie is drawn beneath it, and the gap between them."""


@dataclass(frozen=True)
class _Scales:
    """What the drawings of one story share, so that they can be compared."""

    last_step: float
    weights: tuple[float, float]
    top_loss: float


class _Line(NamedTuple):
    """The values at each step, and how they are drawn."""

    values: Sequence[float]
    colour: str
    width: float


def story_chart(story: Story, fate: Fate, fates: tuple[Fate, ...], name: str) -> Markup:
    """Return the drawing of one start; all drawings of a story have the same scales."""
    scales = _scales(fates)
    chart = alt.vconcat(_unit_panel(fate, scales), _loss_panel(story, fate, scales), spacing=14)
    label = f"{fate.title}: {fate.units}; {fate.losses}."
    if fate.floor is not None:
        label += f" The floor of {fate.floor_name} is {compact(fate.floor)}."
    return drawn(styled(chart), name, label)


def _scales(fates: tuple[Fate, ...]) -> _Scales:
    weights = [0.0, *(w for fate in fates for unit in fate.start.units for w in _first_weights(unit.incoming))]
    losses = [loss for fate in fates for loss in fate.start.loss if math.isfinite(loss)]
    span = max(weights) - min(weights)
    margin = 0.2 * (span if span > _LEAST_SPAN else 1.0)
    # A start that begins far off would press all floors to the bottom: what lies above is cut.
    top = min(max([0.3, *losses]), 0.5)
    last = max((step for fate in fates for step in _steps(fate) if math.isfinite(step)), default=1.0)
    return _Scales(last if last > _LEAST_SPAN else 1.0, (min(weights) - margin, max(weights) + margin), top)


def _first_weights(incoming: tuple[tuple[float, ...], ...]) -> Iterator[float]:
    return (drawable(weights[0]) for weights in incoming if math.isfinite(weights[0]))


def _steps(fate: Fate) -> list[float]:
    return [drawable(step) for step in fate.start.steps]


def _unit_panel(fate: Fate, scales: _Scales) -> alt.LayerChart:
    """One line a unit; the lines of a tie lie on one another, each narrower than the one beneath."""
    y = alt.Y("weight:Q", title=None, scale=alt.Scale(domain=scales.weights, nice=False), axis=alt.Axis(tickCount=5))
    lines = []
    for group in fate.groups:
        for depth, unit in enumerate(group):
            weights = [drawable(incoming[0]) for incoming in fate.start.units[unit].incoming]
            width = _LINE + _BAND * (len(group) - 1 - depth)
            # A seam in the colour of the page tells each line of a band from the one beneath it.
            lines.append(_Line(weights, COLOURS["paper"], width + 2 * _SEAM))
            lines.append(_Line(weights, SERIES[unit % len(SERIES)], width))
    marks = [_lines(fate, "weight", lines), *_tie_names(fate), *_unit_names(fate, scales)]
    layers = [mark.encode(x=_time(scales, None), y=y) for mark in marks]
    title = "Weight of each hidden unit for the first input"
    return alt.layer(*layers, title=title).properties(width=_WIDTH, height=_HEIGHT)


def _loss_panel(story: Story, fate: Fate, scales: _Scales) -> alt.LayerChart:
    """Draw the loss, with the floors that are proven for tied units and for a zero start."""
    floors = [floor for floor in dict.fromkeys(floors_of(story)) if floor is not None]
    names = " : ".join(f"abs(datum.value - {floor!r}) < 1e-9 ? '1/{1 / floor:.0f}'" for floor in floors)
    axis = alt.Axis(values=[0.0, *floors, scales.top_loss], format=".2~g", tickCount=5)
    if names:
        axis.labelExpr = f"{names} : datum.label"
    y = alt.Y("loss:Q", title=None, scale=alt.Scale(domain=(0.0, scales.top_loss), nice=False), axis=axis)
    x = _time(scales, "training step")
    rules = [
        alt.Chart(points_of([{"loss": floor}]))
        .mark_rule(stroke=COLOURS["floor"], strokeDash=[4, 3], strokeWidth=1.2)
        .encode(y=y)
        for floor in floors
    ]
    # Far above the picture, where the line leaves it, all losses are alike to the eye, but not to what draws.
    reach = _REACH * scales.top_loss
    losses = [min(max(loss, -reach), reach) if math.isfinite(loss) else loss for loss in fate.start.loss]
    line = _lines(fate, "loss", [_Line(losses, COLOURS["ink"], _LINE)]).encode(x=x, y=y)
    names_of_floors = []
    if fate.floor is not None:
        point = [{"step": scales.last_step, "loss": fate.floor, "name": f"no lower: the floor of {fate.floor_name}"}]
        names_of_floors = [_text(point, COLOURS["floor"], align="right", dy=_NAME_HEIGHT).encode(x=x, y=y)]
    return alt.layer(*rules, line, *names_of_floors, title="Loss").properties(width=_WIDTH, height=110)


def _time(scales: _Scales, title: str | None) -> alt.X:
    """Return the axis of steps: from the start to a little beyond the last, where the lines are named."""
    domain = (0.0, scales.last_step * _ROOM_FOR_NAMES)
    axis = alt.Axis(values=[0, scales.last_step / 2, scales.last_step], format=",.0f", title=title, grid=False)
    return alt.X("step:Q", scale=alt.Scale(domain=domain, nice=False), axis=axis)


def _lines(fate: Fate, field: str, lines: Sequence[_Line]) -> alt.Chart:
    """Draw lines as one mark, each over those before it: a mark for each would take most of the time of a report."""
    points = [
        {"step": step, field: value, "line": number, "colour": line.colour, "width": line.width}
        for number, line in enumerate(lines)
        for step, value in zip(_steps(fate), line.values, strict=True)
        if math.isfinite(value)
    ]
    return (
        alt.Chart(points_of(points))
        .mark_line(strokeCap="round", strokeJoin="round", clip=True)
        .encode(
            detail="line:O",
            stroke=alt.Stroke("colour:N", scale=None),
            strokeWidth=alt.StrokeWidth("width:Q", scale=None),
        )
    )


def _tie_names(fate: Fate) -> list[alt.Chart]:
    """Say above each band how many units lie in it."""
    names = []
    for group in fate.groups:
        ends = _ends(fate, group[:1])
        if len(group) > 1 and ends:
            band = _LINE + _BAND * (len(group) - 1)
            points = [{**ends[0], "name": f"{len(group)} units on one line"}]
            names.append(_text(points, COLOURS["ink"], align="right", dy=-(band / 2 + 7)))
    return names


def _unit_names(fate: Fate, scales: _Scales) -> list[alt.Chart]:
    """Name each unit that goes its own way at the end of its line, moved apart where names would touch."""
    alone = tuple(group[0] for group in fate.groups if len(group) == 1)
    if not alone or len(alone) > _MOST_NAMES:
        return []
    ends = sorted(_ends(fate, alone), key=lambda end: end["weight"])
    gap = (scales.weights[1] - scales.weights[0]) * _NAME_HEIGHT / _HEIGHT
    places: list[float] = []
    for end in ends:
        places.append(max(end["weight"], places[-1] + gap) if places else end["weight"])
    shift = sum(end["weight"] - place for end, place in zip(ends, places, strict=True)) / max(1, len(ends))
    points = [
        {**end, "weight": place + shift, "name": f"unit {int(end['unit']) + 1}"}
        for end, place in zip(ends, places, strict=True)
    ]
    return [_text(points, COLOURS["quiet"], align="left", dx=6)]


def _ends(fate: Fate, units: tuple[int, ...]) -> list[dict[str, float]]:
    """Return where the lines of these units end; a line that ends in no number has no end."""
    step, last = _steps(fate)[-1], [(unit, fate.start.units[unit].incoming[-1][0]) for unit in units]
    return [{"step": step, "weight": drawable(weight), "unit": unit} for unit, weight in last if math.isfinite(weight)]


def _text(
    points: Sequence[Mapping[str, Any]], colour: str, align: Literal["left", "right"], dx: float = 0, dy: float = 0
) -> alt.Chart:
    return (
        alt.Chart(points_of(points))
        .mark_text(color=colour, align=align, baseline="middle", dx=dx, dy=dy, fontSize=11.5)
        .encode(text=alt.Text("name:N"))
    )
