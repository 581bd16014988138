"""The version of the diagnosis changes with the sources that decide what is said."""

from tests.diagnosis.measured import version as module
from tests.diagnosis.measured.version import version


def test_it_is_that_of_the_sources(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "symtests" / "diagnosis"
    folder.mkdir(parents=True)
    (folder / "search.py").write_text("a = 1\n")
    monkeypatch.setattr(module, "_ROOT", tmp_path)
    versions: list[str] = []
    for text in ("a = 1\n", "a = 1\n", "a = 2\n"):
        (folder / "search.py").write_text(text)
        (folder / "measure.py").write_text(f"# {len(versions)}, which decides nothing\n")
        versions.append(version.__wrapped__())
    assert versions[0] == versions[1] != versions[2]
    assert len(versions[0]) == 12
