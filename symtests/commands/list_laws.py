"""`symtests list` and `symtests show`: the properties at a glance, and one of them whole."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from symtests.ascii_forms import json_for
from symtests.terminal_text import terminal
from symtests.validation import InvalidValue

if TYPE_CHECKING:
    from symtests.properties.base import Property

__all__ = ["list_laws", "show_law"]


def list_laws(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="only those of this family or group, or with this word in what they say; all must fit"),
    ] = None,
    exactness: Annotated[
        str | None,
        typer.Option("--exactly", help="only those that hold so: bitwise, bitwise_always, rounding or logical"),
    ] = None,
    in_full: Annotated[bool, typer.Option("--full", help="a table with what each says and catches")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print them as JSON, with the claims")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="print them with their mathematics")] = False,
) -> None:
    """List the families of properties; with WORDS or --exactly, the properties that fit, a line each."""
    from symtests.checking.results.results_file import claim_to_json, law_to_json
    from symtests.claims import CLAIMS, claims_of
    from symtests.law_page import law_page
    from symtests.properties import PROPERTIES
    from symtests.terminal_list import family_lines, law_lines, law_table

    if as_json + as_markdown + in_full > 1:
        wrong = "markdown" if as_markdown else "full"
        raise InvalidValue(f"{wrong}=True: cannot go with another form; leave one of them out")
    laws = _fitting(words or [], exactness)
    whole = laws == list(PROPERTIES)
    if as_json:
        claims = CLAIMS if whole else claims_of(laws)
        document = {"laws": [law_to_json(law) for law in laws], "claims": [claim_to_json(claim) for claim in claims]}
        typer.echo(json_for(sys.stdout, json.dumps(document, indent=2, ensure_ascii=False)))
    elif as_markdown:
        typer.echo(law_page(laws, CLAIMS if whole else claims_of(laws)), nl=False)
    elif in_full:
        terminal().print(law_table(laws))
    else:
        console = terminal()
        for line in family_lines(laws) if whole else law_lines(laws):
            console.print(line, no_wrap=True, overflow="ellipsis")


def show_law(
    name: Annotated[str, typer.Argument(help="the property, as in GRAD1", metavar="PROPERTY")],
) -> None:
    """Tell one property whole: what holds, when, how exactly, what it catches, its source, and how to check it."""
    from symtests import properties
    from symtests.terminal_list import law_text

    console = terminal()
    for line in law_text(properties.find(name)):
        console.print(line, crop=False)


def _fitting(words: list[str], exactness: str | None) -> list[Property]:
    """Return the properties that each word fits, as a name or as part of a text.

    Raises
    ------
    InvalidValue
        Where none is left; the sentence names the families and groups.
    """
    from symtests.properties import FAMILIES, GROUPS, PROPERTIES
    from symtests.properties.base import Exactness
    from symtests.validation import nearest, one_of

    laws = list(PROPERTIES)
    if exactness is not None:
        kinds = {kind.name.lower(): kind for kind in Exactness}
        laws = [law for law in laws if law.exactness is kinds[one_of("exactly", exactness.lower(), kinds)]]
    for word in words:
        fitting = [law for law in laws if _fits(law, word.casefold())]
        if not fitting:
            hint = nearest(word, [*FAMILIES, *GROUPS, *(law.id for law in PROPERTIES)])
            raise InvalidValue(
                f"words={word!r}: fits no property that is left; must be a family ({', '.join(FAMILIES)}), a group "
                f"({', '.join(GROUPS)}) or a word of what a property says{hint}"
            )
        laws = fitting
    return laws


def _fits(law: Property, word: str) -> bool:
    from symtests.properties import FAMILIES, GROUPS, family_of

    names = {law.id, family_of(law.id), law.group}
    if word in (name.casefold() for name in (*FAMILIES, *GROUPS)):
        return word in (name.casefold() for name in names)
    texts = (law.id, law.group, law.title, law.statement, law.formula, law.precondition, law.catches, law.source)
    return any(word in text.casefold() for text in (*texts, *law.claims))
