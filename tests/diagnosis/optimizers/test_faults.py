"""Each fault model of an optimizer is told from all others, by itself and beside another."""

import numpy as np
import pytest

from symtests.diagnosis.optimizers.faults import faults_for
from symtests.diagnosis.optimizers.matching import explanation_of
from symtests.network import OPTIMIZERS
from tests.diagnosis.optimizers.following import are_alike, trainings_of


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_has_words_of_its_own(optimizer: str) -> None:
    words = [fault.words for fault in faults_for(optimizer)]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_that_shows_is_named_or_one_that_is_the_same(optimizer: str) -> None:
    shown = 0
    for fault in faults_for(optimizer):
        answers = trainings_of([fault], optimizer)
        if not any(each.is_far_off for each in answers) or not all(np.isfinite(each.found).all() for each in answers):
            continue
        shown += 1
        named = explanation_of(answers, faults_for(optimizer), in_pairs=False)
        assert named == (fault,) or (named and are_alike(named, [fault], optimizer)), fault.words
    assert shown > len(faults_for(optimizer)) / 2


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_is_right_is_not_far_off(optimizer: str) -> None:
    assert not any(each.is_wrong for each in trainings_of([], optimizer))
