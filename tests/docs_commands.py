"""Every command that stands in the docs, and what becomes of it: typed here, run by another test, or not, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PAGES: Final = (
    ROOT / "README.md", ROOT / "CONTRIBUTING.md",
    *sorted(each for each in (ROOT / "docs").rglob("*.md") if each.parent.name != "findings"),
)  # fmt: skip
"""The pages of single findings have scripts alone, which tests/peers/test_findings.py runs."""
PROGRAMS: Final = ("symtests", "python", "pip", "pytest", "tox", "npm", "dask", "for")
A_RUN: Final = "symtests check my_package:MyNetwork -p STEP1 --profile quick --examples 2 --no-diagnosis"
QUICK: Final = "--profile quick --examples 2 --no-diagnosis"


@dataclass(frozen=True)
class Typed:
    """What is typed for a command.

    Parameters
    ----------
    more
        Words behind it, which make it quick.
    line
        Another line, where the command needs what is not here; the command itself unless given.
    status
        With which it ends.
    shows
        What it prints.
    needs
        A program that may be missing.
    before
        What is typed first, as it makes what the command needs.
    """

    more: str = ""
    line: str = ""
    status: int = 0
    shows: str = ""
    needs: str = "bash"
    before: str = ""


TYPED: Final[dict[str, Typed]] = {
    "symtests smoke my_file.py:MyNetwork": Typed(shows="The adapter is right"),
    "symtests check my_file.py:MyNetwork": Typed(f"{QUICK} -p STEP1", shows="1 check"),
    "symtests check my_file.py:MyNetwork --property GRAD": Typed(QUICK, shows="9 checks"),
    "symtests check my_file.py:MyNetwork --property STEP --property OPT": Typed(QUICK, shows="8 checks"),
    "symtests check my_package:MyNetwork --write-known known.toml": Typed(f"{QUICK} -p STEP1", shows="1 added"),
    "symtests check my_package:MyNetwork --known known.toml": Typed(
        f"{QUICK} -p STEP1", shows="1 known", before=f"{A_RUN} --write-known known.toml"
    ),
    "symtests check my_package:MyNetwork --against main-results": Typed(f"{QUICK} -p STEP1", shows="as before"),
    "symtests check my_package:MyNetwork --junit properties.xml": Typed(f"{QUICK} -p STEP1", status=1),
    "symtests compare BASE HEAD": Typed(
        line="symtests compare main-results symtests-results", shows="as before", before=A_RUN
    ),
    "symtests check my_package.my_module:MyNetwork": Typed(
        line=f"symtests check my_package:MyNetwork {QUICK} -p ZERO1", shows="1 check"
    ),
    "symtests check numpy --profile quick": Typed("--examples 2 -p STEP1 --out of-numpy", shows="2 checks"),
    "symtests report": Typed(shows="Report: ", before=A_RUN),
    "symtests report numba-results torch-results https://example.org/my-net/results.jsonl --out record": Typed(
        line="symtests report main-results symtests-results --out record", shows="history.md", before=A_RUN
    ),
    "symtests list --markdown": Typed(shows="SYM1"),
    "symtests list": Typed(shows="symtests show"),
    "symtests list tie": Typed(shows="SYM1"),
    "symtests show GRAD1": Typed(shows="check it: "),
    "symtests explain-check gradcheck": Typed(shows="It misses"),
    "symtests explain-check allclose": Typed(shows="Check"),
    "symtests vectors export": Typed(shows='"vectors"'),
    "symtests vectors export --out vectors.json": Typed(shows="Vectors: vectors.json"),
    "symtests vectors check my_network.py:MyNetwork": Typed("--dtype float64", shows="checks"),
    "symtests vectors check numpy --vectors vectors.json": Typed(
        "--dtype float64", shows="checks", before="symtests vectors export --out vectors.json"
    ),
    'symtests vectors check --command "node my_net.mjs"': Typed("--dtype float64", shows="checks", needs="node"),
    "symtests starts xor --width 2 --width 4 --activation tanh --activation relu --rate 0.1 --rate 1 --starts 1000": (
        Typed("--steps 5", shows="8 of 8 points to measure")
    ),
    "python -m pydoc symtests.network": Typed(shows="activations"),
    "python -m pydoc symtests.training": Typed(shows="learning_rate"),
    "pytest --help": Typed(shows="--symtests-known"),
}
"""Each is typed in a folder of its own."""

ELSEWHERE: Final[dict[str, str]] = {
    'symtests check --command "/other/env/bin/python symtests_serve.py my_file.py:MyNetwork"': (
        "test_protocol_page.py::test_the_commands_for_another_environment_are_right_as_they_stand"
    ),
    "python -m symtests.serve --source > symtests_serve.py": (
        "test_protocol_page.py::test_the_commands_for_another_environment_are_right_as_they_stand"
    ),
    "python -m symtests.serve my_file.py:MyNetwork": (
        "test_serve.py::test_a_network_answers_over_the_protocol_what_it_answers_without"
    ),
    'symtests check --command "node my_net.mjs"': "test_protocol_page.py::test_what_is_shown_is_what_comes_out",
    'symtests smoke --command "node my_net.mjs"': "test_protocol_page.py::test_what_is_shown_is_what_comes_out",
    "symtests check --command ./my_net": (
        "test_protocol_page.py::test_the_commands_that_are_named_for_c_build_and_check_it"
    ),
    "symtests init my_package": "test_adoption.py::test_the_commands_of_the_workflow_that_init_writes_work",
    "symtests init my-package --node": "test_init_probe.py::test_a_package_of_node_has_an_adapter_that_answers",
    "symtests speed main -- benchmarks/": "test_speed_command.py::test_two_revisions_of_a_foreign_project",
    "symtests speed v1.0 v1.1 -- benchmarks/": "test_speed_command.py::test_two_revisions_of_a_foreign_project",
    "symtests speed BASE [HEAD]": "test_speed_command.py::test_two_revisions_of_a_foreign_project",
    "symtests speed old.py:function new.py:function": (
        "test_speed_command.py::test_a_faster_function_is_faster_and_a_wrong_one_is_refused"
    ),
    "symtests speed --self-check": "test_speed_command.py::test_the_self_check_goes_on_from_its_record",
    "symtests check numpy --profile quick --examples 2 -p GRAD -p SYM --shard 1/3 --out s1": (
        "test_merge_command.py::test_two_shards_give_one_run"
    ),
    "symtests merge s3 s1 s2 --out joined": "test_merge_command.py::test_two_shards_give_one_run",
    "symtests check … --shard 2/8": "test_merge_command.py::test_two_shards_give_one_run",
    "symtests check … -n 8": "test_typed_lines.py::test_again_finds_the_same_and_alone_shows_it_and_no_run_is_lost",
    "symtests check … --resume --out joined": (
        "test_typed_lines.py::test_an_interrupted_run_goes_on_by_the_line_that_it_prints"
    ),
    "symtests starts xor … --shard 2/8 --out s2": (
        "test_starts_command.py::test_two_shares_are_put_together_and_nothing_is_measured_twice"
    ),
    "symtests starts xor … --scheduler tcp://host:8786": (
        "checking/cluster/test_spreading.py::test_a_landscape_is_measured_by_a_cluster_interrupted_and_gone_on_with"
    ),
    "symtests diagnose model.py --starts 1000 --shard 2/8 --out d2": (
        "doctor/test_spread_starts.py::test_shares_are_put_together_to_what_one_process_counts"
    ),
    "symtests bench --group starts --starts 5000000 --shard 2/8 --out b2": (
        "benchmarks/test_counted_starts.py::test_shares_are_put_together"
    ),
    "symtests diagnose my_file.py": "doctor/test_diagnose_command.py::test_the_example_is_dead_for_two_reasons",
    "symtests diagnose my_model.py --out symtests-results": (
        "doctor/test_diagnose_command.py::test_the_next_report_on_a_run_has_the_model"
    ),
    "symtests diagnose my_model.py --sarif diagnosis.sarif": (
        "doctor/test_diagnose_command.py::test_findings_are_written_for_the_lines_of_a_pull_request"
    ),
    **dict.fromkeys(
        (
            "symtests diagnose examples/dead_model.py --html page.html",
            "symtests diagnose examples/dead_model.py --starts 5 --steps 3",
            'symtests diagnose examples/dead_model.py --markdown --accept "stuck=a stub, on purpose"',
        ),
        "doctor/test_symptom_page.py::test_each_command_runs_as_it_stands",
    ),
    **dict.fromkeys(
        (
            "symtests check my_net.py:Net --scheduler tcp://host:8786",
            "symtests check … --scheduler tcp://host:8786",
            "symtests check my_net.py:Net --scheduler local -n 4",
            "dask scheduler",
            "dask worker tcp://host:8786 --nthreads 1",
        ),
        "checking/cluster/test_fleet.py::test_a_cluster_finds_what_one_machine_finds",
    ),
    "python docs/processor_time.py symtests check …": "test_processor_time.py::test_an_orphan_is_counted",
    "python docs/report_pictures.py": "reports/test_pictures.py::test_the_script_takes_them_again",
    "python docs/findings.py": "peers/test_findings.py::test_the_page_is_what_its_files_give",
    "python docs/findings.py symtests-results/results.jsonl": (
        "peers/test_findings.py::test_every_broken_property_is_explained_and_every_explanation_is_needed"
    ),
    "python docs/fill_in.py": "test_readme.py::test_what_is_shown_is_what_comes_out",
    "python -m tests.diagnosis.measured.measure --write docs/diagnosis.md": (
        "diagnosis/measured/test_measure.py::test_the_program_writes_a_page_and_tells_whether_all_is_well"
    ),
}
"""Commands that another test runs, by the test."""

NOT_RUN: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "python -m pip install .", "python -m pip install '.[torch]'", "pip install 'symtests[torch]'",
            "pip install 'symtests[cluster]'", "pip install 'hypothesis[redis]'", "npm install",
            "python -m pip install --upgrade pip", "python -m pip install -e . --group dev",
            "symtests speed HEAD --base-with numba==0.61.2 --head-with numba==0.62.1 -- benchmarks/",
        ),
        "installs from a package index, for which a test has no network",
    ),
    **dict.fromkeys(
        (
            "python -m pip install . && symtests check", "python -m pip install tox && python -m tox",
            "python -m tox -e docs", "symtests check --profile default", "symtests bench",
        ),
        ".ci/run types it, or what it stands for",
    ),
    **dict.fromkeys(
        (
            "symtests diagnose model.py --starts 1000 --scheduler tcp://host:8786",
            "symtests bench --group starts --starts 5000000 --scheduler tcp://host:8786",
        ),
        "spreads like the other lines of its table, which tests/checking/cluster/test_spreading.py tries on a cluster",
    ),
    "python -m venv .venv && . .venv/bin/activate": "makes an environment; .ci/run makes the same",
    "symtests speed HEAD --head-python python3.13 -- benchmarks/": "needs a second interpreter, and a package index",
    **dict.fromkeys(
        (
            "pytest -n auto", "pytest -n auto tests", "pytest tests/oracle -k forward",
            "pytest --hypothesis-profile=randomized",
        ),
        "runs the tests, of which this is one",
    ),
    **dict.fromkeys(
        (
            "python -m tests.evidence.architectures", "python docs/costs.py", "python docs/sharpness.py",
            "for task in xor parity spirals; do",
        ),
        "measures for minutes or hours; its record is in the repository",
    ),
}  # fmt: skip
"""Commands that cannot be run by a test, and why."""


@dataclass(frozen=True)
class Shown:
    """A command on a page.

    Parameters
    ----------
    page
        Its name.
    text
        The command.
    is_block
        Whether its output stands below it and is compared by tests/test_readme.py or tests/test_protocol_page.py.
    """

    page: str
    text: str
    is_block: bool = False


def shown_commands() -> Iterator[Shown]:
    """Yield the commands of all pages: of blocks of a shell, and within sentences."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = set(re.findall(r"^<!-- run: (.*?) -->$", text, re.MULTILINE))
        yield from (Shown(page.name, each, is_block=True) for each in sorted(blocks))
        typed = [
            line.removeprefix("$ ")
            for kind, block in re.findall(r"^```(sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
            for line in block.splitlines()
            if (kind == "sh" or line.startswith("$ ")) and not line.startswith(("  ", "done"))
        ]
        prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
        typed += [each for each in re.findall(r"`([^`\n]+)`", prose) if " " in each]
        commands = (re.sub(r"\s+#.*", "", each).strip() for each in typed)
        for command in dict.fromkeys(commands):
            if command.split(" ")[0] in PROGRAMS and command not in blocks and not command.startswith("symtests @"):
                yield Shown(page.name, command)
