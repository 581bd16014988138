"""A diagnosis as SARIF: right by its schema, at the line of the code, and with nothing but text in it."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from symtests.doctor.diagnosing import Diagnosis
from symtests.doctor.findings import Finding
from symtests.doctor.origins import Origin
from symtests.doctor.sarif import RULES, as_sarif, rule_id
from symtests.doctor.watching import watch
from tests.doctor.sarif_schema import SCHEMA
from tests.doctor.simple import random_simple
from tests.forbidden import ANY_TEXT, FORBIDDEN

ROOT = Path(__file__).resolve().parents[2]
STUCK = Finding("stuck", "fatal", "first, last: stuck at {0, 1}", ("first", "last"), "init(first)")
NO_LINE = {"loss", "random batch"}  # what no line of the code causes


def diagnosis(*findings: Finding, **origins: Origin) -> Diagnosis:
    model = random_simple()
    record = watch(model, model.candidates(), 1)
    return replace(Diagnosis(findings, record, 1, 20, 2, True, 1, (), 0.1), origins=origins)


def results(document: dict[str, Any]) -> list[dict[str, Any]]:
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(document)))
    found: list[dict[str, Any]] = document["runs"][0]["results"]
    return found


def test_a_finding_stands_at_the_lines_that_made_its_tensors(tmp_path: Path) -> None:
    lines = {"first": Origin(str(tmp_path / "src" / "my net.py"), 7), "last": Origin("/elsewhere/net.py", 9)}
    (found,) = results(as_sarif(diagnosis(STUCK, **lines), None, tmp_path))
    assert (found["ruleId"], found["level"]) == ("stuck", "error")
    assert found["message"]["text"] == "first, last: stuck at {{0, 1}}. Cure: init(first)"
    first = found["locations"][0]
    assert first["physicalLocation"] == {
        "artifactLocation": {"uri": "src/my%20net.py"}, "region": {"startLine": 7}
    }  # fmt: skip
    assert first["logicalLocations"] == [{"fullyQualifiedName": "first", "kind": "member"}]
    (other,) = found["relatedLocations"]
    assert other["physicalLocation"]["artifactLocation"]["uri"] == "file:///elsewhere/net.py"


def test_what_comes_from_no_known_line_stands_at_the_model(tmp_path: Path) -> None:
    place = Origin(str(tmp_path / "net.py"), 3)
    (found,) = results(as_sarif(diagnosis(STUCK), place, tmp_path))
    assert found["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    (nowhere,) = results(as_sarif(diagnosis(STUCK), None, tmp_path))
    assert "locations" not in nowhere


def test_levels_rules_and_what_is_left_out(tmp_path: Path) -> None:
    document = as_sarif(
        diagnosis(
            STUCK, Finding("dead units", "costly", "dead"), Finding("frozen", "to know", "frozen", accepted="meant"),
            Finding("late", "harmless", "late"), Finding("loss", "to know", "it fell"),
        ), None, tmp_path,
    )  # fmt: skip
    found = results(document)
    assert [each["level"] for each in found] == ["error", "warning", "note"]
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in found] == ["stuck", "dead-units", "frozen"]
    assert [each.get("suppressions") for each in found] == [
        None, None, [{"kind": "external", "justification": "meant"}]
    ]  # fmt: skip


def test_the_fingerprint_is_that_of_the_fault_and_not_of_its_numbers(tmp_path: Path) -> None:
    one, same, other = results(
        as_sarif(
            diagnosis(STUCK, replace(STUCK, sentence="after 30 steps"), replace(STUCK, where=("last",))), None, tmp_path
        )
    )
    assert one["partialFingerprints"] == same["partialFingerprints"] != other["partialFingerprints"]


def test_every_kind_of_finding_has_a_rule_or_no_line() -> None:
    """As the calls of `Finding` in the sources say; what is always harmless is never written."""
    kinds: dict[str, bool] = {}
    for path in (ROOT / "symtests" / "doctor").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and len(node.args) > 1:
                kind, verdict = node.args[:2]
                if isinstance(kind, ast.Constant):
                    kinds[str(kind.value)] = getattr(verdict, "id", "") == "HARMLESS"
    assert len(kinds) > 20
    assert set(RULES) == {kind for kind, harmless in kinds.items() if not harmless} - NO_LINE
    assert len({rule_id(kind) for kind in RULES}) == len(RULES)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT.map(lambda text: f"x{text}"))
def test_what_comes_from_outside_is_only_text(tmp_path: Path, text: str) -> None:
    finding = Finding("stuck", "fatal", text, (text,), text, accepted=text)
    document = as_sarif(diagnosis(finding, **{text: Origin("/x.py", 1)}), None, tmp_path)
    (found,) = results(document)
    assert FORBIDDEN.search(json.dumps(document, ensure_ascii=False)) is None
    said = found["message"]["text"]
    assert "](" not in said
    assert "{" not in said.replace("{{", "")


@pytest.mark.parametrize("said", ["[x](1)", "[x](http://example.org)", "see {0}"])
def test_no_text_is_a_link_or_a_place_for_an_argument(said: str, tmp_path: Path) -> None:
    (found,) = results(as_sarif(diagnosis(Finding("stuck", "fatal", said)), None, tmp_path))
    assert found["message"]["text"] == f"{said}.".replace("](", "] (").replace("{0}", "{{0}}")
