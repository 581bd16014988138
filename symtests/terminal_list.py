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

__all__ = ["family_lines", "law_lines", "law_table", "law_text"]


def family_lines(laws: Sequence[Property]) -> Iterator[Text]:
    """Give a line for each family: its name, its numbers, its group and what its properties are called."""
    families: dict[str, list[Property]] = {}
    for law in laws:
        families.setdefault(family_of(law.id), []).append(law)
    group = max(len(law.group) for law in laws)
    for family, members in families.items():
        numbers = [law.id[len(family) :] for law in members]
        span = numbers[0] if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
        titles = "; ".join(law.title for law in members)
        yield line_of(f"{family:<5}{span:<4} {members[0].group:<{group}}  {titles}")
    yield line_of("")
    yield line_of("symtests list GRAD names those of a family, symtests list tie those with a word,")
    yield line_of("symtests show GRAD1 tells one whole.")


def law_lines(laws: Iterable[Property]) -> Iterator[Text]:
    """Give a line for each property: its id and its title."""
    yield from (line_of(f"{law.id:<6} {law.title}") for law in laws)


def law_table(laws: Sequence[Property]) -> Table:
    """Return the properties as a table: id, what holds, how exactly, what it catches, the claims that it checks."""
    table = Table(box=None, pad_edge=False, show_lines=False, row_styles=("", "dim"))
    for heading in ("law", "what holds", "how exactly", "what it catches", "claims"):
        table.add_column(heading, overflow="fold")
    for law in laws:
        table.add_row(law.id, Text(law.statement), Text(law.exactness.value), Text(law.catches), ", ".join(law.claims))
    return table


def law_text(law: Property) -> Iterator[RenderableType]:
    """Give all that a property says of itself, and the line that checks it."""
    yield Text(f"{law.id}: {law.title}", style="bold")
    yield lines_of(law.statement)
    yield Padding(lines_of(law.formula), (1, 0, 1, 2))
    asked = f"{' and '.join(law.tiers)} cases"
    if law.needs:
        asked += f"; needs {' and '.join(law.needs)}"
    if law.promise < float("inf"):
        asked += f"; promises to see a relative fault of {law.promise:g}"
    facts = {
        "when": law.precondition,
        "how exactly": law.exactness.value,
        "catches": law.catches,
        "source": law.source,
        "claims": ", ".join(law.claims),
        "asked": asked,
        "group": f"{law.group}; version {law.version}, since symtests {law.since}",
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, text in facts.items():
        if text:
            table.add_row(name, lines_of(text))
    yield table
    yield line_of("")
    yield line_to_type(f"check it: symtests check numpy --property {law.id} --profile quick")
