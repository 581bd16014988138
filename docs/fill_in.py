"""Fills the README and pages of the docs with what the commands print, the files say and the code defines.

    python docs/fill_in.py            write README.md and the pages of docs/ that have blocks
    python docs/fill_in.py --check    say what has drifted, numbers aside; write nothing
    python docs/fill_in.py properties.md    only this page

A block stands between ``<!-- run: COMMAND -->``, ``<!-- file: PATH -->`` or ``<!-- table: NAME -->``
and ``<!-- end -->``. Commands run in an empty folder beside a copy of ``examples/``.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    ROOT / "README.md",
    *(
        ROOT / "docs" / name
        for name in ("properties.md", "own_check.md", "speed.md", "start.md", "teams.md", "verdicts.md")
    ),
)
COLUMNS = 110
EXPECTED_STATUS = {"my_broken_network": 1}
_BLOCK = re.compile(r"<!-- (run|file|table): (.*?) -->\n.*?<!-- end -->", re.DOTALL)
_PASSING = re.compile(r"^still |^\.+ +\[100%\]|\d+ passed in ")  # how many such lines depends on the speed
_NUMBER = re.compile(r"-?\d[\d.]*(e-?\d+)?( [mµn]?s\b)?")


def filled(text: str, fill: Callable[[str, str], str]) -> str:
    """Return `text` with every block filled by `fill(kind, argument)`."""
    return _BLOCK.sub(lambda m: f"<!-- {m[1]}: {m[2]} -->\n\n{fill(m[1], m[2])}\n\n<!-- end -->", text)


def block(kind: str, argument: str) -> str:
    """Return what stands in one block."""
    if kind == "run":
        return f"```console\n$ {argument}\n{output_of(argument)}\n```"
    if kind == "file":
        return f"```python\n{(ROOT / argument).read_text(encoding='utf-8').strip()}\n```"
    tables = {
        "verdicts": verdict_table,
        "exit statuses": exit_status_table,
        "options": option_table,
        "budgets": budget_table,
        "properties": properties,
        "activations": activations,
        "losses": losses,
        "optimizers": optimizers,
    }
    return tables[argument]()


def output_of(command: str) -> str:
    """Run a command of the README as its reader would, and return what it prints.

    Raises
    ------
    RuntimeError
        Where its exit status is not the one that the README speaks of.
    """
    words = shlex.split(command)
    program = {"symtests": [sys.executable, "-c", "from symtests.cli import main; main()"]}[words[0]]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples", Path(folder) / "examples", ignore=shutil.ignore_patterns("node_modules"))
        done = subprocess.run(
            [*program, *words[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            env={**os.environ, "COLUMNS": str(COLUMNS), "PYTHONIOENCODING": "utf-8"},
        )
    expected = next((status for word, status in EXPECTED_STATUS.items() if word in command), 0)
    if done.returncode != expected:
        raise RuntimeError(f"{command}: exit status {done.returncode}, not {expected}\n{done.stdout}{done.stderr}")
    lines = [line.rstrip() for line in done.stdout.strip().splitlines()]
    return "\n".join(line for line in lines if not _PASSING.search(line))


def verdict_table() -> str:
    """Return the verdict words with their meanings and what they do to the exit status."""
    from symtests.checking.results.verdict import EXIT_STATUS, WORDS

    rows = [f"| `{word}` | {meaning} | {EXIT_STATUS[word]} |" for word, meaning in WORDS.items()]
    return "\n".join(["| verdict | meaning | exit status |", "|---|---|---|", *rows])


def exit_status_table() -> str:
    """Return the exit statuses of the command line with their meanings."""
    from symtests.exit_status import MEANINGS

    rows = [f"| {status} | {meaning} |" for status, meaning in MEANINGS.items()]
    return "\n".join(["| exit status | meaning |", "|---|---|", *rows])


def option_table() -> str:
    """Return the options of ``symtests check``, as the command line itself knows them."""
    import typer

    from symtests.cli import app

    command = typer.main.get_command(app).commands["check"]  # type: ignore[attr-defined] # a group of several
    rows = []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            name = "IMPLEMENTATION ..."
        else:
            name = ", ".join(f"`{option}`" for option in sorted(parameter.opts, key=len, reverse=True))
        rows.append(f"| {name} | {parameter.help} |")
    return "\n".join(["| option | what it does |", "|---|---|", *rows])


def activations() -> str:
    """Return the activations with their formulas and traits."""
    from symtests.model.activations import ACTIVATION_TABLE, Activation

    def traits(entry: Activation) -> str:
        """Return what properties ask of it, in words."""
        words = {
            "σ(0) = 0": entry.zero_at_zero, "monotone": entry.monotone, "homogeneous": entry.homogeneous,
            "odd": entry.odd, "bounded": entry.bounded, "smooth": entry.is_smooth,
        }  # fmt: skip
        found = [word for word, has in words.items() if has]
        for kink in entry.kinks:
            free = ", where any slope between is right" if kink.is_free else ""
            found.append(f"a kink at {kink.at:g} from slope {kink.below:.4g} to {kink.above:.4g}{free}")
        found += [f"σ″ jumps at {place:g}" for place in entry.bends]
        return "; ".join(found)

    rows = [f"| `{name}` | {entry.formula} | {traits(entry)} | {entry.since} |"
            for name, entry in ACTIVATION_TABLE.items()]  # fmt: skip
    return "\n".join(["| activation | σ(z) | traits | since |", "| :--- | :--- | :--- | :--- |", *rows])


def losses() -> str:
    """Return the losses with their formulas and targets."""
    from symtests.model.losses import LOSS_TABLE

    rows = [f"| `{name}` | {entry.formula} | {entry.error_signal} | {entry.targets} | {entry.since} |"
            for name, entry in LOSS_TABLE.items()]  # fmt: skip
    return "\n".join(["| loss | L | δ_L | targets | since |", "| :--- | :--- | :--- | :--- | :--- |", *rows])


def optimizers() -> str:
    """Return the optimizers with their formulas."""
    from symtests.model.optimizers import OPTIMIZER_TABLE

    rows = [f"| `{name}` | {entry.formula} | {entry.since} |" for name, entry in OPTIMIZER_TABLE.items()]
    return "\n".join(["| optimizer | one step with the gradient g | since |", "| :--- | :--- | :--- |", *rows])


def budget_table() -> str:
    """Return how long the parts of a check may take in each profile, in seconds."""
    from symtests.checking.profile import PROFILES

    heads = ("profile", "search", "closer look", "diagnosis", "learning curves", "longest check")
    lines = [f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1)]
    for name, profile in PROFILES.items():
        seconds = (profile.seconds, profile.observation_seconds, profile.explaining_seconds, profile.story_seconds)
        numbers = " | ".join(f"{each:,.0f}" for each in (*seconds, profile.longest_check))
        lines.append(f"| `{name}` | {numbers} |")
    return "\n".join(lines)


def properties() -> str:
    """Return the properties, as the code states them."""
    from symtests.property_page import property_page

    return property_page().strip()


def without_numbers(text: str) -> str:
    """Return text in which what depends on the machine cannot differ.

    That is numbers, the spaces around them, whether the library of matrix products keeps the bits (= or ≈ in a matrix
    of verdicts), and whether the machine was too noisy to measure.
    """
    return re.sub(r"\s+", " ", _NUMBER.sub("#", text.replace("≈", "=").replace(" too noisy", "")))


def main() -> None:
    """Write the pages, or check them."""
    wanted = [name for name in sys.argv[1:] if name != "--check"]
    for page in PAGES:
        if wanted and page.name not in wanted:
            continue
        old = page.read_text(encoding="utf-8")
        new = filled(old, block)
        if "--check" not in sys.argv[1:]:
            page.write_text(new, encoding="utf-8")
        elif without_numbers(old) != without_numbers(new):
            raise SystemExit(f"{page.name} has drifted from what the commands print: run python docs/fill_in.py")


if __name__ == "__main__":
    main()
