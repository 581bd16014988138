"""A diagnosis in the form of SARIF 2.1.0, in which a CI system shows each finding at the line of the code.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0 plus Errata 01, 2023.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from symtests.doctor.findings import COSTLY, FATAL, HARMLESS, TO_KNOW, Finding
from symtests.doctor.origins import Origin
from symtests.shown_text import shown

if TYPE_CHECKING:
    from symtests.doctor.diagnosing import Diagnosis

__all__ = ["RULES", "as_sarif", "rule_id"]

_LEVELS: Final = {FATAL: "error", COSTLY: "warning", TO_KNOW: "note"}
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_MOST_PLACES: Final = 20

RULES: Final[Mapping[str, tuple[str, str]]] = {
    "stuck": ("A tensor never moves from its start",
              "Its gradient is exactly 0 at every step because of the values at the start."),
    "no gradient passes": ("No gradient passes at any values",
                           "An operation behind it has derivative 0, or the batches never use it."),
    "cut": ("The way from a tensor to the loss is cut",
            "The loss depends on the parameter, but no gradient comes back: no_grad, detach, a sample, whole numbers."),
    "unused": ("The loss does not depend on a tensor", "No step changes it."),
    "tied": ("Units are tied", "They are alike in all that belongs to them, so that no gradient can part them."),
    "tied but for noise": ("Units are tied but for noise", "Without the noise, as of dropout, they stay alike."),
    "copies": ("Parts are copies of one another", "They start with the same random numbers."),
    "dead units": ("Units never get a gradient", "No part of them ever got one, as behind a ReLU that is 0 for all."),
    "constant output": ("The output does not depend on the input", "It is the same for all samples of a batch."),
    "forgotten": ("The optimizer does not hold a parameter", "It has a gradient and never moves."),
    "foreign": ("The optimizer holds what is no parameter of this model", "A step changes something else."),
    "frozen": ("A parameter is frozen", "It asks for no gradient."),
    "memory": ("The optimizer remembers earlier steps", "Its moments are those of other values."),
    "shared": ("One tensor has several names", "There are fewer parameters than it seems."),
    "storage": ("Parameters share memory", "A step of one may change the other."),
    "lost start": ("A start got lost", "What was set to a constant was drawn at random afterwards."),
    "not finite": ("The loss is not finite", "It is NaN or infinite during the first steps."),
    "vanishing": ("Gradients get small from layer to layer", "The first layers learn slowly."),
}  # fmt: skip
"""For each kind of finding that a line of code causes a title and what it means."""


def rule_id(kind: str) -> str:
    """Return the id of the rule of a kind of finding: ``tied-but-for-noise``."""
    return kind.replace(" ", "-")


def as_sarif(diagnosis: Diagnosis, place: Origin | None, root: Path) -> dict[str, Any]:
    """Return the findings as the plain data of a SARIF file.

    What is harmless is left out, and what no line causes, as the course of the loss. What was accepted is suppressed
    with its reason.

    Parameters
    ----------
    diagnosis
        What was found.
    place
        Where a finding stands whose tensors come from no line that is known; nowhere if None.
    root
        The folder that paths begin at; what lies elsewhere has its whole path.
    """
    from symtests import __version__

    found = [each for each in diagnosis.findings if each.verdict != HARMLESS and each.kind in RULES]
    kinds = list(dict.fromkeys(each.kind for each in found))
    rules = [_rule(kind) for kind in kinds]
    results = [_result(each, kinds.index(each.kind), diagnosis.origins, place, root.resolve()) for each in found]
    driver = {"name": "symtests", "semanticVersion": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver}, "invocations": [{"executionSuccessful": True}], "columnKind": "unicodeCodePoints",
        "results": results,
    }  # fmt: skip
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(kind: str) -> dict[str, Any]:
    title, meaning = RULES[kind]
    return {
        "id": rule_id(kind), "shortDescription": {"text": title}, "fullDescription": {"text": f"{title}. {meaning}"},
        "help": {"text": f"{meaning} docs/diagnose.md tells how it is known, and what to do."},
    }  # fmt: skip


def _result(
    finding: Finding, rule: int, origins: Mapping[str, Origin], place: Origin | None, root: Path
) -> dict[str, Any]:
    lines = {name: origins[name] for name in finding.where if name in origins}
    places = list(dict.fromkeys(lines.values())) or [each for each in (place,) if each is not None]
    cure = f" Cure: {finding.cure}" if finding.cure else ""
    result: dict[str, Any] = {
        "ruleId": rule_id(finding.kind), "ruleIndex": rule, "level": _LEVELS[finding.verdict],
        "message": {"text": _text(f"{finding.sentence}.{cure}")},
        "partialFingerprints": {"symtestsFinding/v1": _fingerprint(finding)},
    }  # fmt: skip
    if places:
        first, *others = [_location(each, _names_at(lines, each), root) for each in places[:_MOST_PLACES]]
        result["locations"] = [first]
        if others:
            result["relatedLocations"] = [
                {"id": number, **each, "message": {"text": "the same finding"}} for number, each in enumerate(others, 1)
            ]
    if finding.accepted:
        result["suppressions"] = [{"kind": "external", "justification": _text(finding.accepted)}]
    return result


def _names_at(lines: Mapping[str, Origin], place: Origin) -> list[str]:
    return [name for name, line in lines.items() if line == place]


def _location(place: Origin, names: Sequence[str], root: Path) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _address(Path(place.file), root)}, "region": {"startLine": place.line}
        }
    }  # fmt: skip
    if names:
        location["logicalLocations"] = [
            {"fullyQualifiedName": shown(name), "kind": "member"} for name in names[:_MOST_PLACES]
        ]
    return location


def _address(file: Path, root: Path) -> str:
    """Return a path as part of an address: relative where it lies below the root, else whole."""
    if file.is_relative_to(root):
        return quote(file.relative_to(root).as_posix())
    return file.as_uri()


def _text(said: str) -> str:
    """Return a text as a message, in which nothing is read as a link or as a place for an argument."""
    return shown(said).replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _fingerprint(finding: Finding) -> str:
    """Return what stays the same while the numbers of a sentence change."""
    text = "\0".join((finding.kind, *finding.where))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]
