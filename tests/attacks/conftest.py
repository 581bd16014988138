"""What all attacks share: the marker by which they are run, and the server that runs the real command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.run import Server, serving

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `-m attacks` asks for; a system without process groups cannot be attacked in this way."""
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.attacks)
            if not hasattr(os, "killpg"):
                item.add_marker(pytest.mark.skip(reason="the attacks need a POSIX system"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give what runs the real command."""
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server
