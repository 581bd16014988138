"""A failing run of three implementations is a page that a phone opens, and a comment that a pull request holds."""

from __future__ import annotations

import pytest

from symtests.properties import PROPERTIES
from symtests.reports.pages import LONGEST_MARKDOWN, html_page, markdown_page, short_page
from symtests.reports.reading import read_results
from symtests.reports.report import Report, report_of
from tests.reports import sample
from tests.reports.xor import story_line

NAMES = ("first_network.py:FirstNetwork", "second_network.py:SecondNetwork", "third_network.py:ThirdNetwork")
DIAGNOSES = (
    "the weights are updated before error signals are sent back through them. This explains {} of 40 wrong answers.",
    "the bias is left out of the gradient, in every layer. This explains the wrong answers to {} of 40 questions.",
    "",
)


def run(violated_each: int) -> list[sample.Line]:
    """A run of all properties; of each implementation so many checks are violated."""
    first, *rest = sample.lines(story=False)
    del rest
    properties = [
        {
            **sample.prop("SYM1"), "id": each.id, "group": each.group, "title": each.title,
            "statement": each.statement, "formula": each.formula, "claims": list(each.claims),
        }
        for each in PROPERTIES
    ]  # fmt: skip
    script = "weights = np.array([[0.5, 0.25]])  # a line of a script\n" * 40
    lines = [{**first, "properties": properties, "checks": len(properties) * 6, "implementations": list(NAMES)}]
    lines += [sample.implementation_line(name) for name in NAMES]
    for number, name in enumerate(NAMES):
        for place, prop in enumerate(properties):
            for dtype in sample.DTYPES:
                word = "violated" if place < violated_each // 2 else ("unsupported", "holds", "exact")[place % 3]
                found = sample.counterexample(script=script, diagnosis=DIAGNOSES[number].format(place))
                lines.append(
                    sample.verdict_line((prop["id"], name, dtype), word=word, failure=None, known=None, observations=[],
                                        counterexample=found if word == "violated" else None)
                )  # fmt: skip
    stories = [story_line(name, dtype, 3000) for name in NAMES for dtype in sample.DTYPES]
    return [*lines, *stories, sample.end_line()]


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("size")
    return report_of(read_results(sample.write(folder / "results.jsonl", run(violated_each=22))), None)


def test_the_page_has_at_most_300_kilobytes(failing: Report) -> None:
    assert sum(cause.count for cause in failing.causes) == 66
    assert len(failing.causes) == 3
    assert 100_000 < len(html_page(failing).encode()) <= 300_000


def test_the_markdown_fits_into_a_comment_and_says_what_it_leaves_out(failing: Report) -> None:
    assert len(markdown_page(failing)) <= LONGEST_MARKDOWN == 60_000
    short = markdown_page(failing, 6_000)
    assert len(short) <= 6_000
    assert short.startswith("# ✗ 66 of")
    assert "Left out here, as it would be too long, and told by report.html: " in short


def test_the_short_form_has_ten_lines_at_most_and_names_every_cause_that_it_shows(failing: Report) -> None:
    lines = short_page(failing).splitlines()
    assert len(lines) <= 10
    assert lines[0].startswith("**✗ 66 of")
    for name in NAMES:
        assert any(name.replace("_", "\\_") in line for line in lines)
    assert sum("<code>symtests check" in line for line in lines) == 3
