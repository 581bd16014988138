"""Words of files and answers that symtests 0.1 wrote or asked for, read as those that stand for them today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["OLD_SCHEMA", "capabilities_today", "known_today", "result_today", "vectors_today"]

OLD_SCHEMA: Final = 1
"""The version of results and of vectors that is read besides the present one."""

_RUN: Final = {"laws": "properties", "cells": "checks"}
_LEFT_OUT: Final = {"laws_of": "properties_of", "laws": "properties"}
_TALLY: Final = {"decisive": "conclusive"}
_CAPABILITIES: Final = {"start_laws": "start_distributions"}
_KNOWN: Final = {"laws": "properties"}
_FLAG: Final = {"law": "property"}


def result_today(record: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Return a line of a results file in the words of today.

    Parameters
    ----------
    record
        The line: any JSON object. What is no line of version 1 comes back as it is.
    version
        What a run line that was of version 1 says that it is.
    """
    line = dict(record)
    kind = line.get("type")
    if kind == "run" and _is_old(line):
        line = {**_renamed(line, _RUN), "schema": version}
        _rename_in(line, "left_out", _LEFT_OUT)
    elif kind == "verdict":
        _rename_in(line, "tally", _TALLY)
    elif kind == "implementation":
        _rename_in(line, "capabilities", _CAPABILITIES)
    return line


def capabilities_today(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an implementation says of itself in the words of today."""
    return _renamed(said, _CAPABILITIES)


def known_today(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file of known failures says in the words of today."""
    return _renamed(document, _KNOWN)


def vectors_today(document: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Return a file of vectors in the words of today; what is not of version 1 comes back as it is."""
    found = dict(document)
    flags = found.get("flags")
    if _is_old(found):
        found["schema"] = version
        if isinstance(flags, Mapping):
            found["flags"] = {
                name: _renamed(flag, _FLAG) if isinstance(flag, Mapping) else flag for name, flag in flags.items()
            }
    return found


def _is_old(document: Mapping[str, Any]) -> bool:
    schema = document.get("schema")
    return type(schema) is int and schema == OLD_SCHEMA


def _renamed(data: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a mapping with old keys under their new names, unless the new name is there too."""
    return {names.get(key, key) if names.get(key, key) not in data else key: value for key, value in data.items()}


def _rename_in(line: dict[str, Any], name: str, names: Mapping[str, str]) -> None:
    if isinstance(line.get(name), Mapping):
        line[name] = _renamed(line[name], names)
