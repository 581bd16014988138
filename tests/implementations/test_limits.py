"""`outside` names each thing that a question asks for and that capabilities leave out."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.limits import outside
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

NETWORK = Network((3, 4, 5, 2), ("tanh", "relu"), "softmax_cross_entropy", bias=True)
BATCH = Batch(np.ones((2, 3)), np.array([[1.0, 0.0], [0.5, 0.5]]), np.ones(2))
TRAINING = Training("adam", epsilon=0.0)


@pytest.mark.parametrize(
    ("can", "missing"),
    [
        ({}, ()),
        ({"activations": ("tanh",)}, ("the activations",)),
        ({"one_activation": True}, ("several activations",)),
        ({"losses": ("mse",)}, ("the loss",)),
        ({"bias": (False,)}, ("this choice of biases",)),
        ({"max_hidden_layers": 1}, ("the depth",)),
        ({"min_hidden_layers": 3}, ("the depth",)),
        ({"max_width": 4}, ("the width",)),
        ({"min_width": 5}, ("the width",)),
        ({"min_width": 4, "max_width": 5}, ()),
        ({"max_inputs": 2}, ("the number of inputs",)),
        ({"max_inputs": 3}, ()),
        ({"max_outputs": 1}, ("the number of outputs",)),
        ({"max_samples": 1}, ("the batch",)),
        ({"sample_weights": False}, ("sample weights",)),
        ({"class_targets": ("softmax_cross_entropy",)}, ("targets that are no classes",)),
        ({"class_targets": ("bce",)}, ()),
        ({"optimizers": ("sgd",)}, ("the optimizer",)),
        ({"positive_epsilon": True}, ("an epsilon of 0",)),
    ],
)
def test_what_is_left_out_is_named(can: dict[str, object], missing: tuple[str, ...]) -> None:
    assert outside(Capabilities(**can), NETWORK, BATCH, TRAINING) == missing  # type: ignore[arg-type]


def test_an_epsilon_counts_only_where_it_is_used_and_no_width_where_there_is_no_hidden_layer() -> None:
    assert outside(Capabilities(positive_epsilon=True), NETWORK, None, Training("sgd", epsilon=0.0)) == ()
    assert outside(Capabilities(min_width=9), Network((3, 2))) == ()


def test_a_question_that_is_left_out_never_reaches_the_implementation() -> None:
    asked = []

    class Shallow(NumpyPlain):
        capabilities = Capabilities(max_hidden_layers=1)

        def predict(self, *arguments: object) -> None:  # type: ignore[override]
            asked.append(arguments)

    with pytest.raises(Unsupported, match="its capabilities leave out the depth"):
        Checked(Shallow(), "float64").predict(NETWORK, Parameters.zeros(NETWORK), BATCH.x)
    assert asked == []
