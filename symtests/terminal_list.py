"""What a person sees of the properties themselves: a line for each family, a line for each, a table, or one whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from symtests.properties import family_of
from symtests.properties.base import Property
from symtests.terminal_text import line_of, line_to_type, lines_of

__all__ = ["family_lines", "property_lines", "property_table", "property_text"]


def family_lines(properties: Sequence[Property]) -> Iterator[Text]:
    """Give a line for each family: its name, its numbers, its group and what its properties are called."""
    families: dict[str, list[Property]] = {}
    for prop in properties:
        families.setdefault(family_of(prop.id), []).append(prop)
    group = max(len(prop.group) for prop in properties)
    for family, members in families.items():
        numbers = [prop.id[len(family) :] for prop in members]
        span = numbers[0] if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
        titles = "; ".join(prop.title for prop in members)
        yield line_of(f"{family:<5}{span:<4} {members[0].group:<{group}}  {titles}")
    yield line_of("")
    yield line_of("symtests list GRAD names those of a family, symtests list tie those with a word,")
    yield line_of("symtests show GRAD1 tells one whole.")


def property_lines(properties: Iterable[Property]) -> Iterator[Text]:
    """Give a line for each property: its id and its title."""
    yield from (line_of(f"{prop.id:<6} {prop.title}") for prop in properties)


def property_table(properties: Sequence[Property]) -> Table:
    """Return the properties as a table: id, what holds, how exactly, what it catches, the claims that it checks."""
    table = Table(box=None, pad_edge=False, show_lines=False, row_styles=("", "dim"))
    for heading in ("property", "what holds", "how exactly", "what it catches", "claims"):
        table.add_column(heading, overflow="fold")
    for prop in properties:
        table.add_row(
            prop.id, Text(prop.statement), Text(prop.exactness.value), Text(prop.catches), ", ".join(prop.claims)
        )
    return table


def property_text(prop: Property) -> Iterator[RenderableType]:
    """Give all that a property says of itself, and the line that checks it."""
    yield Text(f"{prop.id}: {prop.title}", style="bold")
    yield lines_of(prop.statement)
    yield Padding(lines_of(prop.formula), (1, 0, 1, 2))
    asked = f"{' and '.join(prop.tiers)} cases"
    if prop.needs:
        asked += f"; needs {' and '.join(prop.needs)}"
    if prop.promise < float("inf"):
        asked += f"; promises to see a relative fault of {prop.promise:g}"
    facts = {
        "when": prop.precondition,
        "how exactly": prop.exactness.value,
        "catches": prop.catches,
        "source": prop.source,
        "claims": ", ".join(prop.claims),
        "asked": asked,
        "group": f"{prop.group}; version {prop.version}, since symtests {prop.since}",
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, text in facts.items():
        if text:
            table.add_row(name, lines_of(text))
    yield table
    yield line_of("")
    yield line_to_type(f"check it: symtests check numpy --property {prop.id} --profile quick")
