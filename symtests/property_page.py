"""The properties as Markdown: what is often said, and each property with its mathematics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from symtests.checking.profile import PROFILES
from symtests.claims import CLAIMS, Claim
from symtests.properties import PROPERTIES
from symtests.properties.base import Exactness, Property
from symtests.reports.markdown_text import plain

__all__ = ["property_page"]

_IN_WORDS: Final = {
    Exactness.BITWISE: "bit for bit in index-independent arithmetic",
    Exactness.BITWISE_ALWAYS: "bit for bit",
    Exactness.ROUNDING: "within rounding",
    Exactness.LOGICAL: "as a yes or no",
}


def property_page(properties: Sequence[Property] = PROPERTIES, claims: Sequence[Claim] = CLAIMS) -> str:
    """Return the properties as Markdown: what is often said, a table of all properties, and each property by itself.

    Parameters
    ----------
    properties
        In the order of the page, but that those of one group stand together.
    claims
        What is often said, which properties name by its id.
    """
    names = dict.fromkeys(prop.group for prop in properties)
    groups = [(name, [prop for prop in properties if prop.group == name]) for name in names]
    parts = [
        "## What is often said\n", _claim_table(properties, claims), "## All properties\n", _contents(groups),
        _profile_table(),
    ]  # fmt: skip
    for name, of_group in groups:
        parts.append(f"## {_words(name).capitalize()}\n")
        parts += [_property(prop) for prop in of_group]
    return "\n".join(parts)


def _profile_table() -> str:
    rows = ["| profile | small cases | wide cases |", "| :--- | ---: | ---: |"]
    rows += [f"| `{profile.name}` | {profile.small_examples:,} | {profile.wide_examples:,} |"
             for profile in PROFILES.values()]  # fmt: skip
    return "\n".join(rows) + "\n"


def _claim_table(properties: Sequence[Property], claims: Iterable[Claim]) -> str:
    rows = ["| claim | what is said | what is true of it | properties |", "| :--- | :--- | :--- | :--- |"]
    for claim in claims:
        checking = ", ".join(_link(prop) for prop in properties if claim.id in prop.claims)
        rows.append(f'| <a id="{claim.id.lower()}"></a>{claim.id} | {_text(claim.text)} | {_text(claim.truth)} '
                    f"| {checking} |")  # fmt: skip
    return "\n".join(rows) + "\n"


def _contents(groups: Iterable[tuple[str, Sequence[Property]]]) -> str:
    rows = ["| group | property | | how exactly | claims |", "| :--- | :--- | :--- | :--- | :--- |"]
    for name, properties in groups:
        for prop in properties:
            group = _words(name) if prop is properties[0] else ""
            rows.append(
                f"| {group} | {_link(prop)} | {_text(prop.title)} | {_exactly(prop)} | {', '.join(_claims(prop))} |"
            )
    return "\n".join(rows) + "\n"


def _property(prop: Property) -> str:
    facts = {
        "When": _text(prop.precondition),
        "How exactly": _text(prop.exactness.value),
        "Catches": _text(prop.catches),
        "Source": _text(prop.source),
        "Claims": ", ".join(_claims(prop)),
        "Asked": _asked(prop),
    }
    lines = [f"- **{name}**: {text}" for name, text in facts.items() if text]
    heading = f'### <a id="{prop.id.lower()}"></a>{prop.id}: {_text(prop.title)}'
    return "\n".join([heading, "", _text(prop.statement), "", f"> {_text(prop.formula)}", "", *lines, ""])


def _asked(prop: Property) -> str:
    parts = [f"{' and '.join(prop.tiers)} cases"]
    if prop.needs:
        parts.append(f"needs {' and '.join(f'`{name}`' for name in prop.needs)}")
    if prop.promise < float("inf"):
        parts.append(f"promises to see a relative fault of {prop.promise:g}")
    if prop.without_precondition is not None:
        parts.append("false without the precondition, which is tried on correct code")
    return "; ".join([*parts, f"version {prop.version}"])


def _exactly(prop: Property) -> str:
    return _IN_WORDS.get(prop.exactness, prop.exactness.value)


def _claims(prop: Property) -> list[str]:
    return [f"[{claim}](#{claim.lower()})" for claim in prop.claims]


def _link(prop: Property) -> str:
    return f"[{prop.id}](#{prop.id.lower()})"


def _words(group: str) -> str:
    return group.replace("_", " ")


def _text(words: str) -> str:
    """Return text as Markdown; an underscore within a word, as in leaky_relu, needs no escape."""
    return re.sub(r"(?<=\w)\\_(?=\w)", "_", str(plain(words)))
