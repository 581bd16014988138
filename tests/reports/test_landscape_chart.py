"""The picture of a landscape is an SVG with a curve for each learning rate."""

from __future__ import annotations

from xml.etree import ElementTree

from symtests.reports.landscape_chart import landscape_svg


def test_each_learning_rate_has_a_curve_and_each_start_a_row() -> None:
    rates = [
        {
            "width": width, "activation": "tanh", "start": start, "rate": rate, "share": 0.5, "low": 0.4, "high": 0.6,
        }
        for width in (2, 3)
        for start in ("uniform", "normal")
        for rate in (0.1, 1.0)
    ]  # fmt: skip
    svg = landscape_svg("xor: 5 starts", rates)
    texts = [element.text for element in ElementTree.fromstring(svg).iter() if element.text]
    assert {"xor: 5 starts", "uniform", "normal", "tanh", "0.1", "1", "2", "3", "learning rate"} <= set(texts)
