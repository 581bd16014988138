"""A batch for a model that came without one."""

from __future__ import annotations

import pytest
from torch import nn

from symtests.doctor import NotExaminable, diagnose
from tests.doctor.healthy import Recurrent, Tied, Transformer, cnn, mlp


@pytest.mark.parametrize("build", [mlp, Tied, Recurrent, lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())])
def test_the_first_layer_says_what_is_taken(build: type[nn.Module]) -> None:
    result = diagnose(build, steps=3)
    assert [each.verdict for each in result.findings if each.kind == "random batch"] == ["to know"]
    assert result.fatal == ()


@pytest.mark.parametrize("build", [cnn, lambda: nn.ParameterList([nn.Parameter()]), lambda: Transformer(size=16)])
def test_a_model_that_does_not_take_it_asks_for_a_batch(build: type[nn.Module]) -> None:
    with pytest.raises(NotExaminable, match=r"batch=None: .* hand over \(inputs, targets\)"):
        diagnose(build)
