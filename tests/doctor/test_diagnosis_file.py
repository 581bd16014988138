"""What is left beside the results for the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symtests.doctor.diagnosis_file import diagnosis_record, file_name
from symtests.doctor.findings import Finding
from symtests.doctor.origins import Origin
from symtests.reports.diagnoses import ModelFinding, read_diagnosis
from tests.doctor.test_sarif import diagnosis


@pytest.mark.parametrize(
    ("model", "name"),
    [("src/net.py", "net"), ("net.py:make", "net-make"), ("../my net.py", "my_net"), ("a\n|b.py", "a__b"),
     ("C:/x.py", "x")],
)  # fmt: skip
def test_the_name_of_the_file_is_that_of_the_model_in_harmless_characters(model: str, name: str) -> None:
    assert file_name(model) == f"diagnosis-{name}.json"


def test_the_report_reads_what_is_written(tmp_path: Path) -> None:
    lines = {"first": Origin("/a/net.py", 7), "last": Origin("/a/net.py", 7)}
    finding = Finding("stuck", "fatal", "both", ("first", "last"), "cure", {"loss": float("nan")})
    path = tmp_path / file_name("net.py")
    path.write_text(json.dumps(diagnosis_record(diagnosis(finding, **lines), "net.py"), allow_nan=False))
    found = read_diagnosis(path)
    assert (found.model, found.headline, found.fatal) == ("net.py", "1 fatal", 1)
    assert found.findings == (ModelFinding("stuck", "fatal", "both", "cure", "", ("net.py:7",)),)
