"""Charts as SVG inside the page: drawn without a browser, coloured by the page's style sheet.

A chart is drawn in the colours of `COLOURS`; each is then replaced by a class, so that the style
sheet gives the same drawing its colours on light paper, on dark paper and in print.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from xml.etree import ElementTree

import altair
import vl_convert
from markupsafe import Markup

__all__ = ["COLOURS", "SERIES", "drawable", "drawable_ratio", "drawn", "load_charts", "points_of", "styled"]

COLOURS: Final = {
    "ink": "#111111",
    "quiet": "#555555",
    "grid": "#dddddd",
    "paper": "#fefefe",
    "floor": "#a01010",
    "series-1": "#1f5fa8",
    "series-2": "#c4570e",
    "series-3": "#1d7d4f",
    "series-4": "#8a3ea8",
    "series-5": "#9a7400",
    "series-6": "#b0305f",
}
"""What stands for each colour of the style sheet while a chart is drawn."""

SERIES: Final = tuple(colour for name, colour in COLOURS.items() if name.startswith("series"))

_LARGEST: Final = 1e60
"""Size of the largest number in a chart: sums and products of such numbers are far from an overflow."""

_SVG: Final = "{http://www.w3.org/2000/svg}"
_LONGEST_TEXT: Final = 200
"""Characters of a text in a drawing, which measures each of them: a text of millions would take for ever."""
_LONG_PATH: Final = 200
"""Characters of a path that is worth a definition of its own."""
_LONG_FRACTION: Final = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_NAMES: Final = {colour: name for name, colour in COLOURS.items()}
_KEPT: Final = {
    "viewBox", "transform", "d", "x", "y", "x1", "y1", "x2", "y2", "width", "height", "rx", "fill", "stroke",
    "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-opacity",
    "fill-opacity", "opacity", "text-anchor", "font-size", "font-weight", "clip-path", "id", "display",
}  # fmt: skip
"""The attributes that draw something; names of marks, fonts and everything else are dropped."""


def styled(chart: altair.TopLevelMixin) -> altair.TopLevelMixin:
    """Return a chart with the axes, grid and text that all charts of the page share."""
    axis: dict[str, Any] = {
        "domainColor": COLOURS["quiet"], "tickColor": COLOURS["quiet"], "gridColor": COLOURS["grid"],
        "labelColor": COLOURS["quiet"], "titleColor": COLOURS["ink"], "labelFontSize": 11, "titleFontSize": 11.5,
        "titleFontWeight": "normal", "tickSize": 4, "labelPadding": 4, "titlePadding": 8,
    }  # fmt: skip
    title = {"color": COLOURS["ink"], "fontSize": 12, "fontWeight": "normal", "anchor": "start", "offset": 8}
    # In one go: each change of a chart copies all of it.
    return chart.configure(background="transparent", padding=2, view={"stroke": None}, axis=axis, title=title)


def drawable(value: float) -> float:
    """Return a number that a linear axis can show: what is too large is cut; NaN and infinities stay."""
    return min(max(value, -_LARGEST), _LARGEST) if math.isfinite(value) else value


def drawable_ratio(ratio: float) -> float:
    """Return a ratio that a logarithmic axis can show: 0, and what is larger or smaller than needed, is cut."""
    return min(max(ratio, 1 / _LARGEST), _LARGEST)


def points_of(points: Iterable[Mapping[str, Any]]) -> altair.Data:
    """Return points as the data of a chart."""
    # As one string: a chart is copied many times while it is put together, and each point with it.
    text = json.dumps([{name: _shown(value) for name, value in point.items()} for point in points], allow_nan=False)
    return altair.Data(values=text, format=altair.JsonDataFormat(type="json"))  # type: ignore[no-untyped-call]  # altair's own


def _shown(value: Any) -> Any:
    """Return a value as JSON has it: no mark stands where there is no number, and a long text is cut."""
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return value[: _LONGEST_TEXT - 1] + "…"
    return None if isinstance(value, float) and not math.isfinite(value) else value


def drawn(chart: altair.TopLevelMixin, name: str, label: str) -> Markup:
    """Return a chart as an SVG element for the page.

    Parameters
    ----------
    chart
        Drawn in colours of `COLOURS` alone.
    name
        Unique in the page: what tells this drawing's clip paths from another's.
    label
        What a person hears who cannot see the chart.
    """
    root = ElementTree.fromstring(vl_convert.vegalite_to_svg(chart.to_dict(validate=False)))
    for element in root.iter():
        for key in ("d", "transform"):
            if key in element.attrib:
                element.attrib[key] = _LONG_FRACTION.sub(_short, element.attrib[key])
        _simplify(element, name)
    _remove_unseen(root)
    _share_paths(root, name)
    root.attrib |= {"class": "chart", "role": "img", "aria-label": label}
    ElementTree.register_namespace("", _SVG[1:-1])
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _remove_unseen(root: ElementTree.Element) -> None:
    """Remove the paths that draw nothing: they have no colour."""
    for parent in root.iter():
        if parent.tag != f"{_SVG}clipPath":
            for child in [each for each in parent if each.tag == f"{_SVG}path" and "class" not in each.attrib]:
                parent.remove(child)


def _share_paths(root: ElementTree.Element, name: str) -> None:
    """Draw a long path that stands there more than once from one definition: the lines of a tie are alike."""
    paths = [each for each in root.iter(f"{_SVG}path") if len(each.get("d", "")) > _LONG_PATH]
    shapes = [each.attrib["d"] for each in paths]
    shared = {shape: f"{name}-path{number}" for number, shape in enumerate(dict.fromkeys(shapes), 1)}
    definitions = ElementTree.Element(f"{_SVG}defs")
    for shape, anchor in shared.items():
        if shapes.count(shape) > 1:
            ElementTree.SubElement(definitions, f"{_SVG}path", {"id": anchor, "d": shape})
    for path in paths:
        if shapes.count(path.attrib["d"]) > 1:
            path.tag = f"{_SVG}use"
            path.attrib["href"] = f"#{shared[path.attrib.pop('d')]}"
    if len(definitions):
        root.insert(0, definitions)


def _short(found: re.Match[str]) -> str:
    """Return a coordinate to a tenth of a pixel."""
    return f"{float(found[0]):.1f}".removesuffix(".0")


def load_charts() -> None:
    """Load what draws charts: a second that is best spent before the first is wanted. There is no need to call it."""
    vl_convert.vegalite_to_svg({"data": {"values": []}, "mark": "point"})


def _simplify(element: ElementTree.Element, name: str) -> None:
    """Keep what draws; turn colours into classes; make ids unique in the page."""
    attributes = {key: value for key, value in element.attrib.items() if key in _KEPT}
    if attributes.get("opacity") == "1":
        del attributes["opacity"]
    if element.tag != f"{_SVG}svg":
        attributes.pop("viewBox", None)
    else:
        attributes.pop("width", None)
        attributes.pop("height", None)
    classes = []
    for paint in ("fill", "stroke"):
        colour = attributes.get(paint, "none").lower()
        if colour in _NAMES:
            classes.append(f"{paint}-{_NAMES[attributes.pop(paint)]}")
        elif colour not in ("none", "transparent"):
            raise ValueError(f"{paint}={colour!r}: charts are drawn in the colours of COLOURS only")
    if classes:
        attributes["class"] = " ".join(classes)
    if "id" in attributes:
        attributes["id"] = f"{name}-{attributes['id']}"
    if "clip-path" in attributes:
        attributes["clip-path"] = re.sub(r"#([\w-]+)", rf"#{name}-\1", attributes["clip-path"])
    element.attrib.clear()
    element.attrib.update(attributes)
