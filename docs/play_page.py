"""Writes docs/play.html: one file that needs nothing else, from the pieces in docs/play.

python docs/play_page.py            write it
python docs/play_page.py --check    say whether it is up to date; write nothing
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "play"
PAGE = FOLDER.parent / "play.html"


def page() -> str:
    """Return the page: modules cannot be loaded from a file, so that the arithmetic stands in it, without `export`."""
    arithmetic = (FOLDER / "play.mjs").read_text(encoding="utf-8")
    pieces = {
        "/* arithmetic */": re.sub(r"^export ", "", arithmetic, flags=re.MULTILINE).strip(),
        "/* page */": (FOLDER / "page.js").read_text(encoding="utf-8").strip(),
    }
    text = (FOLDER / "page.html").read_text(encoding="utf-8")
    for place, piece in pieces.items():
        if text.count(place) != 1 or "</script" in piece:
            raise SystemExit(f"page.html: must have {place} once, and no piece may end the script")
        text = text.replace(place, piece)
    return text


def main(arguments: list[str]) -> int:
    """Write the page, or compare; return the exit status."""
    if arguments == ["--check"]:
        return int(not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
