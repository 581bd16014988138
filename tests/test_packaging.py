"""The house: which folders are packaged, who imports whom, how long a file is, what the import costs."""

from __future__ import annotations

import ast
import fnmatch
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
FOLDERS = ("symtests", "kernels", "benchmarks", "reports")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
ALL_SOURCES = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "examples").rglob("*.py"))]

PLAIN_DATA = (
    "network", "parameters", "batch", "training", "validation", "float_json", "shown_text", "whole_file",
    "ascii_forms", "cause_text", "exit_status", "file_data", "start_distributions", "model", "older_words",
)  # fmt: skip
STATISTICS = ("binomial", "chance")
STARTS_AND_DATA = ("initialization", "datasets", "data")

# What a part may import of the others; everything may import the plain data and itself.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*PLAIN_DATA, *STATISTICS), ()),
    **dict.fromkeys(STARTS_AND_DATA, ("data",)),
    "terminal_text": (),
    "serve": (),
    "kernels": (),
    "oracle": (),
    "implementations": ("kernels", "initialization"),
    "properties": ("binomial", "chance", "initialization", "datasets", "oracle", "implementations"),
    "diagnosis": ("properties", "implementations", "oracle"),
    "claims": ("properties",),
    "vectors": ("properties", "implementations"),
    "doctor": ("reports", "binomial", "spreading", "terminal_text"),
    "own_check": ("implementations", "initialization", "oracle"),
    "spreading": ("implementations",),
    "checking": (
        "claims",
        "vectors",
        "diagnosis",
        "properties",
        "implementations",
        "initialization",
        "datasets",
        "oracle",
        "spreading",
    ),
    "benchmarks": (
        "binomial",
        "kernels",
        "implementations",
        "initialization",
        "datasets",
        "spreading",
        "terminal_text",
    ),
    "landscape": ("kernels", "initialization", "datasets", "spreading"),
    "reports": (),
}
# Within a part, what a folder or file may import of the others; those that are not named may import all of it.
WITHIN: dict[str, dict[str, tuple[str, ...]]] = {
    "kernels": {
        "compiling": (),
        "machine": ("compiling",),
        "elementary": ("compiling", "machine"),
        "products": ("compiling", "machine", "threads"),
        "threads": ("compiling",),
    },
    "properties": {"base": (), "drawing": ("base",), "judging": ("base", "drawing")},
    "diagnosis": {
        "clock": (),
        "questions": (),
        "faults": ("questions",),
        "optimizers": ("clock", "questions", "faults"),
    },
    "checking": {
        "profile": (),
        "results": (),
        "counterexamples": ("profile", "results"),
        "known": ("results",),
        "one_check": ("profile", "results", "counterexamples", "known"),
    },
}
# Parts whose libraries are bounded too: the truth and the kernels owe nothing to anybody.
LIBRARIES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*PLAIN_DATA, *STATISTICS, *STARTS_AND_DATA, "oracle", "serve"), ("numpy",)),
    "kernels": ("numpy", "numba", "llvmlite"),
}
# Thin fronts: they may import everything.
FRONTS = (
    "__init__", "__main__", "benchmark_tables", "cli", "commands", "internal_error", "property_page", "pytest_plugin",
    "terminal", "terminal_changes", "terminal_failures", "terminal_list", "terminal_next",
    "terminal_matrix", "terminal_progress", "terminal_speed", "terminal_waiting",
)  # fmt: skip


def configuration() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    """kernels/train.py is symtests.kernels.train."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[0] != "symtests":
        parts.insert(0, "symtests")
    return ".".join(parts)


def part_of(module: str) -> str:
    """symtests.kernels.elementary.tanh belongs to kernels; symtests itself to __init__."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def room_of(module: str) -> str:
    """symtests.kernels.elementary.tanh belongs to elementary; symtests.kernels to itself."""
    return [*module.split("."), ""][2]


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of whatever a file imports, inside functions too, but not for type checkers only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_checkers = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_checkers:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports break where a folder is mapped to another name"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_list_of_packages_is_the_list_of_folders_with_init() -> None:
    folders = {module_name(path).removesuffix(".__init__") for path in SOURCES if path.name == "__init__.py"}
    listed = configuration()["tool"]["setuptools"]["packages"]
    assert sorted(folders) == sorted(listed)


