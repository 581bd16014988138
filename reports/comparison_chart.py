"""Draws how many times as long as ours each peer takes: dot at the median, bar over the interval, tick at the aim."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
from markupsafe import Markup

from symtests.reports.comparisons import Compared, ComparedPeer
from symtests.reports.drawing import COLOURS, drawn, points_of, styled
from symtests.reports.number_words import TIMES, multiple
from symtests.reports.speed_chart import LINE, bars, dots_of, labels, ticks

__all__ = ["comparison_chart"]

_WIDTH: Final = 560
_COLOURS: Final[Mapping[str | None, str]] = {
    None: COLOURS["series-1"], "reached": COLOURS["series-3"], "open": COLOURS["series-5"],
    "not reached": COLOURS["floor"],
}  # fmt: skip


def comparison_chart(comparisons: Sequence[Compared], name: str) -> Markup:
    """Return the drawing of a group: for each comparison its title, and a line for each peer."""
    titles, rows = _lines(comparisons)
    low, high = _domain(rows)
    height = LINE * (len(titles) + len(rows))
    y = alt.Y("line:Q", scale=alt.Scale(domain=(height / LINE, 0), nice=False), axis=None)
    x = alt.X(
        "ratio:Q",
        title="time relative to ours (log scale)",
        scale=alt.Scale(type="log", domain=(low, high), nice=False),
        axis=alt.Axis(values=ticks(low, high), labelExpr=f"'{TIMES}' + format(datum.value, ',~g')"),
    )
    for row in [*titles, *rows]:
        row["start"] = low
        row["left_half"] = row.get("ratio", low) < math.sqrt(low * high)
    one = alt.Chart(points_of([{"ratio": 1.0, "line": 1.0, "end": height / LINE}]))
    aims = [row for row in rows if row["aim"] is not None]
    layers = [
        one.mark_rule(stroke=COLOURS["quiet"], strokeDash=[3, 3]).encode(x=x, y=y, y2="end:Q"),
        labels(titles, "left", 0, COLOURS["quiet"]).encode(x=alt.X("start:Q"), y=y),
        bars(rows).encode(x=alt.X("low:Q"), x2="high:Q", y=y),
        alt.Chart(points_of(aims))
        .mark_tick(orient="vertical", size=LINE - 2, thickness=2, color=COLOURS["ink"])
        .encode(x=alt.X("aim:Q"), y=y),
        dots_of(rows).encode(x=x, y=y),
        labels([row for row in rows if row["left_half"]], "left", 10, COLOURS["ink"]).encode(
            x=alt.X("rightmost:Q"), y=y
        ),
        labels([row for row in rows if not row["left_half"]], "right", -10, COLOURS["ink"]).encode(
            x=alt.X("leftmost:Q"), y=y
        ),
    ]
    label = ". ".join(_in_words(each) for each in comparisons) + "."
    return drawn(styled(alt.layer(*layers).properties(width=_WIDTH, height=height)), name, label)


def _lines(comparisons: Sequence[Compared]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what stands on each line from the top: titles, and the peers below each."""
    titles: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for compared in comparisons:
        titles.append({"line": len(titles) + len(rows) + 0.6, "text": compared.title})
        for peer in compared.peers:
            aim = peer.aim.ratio if peer.aim else None
            rows.append({
                "line": len(titles) + len(rows) + 0.5,
                "low": peer.low,
                "ratio": peer.median,
                "high": peer.high,
                "aim": aim,
                "leftmost": min(peer.low, aim or peer.low),
                "rightmost": max(peer.high, aim or peer.high),
                "text": _text(peer),
                "colour": _COLOURS[peer.aim.word if peer.aim else None],
            })
    return titles, rows


def _text(peer: ComparedPeer) -> str:
    """Return the name, the ratio, and what became of the aim: colour never says it alone."""
    words = f"{peer.name} {multiple(peer.median)}"
    return f"{words}  {peer.aim.glyph} aim {multiple(peer.aim.ratio)}" if peer.aim else words


def _domain(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Return a range that holds all bars and aims, and 1."""
    ends = [1.0, *(row[end] for row in rows for end in ("leftmost", "rightmost"))]
    return min(ends) / 1.3, max(ends) * 1.3


def _in_words(compared: Compared) -> str:
    peers = ", ".join(
        f"{peer.name} {multiple(peer.median)}"
        + (f" (aim {multiple(peer.aim.ratio)} {peer.aim.word})" if peer.aim else "")
        for peer in compared.peers
    )
    return f"{compared.title}: {peers or 'no peer was measured'}"
