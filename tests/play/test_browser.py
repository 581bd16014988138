"""The playing page in Chromium: each start shows what the text says, rewind gives the same numbers, no request."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.reports.test_browser import browse, complaints

pytestmark = pytest.mark.browser

PAGE = Path(__file__).resolve().parents[2] / "docs" / "play.html"


def played(folder: Path, script: str) -> Any:
    """What a script returns that plays with the page; it clicks and types as a person does."""
    source = PAGE.read_text(encoding="utf-8")
    helpers = (
        "const click = (id) => byId(id).click(), text = (id) => byId(id).textContent;"
        "const choose = (name, value) => { const e = document.querySelector(name); e.value = value;"
        " e.dispatchEvent(new Event('input', { bubbles: true })); };"
        "const start = (kind) => document.querySelector(`input[value=${kind}]`).click();"
        "const wait = (ms) => new Promise((done) => setTimeout(done, ms));"
    )
    run = f"(async () => {{ {helpers} const result = await (async () => {{ {script} }})();"
    run += " document.title = 'played ' + JSON.stringify(result); })();"
    copy = folder / "played.html"
    copy.write_text(source.replace("</body>", f"<script>{run}</script></body>"), encoding="utf-8")
    dom, console = browse(copy, folder, "--dump-dom", "--virtual-time-budget=100000")
    assert console == []
    found = re.search(r"<title>played (.*?)</title>", dom, re.DOTALL)
    assert found, "the script did not end"
    return json.loads(html.unescape(found[1]))


def after_steps(folder: Path, kind: str, leaps: int = 3, **choices: str) -> tuple[int, float, str]:
    """How many lines are seen, the loss, and all that is told, so many thousand steps after a start."""
    chosen = "".join(f"choose('#{name}', '{value}');" for name, value in choices.items())
    told = played(
        folder, f"{chosen} start('{kind}'); for (let k = 0; k < {leaps}; k++) click('leap'); return text('told');"
    )
    found = re.match(r"Step ([\d,]+): four hidden units on (\w+) lines?; loss ([\d.e-]+)\.", told)
    assert found, told
    assert int(found[1].replace(",", "")) == 1000 * leaps
    return {"one": 1}.get(found[2]) or int(found[2]), float(found[3]), told


def test_equal_units_stay_one_and_the_loss_above_a_sixth(tmp_path: Path) -> None:
    lines, loss, told = after_steps(tmp_path, "constant")
    assert lines == 1
    assert 1 / 6 - 1e-4 <= loss < 0.2
    assert "parted" not in told


def test_one_bit_is_enough(tmp_path: Path) -> None:
    lines, loss, told = after_steps(tmp_path, "smallest")
    assert lines > 1
    assert loss < 0.01
    assert "They parted, to be seen, at step 1,708." in told
    assert "It has learned exclusive or." in told


@pytest.mark.parametrize(("activation", "moves"), [("tanh", False), ("relu", False), ("logistic", True)])
def test_from_zero_units_stay_one_and_move_only_with_logistic(tmp_path: Path, activation: str, moves: bool) -> None:
    lines, loss, _ = after_steps(tmp_path, "zero", activation=activation)
    assert (lines, loss) == (1, 0.25)
    script = f"choose('#activation', '{activation}'); start('zero'); click('leap'); return run.theta;"
    theta = played(tmp_path, script)
    assert any(value != 0 for value in theta[:-1]) == moves
    assert theta[-1] != 0


def test_random_units_share_the_work(tmp_path: Path) -> None:
    lines, loss, told = after_steps(tmp_path, "random")
    assert lines == 4
    assert loss < 0.01
    assert "It has learned exclusive or." in told


def test_dropout_parts_equal_units_but_not_zeros(tmp_path: Path) -> None:
    assert after_steps(tmp_path, "constant", leaps=1, dropout="0.2")[0] == 4
    assert after_steps(tmp_path, "zero", leaps=1, dropout="0.2")[0] == 1


def test_rewind_gives_the_same_numbers(tmp_path: Path) -> None:
    script = (
        "choose('#dropout', '0.5'); start('random'); const begun = run.theta.slice(); click('leap');"
        "const once = run.theta.slice(); click('rewind'); const again = run.theta.slice(); click('leap');"
        "return [begun, again, once, run.theta, run.step];"
    )
    begun, again, once, twice, step = played(tmp_path, script)
    assert begun == again
    assert once == twice
    assert once != begun
    assert step == 1000


def test_it_runs_and_pauses_and_keys_do_what_buttons_do(tmp_path: Path) -> None:
    script = (
        "const key = (k) => document.dispatchEvent(new KeyboardEvent('keydown', { key: k, bubbles: true }));"
        "key(' '); while (!run.step) await wait(20); key(' ');"
        "const ran = run.step; await wait(300); const rests = run.step;"
        "key('s'); const one = run.step; key('l'); const leap = run.step; key('r');"
        "return [ran, rests, one, leap, run.step];"
    )
    ran, rests, one, leap, rewound = played(tmp_path, script)
    assert ran == rests > 0
    assert (one, leap, rewound) == (ran + 1, ran + 1001, 0)


def test_the_share_of_starts_that_learn_is_told_with_its_interval(tmp_path: Path) -> None:
    share = played(tmp_path, "click('many'); while (byId('many').disabled) await wait(50); return text('share');")
    found = re.match(r"(\d+) of 100 random starts .* between ([\d.]+) % and ([\d.]+) % do", share)
    assert found, share
    learned, low, high = (float(number) for number in found.groups())
    assert low < learned < high or learned in (0, 100)


def test_nothing_is_asked_of_a_network(tmp_path: Path) -> None:
    script = "start('random'); click('leap'); return performance.getEntriesByType('resource').length;"
    assert played(tmp_path, script) == 0
    source = PAGE.read_text(encoding="utf-8")
    assert "default-src 'none'" in source
    assert not re.search(r"<(link|img|iframe)|\bsrc=|fetch\(|XMLHttpRequest|import\(", source)


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_and_axe_finds_nothing_serious(tmp_path: Path, width: int) -> None:
    frame = tmp_path / "frame.html"
    source = html.escape(PAGE.read_text(encoding="utf-8"))
    measure = "const r = f.contentDocument.documentElement; document.title = r.scrollWidth + ' ' + r.clientWidth"
    frame.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><iframe id="f" style="width:{width}px;height:900px;border:0" '
        f'srcdoc="{source}"></iframe><script>f.onload = () => {{ {measure} }}</script>',
        encoding="utf-8",
    )
    dom, _ = browse(frame, tmp_path, "--dump-dom", "--window-size=1600,1000")
    found = re.search(r"<title>(\d+) (\d+)</title>", dom)
    assert found
    assert int(found[1]) <= int(found[2]) == width
    assert complaints(PAGE, tmp_path, f"--window-size={max(width, 500)},900") == []
