"""Numbers as a person likes to read them: short where the size matters, complete where every bit does."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["TIMES", "compact", "counted", "date", "duration", "every_digit", "multiple", "percent", "short_weight"]

_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MINUS: Final = "\N{MINUS SIGN}"
TIMES: Final = "\N{MULTIPLICATION SIGN}"
_LONGEST_WEIGHT: Final = 9


def compact(value: float, digits: int = 3) -> str:
    """Return a number to so many digits: ``12,345``, ``0.0213``, ``2.3 × 10⁻⁶``."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else f"{_MINUS}∞"
    size = abs(value)
    if value == int(value) and size < 1e7:
        return f"{int(value):,}".replace("-", _MINUS)
    if 1e-3 <= size < 1e5:
        text = np.format_float_positional(value, precision=digits, unique=False, fractional=False, trim="-")
        return text.replace("-", _MINUS)
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa.replace('-', _MINUS)} {TIMES} 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: ``1 case``, ``1,200 cases``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(fraction: float) -> str:
    """Return a fraction as a percentage: ``31 %``, ``0.4 %``, ``< 0.1 %``, ``0``."""
    if not math.isfinite(fraction):
        return compact(fraction)
    if fraction == 0:
        return "0"
    if fraction < 0.001:
        return "< 0.1 %"
    return f"{100 * fraction:.1f} %" if fraction < 0.1 else f"{100 * fraction:,.0f} %"


def multiple(ratio: float) -> str:
    """Return a ratio as a multiple: ``×0.524``, ``×4.13``, ``×130``."""
    return f"{TIMES}{compact(ratio)}"


def duration(seconds: float) -> str:
    """Return a time: ``38 µs``, ``0.4 s``, ``2 min 5 s``, ``1 h 4 min``."""
    if not math.isfinite(seconds) or seconds < 0:
        return "unknown"
    if seconds >= 59.5:
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
    if seconds >= 10:
        return f"{seconds:.0f} s"
    if seconds >= 0.1:
        return f"{seconds:.1f} s"
    for factor, unit in ((1e3, "ms"), (1e6, "µs"), (1e9, "ns")):
        if seconds * factor >= 1:
            return f"{compact(seconds * factor, 3)} {unit}"
    return f"{compact(seconds * 1e9, 2)} ns" if seconds else "0 s"


def date(moment: str) -> str:
    """Return an ISO 8601 moment as ``20 March 2026, 14:05 UTC``, or unchanged where it is none."""
    try:
        found = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    except ValueError:
        return moment
    zone = f" {found.tzname()}" if found.tzinfo else ""
    return f"{found.day} {found:%B %Y, %H:%M}{zone}"


def every_digit(value: float) -> str:
    """Return the shortest text that stands for this number and no other."""
    if not math.isfinite(value):
        return compact(value)
    return repr(int(value)) if value == int(value) and abs(value) < 1e16 and value else repr(value)


def short_weight(value: float, dtype: npt.DTypeLike) -> tuple[str, bool]:
    """Return a weight as its dtype prints it, or to six digits where that is long; and whether it was rounded."""
    if not math.isfinite(value):
        return compact(value), False
    exact = str(np.array(value, dtype)[()]).removesuffix(".0")
    rounded = len(exact) > _LONGEST_WEIGHT
    return (f"{value:.6g}" if rounded else exact).replace("-", _MINUS), rounded
