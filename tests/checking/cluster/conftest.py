"""One cluster for all tests of this folder; those that kill a scheduler start their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.checking.cluster.hosts import Hosts


@pytest.fixture(scope="session")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    started = Hosts(tmp_path_factory.mktemp("hosts"), 2)
    yield started
    started.close()
