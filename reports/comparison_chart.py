"""Draws how many times as long as ours each peer takes: dot at the median, bar over the interval, tick at the aim."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
from markupsafe import Markup

from symtests.reports.comparisons import Compared, ComparedPeer
from symtests.reports.drawing import COLOURS, drawable_ratio, drawn, points_of, styled
from symtests.reports.number_words import TIMES, multiple
from symtests.reports.speed_chart import LINE, bars, dots_of, labels, ticks

__all__ = ["comparison_chart"]

_WIDTH: Final = 700
_SHARE_OF_NAMES: Final = 0.36
"""Of the width: there the names stand, left of what is drawn."""
_SHARE_OF_A_TEXT: Final = 0.3
"""Of the width: more than what is written beside a bar takes."""
_COLOURS: Final[Mapping[str | None, str]] = {
    None: COLOURS["series-1"], "reached": COLOURS["series-3"], "open": COLOURS["series-5"],
    "not reached": COLOURS["floor"],
}  # fmt: skip


def comparison_chart(comparisons: Sequence[Compared], name: str) -> Markup:
    """Return the drawing of a group: for each comparison its title, and a line for each peer."""
    titles, rows = _lines(comparisons)
    low, high = _domain(rows)
    start = low * (low / high) ** (_SHARE_OF_NAMES / (1 - _SHARE_OF_NAMES))
    height = LINE * (len(titles) + len(rows))
    y = alt.Y("line:Q", scale=alt.Scale(domain=(height / LINE, 0), nice=False), axis=None)
    x = alt.X(
        "ratio:Q",
        title="time relative to ours (log scale)",
        scale=alt.Scale(type="log", domain=(start, high), nice=False),
        axis=alt.Axis(values=ticks(low, high), labelExpr=f"'{TIMES}' + format(datum.value, ',~g')"),
    )
    one = alt.Chart(points_of([{"ratio": 1.0, "line": 1.0, "end": height / LINE}]))
    names = [{"line": row["line"], "start": start, "text": row["name"]} for row in rows]
    placed = [_placed(row, start, high) for row in rows]
    layers = [
        one.mark_rule(stroke=COLOURS["quiet"], strokeDash=[3, 3]).encode(x=x, y=y, y2="end:Q"),
        labels([{**title, "start": start} for title in titles], "left", 0, COLOURS["quiet"]).encode(
            x=alt.X("start:Q"), y=y
        ),
        labels(names, "left", 12, COLOURS["ink"]).encode(x=alt.X("start:Q"), y=y),
        bars(rows).encode(x=alt.X("low:Q"), x2="high:Q", y=y),
        alt.Chart(points_of([row for row in rows if row["aim"] is not None]))
        .mark_tick(orient="vertical", size=LINE - 2, thickness=2, color=COLOURS["ink"])
        .encode(x=alt.X("aim:Q"), y=y),
        dots_of(rows).encode(x=x, y=y),
        labels([row for row in placed if row["on_the_right"]], "left", 10, COLOURS["ink"]).encode(
            x=alt.X("place:Q"), y=y
        ),
        labels([row for row in placed if not row["on_the_right"]], "right", -10, COLOURS["ink"]).encode(
            x=alt.X("place:Q"), y=y
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
            rows.append(
                {
                    "line": len(titles) + len(rows) + 0.5,
                    "low": drawable_ratio(peer.low),
                    "ratio": drawable_ratio(peer.median),
                    "high": drawable_ratio(peer.high),
                    "aim": drawable_ratio(peer.aim.value) if peer.aim else None,
                    "name": peer.name,
                    "text": _text(peer),
                    "colour": _COLOURS[peer.aim.word if peer.aim else None],
                }
            )
    return titles, rows


def _placed(row: Mapping[str, Any], start: float, end: float) -> dict[str, Any]:
    """Return where the text of a row begins: right of bar and aim where there is room, else left of the bar."""

    def share(ratio: float) -> float:
        return math.log(ratio / start) / math.log(end / start)

    aim = row["aim"] or row["ratio"]
    right = max(row["high"], aim)
    if share(right) < 1 - _SHARE_OF_A_TEXT:
        return {**row, "on_the_right": True, "place": right}
    in_the_way = share(row["low"]) - _SHARE_OF_A_TEXT < share(aim)
    return {**row, "on_the_right": False, "place": min(row["low"], aim) if in_the_way else row["low"]}


def _text(peer: ComparedPeer) -> str:
    """Return the ratio and what became of the aim: colour never says it alone."""
    words = multiple(peer.median)
    return f"{words}, aim {multiple(peer.aim.value)} {peer.aim.word}" if peer.aim else words


def _domain(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Return a range that holds all bars and aims, and 1."""
    ends = [1.0, *(row[end] for row in rows for end in ("low", "high", "aim") if row[end] is not None)]
    return min(ends) / 1.3, max(ends) * 1.3


def _in_words(compared: Compared) -> str:
    peers = ", ".join(
        f"{peer.name} {multiple(peer.median)}"
        + (f" (aim {multiple(peer.aim.value)} {peer.aim.word})" if peer.aim else "")
        for peer in compared.peers
    )
    return f"{compared.title}: {peers or 'no peer was measured'}"
