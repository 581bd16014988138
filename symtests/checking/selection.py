"""Which properties are tried, and how a child process finds the same ones."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.version import InvalidVersion, Version

from symtests import __version__, properties
from symtests.properties.base import Property
from symtests.validation import InvalidValue
from symtests.vectors import vector_properties as vector_properties

__all__ = ["find_property", "properties_of_release", "reference_to", "selected_properties"]


def selected_properties(wanted: Iterable[str | Property] | None) -> dict[str, Property]:
    """Return the wanted properties in their order, each under the reference by which `find_property` finds it.

    Parameters
    ----------
    wanted
        Properties by id, groups of properties, properties of one's own as ``package.module:object``, or `Property`
        objects; all properties of symtests unless given.

    Raises
    ------
    InvalidValue
        Where a name stands for no property, or two properties have one id.
    """
    if wanted is None:
        return {prop.id: prop for prop in properties.PROPERTIES}
    if isinstance(wanted, (str, Property)):
        wanted = [wanted]
    found: dict[str, Property] = {}
    for item in wanted:
        if isinstance(item, Property):
            found[item.id] = item
        elif ":" in item:
            found[item] = find_property(item)
        else:
            found |= {prop.id: prop for prop in properties.select([item])}
    if not found:
        raise InvalidValue("properties=[]: must name at least one property; leave it out for all of them")
    ids = [prop.id for prop in found.values()]
    for property_id in ids:
        if ids.count(property_id) > 1:
            raise InvalidValue(
                f"properties: two of the properties have the id {property_id!r}; give one of them another"
            )
    return found


def find_property(reference: str) -> Property:
    """Return the property that an id or ``package.module:object`` stands for.

    Raises
    ------
    InvalidValue
        Where there is no such property.
    """
    if ":" not in reference:
        return properties.find(reference)
    if reference.startswith(vector_properties.PREFIX):
        return vector_properties.property_of(reference)
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    module, _, name = reference.rpartition(":")
    try:
        prop = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise InvalidValue(
            f"property={reference!r}: cannot be imported ({error}); check the spelling of package.module:object"
        ) from error
    if not isinstance(prop, Property):
        raise InvalidValue(f"property={reference!r}: must be a symtests.properties.base.Property")
    return prop


def reference_to(reference: str, prop: Property) -> str:
    """Return `reference` if a child process finds this very property by it.

    Raises
    ------
    InvalidValue
        Where the property was handed over as an object that is not one of symtests' own.
    """
    try:
        if find_property(reference) is prop:
            return reference
    except InvalidValue:
        pass
    raise InvalidValue(
        f"properties={prop.id!r}: a property of your own is found by a child process only as package.module:object; "
        "name it "
        "so, or hand over the implementation as an object"
    )


def properties_of_release(properties: Mapping[str, Property], release: str) -> tuple[dict[str, Property], list[str]]:
    """Return the properties that a release of symtests had, and the ids of those that are newer, which are left out.

    Parameters
    ----------
    properties
        Properties by their references.
    release
        As in ``0.1``.

    Raises
    ------
    InvalidValue
        Where it is no release, is newer than this symtests, or none of the properties is so old.
    """
    try:
        wanted = Version(release)
    except InvalidVersion:
        raise InvalidValue(f"properties={release!r}: must be a release of symtests, as in '0.1'") from None
    if wanted > Version(__version__):
        raise InvalidValue(
            f"properties={release!r}: is newer than this symtests, {__version__}; install a newer symtests"
        )
    kept = {reference: prop for reference, prop in properties.items() if Version(prop.since) <= wanted}
    if not kept:
        newest = ", ".join(f"{prop.id} of {prop.since}" for prop in properties.values())
        raise InvalidValue(f"properties={release!r}: none of the properties is so old ({newest}); name a newer release")
    return kept, [prop.id for reference, prop in properties.items() if reference not in kept]
