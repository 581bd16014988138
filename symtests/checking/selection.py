"""Which laws are tried, and how a child process finds the same ones."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.version import InvalidVersion, Version

from symtests import __version__, properties
from symtests.properties.base import Property
from symtests.validation import InvalidValue
from symtests.vectors import laws as vector_laws

__all__ = ["find_law", "laws_of_release", "reference_to", "selected_laws"]


def selected_laws(wanted: Iterable[str | Property] | None) -> dict[str, Property]:
    """Return the laws that are wanted, each under the reference by which `find_law` finds it, in their order.

    Parameters
    ----------
    wanted
        Laws by id, groups of laws, laws of one's own as ``package.module:object``, or `Property` objects; all laws of
        symtests unless given.

    Raises
    ------
    InvalidValue
        Where a name stands for no law, or two laws have one id.
    """
    if wanted is None:
        return {law.id: law for law in properties.PROPERTIES}
    if isinstance(wanted, (str, Property)):
        wanted = [wanted]
    found: dict[str, Property] = {}
    for item in wanted:
        if isinstance(item, Property):
            found[item.id] = item
        elif ":" in item:
            found[item] = find_law(item)
        else:
            found |= {law.id: law for law in properties.select([item])}
    if not found:
        raise InvalidValue("properties=[]: must name at least one law; leave it out for all of them")
    ids = [law.id for law in found.values()]
    for law_id in ids:
        if ids.count(law_id) > 1:
            raise InvalidValue(f"properties: two of the laws have the id {law_id!r}; give one of them another")
    return found


def find_law(reference: str) -> Property:
    """Return the law that an id or ``package.module:object`` stands for.

    Raises
    ------
    InvalidValue
        Where there is no such law.
    """
    if ":" not in reference:
        return properties.find(reference)
    if reference.startswith(vector_laws.PREFIX):
        return vector_laws.law_of(reference)
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    module, _, name = reference.rpartition(":")
    try:
        law = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise InvalidValue(
            f"property={reference!r}: cannot be imported ({error}); check the spelling of package.module:object"
        ) from error
    if not isinstance(law, Property):
        raise InvalidValue(f"property={reference!r}: must be a symtests.properties.base.Property")
    return law


def reference_to(reference: str, law: Property) -> str:
    """Return `reference` if a child process finds this very law by it.

    Raises
    ------
    InvalidValue
        Where the law was handed over as an object that is not one of symtests' own.
    """
    try:
        if find_law(reference) is law:
            return reference
    except InvalidValue:
        pass
    raise InvalidValue(
        f"properties={law.id!r}: a law of your own is found by a child process only as package.module:object; name it "
        "so, or hand over the implementation as an object"
    )


def laws_of_release(laws: Mapping[str, Property], release: str) -> tuple[dict[str, Property], list[str]]:
    """Return the laws that a release of symtests had, and the ids of those that are newer, which are left out.

    Parameters
    ----------
    laws
        Laws by their references.
    release
        As in ``0.1``.

    Raises
    ------
    InvalidValue
        Where it is no release, is newer than this symtests, or none of the laws is so old.
    """
    try:
        wanted = Version(release)
    except InvalidVersion:
        raise InvalidValue(f"laws={release!r}: must be a release of symtests, as in '0.1'") from None
    if wanted > Version(__version__):
        raise InvalidValue(f"laws={release!r}: is newer than this symtests, {__version__}; install a newer symtests")
    kept = {reference: law for reference, law in laws.items() if Version(law.since) <= wanted}
    if not kept:
        newest = ", ".join(f"{law.id} of {law.since}" for law in laws.values())
        raise InvalidValue(f"laws={release!r}: none of the laws is so old ({newest}); name a newer release")
    return kept, [law.id for reference, law in laws.items() if reference not in kept]
