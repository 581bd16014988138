"""What a user gets wrong costs one sentence and nothing else; what is unusual costs nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from symtests.exit_status import WRONG_USAGE
from tests.attacks.run import Server, serving
from tests.command_line import EXAMPLES
from tests.wrong_inputs import REFUSED, UNUSUAL, Refused

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="the command is run in forks of one process")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server


def lay_out(wrong: Refused, folder: Path) -> None:
    for name, content in wrong.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    for name, target in wrong.links.items():
        (folder / name).symlink_to(target)


def what_is_in(folder: Path) -> dict[str, bytes | str]:
    """Return every file, folder and link below a folder, but what the implementation's import and the server leave."""
    found: dict[str, bytes | str] = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if not ("__pycache__" in name or name.startswith(("stdout-", "stderr-", ".hypothesis"))):
            link = path.is_symlink()
            found[name] = str(path.readlink()) if link else path.read_bytes() if path.is_file() else "folder"
    return found


def test_the_table_is_as_long_as_it_was_meant_to_be() -> None:
    assert len(REFUSED) + len(UNUSUAL) >= 75
    assert len(REFUSED) == len({(*each.arguments, *each.files.items()) for each in REFUSED.values()})


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_usage_costs_one_sentence_and_status_2(name: str, server: Server, tmp_path: Path) -> None:
    wrong = REFUSED[name]
    lay_out(wrong, tmp_path)
    before = what_is_in(tmp_path)
    done = server.run(*wrong.arguments, folder=tmp_path, environment=wrong.environment)
    assert (done.hung, done.left) == (False, ()), done.text
    assert done.status == WRONG_USAGE, done.text
    said = done.stderr.decode()
    assert said.startswith("symtests: "), done.text
    assert len(said.strip().splitlines()) == 1, done.text
    assert all(part in said for part in wrong.says), done.text
    assert "Traceback" not in said
    assert what_is_in(tmp_path) == before, "nothing is lost, and nothing is left behind"


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_unusual_costs_nothing(name: str, server: Server, tmp_path: Path) -> None:
    unusual = UNUSUAL[name]
    for own, example in (("net.py", "my_network.py"), ("broken.py", "my_broken_network.py")):
        (tmp_path / own).write_bytes((EXAMPLES / example).read_bytes())
    unusual.prepare(tmp_path)
    before = what_is_in(tmp_path)
    done = server.run(*unusual.arguments, folder=tmp_path, environment=unusual.environment, stdout=unusual.stdout)
    assert (done.hung, done.left) == (False, ()), done.text
    assert done.status == unusual.status, done.text
    assert all(part in done.stdout for part in unusual.holds), done.text
    assert not any(part in done.stdout + done.stderr for part in unusual.lacks), done.text
    assert not any(line != line.rstrip() for line in done.stdout.decode("latin-1").split("\n"))
    assert done.results.run["profile"] == "quick"
    if done.status in (0, 1):
        assert done.results.complete
        assert (done.out / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    after = what_is_in(tmp_path)
    kept = {content for path, content in after.items()}
    assert all(content in kept for content in before.values()), "something is lost"
