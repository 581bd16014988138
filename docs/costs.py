"""Makes the table by which shards are dealt out, `symtests/checking/sharding/costs.json`, from whole runs.

    symtests check numba autograd -n 1 --out costs
    python docs/costs.py costs

One process at a time, so that no check waits for another. The numbers are relative: a property that is not in the table
counts as the median, so that the table need not be made anew for each new property.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from symtests.checking.results.results_file import RESULTS_FILE, Results, read_results
from symtests.checking.sharding.costs import COSTS_FILE, costs_from

__all__ = ["main", "table"]


def table(runs: Sequence[Results]) -> str:
    """Return the text of the table."""
    made_from = [
        {"symtests": run.run["symtests"], "profile": run.run["profile"], "implementations": sorted(run.implementations)}
        for run in runs
    ]
    costs = costs_from(runs).by_property
    return json.dumps({"made_from": made_from, "costs": costs}, indent=2) + "\n"


def main(arguments: Sequence[str], out: Path) -> None:
    """Write the table from the folders of runs."""
    out.write_text(table([read_results(Path(each) / RESULTS_FILE) for each in arguments]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:], Path(str(files("symtests.checking.sharding").joinpath(COSTS_FILE))))
