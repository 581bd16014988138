"""A shared record: the results of many runs, of many people, as one matrix with the history of each implementation."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from symtests.checking.results.results_file import RESULTS_FILE, Results, read_results
from symtests.checking.results.verdict import WORDS, exit_status
from symtests.shown_text import shown
from symtests.validation import InvalidValue
from symtests.whole_file import write_whole

__all__ = ["HISTORY_FILE", "Published", "fetched", "gathered", "history_page", "published"]

HISTORY_FILE: Final = "history.md"
"""Name of the page with the history, beside the report."""
_LARGEST: Final = 64 * 2**20
"""Bytes of a results file that is fetched."""
_SECONDS: Final = 30.0
"""Seconds that a server may take to answer."""


@dataclass(frozen=True)
class Published:
    """What one run found of one implementation, and where its results lie."""

    place: str
    results: Results
    name: str

    @property
    def started(self) -> str:
        """When the run began."""
        return str(self.results.run["started"])

    @property
    def counts(self) -> Counter[str]:
        """How many checks ended with each word."""
        return Counter(verdict.word for verdict in self.results.verdicts if verdict.implementation == self.name)


def is_address(place: str) -> bool:
    """Tell whether a place is an address on the network."""
    return urlsplit(place).scheme in ("http", "https")


def fetched(address: str, folder: Path) -> Path:
    """Fetch a results file into a folder; return its path.

    Parameters
    ----------
    address
        Of the file itself, with https; at most 64 MiB, and 30 s for each answer of its server.
    folder
        Where it is kept.

    Raises
    ------
    InvalidValue
        Where it cannot be fetched, or is too large.
    """
    if urlsplit(address).scheme != "https":
        raise InvalidValue(f"results={address!r}: must begin with https, so that nobody on the way can change it")
    try:
        with urlopen(Request(address, headers={"User-Agent": "symtests"}), timeout=_SECONDS) as answer:
            content = answer.read(_LARGEST + 1)
    except (URLError, OSError, ValueError) as error:
        raise InvalidValue(f"results={address!r}: cannot be fetched ({shown(str(error))})") from None
    if len(content) > _LARGEST:
        raise InvalidValue(f"results={address!r}: is larger than {_LARGEST // 2**20} MiB")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / RESULTS_FILE
    write_whole(path, content)
    return path


def published(places: Sequence[tuple[str, Path]]) -> list[Published]:
    """Return what some results files tell of each implementation, oldest first.

    Parameters
    ----------
    places
        Where each comes from, and its path.

    Raises
    ------
    InvalidValue
        Where one is no results file of this version of the format.
    """
    found = []
    for place, path in places:
        results = read_results(path)
        found += [Published(place, results, name) for name in results.implementations]
    return sorted(found, key=lambda each: (each.started, each.place))


def gathered(runs: Sequence[Published]) -> Iterator[Mapping[str, Any]]:
    """Give the lines of one results file with the newest run of each implementation.

    Parameters
    ----------
    runs
        Oldest first.

    Raises
    ------
    InvalidValue
        Where there is nothing to gather.
    """
    if not runs:
        raise InvalidValue("results: must name at least one run that judged something")
    newest = {run.name: run for run in runs}
    chosen = sorted(newest.values(), key=lambda run: run.name)
    properties: dict[str, Mapping[str, Any]] = {}
    claims: dict[str, Mapping[str, Any]] = {}
    for run in runs:
        for prop in run.results.run["properties"]:
            if prop["id"] not in properties or prop["version"] >= properties[prop["id"]]["version"]:
                properties[prop["id"]] = prop
        claims |= {claim["id"]: claim for claim in run.results.run["claims"]}
    verdicts = [verdict for run in chosen for verdict in run.results.verdicts if verdict.implementation == run.name]
    head = dict(runs[-1].results.run)
    for name in ("shard", "joined", "left_out", "fingerprint"):
        head.pop(name, None)
    yield {
        **head,
        "command": "",
        "implementations": [run.name for run in chosen],
        "dtypes": None,
        "properties": list(properties.values()),
        "claims": list(claims.values()),
        "checks": len(verdicts),
        "notes": [*map(_note, chosen), *_outdated(chosen, properties)],
    }
    yield from (run.results.implementations[run.name] for run in chosen)
    yield from (verdict.to_json() for verdict in verdicts)
    yield from (story for run in chosen for story in run.results.stories if story["implementation"] == run.name)
    yield {
        "type": "end", "finished": runs[-1].started, "seconds": sum(verdict.seconds for verdict in verdicts),
        "counts": dict(Counter(verdict.word for verdict in verdicts)), "exit_status": exit_status(verdicts),
    }  # fmt: skip


def _note(run: Published) -> str:
    head = run.results.run
    cut = "" if run.results.complete else ", cut short"
    return (
        f"{run.name}: checked on {run.started[:10]} with symtests {head['symtests']}, profile {head['profile']}, seed "
        f"{head['seed']}{cut} ({run.place})"
    )


def _outdated(chosen: Sequence[Published], properties: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for run in chosen:
        old = sorted(
            {v.property for v in run.results.verdicts if v.property_version < properties[v.property]["version"]}
        )
        if old:
            yield f"{run.name}: was asked an older version of {', '.join(old)}"


def history_page(runs: Sequence[Published]) -> str:
    """Return a page in Markdown with a line for each run of each implementation, newest first."""
    words = [word for word in WORDS if any(run.counts[word] for run in runs)]
    lines = [
        "# Results of all implementations, run by run\n",
        f"| implementation | version | date | symtests | {' | '.join(words)} | from |",
        "|---|---|---|---|" + "--:|" * len(words) + "---|",
    ]
    for run in sorted(runs, key=lambda each: each.started, reverse=True):
        version = run.results.implementations[run.name]["version"]
        checks = [run.name, version, run.started[:10], run.results.run["symtests"]]
        checks += [str(run.counts[word]) for word in words]
        lines.append("| " + " | ".join(_check(check) for check in (*checks, run.place)) + " |")
    return "\n".join(lines) + "\n"


def _check(text: str) -> str:
    """Return a text as a check of a table, in which nothing of it is markup."""
    return (
        json.dumps(shown(text), ensure_ascii=False)[1:-1].replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[")
    )
