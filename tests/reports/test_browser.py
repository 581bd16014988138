"""A browser shows the report: no complaint, something to see, nothing beyond the edge of a phone."""

import html
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from symtests.reports import write_report
from tests.reports import sample, timing_sample

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
    return write_report(results, folder, benchmarks)[0]


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
