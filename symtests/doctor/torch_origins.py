"""At which line of a user's file each parameter of a PyTorch model was made."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from torch import nn
from torch.nn.modules.module import register_module_parameter_registration_hook

from symtests.doctor.origins import Origin, of_class, where_called

__all__ = ["Registrations", "origins_of", "registrations"]

Registrations = WeakKeyDictionary[nn.Module, dict[str, Origin]]
"""For each module the lines at which its own parameters were made."""


@contextmanager
def registrations() -> Iterator[Registrations]:
    """Note where parameters are made until the context ends."""
    found: Registrations = WeakKeyDictionary()

    def note(module: nn.Module, name: str, _: nn.Parameter | None) -> None:
        line = where_called(sys._getframe(1))
        if line is not None:
            found.setdefault(module, {})[name] = line

    handle = register_module_parameter_registration_hook(note)
    try:
        yield found
    finally:
        handle.remove()


def origins_of(model: nn.Module, seen: Registrations | None = None) -> Mapping[str, Origin]:
    """Return the line that made each parameter, by the parameter's name; a parameter of a library's may have none.

    Where that was not seen, it is the line of the innermost class of the user's own that holds the parameter.

    Parameters
    ----------
    model
        The very model that was built, and no copy.
    seen
        What was noted while it was built.
    """
    modules = dict(model.named_modules())
    found: dict[str, Origin] = {}
    for name, _ in model.named_parameters():
        owner, _, own = name.rpartition(".")
        line = (seen or {}).get(modules[owner], {}).get(own) if owner in modules else None
        line = line or _of_holder(owner, modules)
        if line is not None:
            found[name] = line
    return found


def _of_holder(owner: str, modules: Mapping[str, nn.Module]) -> Origin | None:
    while True:
        line = of_class(type(modules[owner])) if owner in modules else None
        if line is not None or not owner:
            return line
        owner = owner.rpartition(".")[0]
