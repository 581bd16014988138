"""Takes the pictures of docs/report.md: the report of a failing run, on a screen, on a phone, in the dark, on paper.

    python docs/report_pictures.py                      make a run, and write docs/report_*.png
    python docs/report_pictures.py RESULTS              the same from the report that lies in the folder RESULTS

It needs Chromium, and the packages of the group docs. The run checks three networks with a fault each: that of
examples/my_broken_network.py, and examples/my_network.py with one line changed; where PyTorch is installed,
examples/dead_model.py is examined too.
"""

from __future__ import annotations

import html
import io
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pypdfium2
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
WIDE: Final = (1280, 900)
PHONE: Final = (390, 844)
MOST_BYTES: Final = 60_000
"""What a picture may take in the repository."""
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
_DARK, _LIGHT = "--blink-settings=preferredColorScheme=0", "--blink-settings=preferredColorScheme=1"
FAULTS: Final = {
    "WrongSlope": ("(1 - activations[layer] ** 2)", "(1 - activations[layer])"),
    "MeanBias": ("error_signal.sum(axis=0)", "error_signal.mean(axis=0)"),
}
"""What is changed in examples/my_network.py, by the name of the class with that fault."""


def broken_networks(folder: Path) -> list[str]:
    """Write three networks with a fault each into a folder; return what `symtests check` takes."""
    shutil.copyfile(EXAMPLES / "my_broken_network.py", folder / "my_broken_network.py")
    names = ["my_broken_network.py:MyBrokenNetwork"]
    source = (EXAMPLES / "my_network.py").read_text(encoding="utf-8")
    for name, (right, wrong) in FAULTS.items():
        if source.count(right) != 1:
            raise SystemExit(f"examples/my_network.py: {right} must stand there once")
        file = f"{re.sub('(?<!^)(?=[A-Z])', '_', name).lower()}.py"
        text = source.replace("class MyNetwork", f"class {name}").replace(right, wrong)
        (folder / file).write_text(text, encoding="utf-8")
        names.append(f"{file}:{name}")
    return names


def failing_run(folder: Path) -> Path:
    """Check the three networks in a folder; return the folder of the results."""
    out = folder / "symtests-results"
    if find_spec("torch") is not None:
        shutil.copyfile(EXAMPLES / "dead_model.py", folder / "dead_model.py")
        _symtests(folder, "diagnose", "dead_model.py", "--out", out.name)
    _symtests(folder, "check", *broken_networks(folder), "--profile", "quick", "--out", out.name)
    return out


def _symtests(folder: Path, *arguments: str) -> None:
    program = [sys.executable, "-c", "from symtests.cli import main; main()"]
    done = subprocess.run([*program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 1:
        raise SystemExit(f"symtests {arguments[0]}: exit status {done.returncode}, not 1\n{done.stdout}{done.stderr}")


def browse(page: Path, *options: str) -> None:
    """Open a page in a browser without a window and without a past."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise SystemExit(f"browser: one of {', '.join(_BROWSERS)} must be installed")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [browser, *_OPTIONS, f"--user-data-dir={profile}", *options, page.as_uri()],
            capture_output=True, timeout=120, check=True,
        )  # fmt: skip


def pictured(page: Path, size: tuple[int, int], scheme: str, folder: Path, opened: str = "") -> Image.Image:
    """Return the first screen of a page.

    Parameters
    ----------
    page
        The report.
    size
        Width and height of the screen; a phone is narrower than a window can be, and so a frame in it.
    scheme
        Option of the browser for light or dark.
    folder
        For what is needed meanwhile.
    opened
        Id of what is scrolled to; the top unless given.
    """
    frame, picture = folder / "frame.html", folder / "picture.png"
    source = re.sub("<meta http-equiv[^>]*>", "", page.read_text(encoding="utf-8"))
    width, height = size
    jump = f'f.contentDocument.getElementById("{opened}").scrollIntoView({{ behavior: "instant" }})'
    scroll = f"<script>f.onload = () => {jump}</script>"
    frame.write_text(
        '<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<style>body {{ margin: 0 }} iframe {{ border: 0; width: {width}px; height: {height}px }}</style>"
        f'<iframe id="f" srcdoc="{html.escape(source)}"></iframe>{scroll if opened else ""}',
        encoding="utf-8",
    )
    browse(frame, scheme, f"--window-size={max(width, 600)},{height + 200}", f"--screenshot={picture}")
    with Image.open(picture) as taken:
        return taken.convert("RGB").crop((0, 0, width, height))


def printed(page: Path, folder: Path) -> Image.Image:
    """Return the first printed page of the report."""
    pdf = folder / "page.pdf"
    browse(page, f"--print-to-pdf={pdf}", "--no-pdf-header-footer")
    with pypdfium2.PdfDocument(pdf) as document:
        drawn: Any = document[0].render(scale=1.25)
        image: Image.Image = drawn.to_pil().convert("RGB")
        return image


def small(picture: Image.Image) -> bytes:
    """Return a picture as a PNG file of at most `MOST_BYTES`, with as many colours as fit."""
    for colours in (64, 32, 16, 8):
        file = io.BytesIO()
        picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            file, "PNG", optimize=True
        )
        if len(file.getvalue()) <= MOST_BYTES:
            return file.getvalue()
    raise SystemExit(f"a picture of {picture.size} takes more than {MOST_BYTES} bytes in 8 colours")


def main(arguments: list[str]) -> int:
    """Take all pictures."""
    if len(arguments) > 1:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = (Path(arguments[0]) if arguments else failing_run(folder)).resolve() / "report.html"
        pictures = {
            "light": pictured(page, WIDE, _LIGHT, folder), "dark": pictured(page, WIDE, _DARK, folder),
            "phone": pictured(page, PHONE, _LIGHT, folder), "phone_dark": pictured(page, PHONE, _DARK, folder),
            "printed": printed(page, folder), "models": pictured(page, (1280, 500), _LIGHT, folder, "models"),
        }  # fmt: skip
    for each, picture in pictures.items():
        content = small(picture)
        (ROOT / "docs" / f"report_{each}.png").write_bytes(content)
        print(f"docs/report_{each}.png: {picture.width} x {picture.height}, {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
