"""What a record is of: hashes of code that change with the code, and with no comment, docstring, layout or Python."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

__all__ = ["code_of", "hash_of_modules", "hash_of_parts"]

_OURS: Final = ("symtests", "tests")


def hash_of_parts(parts: Iterable[tuple[str, str]]) -> str:
    """Return a short hash of names and the text of each, whatever their order."""
    return hashlib.sha256(repr(sorted(parts)).encode()).hexdigest()[:16]


def hash_of_modules(names: Iterable[str]) -> str:
    """Return a short hash of the code of modules and of all of this project that they import, and these in turn."""
    seen, ahead = set(names), list(names)
    while ahead:
        new = _imported_by(ahead.pop()) - seen
        seen |= new
        ahead += new
    return hash_of_parts((name, _code_of_module(name)) for name in seen)


def code_of(node: Any) -> str:
    """Return a part of a syntax tree as text: what it holds, without docstrings and places, the same on every Python.

    `ast.dump` tells empty fields on some versions and not on others.
    """
    if isinstance(node, list):
        return f"[{', '.join(code_of(each) for each in node if not _is_text_alone(each))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = (f"{name}={code_of(value)}" for name, value in ast.iter_fields(node) if value not in (None, []))
    return f"{type(node).__name__}({', '.join(fields)})"


def _is_text_alone(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@cache
def _tree_of(module: str) -> ast.Module:
    return ast.parse(_file_of(module).read_bytes())


@cache
def _code_of_module(module: str) -> str:
    return code_of(_tree_of(module))


@cache
def _imported_by(module: str) -> frozenset[str]:
    named: set[str] = set()
    for node in ast.walk(_tree_of(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
    return frozenset(name for name in named if name.split(".")[0] in _OURS and _is_module(name))


@cache
def _is_module(name: str) -> bool:
    try:
        spec = find_spec(name)
        return spec is not None and spec.origin is not None  # a folder without __init__.py holds no code of its own
    except ModuleNotFoundError:  # what is asked for is a name in a module
        return False


def _file_of(module: str) -> Path:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)
