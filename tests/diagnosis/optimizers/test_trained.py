"""Trainings beside what is to be expected of them: within rounding, far off, and of which questions."""

from dataclasses import replace

import numpy as np
import pytest

from symtests.diagnosis.optimizers.matching import rule_of
from symtests.diagnosis.optimizers.rule import Rule
from symtests.diagnosis.optimizers.sources import right
from symtests.diagnosis.optimizers.trained import designed, few_steps, long_ones, trained
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.series import Designer
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.network import OPTIMIZERS
from symtests.training import Training
from tests.diagnosis.examined import LONG_ENOUGH
from tests.diagnosis.measured.reference import Reference
from tests.diagnosis.optimizers.following import DESIGNER, trainings_of


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_right_trainings_are_within_rounding(optimizer: str, dtype: str) -> None:
    interview = Interview(Checked(Reference(), dtype), LONG_ENOUGH)
    few = list(designed(interview, Designer(Reference.capabilities, dtype, None), optimizer, right))
    long = list(long_ones(interview, optimizer, 0.0, right))
    assert len(few) == len(list(few_steps(DESIGNER, optimizer)))
    assert max(each.training.steps for each in long) > 255  # a counter of eight bits
    assert not any(each.is_wrong for each in (*few, *long))


def test_what_is_off_by_more_than_rounding_is_wrong() -> None:
    each = trainings_of([], "adam")[0]
    assert not replace(each, found=each.found + each.bound / 2).is_wrong
    assert replace(each, found=each.found + 2 * each.bound).is_wrong
    assert not replace(each, found=each.found + 2 * each.bound).is_far_off
    assert replace(each, found=each.found + 32 * each.bound).is_far_off
    assert replace(each, found=np.nan * each.found).is_wrong


def test_a_rule_gives_what_it_comes_much_closer_to_than_the_right_one() -> None:
    each = trainings_of([], "adam")[0]
    assert each.is_given_by(Rule())
    far = replace(each, found=each.found + 1.0)
    assert not far.is_given_by(rule_of([]))


def test_a_relu_dies_after_the_first_step() -> None:
    question, training = list(few_steps(DESIGNER, "momentum"))[-1]
    assert question.network.activations == ("relu",)
    after = trainings_of([], "sgd")[-1]
    assert right(question, 0.125)(question.theta)[0] != 0
    assert (right(question, 0.125)(after.found)[:2] == 0).all()
    assert training.steps > 1


def test_only_what_it_can_do_is_asked() -> None:
    small = Designer(Capabilities(max_samples=1, max_hidden_layers=0), "float32", None)
    for question, training in few_steps(small, "adam"):
        assert question.samples == 1
        assert not question.network.hidden_sizes
        assert training.weight_decay == 0


class NoAdam(Reference):
    def train(self, network, parameters, batch, training):
        if training.optimizer == "adam":
            raise ValueError("no adam")
        return super().train(network, parameters, batch, training)


def test_a_training_that_is_not_done_is_the_last_one_asked() -> None:
    interview = Interview(Checked(NoAdam(), "float64"), LONG_ENOUGH)
    assert list(designed(interview, DESIGNER, "adam", right)) == []
    assert trained(interview, DESIGNER.plain(), Training("sgd"), right) is not None
    assert interview.refusals == 1
