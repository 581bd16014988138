"""Typesets the formulas of the docs as MathML, which a browser draws without a script and without a network.

The formulas are written in Unicode, as in ``θ(t) = θ(0) − η Σᵢ gᵢ²``: small raised and lowered characters become
exponents and indices, a letter a variable, letters that belong together a name, and everything else an operator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵏᵗᵀᶻᵃᵇᵈᵐˡ", "0123456789+−=()niktTzabdml", strict=True)) | {"′": "′"}
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢⱼₖₗₘₙₚₜₓₐₑₒᵣₛₕ", "0123456789+−=()ijklmnptxaeorsh", strict=True))
_TOKEN = re.compile(
    rf"(?P<number>\d+(?:[.,]\d+)*)|(?P<raised>[{re.escape(''.join(RAISED))}]+)|(?P<lowered>[{re.escape(''.join(LOWERED))}]+)"
    r"|(?P<under>_[A-Za-z0-9]+)|(?P<name>[^\W\d_]+)|(?P<space>\s+)|(?P<operator>.)",
)
_DECOMPOSED = re.compile(r"[\u0300-\u036f]")


def formula(text: str) -> str:
    """Return a formula as a MathML element that stands on a line of its own."""
    atoms: list[str] = []
    for kind, token in _tokens(text):
        if kind in ("raised", "lowered", "under") and atoms and atoms[-1] != _SPACE:
            atoms[-1] = _with_script(atoms[-1], kind, token)
        else:
            atoms.append(_atom(kind, token))
    return f'<math display="block" alttext="{escape(text, quote=True)}"><mrow>{"".join(atoms)}</mrow></math>'


_SPACE = '<mspace width="0.35em"/>'


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "operator"
        token = found[0]
        small = {"raised": RAISED, "lowered": LOWERED}.get(kind)
        if kind == "name":  # small letters count as letters to a regular expression
            yield from _name(token)
        else:
            yield kind, "".join(small[each] for each in token) if small else token


def _name(token: str) -> Iterator[tuple[str, str]]:
    """Give the runs of a name: its plain letters, and the raised and lowered ones behind them."""
    kinds = [("raised" if each in RAISED else "lowered" if each in LOWERED else "name", each) for each in token]
    while kinds:
        kind = kinds[0][0]
        run = kinds[: next((n for n, (k, _) in enumerate(kinds) if k != kind), len(kinds))]
        kinds = kinds[len(run) :]
        small = {"raised": RAISED, "lowered": LOWERED}.get(kind, {})
        yield kind, "".join(small.get(each, each) for _, each in run)


def _atom(kind: str, token: str) -> str:
    text = escape(token)
    if kind == "space":
        return _SPACE
    if kind == "number":
        return f"<mn>{text}</mn>"
    if kind in ("raised", "lowered", "under"):
        return _with_script("<mrow></mrow>", kind, token)
    if kind == "name":
        return f"<mi>{text}</mi>" if len(_DECOMPOSED.sub("", token)) == 1 else f'<mi mathvariant="normal">{text}</mi>'
    return f"<mo>{text}</mo>" if token not in "|()[]" else f'<mo stretchy="false">{text}</mo>'


def _with_script(base: str, kind: str, token: str) -> str:
    tag = "msup" if kind == "raised" else "msub"
    return f"<{tag}>{base}<mrow><mtext>{escape(token.removeprefix('_'))}</mtext></mrow></{tag}>"
