"""A browser shows the report: no complaint, something to see, nothing beyond the edge of a phone."""

import html
import json
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from symtests.reports import write_report
from tests.reports import diagnosis_sample, sample, test_size, timing_sample

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr",
)  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    long = "examples/a_network_with_a_long_name.py:ANetworkWithALongName"
    lines = sample.lines()
    lines[2:2] = [sample.implementation_line(long), sample.verdict_line(("SYM1", long, "float32"), word="unsupported")]
    lines[0]["checks"] += 1
    results = sample.write(folder / "results.jsonl", lines)
    benchmarks = timing_sample.write(folder / "benchmarks.json", timing_sample.benchmarks())
    return write_report(results, folder, benchmarks, diagnoses=[diagnosis_sample.write(folder)])[0]


def browse(page: Path, folder: Path, *options: str) -> tuple[str, list[str]]:
    """Open a page in a fresh browser; return what it prints, and what the page's console says."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert browser, f"one of {', '.join(BROWSERS)} must be installed"
    done = subprocess.run(
        [browser, *OPTIONS, f"--user-data-dir={folder / 'profile'}", *options, page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def pixels(path: Path) -> tuple[int, int, bytes]:
    """Width, height and filtered rows of a PNG file (RFC 2083): enough to tell a blank picture."""
    content = path.read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    chunks, start = b"", 8
    while start < len(content):
        (length,) = struct.unpack(">I", content[start : start + 4])
        if content[start + 4 : start + 8] == b"IDAT":
            chunks += content[start + 8 : start + 8 + length]
        start += 12 + length
    return width, height, zlib.decompress(chunks)


def test_the_browser_has_nothing_to_complain_of(report: Path, tmp_path: Path) -> None:
    dom, console = browse(report, tmp_path, "--dump-dom")
    assert "1 of 33 checks violated" in dom
    assert console == []


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("mode", [(), ("--force-dark-mode",)], ids=["light", "dark"])
def test_there_is_something_to_see(report: Path, tmp_path: Path, width: int, mode: tuple[str, ...]) -> None:
    picture = tmp_path / "picture.png"
    _, console = browse(report, tmp_path, f"--window-size={width},1200", f"--screenshot={picture}", *mode)
    found_width, height, rows = pixels(picture)
    assert (found_width, height) == (width, 1200)
    assert len(set(rows)) > 100
    assert console == []


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_nothing_lies_beyond_the_edge(report: Path, tmp_path: Path, width: int) -> None:
    # A window has a least width, a frame has none; within the frame, scripts are allowed for the measuring only.
    page = re.sub("<meta http-equiv[^>]*>", "", report.read_text(encoding="utf-8"))
    measure = "const r = f.contentDocument.documentElement; document.title = r.scrollWidth + ' ' + r.clientWidth"
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><iframe id="f" style="width:{width}px;height:900px;border:0" '
        f'srcdoc="{html.escape(page)}"></iframe><script>f.onload = () => {{ {measure} }}</script>',
        encoding="utf-8",
    )
    dom, _ = browse(frame, tmp_path, "--dump-dom", "--window-size=1600,1000")
    found = re.search(r"<title>(\d+) (\d+)</title>", dom)
    assert found
    needed, there = map(int, found.groups())
    assert there == width
    assert needed <= there


AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


def complaints(page: Path, folder: Path, *options: str) -> list[str]:
    """What axe-core finds serious or critical in a page, with everything that is folded open."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed; run npm install --prefix tests/reports")
    source = re.sub("<meta http-equiv[^>]*>", "", page.read_text(encoding="utf-8"))
    look = (
        "document.querySelectorAll('details').forEach((each) => { each.open = true; });"
        "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => {"
        " document.title = 'axe ' + JSON.stringify(violations"
        ".filter(({ impact }) => ['serious', 'critical'].includes(impact))"
        ".map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 200))); });"
    )
    copy = folder / "axe.html"
    scripts = f"<script>{AXE.read_text(encoding='utf-8')}</script><script>{look}</script>"
    copy.write_text(source.replace("</body>", f"{scripts}</body>"), encoding="utf-8")
    dom, _ = browse(copy, folder, "--dump-dom", "--virtual-time-budget=60000", *options)
    found = re.search(r"<title>axe (.*?)</title>", dom, re.DOTALL)
    assert found, "axe-core did not end"
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize("options", [("--window-size=1280,900",), ("--window-size=500,844",)], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", [0, 1], ids=["dark", "light"])
def test_axe_finds_nothing_serious(report: Path, tmp_path: Path, options: tuple[str, ...], scheme: int) -> None:
    assert complaints(report, tmp_path, f"--blink-settings=preferredColorScheme={scheme}", *options) == []


def test_a_failing_run_of_three_is_at_most_ten_printed_pages(tmp_path: Path) -> None:
    results = sample.write(tmp_path / "results.jsonl", test_size.run(violated_each=22))
    page, pdf = write_report(results, tmp_path)[0], tmp_path / "page.pdf"
    browse(page, tmp_path, f"--print-to-pdf={pdf}", "--no-pdf-header-footer")
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))
    assert 1 <= pages <= 10


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_the_first_screen_says_what_failed_why_and_what_to_run(tmp_path: Path, width: int, height: int) -> None:
    page = write_report(sample.write(tmp_path / "results.jsonl", test_size.run(violated_each=22)), tmp_path)[0]
    source = re.sub("<meta http-equiv[^>]*>", "", page.read_text(encoding="utf-8"))
    measure = (
        "const d = f.contentDocument, end = (q) => Math.round(d.querySelector(q).getBoundingClientRect().bottom);"
        "document.title = ['h1', '#cause-1 h3', '#cause-1 .sentence', '#cause-1 .command'].map(end).join(' ');"
    )
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><iframe id="f" style="width:{width}px;height:{height}px;border:0" '
        f'srcdoc="{html.escape(source)}"></iframe><script>f.onload = () => {{ {measure} }}</script>',
        encoding="utf-8",
    )
    dom, _ = browse(frame, tmp_path, "--dump-dom", "--window-size=1600,1200")
    found = re.search(r"<title>([\d ]+)</title>", dom)
    assert found
    ends = [int(end) for end in found[1].split()]
    assert ends == sorted(ends)
    assert ends[-1] <= height
