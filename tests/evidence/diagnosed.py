"""The record of models that were examined to measure the silence of `symtests diagnose`, a line of JSON for each.

A model that cannot be built, is too large, or cannot be trained for a step is counted with its reason and not judged.
Each is examined in a process of its own, so that one that hangs or crashes is a line too.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from symtests.doctor import Diagnosis

__all__ = ["add_missing", "line_of", "read", "summary"]

_MEMORY: Final = 12 << 30
"""Address space of a process, in bytes; libraries alone take a few of these."""
_SAID: Final = ("fatal", "costly")
"""Verdicts of which a record keeps the sentences."""


def line_of(result: Diagnosis, longer: Diagnosis | None = None) -> dict[str, Any]:
    """Return what a record keeps of a diagnosis, and for how many steps a fatal finding was there still.

    Parameters
    ----------
    result
        Of the usual number of steps.
    longer
        Of many more, where the first one has a fatal finding.
    """
    kept = {each.kind for each in longer.fatal} if longer is not None else set()
    proved = longer is not None and {each.kind for each in result.fatal} <= kept
    return {
        **({"proved at step": longer.steps} if proved and longer is not None else {}),
        "seconds": round(result.seconds, 1),
        "elements": result.elements,
        "findings": [
            {"kind": f.kind, "verdict": f.verdict, **({"sentence": f.sentence} if f.verdict in _SAID else {})}
            for f in result.findings
        ],
        "groups": dict(Counter(each.group.kind for each in result.groups)),
        "candidates": result.candidates,
        "unknown": list(result.unknown),
    }


def read(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a record; none if there is no file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def add_missing(
    path: Path,
    names: Iterable[str],
    judge: Callable[[str], Mapping[str, Any]],
    *,
    source: str,
    minutes: float,
    seconds: int = 120,
) -> None:
    """Examine what a record does not have yet, and add a line for each, until the time is over.

    Parameters
    ----------
    path
        The record.
    names, judge
        What there is, and what gives the line of one: `line_of` its diagnosis, or a reason why it is left out.
    source
        Where the models come from, with the version.
    minutes, seconds
        How long all may take, and one.
    """
    done = {(line["source"], line["name"]) for line in read(path)}
    end = time.monotonic() + 60 * minutes
    for name in names:
        if (source, name) in done:
            continue
        if time.monotonic() > end:
            return
        line = {"source": source, "name": name, **_apart(judge, name, seconds)}
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _apart(judge: Callable[[str], Mapping[str, Any]], name: str, seconds: int) -> Mapping[str, Any]:
    """Run a function in a process of its own."""
    context = get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(judge, name, theirs, seconds), daemon=True)
    process.start()
    theirs.close()
    try:
        found: Mapping[str, Any] = mine.recv() if mine.poll(seconds + 5) else {"failed": f"longer than {seconds} s"}
    except EOFError:
        process.join(5)
        found = {"failed": f"the process ended with status {process.exitcode}"}
    process.kill()
    process.join()
    return found


def _answer(judge: Callable[[str], Mapping[str, Any]], name: str, to: Any, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.signal(signal.SIGALRM, lambda *_: to.send({"failed": f"longer than {seconds} s"}) or os._exit(0))
    signal.alarm(seconds)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        to.send(dict(judge(name)))
    except BaseException as error:
        to.send({"failed": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"})


def summary(lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the counts of a record.

    Parameters
    ----------
    lines
        Of one source.
    """
    seen = list(lines)
    judged = [line for line in seen if "findings" in line]
    kinds = Counter((f["verdict"], f["kind"]) for line in judged for f in line["findings"])
    return {
        "models": len(seen),
        "judged": len(judged),
        "failed": [line["name"] for line in seen if "failed" in line],
        "left out": sum("left out" in line for line in seen),
        "grouped": sum(bool(line["groups"]) for line in judged),
        "fatal": [line for line in judged if any(f["verdict"] == "fatal" for f in line["findings"])],
        "kinds": {f"{verdict}: {kind}": count for (verdict, kind), count in sorted(kinds.items())},
        "units": dict(Counter(kind for line in judged for kind in line["groups"])),
    }
