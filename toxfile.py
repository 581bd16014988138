"""Two things that tox does not do by itself: look where pyenv keeps its Pythons, and say which Pythons it missed.

tox loads this file because it lies beside tox.ini. pyenv's commands on the PATH (``python3.12`` ...) fail unless that
version is selected, so tox would find only the selected one.
"""

from __future__ import annotations

import atexit
import os
import re
from collections.abc import Mapping
from pathlib import Path

from tox.config.sets import ConfigSet
from tox.plugin import impl
from tox.session.state import State
from tox.tox_env.errors import Fail, Skip
from tox.tox_env.python.api import Python

_RELEASE = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")  # neither 3.14.0rc1 nor the named virtual environments beside it
_TESTING_COMMANDS = ("legacy", "run", "run-parallel")  # legacy is tox without a subcommand


def pyenv_interpreters(environment: Mapping[str, str], home: Path) -> list[str]:
    """Return the executables of pyenv's Pythons: of each X.Y the newest X.Y.Z, newest first; [] without pyenv."""
    versions = Path(environment.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    newest: dict[tuple[int, int], tuple[int, str]] = {}
    for folder in versions.iterdir() if versions.is_dir() else ():
        executable = folder / "bin" / "python"
        if (release := _RELEASE.fullmatch(folder.name)) and os.access(executable, os.X_OK):
            major, minor, micro = (int(part or 0) for part in release.groups())
            newest[major, minor] = max(newest.get((major, minor), (-1, "")), (micro, str(executable)))
    return [executable for _, (_, executable) in sorted(newest.items(), reverse=True)]


@impl
def tox_add_core_config(core_conf: ConfigSet, state: State) -> None:  # noqa: ARG001 - the hook's signature
    """Offer pyenv's Pythons to tox behind those that the command line names."""
    options = state.conf.options
    options.discover = [*options.discover, *pyenv_interpreters(os.environ, Path.home())]
    if options.command in _TESTING_COMMANDS:
        atexit.register(_say_what_was_missed, state)


def _say_what_was_missed(state: State) -> None:
    """Print one line for the environments that were not run because there is no such Python here."""
    missed = [name for name in state.envs.iter() if not _has_python(state, name)]
    if missed:
        print(f"  no Python was found for: {', '.join(missed)} (searched the PATH and pyenv)")


def _has_python(state: State, name: str) -> bool:
    environment = state.envs[name]
    if not isinstance(environment, Python):
        return True
    try:
        environment.base_python  # noqa: B018 - looked up once by tox and kept; raises where there is none
    except (Skip, Fail):
        return False
    return True
