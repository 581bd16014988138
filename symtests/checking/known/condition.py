"""When an entry of a list of known failures applies: dtype, versions and platform, as a person writes them."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from symtests.network import DTYPES
from symtests.validation import InvalidValue, known_settings, one_of

__all__ = ["Condition"]

_NAMES = ("dtype", "version", "platform", "python")


@dataclass(frozen=True)
class Condition:
    """When an entry applies: everything that it names has to fit; one that names nothing applies always.

    Parameters
    ----------
    dtype
        Dtypes.
    version
        Versions of the implementation, as in ``<2.1``.
    platform
        Beginnings of `sys.platform`, as in ``linux``, ``darwin`` and ``win``.
    python
        Versions of Python, as in ``>=3.12``.
    """

    dtype: tuple[str, ...] = ()
    version: str = ""
    platform: tuple[str, ...] = ()
    python: str = ""

    @classmethod
    def from_toml(cls, data: object) -> Condition:
        """Return the condition that a table of TOML states.

        Raises
        ------
        InvalidValue
            Where it names something else, or a value that cannot be.
        """
        if not isinstance(data, Mapping):
            raise InvalidValue(f"when={data!r}: must be a table of conditions, as in when = {{ dtype = 'float32' }}")
        known_settings("when", data, _NAMES)
        return cls(
            tuple(one_of("when.dtype", dtype, DTYPES) for dtype in _texts("dtype", data.get("dtype", ()))),
            _specifier("version", data.get("version", "")),
            _texts("platform", data.get("platform", ())),
            _specifier("python", data.get("python", "")),
        )

    def mismatch(self, dtype: str, version: str) -> str:
        """Return what does not fit for an implementation of this version in this dtype; empty where all does."""
        if self.dtype and dtype not in self.dtype:
            return f"dtype is {dtype}, and the entry is for {' and '.join(self.dtype)}"
        if self.platform and not sys.platform.startswith(self.platform):
            return f"platform is {sys.platform}, and the entry is for {' and '.join(self.platform)}"
        if self.python and not _fits(self.python, platform.python_version()):
            return f"Python is {platform.python_version()}, and the entry is for {self.python}"
        if self.version and not _fits(self.version, version):
            return f"the implementation's version is {version or 'not told'}, and the entry is for {self.version}"
        return ""


def _texts(name: str, value: object) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else value
    if isinstance(texts, (list, tuple)) and all(isinstance(text, str) for text in texts):
        return tuple(texts)
    raise InvalidValue(f"when.{name}={value!r}: must be a string or a list of strings")


def _specifier(name: str, value: Any) -> str:
    try:
        SpecifierSet(value)
    except (InvalidSpecifier, TypeError, AttributeError):
        raise InvalidValue(f"when.{name}={value!r}: must be a range of versions, as in '>=1.2,<2'") from None
    return str(value)


def _fits(specifier: str, version: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False
