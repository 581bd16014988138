"""A PyTorch model through the small interface."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from symtests.doctor.torch_batches import Batches, Objective
from symtests.doctor.torch_model import TorchModel, default_optimizer
from tests.doctor.faulty import Dropping, Repeated, Unused
from tests.doctor.healthy import cnn, images, mlp, numbers


def model(module: nn.Module, batch: object = None) -> TorchModel:
    batches = Batches(batch or numbers(5, 2), torch.device("cpu"))
    return TorchModel(module, batches, Objective(None), default_optimizer(module))


def test_a_step_moves_parameters_and_a_restart_brings_everything_back() -> None:
    own = model(cnn(), images())
    start = {name: value.copy() for name, value in own.values().items()}
    first = [own.step(number) for number in range(3)]
    assert any(not np.array_equal(own.values()[name], start[name]) for name in start)
    assert not np.array_equal(own.values()["1.running_mean"], start["1.running_mean"])
    own.restart()
    assert all(np.array_equal(own.values()[name], start[name]) for name in start)
    assert [own.step(number) for number in range(3)] == first


def test_gradients_without_an_update() -> None:
    own = model(mlp())
    start = {name: value.copy() for name, value in own.values().items()}
    own.step(0, update=False)
    assert all(np.array_equal(own.values()[name], start[name]) for name in start)
    assert all(gradient is not None and gradient.any() for gradient in own.gradients().values())


def test_values_are_put_in_any_shape() -> None:
    module = nn.Sequential(nn.Linear(5, 2))
    module.register_parameter("scale", nn.Parameter(torch.ones(())))
    own = model(module)
    own.put({"scale": np.array(3.0, np.float32), "0.weight": np.zeros((2, 5), np.float32).T.copy().T})
    assert own.values()["scale"] == 3
    assert not own.values()["0.weight"].any()


def test_generic_values_are_those_that_were_asked_for() -> None:
    own = model(mlp())
    assert set(own.generic(["0.weight"])) == {"0.weight"}
    found = own.generic()
    assert found["0.weight"].dtype == np.float32
    assert abs(float(found["2.weight"].std()) * 12**0.5 - 1) < 0.3
    assert np.array_equal(own.generic(seed=1)["0.weight"], own.generic(seed=1)["0.weight"])


def test_the_precise_twin_rounds_to_float64_and_starts_at_the_start() -> None:
    own = model(mlp())
    start = own.evaluate()
    own.step(0)
    twin = own.precise()
    assert twin is not None
    assert twin.unit_roundoff == 2.0**-53
    assert own.unit_roundoff == 2.0**-24
    assert twin.evaluate() != own.evaluate() or start == own.evaluate()
    assert abs(twin.evaluate() - start) < 1e-6


def test_the_quiet_twin_has_no_dropout() -> None:
    own = model(Dropping())
    noisy, quiet = own.step(0, update=False), own.quiet().step(0, update=False)
    assert noisy != quiet
    assert abs(quiet - own.evaluate()) < 1e-6


def test_facts_after_the_groups_were_looked_for() -> None:
    own = model(Unused())
    own.candidates()
    assert own.facts["spare.weight"].used is False
    assert own.facts["body.0.weight"].used
    assert own.facts["body.0.weight"].order < own.facts["body.2.weight"].order
    assert own.facts["body.0.weight"].kind == "Linear"


def test_wiring_knows_names_and_the_optimizer() -> None:
    module = Repeated()
    own = model(module)
    assert own.facts["blocks.0.weight"].other_names == ("blocks.1.weight", "blocks.2.weight")
    assert own.wiring.foreign == 0
    other = TorchModel(module, Batches(numbers(5, 2), torch.device("cpu")), Objective(None), default_optimizer(mlp()))
    assert other.wiring.foreign == 254
    assert not any(fact.in_optimizer for fact in other.facts.values())
