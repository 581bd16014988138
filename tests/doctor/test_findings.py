"""Findings: their order, what is accepted, what is said once."""

from __future__ import annotations

from symtests.doctor.findings import Finding, accepted, listed, merged, worst_first


def finding(
    verdict: str, kind: str = "stuck", sentence: str = "x", where: tuple[str, ...] = ("net.0.weight",)
) -> Finding:
    return Finding(kind, verdict, sentence, where)


def test_the_worst_comes_first_and_accepted_ones_last() -> None:
    found = [finding("harmless"), finding("to know"), finding("fatal"), finding("costly"), finding("fatal", "tied")]
    found = accepted(found, {"tied": "meant"})
    order = [(each.verdict, each.accepted) for each in worst_first(found)]
    assert order == [("fatal", ""), ("costly", ""), ("to know", ""), ("harmless", ""), ("fatal", "meant")]


def test_a_finding_is_accepted_by_kind_or_by_all_its_places() -> None:
    both = finding("fatal", where=("net.0.weight", "head.weight"))
    assert accepted([both], {"net.*": "no"})[0].accepted == ""
    assert accepted([both], {"*.weight": "yes"})[0].accepted == "yes"
    assert accepted([both], {"stuck:*.weight": "yes"})[0].accepted == "yes"
    assert accepted([both], {"tied:*.weight": "no"})[0].accepted == ""


def test_a_finding_without_a_place_is_accepted_by_kind_only() -> None:
    assert accepted([finding("fatal", where=())], {"*": "no"})[0].accepted == ""


def test_layers_alike_are_said_once() -> None:
    found = merged([finding("fatal", sentence=f"layer {i} has 1e-{i} of it", where=(f"layers.{i}",)) for i in range(9)])
    assert len(found) == 1
    assert found[0].sentence == ("layer 0 has 1e-0 of it (and 8 more like it: layers.1, layers.2, layers.3 and 5 more)")
    assert len(found[0].where) == 9


def test_names_are_listed() -> None:
    assert listed(["a", "b", "c", "d"]) == "a, b, c, d"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
