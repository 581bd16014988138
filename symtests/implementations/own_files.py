"""Imports a file by its path, so that it can import what lies beside it.

While the file is imported its folder comes first on the search path of Python, as that of a script does, and it stays
there. What another file has imported from beside itself is set aside before that, where this folder has something of
the same name: two adapters in two folders, each with a ``helper.py``, get a helper each.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

__all__ = ["import_file"]

_folders: Final[dict[Path, None]] = {}
"""Folders of files that were imported, in this process."""


def import_file(place: str) -> ModuleType:
    """Return the module that a file of Python makes.

    Parameters
    ----------
    place
        The path of the file. The module is named after it, without folders.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    Exception
        Whatever the file itself raises.
    """
    file = Path(place)
    specification = importlib.util.spec_from_file_location(file.stem, file)
    if specification is None or specification.loader is None or not file.is_file():
        raise FileNotFoundError(f"no file {place}")
    folder = file.resolve().parent
    _set_aside(folder)
    _come_first(folder)
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


def _come_first(folder: Path) -> None:
    """Let a folder come first on the search path."""
    entry = str(folder)
    sys.path[:] = [entry, *(other for other in sys.path if other != entry)]
    _folders[folder] = None


def _set_aside(folder: Path) -> None:
    """Forget modules from beside other files that would be taken for what lies in this folder."""
    others = [other for other in _folders if other != folder]
    if not others:
        return
    names = {entry.stem for entry in folder.iterdir() if entry.suffix == ".py" or entry.is_dir()}
    for name, module in list(sys.modules.items()):
        first = name.partition(".")[0]
        if first in names and any(_lies_in(module, other) for other in others):
            del sys.modules[name]


def _lies_in(module: ModuleType | None, folder: Path) -> bool:
    """Tell whether a module, or a package of no file, was found in a folder or below it."""
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return any(folder in Path(place).resolve().parents for place in places if isinstance(place, str))