def test_every_source_lies_in_a_package() -> None:
    assert [path for path in SOURCES if not (path.parent / "__init__.py").is_file()] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_downward(path: Path) -> None:
    part = part_of(module_name(path))
    if part in FRONTS:
        return
    for name in imported(path):
        library = name.split(".")[0]
        if library == "symtests":
            other = part_of(name)
            assert other in (part, "__version__", *PLAIN_DATA, *MAY_IMPORT[part]), f"{part} must not import {name}"
            room, within = room_of(module_name(path)), WITHIN.get(part, {})
            if other == part and room in within:
                assert room_of(name) in (room, *within[room]), f"{part}.{room} must not import {name}"
        elif part in LIBRARIES and library not in sys.stdlib_module_names:
            assert library in LIBRARIES[part], f"{part} must not import {library}"


def test_a_forbidden_import_is_seen(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text(
        "from typing import TYPE_CHECKING\nfrom symtests.oracle import forward\n"
        "if TYPE_CHECKING:\n    import symtests.cli\ndef f():\n    import symtests.kernels.train\n"
    )
    assert list(imported(source)) == ["typing.TYPE_CHECKING", "symtests.oracle.forward", "symtests.kernels.train"]


def test_no_file_is_longer_than_350_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in ALL_SOURCES}
    assert {name: length for name, length in lengths.items() if length > 350} == {}


def undocumented(path: Path) -> Iterator[str]:
    """Yield the public functions, classes and methods without a docstring."""

    def visit(body: list[ast.stmt], prefix: str) -> Iterator[str]:
        for node in body:
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or node.name.startswith("_"):
                continue
            name = f"{prefix}{node.name}"
            if not ast.get_docstring(node):
                yield name
            if isinstance(node, ast.ClassDef):
                yield from visit(node.body, f"{name}.")

    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not ast.get_docstring(tree):
        yield module_name(path)
    yield from visit(tree.body, f"{module_name(path)}.")


def test_everything_public_is_documented() -> None:
    assert [name for path in SOURCES for name in undocumented(path)] == []


def python(code: str, cwd: Path) -> str:
    """Run code in a fresh interpreter, outside the checkout, and return what it prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_symtests_loads_nothing_heavy(tmp_path: Path) -> None:
    heavy = {"numba", "llvmlite", "hypothesis", "torch", "pytest", "altair", "jinja2", "typer", "rich", "jsonschema"}
    loaded = python("import sys, symtests; print(*{name.split('.')[0] for name in sys.modules})", tmp_path)
    assert heavy & set(loaded.split()) == set()


def test_importing_symtests_takes_less_than_300_ms(tmp_path: Path) -> None:
    # the clock of the process stands still while others run; the first import compiles, and does not count
    code = "import time; start = time.process_time(); import symtests; print(time.process_time() - start)"
    assert min(float(python(code, tmp_path)) for _ in range(5)) < 0.3


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in a wheel that is built here from a copy of the sources."""
    copy = tmp_path_factory.mktemp("checkout")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    python("from setuptools import build_meta; build_meta.build_wheel('dist')", copy)
    (built,) = (copy / "dist").glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_the_wheel_puts_one_name_into_site_packages(wheel: set[str]) -> None:
    top = {name.split("/")[0] for name in wheel}
    assert {name for name in top if not name.endswith(".dist-info")} == {"symtests"}


def test_the_wheel_holds_every_source_and_data_file(wheel: set[str]) -> None:
    wanted = set()
    for path in (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()):
        if not {"__pycache__", ".mypy_cache"} & set(path.parts):
            name = path.relative_to(ROOT).as_posix()
            wanted.add(name if name.startswith("symtests/") else f"symtests/{name}")
    assert {name for name in wheel if ".dist-info/" not in name} == wanted


def test_the_wheel_holds_the_licence_and_both_entry_points(wheel: set[str]) -> None:
    inside = {name.split("/", 1)[1] for name in wheel if ".dist-info/" in name}
    assert {"METADATA", "entry_points.txt", "licenses/LICENSE"} <= inside


def test_the_command_is_installed() -> None:
    assert shutil.which("symtests", path=sysconfig.get_path("scripts")) is not None


def test_the_package_data_patterns_match_something() -> None:
    data = configuration()["tool"]["setuptools"]["package-data"]
    for package, patterns in data.items():
        folder = ROOT.joinpath(*package.split(".")) if package == "symtests" else ROOT / _folder(package)
        names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
        for pattern in patterns:
            assert fnmatch.filter(names, pattern), f"{pattern!r} of {package} matches no file"


def _folder(package: str) -> str:
    mapped = configuration()["tool"]["setuptools"]["package-dir"]
    return str(mapped.get(package, package.replace(".", "/")))
