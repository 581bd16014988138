"""The laws as Markdown: what is often said, and each law with its mathematics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from symtests.checking.profile import PROFILES
from symtests.claims import CLAIMS, Claim
from symtests.properties import PROPERTIES
from symtests.properties.base import Exactness, Property
from symtests.reports.markdown_text import plain

__all__ = ["law_page"]

_IN_WORDS: Final = {
    Exactness.BITWISE: "bit for bit in index-independent arithmetic",
    Exactness.BITWISE_ALWAYS: "bit for bit",
    Exactness.ROUNDING: "within rounding",
    Exactness.LOGICAL: "as a yes or no",
}


def law_page(laws: Sequence[Property] = PROPERTIES, claims: Sequence[Claim] = CLAIMS) -> str:
    """Return the laws as Markdown: what is often said, a table of all laws, and each law by itself.

    Parameters
    ----------
    laws
        In the order of the page, but that those of one group stand together.
    claims
        What is often said, which laws name by its id.
    """
    names = dict.fromkeys(law.group for law in laws)
    groups = [(name, [law for law in laws if law.group == name]) for name in names]
    parts = [
        "## What is often said\n", _claim_table(laws, claims), "## All laws\n", _contents(groups), _profile_table()
    ]  # fmt: skip
    for name, of_group in groups:
        parts.append(f"## {_words(name).capitalize()}\n")
        parts += [_law(law) for law in of_group]
    return "\n".join(parts)


def _profile_table() -> str:
    rows = ["| profile | small cases | wide cases |", "| :--- | ---: | ---: |"]
    rows += [f"| `{profile.name}` | {profile.small_examples:,} | {profile.wide_examples:,} |"
             for profile in PROFILES.values()]  # fmt: skip
    return "\n".join(rows) + "\n"


def _claim_table(laws: Sequence[Property], claims: Iterable[Claim]) -> str:
    rows = ["| claim | what is said | what is true of it | laws |", "| :--- | :--- | :--- | :--- |"]
    for claim in claims:
        checking = ", ".join(_link(law) for law in laws if claim.id in law.claims)
        rows.append(f'| <a id="{claim.id.lower()}"></a>{claim.id} | {_text(claim.text)} | {_text(claim.truth)} '
                    f"| {checking} |")  # fmt: skip
    return "\n".join(rows) + "\n"


def _contents(groups: Iterable[tuple[str, Sequence[Property]]]) -> str:
    rows = ["| group | law | | how exactly | claims |", "| :--- | :--- | :--- | :--- | :--- |"]
    for name, laws in groups:
        for law in laws:
            group = _words(name) if law is laws[0] else ""
            rows.append(
                f"| {group} | {_link(law)} | {_text(law.title)} | {_exactly(law)} | {', '.join(_claims(law))} |"
            )
    return "\n".join(rows) + "\n"


def _law(law: Property) -> str:
    facts = {
        "When": _text(law.precondition),
        "How exactly": _text(law.exactness.value),
        "Catches": _text(law.catches),
        "Source": _text(law.source),
        "Claims": ", ".join(_claims(law)),
        "Asked": _asked(law),
    }
    lines = [f"- **{name}**: {text}" for name, text in facts.items() if text]
    heading = f'### <a id="{law.id.lower()}"></a>{law.id}: {_text(law.title)}'
    return "\n".join([heading, "", _text(law.statement), "", f"> {_text(law.formula)}", "", *lines, ""])


def _asked(law: Property) -> str:
    parts = [f"{' and '.join(law.tiers)} cases"]
    if law.needs:
        parts.append(f"needs {' and '.join(f'`{name}`' for name in law.needs)}")
    if law.promise < float("inf"):
        parts.append(f"promises to see a relative fault of {law.promise:g}")
    if law.without_precondition is not None:
        parts.append("false without the precondition, which is tried on correct code")
    return "; ".join([*parts, f"version {law.version}"])


def _exactly(law: Property) -> str:
    return _IN_WORDS.get(law.exactness, law.exactness.value)


def _claims(law: Property) -> list[str]:
    return [f"[{claim}](#{claim.lower()})" for claim in law.claims]


def _link(law: Property) -> str:
    return f"[{law.id}](#{law.id.lower()})"


def _words(group: str) -> str:
    return group.replace("_", " ")


def _text(words: str) -> str:
    """Return text as Markdown; an underscore within a word, as in leaky_relu, needs no escape."""
    return re.sub(r"(?<=\w)\\_(?=\w)", "_", str(plain(words)))
