"""MST3 holds for independent starts, and is broken by starts that are not."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import find as find_case
from hypothesis import given, settings

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties import find
from symtests.properties.base import Case, Domain
from tests.mutants.start_faults import ManyStarts, SameSeedForEveryStart, SeedsSharedInPairs
from tests.properties.trying import outcomes, run_script, violation_of

MST3 = find("MST3")


class Fast(ManyStarts):
    """Trains from many starts, each by the kernels."""

    train = NumbaKernels().train


class FastSameSeed(SameSeedForEveryStart):
    """Does so from the same start."""

    train = NumbaKernels().train


class FastSharedInPairs(SeedsSharedInPairs):
    """Does so from half as many starts."""

    train = NumbaKernels().train


def case_of(**details: Any) -> Case:
    """Return the case by day with other details."""
    case = find_case(MST3.cases(Domain("float64", Capabilities()), "small"), lambda _: True)
    return replace(case, details={**case.details, **details})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("implementation", [NumbaKernels, Fast])
def test_independent_starts_obey(implementation: type[Any], dtype: str) -> None:
    """One case is all there is: a statistic is not taken twice."""
    counts = outcomes(MST3, implementation(), dtype, "small")
    assert counts["held"] == sum(counts.values()) == 1


def test_the_same_seed_for_every_start_is_found_and_shown() -> None:
    case, violation = violation_of(MST3, FastSameSeed())
    assert "of 384 starts alone 0." in violation.sentence
    assert violation.expected > 0.98
    assert 0.15 < violation.found < 0.65
    run_script(violation, case, Fast())
    with pytest.raises(AssertionError):
        run_script(violation, case, FastSameSeed())


def test_without_independence_a_set_is_no_better_than_one_start() -> None:
    case, violation = violation_of(MST3, NumbaKernels(), without_precondition=True)
    assert 0.15 < violation.found < 0.65
    with pytest.raises(AssertionError):
        run_script(violation, case, NumbaKernels())


def test_starts_shared_in_pairs_are_found_by_more_sets() -> None:
    few, many = case_of(), case_of(alone=1300, sets={"2": 1300})
    implementation = Checked(FastSharedInPairs(), "float64")
    assert MST3.judge(implementation, few).outcome == "held"
    assert MST3.judge(implementation, many).outcome == "violated"


def test_at_night_more_starts_of_every_size_are_asked() -> None:
    seen: list[Case] = []

    @settings(database=None)
    @given(MST3.cases(Domain("float64", Capabilities(), nightly=True), "small"))
    def look(case: Case) -> None:
        seen.append(case)

    look()
    by_day, at_night = sorted(seen, key=lambda case: case.training.steps)
    assert by_day.training.steps < 100
    assert at_night.training.steps == 3000
    assert at_night.details["alone"] == 4096
    assert [int(size) * count for size, count in at_night.details["sets"].items()] == [4096, 4096, 4096]


def test_too_few_starts_say_nothing() -> None:
    """Eight equal starts in place of eight different ones would not be seen."""
    judgement = MST3.judge(Checked(NumbaKernels(), "float64"), case_of(alone=64, sets={"8": 8}))
    assert judgement.outcome == "too_wide"


def test_an_implementation_that_never_succeeds_is_not_judged() -> None:
    class Stays(ManyStarts):
        def train_many(self, network: Any, scheme: str, seeds: Any, batch: Any, training: Any) -> Any:
            return [self.initialize(network, "zeros", seed) for seed in seeds]

    judgement = MST3.judge(Checked(Stays(), "float64"), case_of(alone=100, sets={"8": 10}))
    assert judgement.outcome == "too_wide"


def test_little_time_means_few_starts() -> None:
    asked: list[int] = []

    class Counts(Fast):
        def train_many(self, network: Any, scheme: str, seeds: Any, batch: Any, training: Any) -> Any:
            asked.append(len(seeds))
            return super().train_many(network, scheme, seeds, batch, training)

    with pytest.raises(Unsupported, match="no time for enough trainings: 864 of 40 steps take about"):
        MST3.judge(Checked(Counts(), "float64"), case_of(seconds=1e-9))
    assert asked == [1] * 18 + [12]


def test_what_is_seen_besides_is_p_with_its_interval() -> None:
    assert MST3.observe is not None
    [seen] = MST3.observe(Checked(NumbaKernels(), "float64"), 0.3)
    assert 0 < seen.data["low"] < 0.5 < seen.data["high"] + 0.2
    assert seen.data["low"] * seen.data["trials"] < seen.data["successes"] < seen.data["high"] * seen.data["trials"]
    assert f"{seen.data['successes']} of {seen.data['trials']} starts" in seen.sentence


@pytest.mark.parametrize(
    "limits",
    [
        {"activations": ("relu",)},
        {"losses": ("mse",)},
        {"optimizers": ("adam",)},
        {"bias": (False,)},
        {"max_samples": 1},
    ],
)
def test_another_kind_of_network_is_not_asked(limits: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        MST3.cases(Domain("float64", Capabilities(**limits)), "small")


def test_starts_are_needed() -> None:
    class OnlyTrains:
        train = NumpyPlain().train

    with pytest.raises(Unsupported, match="neither initialize nor train_many"):
        MST3.judge(Checked(OnlyTrains(), "float64"), case_of())
