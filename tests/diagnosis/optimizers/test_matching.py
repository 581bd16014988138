"""Matching: one fault before two, the usual one first, and nothing where nothing explains all."""

from dataclasses import replace

import pytest

from symtests.diagnosis.optimizers.faults import faults_for
from symtests.diagnosis.optimizers.matching import explanation_of, rule_of
from symtests.diagnosis.optimizers.rule import Rule
from symtests.diagnosis.optimizers.step_fault import StepFault
from tests.diagnosis.optimizers.following import are_alike, trainings_of


def named(optimizer: str, words: str) -> StepFault:
    return next(fault for fault in faults_for(optimizer) if words in fault.words)


@pytest.mark.parametrize(
    ("optimizer", "first", "second"),
    [
        ("adam", "wrong way round", "epsilon inside the root"),
        ("adam", "for each tensor", "rounded to float32"),
        ("adamw", "leaves out the biases", "AMSGrad"),
        ("momentum", "v = mu v + (1 - mu) g", "learning rate is multiplied by 0.9"),
        ("nesterov", "multiplied by the learning rate again", "one step more than"),
        ("rmsprop", "decays exchanged", "as a floor"),
        ("adagrad", "mixed up", "gradient of the step before, from"),
        ("sgd", "is used twice", "takes one step less"),
    ],
)
def test_two_faults_are_both_named(optimizer: str, first: str, second: str) -> None:
    both = [named(optimizer, first), named(optimizer, second)]
    found = explanation_of(trainings_of(both, optimizer), faults_for(optimizer))
    assert {fault.words for fault in found} == {fault.words for fault in both} or are_alike(found, both, optimizer)
    assert explanation_of(trainings_of(both, optimizer), faults_for(optimizer), in_pairs=False) == ()


def test_one_fault_is_preferred_to_two() -> None:
    one = named("adam", "without bias correction")
    assert explanation_of(trainings_of([one], "adam"), faults_for("adam")) == (one,)


def test_nothing_is_named_that_one_training_contradicts() -> None:
    answers = trainings_of([named("adam", "without bias correction")], "adam")
    contradicted = [*answers[:-1], replace(answers[-1], found=answers[-1].found + 1e-3)]
    assert explanation_of(contradicted, faults_for("adam")) == ()


def test_what_is_by_itself_is_in_no_pair() -> None:
    alone = replace(named("adam", "without bias correction"), alone=True)
    other = named("adam", "rounded to float32")
    assert explanation_of(trainings_of([alone, other], "adam"), [alone, other]) == ()


def test_no_fault_is_the_right_rule() -> None:
    assert rule_of([]) == Rule()
