"""The success rates of a landscape as a picture: a curve against the width for each learning rate, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair
import vl_convert

from symtests.reports.drawing import COLOURS, SERIES, points_of

__all__ = ["landscape_svg"]

_WIDTH: Final = 230
_HEIGHT: Final = 160


def landscape_svg(title: str, rates: Sequence[Mapping[str, Any]]) -> str:
    """Return a picture of success rates as SVG, on white.

    Parameters
    ----------
    title
        What stands above it.
    rates
        Of each point `width`, `activation`, `start`, `rate`, `share`, and `low` and `high` of its interval.
    """
    points = [{**rate, "rate": f"{rate['rate']:g}"} for rate in rates]
    names = list(dict.fromkeys(point["rate"] for point in sorted(points, key=lambda each: float(each["rate"]))))
    colour = altair.Color(
        "rate:N",
        title="learning rate",
        sort=names,
        scale=altair.Scale(domain=names, range=[SERIES[place % len(SERIES)] for place in range(len(names))]),
    )
    widths = sorted({int(point["width"]) for point in points})
    across = altair.X("width:Q", title="hidden units", axis=altair.Axis(values=widths, format="d"))
    share = altair.Y(
        "share:Q", title="share that learns", scale=altair.Scale(domain=[0, 1]), axis=altair.Axis(format="%")
    )
    base = altair.Chart().encode(x=across, color=colour)
    layers = altair.layer(
        base.mark_line().encode(y=share),
        base.mark_point(filled=True, size=30).encode(y=share),
        base.mark_rule().encode(y=altair.Y("low:Q"), y2="high:Q"),
        data=points_of(points),
    ).properties(width=_WIDTH, height=_HEIGHT)
    chart = layers.facet(
        row=altair.Row("start:N", title="start"), column=altair.Column("activation:N", title="activation")
    ).properties(title=title)
    drawn = chart.configure(background="#ffffff", view={"stroke": COLOURS["grid"]})
    return str(vl_convert.vegalite_to_svg(drawn.to_dict(validate=False)))
