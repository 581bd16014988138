"""The rule of each optimizer, part by part, is that of the oracle; a part that is replaced is another rule."""

from dataclasses import replace

import numpy as np
import pytest

from symtests.diagnosis.optimizers.rule import Layout, Rule, followed, with_settings
from symtests.diagnosis.optimizers.sources import right
from symtests.network import OPTIMIZERS
from symtests.oracle import train
from symtests.training import Training
from tests.diagnosis.optimizers.following import DESIGNER


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("steps", [0, 1, 4])
def test_the_right_parts_are_the_right_rule(optimizer: str, steps: int) -> None:
    question = DESIGNER.plain()
    training = Training(optimizer, 0.125, steps, momentum=0.75, weight_decay=0.25 * (optimizer == "adamw"))
    expected = train(question.network, question.parameters, question.batch, training).vector
    found = followed(Rule(), question, training, right(question, 0.125))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_a_part_is_used_in_each_step() -> None:
    question, training = DESIGNER.plain(), Training("sgd", 0.125, 3)
    still = replace(Rule(), used=lambda at, theta, g: 0 * g)
    assert (followed(still, question, training, right(question, 0.125)) == question.theta).all()


def test_the_layout_tells_weights_from_biases() -> None:
    question = DESIGNER.plain()
    layout = Layout.of(question)
    assert layout.samples == question.samples
    assert layout.is_bias.sum() == sum(question.network.sizes[1:])
    assert sum(where.stop - where.start for where in layout.tensors) == question.network.parameter_count
    for where in layout.tensors:
        assert len(set(layout.is_bias[where])) == 1


def test_only_adamw_keeps_a_weight_decay() -> None:
    training = Training("adamw", weight_decay=0.5)
    assert with_settings(training, optimizer="adam").weight_decay == 0
    assert with_settings(training, mean_decay=0.5).weight_decay == 0.5
