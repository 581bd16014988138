"""No property draws a case, and none asks a question, that lies outside of what an implementation says it can do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from symtests.batch import Batch
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.properties import PROPERTIES
from symtests.properties.base import Case, Domain, Property, Tier
from symtests.training import Training

EVERY = ("mse", "bce", "softmax_cross_entropy", "logistic_mse")
NARROW = {
    "deep": Capabilities(min_hidden_layers=2, max_hidden_layers=3, one_activation=True),
    "deeper than usual": Capabilities(min_hidden_layers=5, max_hidden_layers=5, max_width=9),
    "wide": Capabilities(min_width=4, max_width=6, positive_epsilon=True),
    "few ends": Capabilities(max_inputs=1, max_outputs=1),
    "few ends of its own": Capabilities(max_inputs=2, max_outputs=2, max_width=5, class_targets=EVERY[1:]),
    "classes": Capabilities(losses=EVERY[1:], class_targets=EVERY[1:], positive_epsilon=True),
    "a softmax of classes": Capabilities(losses=("softmax_cross_entropy",), class_targets=("softmax_cross_entropy",)),
    "classes in few shapes": Capabilities(
        min_hidden_layers=1, max_hidden_layers=2, min_width=2, max_width=8, max_inputs=4, max_outputs=3, max_samples=8,
        one_activation=True, class_targets=EVERY[1:], positive_epsilon=True, few_shapes=True,
    ),
    "a scale that training does not know": Capabilities(
        loss_scale=dict.fromkeys(EVERY, 4.0), loss_scale_in_training=False, sample_weights=False
    ),
}  # fmt: skip


def is_offered(can: Capabilities, network: Network, batch: Batch | None, training: Training | None) -> bool:
    """Say it once more, plainly, and not as the code that is tried says it."""
    hidden = list(network.hidden_sizes)
    if len(hidden) < can.min_hidden_layers or len(hidden) > (
        100 if can.max_hidden_layers is None else can.max_hidden_layers
    ):
        return False
    if any(width < can.min_width or width > (can.max_width or 10**6) for width in hidden):
        return False
    if network.sizes[0] > (can.max_inputs or 10**6) or network.sizes[-1] > (can.max_outputs or 10**6):
        return False
    if can.one_activation and len(set(network.activations)) > 1:
        return False
    if network.loss not in can.losses or network.bias not in can.bias:
        return False
    if batch is not None:
        if len(batch) > (can.max_samples or 10**6) or (batch.sample_weights is not None and not can.sample_weights):
            return False
        if network.loss in can.class_targets:
            one_of_each = sorted(set(batch.y.ravel().tolist())) in ([0.0], [1.0], [0.0, 1.0], [])
            one_hot = network.loss != "softmax_cross_entropy" or all(list(row).count(1.0) == 1 for row in batch.y)
            if not (one_of_each and one_hot):
                return False
    if training is not None and training.optimizer in ("adam", "adamw", "rmsprop", "adagrad"):
        return training.epsilon > 0 or not can.positive_epsilon
    return True


class Watching(NumpyPlain):
    """Correct, and it notes each question that its capabilities leave out."""

    def __init__(self, can: Capabilities) -> None:
        self.capabilities = can  # its own in place of the class's
        self.asked = 0
        self.outside: list[str] = []

    def _note(self, operation: str, network: Network, *arguments: Any) -> None:
        given = {type(argument): argument for argument in arguments}
        self.asked += 1
        if not is_offered(self.capabilities, network, given.get(Batch), given.get(Training)):
            self.outside.append(f"{operation} {network} {given.get(Batch)} {given.get(Training)}")

    def train(self, network: Network, *arguments: Any) -> Any:
        self._note("train", network, *arguments)
        return NumpyPlain().train(network, *arguments)  # by its own gradient, which is not scaled

    def loss_and_gradient(self, network: Network, *arguments: Any) -> Any:
        self._note("loss_and_gradient", network, *arguments)
        loss, gradient = super().loss_and_gradient(network, *arguments)
        scale = self.capabilities.scale_of(network.loss)
        return scale * loss, replace(gradient, vector=scale * gradient.vector)

    def predict(self, network: Network, *arguments: Any) -> Any:
        self._note("predict", network, *arguments)
        return super().predict(network, *arguments)

    def stages(self, network: Network, *arguments: Any) -> Any:
        self._note("stages", network, *arguments)
        found = super().stages(network, *arguments)
        scale = self.capabilities.scale_of(network.loss)
        return Stages(*found[:2], tuple(scale * delta for delta in found.error_signals))

    def initialize(self, network: Network, *arguments: Any) -> Any:
        self._note("initialize", network, *arguments)
        return super().initialize(network, *arguments)


def drawn(prop: Property, domain: Domain, tier: Tier, count: int) -> list[Case]:
    """Return some cases of a property; none where it has none for these capabilities."""
    try:
        strategy = prop.cases(domain, tier)
    except Unsupported:
        return []
    found: list[Case] = []

    @settings(max_examples=count, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @seed(1)
    @given(strategy)
    def keep(case: Case) -> None:
        found.append(case)

    keep()
    return found


@pytest.mark.parametrize("kind", NARROW)
def test_no_case_lies_outside_of_the_capabilities(kind: str) -> None:
    can, count = NARROW[kind], Counter[str]()
    for prop in PROPERTIES:
        for tier in prop.tiers:
            for case in drawn(prop, Domain("float64", can), tier, 6):
                count[prop.id] += 1
                training = None if case.training == Training() else case.training
                assert is_offered(can, case.network, case.batch, training), (prop.id, tier, case.to_json())
    assert len(count) > len(PROPERTIES) / 3, "most properties have cases, however little an implementation can do"


@pytest.mark.parametrize("kind", NARROW)
def test_no_question_lies_outside_of_the_capabilities_and_what_is_asked_holds(kind: str) -> None:
    implementation = Watching(NARROW[kind])
    checked, refused, judged = Checked(implementation, "float64"), Counter[str](), Counter[str]()
    kept = Counter[str]()
    for prop in PROPERTIES:
        for tier in prop.tiers if prop.always is not None else ():
            domain = Domain.of(checked)
            for case in filter(domain.offers, prop.always(domain, tier)):  # type: ignore[misc] # it is there
                training = None if case.training == Training() else case.training
                assert is_offered(domain.capabilities, case.network, case.batch, training), (prop.id, case.to_json())
                kept[prop.id] += 1
        if prop.id == "MST3" or any(not checked.offers(operation) for operation in prop.needs):
            continue
        for tier in prop.tiers:
            for case in drawn(prop, Domain.of(checked), tier, 2):
                judged[prop.id] += 1
                try:
                    assert prop.judge(checked, case).outcome != "violated", (prop.id, tier, case.to_json())
                except Unsupported:
                    refused[prop.id] += 1
    assert implementation.outside == []
    assert kept.total() > 0 or NARROW[kind].min_hidden_layers > 0, "some cases of each time are left"
    assert implementation.asked > 100
    assert sum(refused.values()) < sum(judged.values()) / 5, refused
