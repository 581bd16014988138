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

__all__ = ["list_properties", "show_property"]


def list_properties(
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
    from symtests.checking.results.results_file import claim_to_json, property_to_json
    from symtests.claims import CLAIMS, claims_of
    from symtests.properties import PROPERTIES
    from symtests.property_page import property_page
    from symtests.terminal_list import family_lines, property_lines, property_table

    if as_json + as_markdown + in_full > 1:
        wrong = "markdown" if as_markdown else "full"
        raise InvalidValue(f"{wrong}=True: cannot go with another form; leave one of them out")
    properties = _fitting(words or [], exactness)
    whole = properties == list(PROPERTIES)
    if as_json:
        claims = CLAIMS if whole else claims_of(properties)
        document = {
            "properties": [property_to_json(prop) for prop in properties],
            "claims": [claim_to_json(claim) for claim in claims],
        }
        typer.echo(json_for(sys.stdout, json.dumps(document, indent=2, ensure_ascii=False)))
    elif as_markdown:
        typer.echo(property_page(properties, CLAIMS if whole else claims_of(properties)), nl=False)
    elif in_full:
        terminal().print(property_table(properties))
    else:
        console = terminal()
        for line in family_lines(properties) if whole else property_lines(properties):
            console.print(line, no_wrap=True, overflow="ellipsis")


def show_property(
    name: Annotated[str, typer.Argument(help="the property, as in GRAD1", metavar="PROPERTY")],
) -> None:
    """Tell one property whole: what holds, when, how exactly, what it catches, its source, and how to check it."""
    from symtests import properties
    from symtests.terminal_list import property_text

    console = terminal()
    for line in property_text(properties.find(name)):
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

    properties = list(PROPERTIES)
    if exactness is not None:
        kinds = {kind.name.lower(): kind for kind in Exactness}
        properties = [
            prop for prop in properties if prop.exactness is kinds[one_of("exactly", exactness.lower(), kinds)]
        ]
    for word in words:
        fitting = [prop for prop in properties if _fits(prop, word.casefold())]
        if not fitting:
            hint = nearest(word, [*FAMILIES, *GROUPS, *(prop.id for prop in PROPERTIES)])
            raise InvalidValue(
                f"words={word!r}: fits no property that is left; must be a family ({', '.join(FAMILIES)}), a group "
                f"({', '.join(GROUPS)}) or a word of what a property says{hint}"
            )
        properties = fitting
    return properties


def _fits(prop: Property, word: str) -> bool:
    from symtests.properties import FAMILIES, GROUPS, family_of

    names = {prop.id, family_of(prop.id), prop.group}
    if word in (name.casefold() for name in (*FAMILIES, *GROUPS)):
        return word in (name.casefold() for name in names)
    texts = (
        prop.id,
        prop.group,
        prop.title,
        prop.statement,
        prop.formula,
        prop.precondition,
        prop.catches,
        prop.source,
    )
    return any(word in text.casefold() for text in (*texts, *prop.claims))
