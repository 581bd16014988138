"""Fills docs/protocol.md from the schema of the protocol, from the examples and from what a session with one says.

``python docs/protocol_page.py`` writes the page; with ``--check`` it says whether the page has drifted.
"""

from __future__ import annotations

import importlib.util
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symtests.implementations.protocol import OPERATIONS, schema

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "protocol.md"
FOLDER = ROOT / "examples" / "javascript"
COMMAND = "node my_net.mjs"
LANGUAGES = {".mjs": "javascript", ".c": "c", ".py": "python"}

_specification = importlib.util.spec_from_file_location("fill_in", ROOT / "docs" / "fill_in.py")
assert _specification is not None
assert _specification.loader is not None
fill_in = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(fill_in)

_NETWORK = {"sizes": [2, 1, 1], "activations": ["tanh"], "loss": "mse", "bias": True}
_QUESTION = {
    "network": _NETWORK,
    "parameters": {"dtype": "float64", "vector": [0.5, -0.25, 0.0, 1.0, 0.125]},
    "batch": {"dtype": "float64", "shape": [1, 2, 1], "x": [1.0, 2.0], "y": [1.0], "sample_weights": None},
}
_TRAINING = {
    "optimizer": "sgd", "learning_rate": 0.5, "steps": 1, "momentum": 0.9, "mean_decay": 0.9, "square_decay": 0.999,
    "epsilon": 1e-08, "weight_decay": 0.0,
}  # fmt: skip
SESSION: tuple[Mapping[str, Any], ...] = (
    {"operation": "hello", "protocol": 1},
    {"operation": "loss_and_gradient", **_QUESTION},
    {"operation": "train", **_QUESTION, "training": _TRAINING},
    {"operation": "predict", "network": _NETWORK, "parameters": _QUESTION["parameters"],
     "batch": {"dtype": "float64", "shape": [1, 2, 1], "x": [1.0, 2.0]}},
    {"operation": "bye"},
)  # fmt: skip


def block(kind: str, argument: str) -> str:
    """Return what stands in one block."""
    if kind == "table":
        return {"messages": messages, "fields": fields, "capabilities": capabilities}[argument]()
    if kind == "run":
        return session() if argument == COMMAND else f"```console\n$ {argument}\n{output_of(argument)}\n```"
    path, _, start = argument.partition(" from ")
    text = (ROOT / path).read_text(encoding="utf-8")
    return f"```{LANGUAGES[Path(path).suffix]}\n{text[text.index(start) :].strip()}\n```"


def output_of(command: str) -> str:
    """Run a command of the page in a folder with the example alone, and return what it prints.

    Raises
    ------
    RuntimeError
        Where its exit status is not 0.
    """
    words = shlex.split(command)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("my_net.mjs", "symtests.mjs"):
            shutil.copy(FOLDER / name, folder)
        done = subprocess.run(
            [sys.executable, "-c", "from symtests.cli import main; main()", *words[1:]],
            cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"{command}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    lines = [line.rstrip() for line in done.stdout.strip().splitlines()]
    return "\n".join(line for line in lines if not line.startswith("still judging"))


def messages() -> str:
    """Return what is asked and answered, operation by operation."""
    definitions = schema()["$defs"]
    rows = []
    for operation in OPERATIONS:
        request, answer = definitions[f"{operation}_request"], definitions[f"{operation}_answer"]
        asked = _names(request, ("seq", "operation"))
        rows.append(f"| `{operation}` | {request['description']} | {asked} | {_names(answer, ('seq',))} |")
    kinds = ("unsupported", "error")
    rows += [f"| any | {definitions[f'{kind}_answer']['description']} | | `{kind}` |" for kind in kinds]
    head = "| operation | what it is for | fields of the request | fields of the answer |"
    return "\n".join([head, "|---|---|---|---|", *rows])


def _names(definition: Mapping[str, Any], besides: tuple[str, ...]) -> str:
    optional = set(definition["properties"]) - set(definition["required"])
    return ", ".join(
        f"`{name}`" + (" (may be left out)" if name in optional else "")
        for name in definition["properties"]
        if name not in besides
    )


def fields() -> str:
    """Return what the fields of requests and answers are."""
    definitions = schema()["$defs"]
    meanings: dict[str, list[str]] = {}
    for operation in OPERATIONS:
        for side in ("request", "answer"):
            for name, rule in definitions[f"{operation}_{side}"]["properties"].items():
                target = definitions.get(rule.get("$ref", "").rpartition("/")[2], {})
                said = rule.get("description") or target.get("description")
                if said and name not in meanings.setdefault(said, []):
                    meanings[said].append(name)
    rows = [f"| {', '.join(f'`{name}`' for name in names)} | {said} |" for said, names in meanings.items()]
    return "\n".join(["| field | what it is |", "|---|---|", *rows])


def capabilities() -> str:
    """Return what an implementation may say of itself."""
    rules = schema()["$defs"]["capabilities"]["properties"]
    rows = [f"| `{name}` | {rule['description']} |" for name, rule in rules.items()]
    return "\n".join(["| capability | what it is |", "|---|---|", *rows])


def session() -> str:
    """Return a whole session with the example: what is asked and what it answers, line by line."""
    requests = [json.dumps({"seq": seq, **request}) for seq, request in enumerate(SESSION, 1)]
    done = subprocess.run(
        shlex.split(COMMAND), cwd=FOLDER, input="\n".join(requests) + "\n", capture_output=True, text=True,
        encoding="utf-8", check=True,
    )  # fmt: skip
    lines = [f"→ {asked}\n← {said}" for asked, said in zip(requests, done.stdout.splitlines(), strict=True)]
    return "```text\n" + "\n".join(lines) + "\n```"


def main() -> None:
    """Write the page, or check it."""
    old = PAGE.read_text(encoding="utf-8")
    new = fill_in.filled(old, block)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(new, encoding="utf-8")
    elif fill_in.without_numbers(old) != fill_in.without_numbers(new):
        raise SystemExit("docs/protocol.md has drifted: run python docs/protocol_page.py")


if __name__ == "__main__":
    main()
