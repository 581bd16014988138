"""The groups of comparisons, by the names by which they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from symtests.benchmarks.comparison import Comparison
from symtests.benchmarks.measuring import measure
from symtests.benchmarks.progress import with_progress
from symtests.terminal_text import terminal
from symtests.validation import one_of

__all__ = ["GROUPS", "comparisons_of", "measure_group", "required_group"]

GROUPS: Final = {
    "small-nets": "symtests.benchmarks.small_nets",
    "activations": "symtests.benchmarks.activation_functions",
    "dense-products": "symtests.benchmarks.dense_products",
    "digits": "symtests.benchmarks.digits",
    "populations": "symtests.benchmarks.populations",
    "starts": "symtests.benchmarks.starts",
}
"""For each group the module whose ``comparisons()`` returns what is compared."""


def required_group(name: str) -> str:
    """Return the name of a group.

    Raises
    ------
    InvalidValue
        Where there is none of this name.
    """
    return one_of("group", name, tuple(GROUPS))


def comparisons_of(group: str, quick: bool) -> Sequence[Comparison]:
    """Return the comparisons of a group, with `quick` only those that say so."""
    comparisons: Callable[[], Sequence[Comparison]] = import_module(GROUPS[group]).comparisons
    return [each for each in comparisons() if each.quick or not quick]


def measure_group(group: str, threads: str, extent: str, lines: str) -> None:
    """Measure the comparisons of a group with so many threads; append each as one JSON line to a file.

    The arguments are those of a command line; `extent` is ``quick`` or ``full``.
    """
    quick = extent == "quick"
    chosen = [each for each in comparisons_of(group, quick) if each.threads == int(threads)]
    named = ((f"{group} {each.name} {each.dtype}", each) for each in chosen)
    for each, progress in with_progress(named, terminal(stderr=True)):
        rounds, seconds = (7, 0.5) if quick else (31, 4.0)
        found = measure(each, rounds, seconds, None if quick else progress)
        with Path(lines).open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
