"""What failed stands together by its cause, the smallest counterexample first, violations before all else."""

from __future__ import annotations

import io

from rich.console import Console

from symtests.checking.events import Finished
from symtests.checking.results.verdict import Counterexample, Failure, Verdict
from symtests.terminal_failures import blocks, by_cause


def violated(name: str, dtype: str = "float64", units: int = 1, diagnosis: str = "the slope is wrong.") -> Verdict:
    found = Counterexample("broke", {}, units, 1, f"symtests check it -p {name}", "assert False", diagnosis=diagnosis)
    return Verdict("it", name, dtype, "violated", f"{name} broke", counterexample=found)


def test_one_cause_is_one_block_whose_first_is_the_smallest() -> None:
    errored = Verdict("it", "NUM1", "float64", "errored", "it crashed", failure=Failure("exited", "gone", ""))
    groups = by_cause([errored, violated("GRAD1", units=3), violated("SYM1"), violated("GRAD1", "float32", units=2)])
    assert [[(each.property, each.dtype) for each in group] for group in groups] == [
        [("SYM1", "float64"), ("GRAD1", "float32"), ("GRAD1", "float64")], [("NUM1", "float64")]
    ]  # fmt: skip


def test_what_has_no_diagnosis_is_told_by_its_sentence() -> None:
    assert len(by_cause([violated("SYM1", diagnosis=""), violated("SYM2", diagnosis="")])) == 2


def test_a_block_names_every_property_and_dtype_and_fits_into_eighty_columns() -> None:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    verdicts = [violated("SYM1", "float32"), violated("SYM1"), violated("GRAD1", units=2)]
    for block in blocks(verdicts, Finished({"violated": 3}, 1, 1.0, None), "utf-8"):
        console.print(block, crop=False)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined] # a StringIO
    assert "✗ violated by it: SYM1 in float32 and float64; GRAD1 in float64" in lines
    assert "smallest: SYM1 in float32" in lines
    assert "again: symtests check it -p SYM1" in lines
    assert all(len(line) <= 80 for line in lines)
