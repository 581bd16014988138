"""judge_check: each word on its evidence, and the smallest case that fails."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis.strategies import SearchStrategy

from symtests.checking.known.known_failure import KnownFailure
from symtests.checking.one_check.judge_check import case_seed, judge_check
from symtests.checking.profile import Profile, find_profile
from symtests.checking.results.verdict import Verdict
from symtests.implementations.checked import Checked
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.base import Case, Domain, Judgement, Property, Tier
from tests.checking import misbehaving, own_properties

FEW = replace(find_profile("quick"), small_examples=12, wide_examples=6)


def judged(implementation: object, prop: Property, **options: object) -> Verdict:
    return judge_check(Checked(implementation, "float64", "mine"), prop, FEW, **options)  # type: ignore[arg-type]


def test_a_property_that_holds_bit_for_bit_is_exact() -> None:
    verdict = judged(NumpyPlain(), own_properties.STEP)
    assert (verdict.word, verdict.sentence) == ("exact", "Held bit for bit in all 18 conclusive cases.")
    assert (verdict.tally.conclusive, verdict.bitwise_cases) == (18, 18)
    assert (verdict.detectable, verdict.tolerance) == (0, "exact")


def test_a_property_that_holds_within_its_bound_holds() -> None:
    verdict = judged(misbehaving.Good(), own_properties.STEP)
    assert verdict.word == "holds"
    assert verdict.worst_fraction is not None
    assert 0 < verdict.worst_fraction < 1
    assert verdict.tolerance == "certified"
    assert "of what rounding can explain" in verdict.sentence


def test_a_property_that_is_broken_is_violated_by_the_smallest_case() -> None:
    verdict = judged(misbehaving.HalfTheStep(), own_properties.STEP)
    assert verdict.word == "violated"
    assert verdict.tally.conclusive == 1  # the first case that failed; shrinking is not counted
    found = verdict.counterexample
    assert found is not None
    assert (found.hidden_units, found.samples) == (1, 1)
    assert verdict.sentence == found.sentence
    assert found.expected != found.found
    assert found.bound == own_properties.BOUND
    location = "tests.checking.misbehaving:HalfTheStep"
    options = "--dtype float64 --seed 0 --profile quick --examples 12"
    assert found.command == f"symtests check {location} --property STEP {options}"
    case = Case.from_json(found.case)
    assert own_properties.STEP.judge(Checked(misbehaving.HalfTheStep(), "float64"), case).outcome == "violated"


def test_what_raises_is_errored_with_the_smallest_case_on_which_it_does() -> None:
    verdict = judged(misbehaving.RaisesForThreeUnits(), own_properties.STEP)
    assert verdict.word == "errored"
    assert verdict.failure is not None
    assert verdict.failure.kind == "raised"
    assert "in go_astray" in verdict.failure.output
    assert verdict.counterexample is not None
    assert verdict.counterexample.hidden_units == 3
    assert verdict.sentence == (
        "train raised ValueError: too wide for me. The smallest case found is a network of sizes 1-3-1 with 1 sample."
    )


@pytest.mark.parametrize(
    ("implementation", "kind"),
    [
        (misbehaving.RaisesSystemExit(), "raised"),
        (misbehaving.WrongShape(), "wrong shape"),
    ],
)
def test_nonsense_is_errored_by_its_kind(implementation: object, kind: str) -> None:
    verdict = judged(implementation, own_properties.STEP)
    assert verdict.word == "errored"
    assert verdict.failure is not None
    assert verdict.failure.kind == kind


def test_a_number_that_is_none_breaks_the_property_and_is_told_beside_the_right_one() -> None:
    verdict = judged(misbehaving.NotANumber(), own_properties.STEP)
    assert (verdict.word, verdict.failure) == ("violated", None)
    found = verdict.counterexample
    assert found is not None
    assert (found.hidden_units, found.samples, found.quantity) == (1, 1, "W1[0,0] after the training")
    assert math.isnan(found.found or 0.0)
    assert verdict.sentence == (
        "one step of sgd with learning rate 0.5 takes W1[0,0] out of the finite numbers: it ends at nan, where "
        f"{found.expected:.9g} is right"
    )
    assert "assert np.isfinite(values).all(), values" in found.script
    again = Verdict.from_json(json.loads(json.dumps(verdict.to_json())))
    assert again.counterexample is not None
    assert (again.counterexample.expected, math.isnan(again.counterexample.found or 0.0)) == (found.expected, True)


def test_a_number_that_is_none_now_and_then_is_told_and_asked_for_again() -> None:
    verdict = judged(misbehaving.NotANumberNowAndThen(), own_properties.STEP)
    assert verdict.word == "violated"
    assert verdict.sentence.startswith("It answers the same input differently. In one run, one step of sgd")
    assert verdict.counterexample is not None
    assert not verdict.counterexample.steady
    assert "for attempt in range(100):\n    answer = implementation.train(" in verdict.counterexample.script
    compile(verdict.counterexample.script, "script", "exec")


def test_a_training_that_leaves_the_finite_numbers_breaks_the_property_and_is_known_to() -> None:
    verdict = judged(misbehaving.Diverges(), own_properties.STEP)
    assert verdict.word == "violated"
    assert verdict.failure is None
    assert verdict.sentence.startswith(
        "one step of sgd with learning rate 1 takes W1[0,0] out of the finite numbers: it ends at inf, where "
    )
    found = verdict.counterexample
    assert found is not None
    assert (found.sentence, found.hidden_units) == (verdict.sentence, 1)
    assert "answer = implementation.train(network, parameters, batch, training)" in found.script
    known = KnownFailure("STEP", "mine", "it diverges", found.case)
    again = judged(misbehaving.Diverges(), own_properties.STEP, known=known)
    assert (again.word, again.failure) == ("known", None)


def test_a_known_case_that_fails_in_another_way_is_told_even_if_no_other_fails() -> None:
    found = judged(misbehaving.Diverges(), own_properties.STEP).counterexample
    assert found is not None
    known = KnownFailure("STEP", "mine", "it raises", found.case, found="raised", file="known.toml", number=3)
    prop = replace(own_properties.STEP, cases=own_properties.NOT_DRAWN.cases)
    verdict = judged(misbehaving.Diverges(), prop, known=known)
    assert verdict.word == "violated"
    assert verdict.sentence.endswith("This is not what entry 3 of known.toml shows: write the entry again with "
                                     "--write-known.")  # fmt: skip


def test_what_is_wrong_now_and_then_gives_different_answers() -> None:
    verdict = judged(misbehaving.WrongNowAndThen(), own_properties.STEP)
    assert verdict.word == "violated"
    assert verdict.sentence.startswith("It answers the same input differently. In one run, one step moved")
    assert verdict.counterexample is not None
    assert "100 times the same question" in verdict.counterexample.script


def test_the_script_of_an_unsteady_violation_asks_what_the_property_asked_again_and_again() -> None:
    found = judged(misbehaving.WrongNowAndThen(), own_properties.STEP).counterexample
    assert found is not None
    assert "for attempt in range(100):\n    after = implementation.train(network, " in found.script
    compile(found.script, "script", "exec")


@pytest.mark.parametrize(
    ("prop", "sentence"),
    [
        (own_properties.TRIVIAL, "No case was conclusive: 18 trivial."),
        (
            own_properties.TOO_WIDE,
            "The rounding bound hid the fault of 1e-06 that the property promises to see in 18 of 18 cases.",
        ),
        (own_properties.NOT_DRAWN, "No case was conclusive: none could be drawn."),
    ],
)
def test_without_conclusive_cases_nothing_is_concluded(prop: Property, sentence: str) -> None:
    verdict = judged(misbehaving.Good(), prop)
    assert (verdict.word, verdict.sentence) == ("inconclusive", sentence)
    assert verdict.detectable is None


def test_cases_that_a_property_rejects_are_counted() -> None:
    verdict = judged(misbehaving.Good(), own_properties.REJECTED)
    assert verdict.word == "inconclusive"
    assert verdict.tally.rejected == verdict.tally.tried > 0


@pytest.mark.parametrize(("wide", "word"), [(9, "holds"), (10, "inconclusive")])
def test_too_wide_cases_decide_once_they_outnumber_the_others(wide: int, word: str) -> None:
    outcomes = iter([True] * wide + [False] * (18 - wide))

    def judge(checked: Checked, case: Case) -> Judgement:
        return Judgement("held", detectable=1e-3 if next(outcomes) else 1e-9)

    prop = own_properties.prop("SOME", judge, promise=1e-6)
    verdict = judged(misbehaving.Good(), prop)
    assert (verdict.word, verdict.tally.too_wide, verdict.tally.conclusive) == (word, wide, 18 - wide)


@pytest.mark.parametrize(
    ("prop", "sentence"),
    [
        (own_properties.NEEDS_MORE, "Not tried: it does not offer predict or stages."),
        (own_properties.NO_CASES, "Not tried: the property needs a network that it cannot have."),
        (own_properties.UNSUPPORTED, "Not tried: it cannot do this case."),
    ],
)
def test_what_it_cannot_do_is_unsupported(prop: Property, sentence: str) -> None:
    verdict = judged(misbehaving.Good(), prop)
    assert (verdict.word, verdict.sentence) == ("unsupported", sentence)
    assert verdict.tally.conclusive == 0


@pytest.mark.parametrize(
    ("prop", "sentence"),
    [
        (own_properties.FAULTY, "FAULTY raised KeyError: 'a key that a property has forgotten'."),
        (own_properties.FAULTY_CASES, "FAULTYCASES raised ZeroDivisionError: a strategy that cannot be built."),
    ],
)
def test_a_fault_of_a_property_is_not_held_against_the_implementation(prop: Property, sentence: str) -> None:
    verdict = judged(misbehaving.Good(), prop)
    assert (verdict.word, verdict.sentence) == (
        "errored",
        f"A fault of symtests, not of mine: {sentence} Please report it.",
    )
    assert verdict.failure is not None
    assert verdict.failure.kind == "fault of symtests"
    assert "own_properties" in verdict.failure.output


def test_a_property_looks_further_only_where_it_could_judge() -> None:
    seen = ({"sentence": "seen", "data": {"effort": FEW.effort}},)
    assert judged(misbehaving.Good(), own_properties.STEP).observations == seen
    assert judged(misbehaving.HalfTheStep(), own_properties.STEP).observations == seen
    assert judged(misbehaving.Raises(), own_properties.STEP).observations == ()


def test_a_look_that_fails_spoils_no_verdict() -> None:
    def look(checked: Checked, effort: float) -> list[object]:
        return [1 / 0]

    prop = replace(own_properties.STILL, observe=look)  # type: ignore[arg-type]
    verdict = judged(misbehaving.Good(), prop)
    assert verdict.word == "exact"
    assert verdict.observations[0]["sentence"].startswith("A closer look failed by a fault of symtests: ZeroDivision")


def cases_of(implementation: object, prop: Property, seed: int, dtype: str = "float64") -> list[str]:
    seen: list[str] = []
    checked = Checked(implementation, dtype, "mine")
    judge_check(checked, prop, FEW, seed=seed, on_case=lambda case: seen.append(str(case.to_json())))
    return seen


def test_the_seed_alone_decides_which_cases_are_drawn() -> None:
    reference = cases_of(misbehaving.Good(), own_properties.STILL, 3)
    assert len(reference) == 18
    assert cases_of(misbehaving.LeavesAChild(), own_properties.STILL, 3) == reference
    assert cases_of(misbehaving.Good(), own_properties.STILL, 4) != reference


def test_each_property_dtype_and_tier_has_cases_of_its_own() -> None:
    seeds = {case_seed(s, prop, dtype, tier) for s in (0, 1) for prop in "AB" for dtype in "CD" for tier in "EF"}
    assert len(seeds) == 16


def test_failing_cases_are_kept_and_tried_first(tmp_path: Path) -> None:
    judged(misbehaving.RaisesForThreeUnits(), own_properties.STEP, database=tmp_path, seed=1)
    seen: list[Case] = []
    judged(misbehaving.Good(), own_properties.STEP, database=tmp_path, seed=2, on_case=seen.append)
    assert seen[0].hidden_units == 3


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    for implementation in (misbehaving.HalfTheStep(), misbehaving.Raises(), misbehaving.WrongNowAndThen()):
        judged(implementation, own_properties.STEP)
    judged(misbehaving.Good(), own_properties.NOT_DRAWN)
    assert capfd.readouterr() == ("", "")


def test_a_slow_implementation_is_cut_short_and_the_verdict_says_so() -> None:
    def slow(checked: Checked, case: Case) -> Judgement:
        time.sleep(0.05)
        return Judgement("held", bitwise=True)

    profile = Profile("slow", 1000, 1000, 1000, seconds=0.5, effort=0)
    verdict = judge_check(Checked(misbehaving.Good(), "float64"), own_properties.prop("SLOW", slow), profile)
    assert 0 < verdict.tally.conclusive < 100
    assert verdict.sentence.endswith("The time was up before all cases were tried.")


def test_shrinking_ends_when_its_cases_are_used_up() -> None:
    asked = []

    def always(checked: Checked, case: Case) -> Judgement:
        asked.append(case)
        return Judgement("violated" if np.abs(case.parameters.vector).max() > 0.3 else "held")

    profile = replace(FEW, shrink_cases=5)
    verdict = judge_check(Checked(misbehaving.Good(), "float64"), own_properties.prop("BIG", always), profile)
    assert verdict.word == "violated"
    assert len(asked) <= 1 + 5 + 2  # the first failure, the smaller ones, and the smallest twice more


def test_a_violation_of_the_wide_tier_is_looked_for_among_more_small_cases() -> None:
    tried: set[str] = set()

    def held(checked: Checked, case: Case) -> Judgement:
        tried.add(str(case.to_json()))
        return Judgement("held", bitwise=True)

    def violated_elsewhere(checked: Checked, case: Case) -> Judgement:
        return held(checked, case) if str(case.to_json()) in tried else Judgement("violated")

    assert judged(misbehaving.Good(), replace(own_properties.prop("RARE", held), tiers=("small",))).word == "exact"
    verdict = judged(misbehaving.Good(), own_properties.prop("RARE", violated_elsewhere))
    assert verdict.word == "violated"
    assert verdict.counterexample is not None
    assert verdict.counterexample.hidden_units <= 3
    assert verdict.tally.conclusive == FEW.small_examples + 1, "what was tried again is not counted"


def test_a_violation_that_no_small_case_shows_is_kept() -> None:
    def violated_if_wide(checked: Checked, case: Case) -> Judgement:
        return Judgement("violated" if case.hidden_units > 20 else "held", bitwise=True)

    verdict = judged(misbehaving.Good(), own_properties.prop("WIDE", violated_if_wide))
    assert verdict.word == "violated"
    assert verdict.counterexample is not None
    assert verdict.counterexample.hidden_units > 20


def test_there_is_time_for_long_cases_at_night_alone() -> None:
    times: dict[str, set[bool]] = {name: set() for name in ("quick", "default", "nightly")}

    def notes_time(domain: Domain, tier: Tier) -> SearchStrategy[Case]:
        times[name].add(domain.nightly)
        return own_properties.tanh_cases(domain, tier)

    for name in times:
        few = replace(find_profile(name), small_examples=2, wide_examples=2)
        judge_check(Checked(NumpyPlain(), "float64"), replace(own_properties.STEP, cases=notes_time), few)
    assert times == {"quick": {False}, "default": {False}, "nightly": {True}}
