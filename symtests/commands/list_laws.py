"""`symtests list`: names the laws."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from symtests.terminal_text import terminal
from symtests.validation import InvalidValue

__all__ = ["list_laws"]


def list_laws(
    as_json: Annotated[bool, typer.Option("--json", help="print them as JSON, with the claims")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="print them with their mathematics")] = False,
) -> None:
    """List the laws, with what each one catches and the claims that it checks."""
    from symtests.checking.results.results_file import claim_to_json, law_to_json
    from symtests.claims import CLAIMS
    from symtests.law_page import law_page
    from symtests.properties import PROPERTIES
    from symtests.terminal import law_table

    if as_json and as_markdown:
        raise InvalidValue("markdown=True: cannot go with --json; leave one of them out")
    if as_json:
        laws, claims = [law_to_json(law) for law in PROPERTIES], [claim_to_json(claim) for claim in CLAIMS]
        typer.echo(json.dumps({"laws": laws, "claims": claims}, indent=2, ensure_ascii=False))
    elif as_markdown:
        typer.echo(law_page(), nl=False)
    else:
        terminal().print(law_table(PROPERTIES))
