"""A diagnosis as a file beside the results of a run, from which the report takes it."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from symtests.doctor.telling import circumstances, headline

if TYPE_CHECKING:
    from symtests.doctor.diagnosing import Diagnosis

__all__ = ["SCHEMA", "diagnosis_record", "file_name"]

SCHEMA: Final = 1
"""Version of the format."""


def file_name(model: str) -> str:
    """Return the name of the file for a model: ``diagnosis-net.json`` for ``src/net.py``.

    Parameters
    ----------
    model
        The file, and the name behind a colon, as it was typed.
    """
    file, colon, name = model.rpartition(":")
    if not colon or not name.isidentifier():
        file, name = model, ""
    words = "-".join(filter(None, (Path(file).stem, name)))
    return f"diagnosis-{re.sub(r'[^A-Za-z0-9_.-]', '_', words)}.json"


def diagnosis_record(diagnosis: Diagnosis, model: str) -> dict[str, Any]:
    """Return what a report shows of a diagnosis, as plain data.

    Parameters
    ----------
    diagnosis
        What was found.
    model
        What was examined, as it was typed.
    """
    from symtests import __version__

    return {
        "type": "diagnosis", "schema": SCHEMA, "symtests": __version__, "model": model,
        "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "headline": headline(diagnosis), "circumstances": circumstances(diagnosis),
        "findings": [
            {
                "kind": each.kind, "verdict": each.verdict, "sentence": each.sentence, "cure": each.cure,
                "accepted": each.accepted, "lines": _lines(diagnosis, each.where),
            }
            for each in diagnosis.findings
        ],
        "starts": [share.sentence for share in diagnosis.starts.shares] if diagnosis.starts is not None else [],
        "unknown": list(diagnosis.unknown),
    }  # fmt: skip


def _lines(diagnosis: Diagnosis, names: tuple[str, ...]) -> list[str]:
    """Return the lines that made tensors, as in ``net.py:12``."""
    lines = (diagnosis.origins[name] for name in names if name in diagnosis.origins)
    return list(dict.fromkeys(f"{Path(each.file).name}:{each.line}" for each in lines))
