"""What all attacks share: the markers by which they are run, and the server that runs the real command."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.attacks.run import Server, serving

FOLDER = Path(__file__).parent
# Of these, which take long each, one in so many is tried by `tox -e attacks`, and all by `tox -e all-attacks`.
ONE_IN: Final = {
    "test_a_report_on_it_is_whole_or_is_refused": 6,
    "test_a_report_is_the_same_but_for_the_text": 6,
    "test_any_argument_is_used_or_refused": 2,
    "test_a_script_is_the_same_code_but_for_the_text": 2,
    "test_other_commands_write_text": 3,
    "test_a_terminal_gets_no_orders": 2,
    "test_the_status_says_what_became_of_the_files": 5,
    "test_the_run_goes_on_as_if_nothing_had_been": 5,
    "test_a_process_that_is_killed_costs_its_own_check_alone": 4,
    "test_one_question_ends_in_one_sentence": 5,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `-m attacks` asks for; a system without process groups cannot be attacked in this way."""
    seen: Counter[str] = Counter()
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.attacks)
            if not hasattr(os, "killpg"):
                item.add_marker(pytest.mark.skip(reason="the attacks need a POSIX system"))
            name = getattr(item, "originalname", item.name)
            if seen[name] % ONE_IN.get(name, 1):
                item.add_marker(pytest.mark.rare)
            seen[name] += 1


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give what runs the real command."""
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server
