"""Checked: whatever an implementation does, a property sees checked answers or a named misbehaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour, OutOfTime
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES, LOSSES, OPTIMIZERS, Network
from symtests.parameters import Parameters
from symtests.training import Training

NETWORK = Network((2, 2, 1), "tanh")
PARAMETERS = Parameters(NETWORK, np.arange(1.0, 10.0) / 8)
BATCH = Batch(np.array([[1.0, 0.5], [0.25, -1.0]]), np.array([[1.0], [0.0]]), np.array([1.0, 2.0]))
STEP = Training("sgd", 0.5)
GOOD = np.full(9, 0.5)


class Answers:
    """An implementation whose every operation is one function of its arguments."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.train = self.loss_and_gradient = self.predict = self.stages = self.initialize = function


def implementation(answer: Any, dtype: str = "float64") -> Checked:
    """Return an implementation that answers every question with the same object."""
    return Checked(Answers(lambda *arguments: answer), dtype)


class Refuses:
    """An object that raises whatever is asked of it."""

    def __array__(self, *arguments: Any, **settings: Any) -> Any:
        raise RuntimeError("not convertible")

    def __iter__(self) -> Any:
        raise RuntimeError("not iterable")

    def __float__(self) -> float:
        raise RuntimeError("no number")

    def __repr__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(2), MemoryError(), RecursionError(), AssertionError()])
def test_what_it_raises_is_named(error: BaseException) -> None:
    def fails(*arguments: Any) -> Any:
        raise error

    with pytest.raises(Misbehaviour, match=f"train raised {type(error).__name__}") as caught:
        Checked(Answers(fails), "float64").train(NETWORK, PARAMETERS, BATCH, STEP)
    assert caught.value.kind == "raised"
    assert caught.value.__cause__ is error


def test_the_user_can_still_interrupt() -> None:
    def interrupted(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    asked = Checked(Answers(interrupted), "float64")
    with pytest.raises(KeyboardInterrupt):
        asked.predict(NETWORK, PARAMETERS, BATCH.x)


def test_unsupported_passes_through() -> None:
    def refuses(*arguments: Any) -> Any:
        raise Unsupported("no biases")

    with pytest.raises(Unsupported, match="no biases"):
        Checked(Answers(refuses), "float64").train(NETWORK, PARAMETERS, BATCH, STEP)


def test_a_missing_operation_is_unsupported() -> None:
    class OnlyTrains:
        def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
            return parameters

    asked = Checked(OnlyTrains(), "float64")
    assert asked.offers("train")
    assert not asked.offers("predict")
    with pytest.raises(Unsupported, match="predict"):
        asked.predict(NETWORK, PARAMETERS, BATCH.x)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, "wrong type"),
        ("text", "wrong type"),
        (np.arange(9), "wrong type"),
        (GOOD.astype(complex), "wrong type"),
        (np.array([None] * 9), "wrong type"),
        ([[1.0], [1.0, 2.0]], "wrong type"),
        (GOOD[:8], "wrong shape"),
        (GOOD[:, np.newaxis], "wrong shape"),
        (np.float64(1.0), "wrong shape"),
        (GOOD.astype(np.float32), "wrong dtype"),
        (GOOD.astype(np.float16), "wrong dtype"),
        (GOOD.astype(">f8"), "wrong dtype"),
        (np.where(np.arange(9) == 4, np.nan, GOOD), "not finite"),
        (np.where(np.arange(9) == 4, np.inf, GOOD), "not finite"),
    ],
)
def test_nonsense_is_named(answer: Any, kind: str) -> None:
    for operation, said in (("train", answer), ("loss_and_gradient", (0.5, answer))):
        with pytest.raises(Misbehaviour, match=f"^{operation} returned ") as caught:
            getattr(implementation(said), operation)(
                NETWORK, PARAMETERS, BATCH, *([STEP] if operation == "train" else [])
            )
        assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, "wrong type"),
        (np.zeros((2, 1), int), "wrong type"),
        (np.zeros(2), "wrong shape"),
        (np.zeros((1, 2)), "wrong shape"),
        (np.zeros((2, 1), np.float32), "wrong dtype"),
        (np.full((2, 1), np.inf), "not finite"),
    ],
)
def test_outputs_that_are_none_are_named(answer: Any, kind: str) -> None:
    with pytest.raises(Misbehaviour, match=r"^predict returned ") as caught:
        implementation(answer).predict(NETWORK, PARAMETERS, BATCH.x)
    assert caught.value.kind == kind


@pytest.mark.parametrize("answer", [Refuses(), (Refuses(), GOOD), (0.5, Refuses())])
def test_an_answer_that_fails_when_it_is_read_is_named_as_if_it_had_failed_before(answer: Any) -> None:
    with pytest.raises(Misbehaviour, match="loss_and_gradient raised RuntimeError when its answer was read") as caught:
        implementation(answer).loss_and_gradient(NETWORK, PARAMETERS, BATCH)
    assert caught.value.kind == "raised"
    assert caught.value.output


@pytest.mark.parametrize("answer", [None, 0.5, (0.5,), (0.5, GOOD, 1), ("half", GOOD)])
def test_an_answer_that_is_no_loss_with_a_gradient_is_named(answer: Any) -> None:
    with pytest.raises(Misbehaviour) as caught:
        implementation(answer).loss_and_gradient(NETWORK, PARAMETERS, BATCH)
    assert caught.value.kind == "wrong type"


def test_a_loss_that_is_not_finite_is_named_unless_asked_for() -> None:
    with pytest.raises(Misbehaviour, match="loss nan") as caught:
        implementation((np.nan, GOOD)).loss_and_gradient(NETWORK, PARAMETERS, BATCH)
    assert caught.value.kind == "not finite"
    answer = implementation((np.nan, GOOD * np.inf)).loss_and_gradient(NETWORK, PARAMETERS, BATCH, finite=False)
    assert np.isnan(answer.loss if answer.loss is not None else 0.0)
    assert np.isinf(answer.gradient.vector).all()


def test_the_position_of_a_number_that_is_not_finite_is_told() -> None:
    with pytest.raises(Misbehaviour, match="nan at position 4 of 9"):
        implementation(np.where(np.arange(9) == 4, np.nan, GOOD)).train(NETWORK, PARAMETERS, BATCH, STEP)


@pytest.mark.parametrize("answer", [Parameters(NETWORK, GOOD), GOOD])
def test_parameters_or_a_plain_vector_will_do(answer: Any) -> None:
    assert (implementation(answer).train(NETWORK, PARAMETERS, BATCH, STEP).vector == GOOD).all()
    found = implementation((1, answer)).loss_and_gradient(NETWORK, PARAMETERS, BATCH)
    assert found.loss == 1.0
    assert (found.gradient.vector == GOOD).all()
    assert not found.recovered


def test_an_answer_is_a_copy_and_what_was_handed_out_can_be_looked_at_again() -> None:
    answer = GOOD.copy()
    asked = implementation(answer)
    found = asked.train(NETWORK, PARAMETERS, BATCH, STEP)
    assert asked.told is not None
    answer[:] = 7.0
    assert (found.vector == GOOD).all()
    assert (asked.told.held()["parameters"] == 7.0).all()


def test_it_never_sees_the_caller_s_arrays_and_what_it_changes_is_named() -> None:
    def careless(network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        parameters.vector[0] += 1
        batch.x[0, 0] = np.nan
        assert batch.sample_weights is not None
        batch.sample_weights[:] = -0.0  # equal numbers, other bits
        return parameters

    weights = np.zeros(2)
    batch = Batch(BATCH.x.copy(), BATCH.y.copy(), weights)
    before = [array.tobytes() for array in (PARAMETERS.vector, batch.x, batch.y, weights)]
    asked = Checked(Answers(careless), "float64")
    asked.train(NETWORK, PARAMETERS, batch, STEP)
    assert asked.changed_inputs == ("parameters", "batch.x", "batch.sample_weights")
    assert before == [array.tobytes() for array in (PARAMETERS.vector, batch.x, batch.y, weights)]


def test_the_input_of_predict_is_watched_too() -> None:
    def scales(network: Network, parameters: Parameters, x: Any) -> Any:
        x *= 2
        return x[:, :1].copy()

    asked = Checked(Answers(scales), "float64")
    asked.predict(NETWORK, PARAMETERS, BATCH.x)
    assert asked.changed_inputs == ("x",)


def test_a_call_is_told_before_it_is_made() -> None:
    seen: list[str] = []

    def looks(*arguments: Any) -> Any:
        assert seen == ["train"]
        return GOOD

    asked = Checked(Answers(looks), "float64")
    asked.on_call = lambda call: seen.append(call.operation)
    asked.train(NETWORK, PARAMETERS, BATCH, STEP)
    assert asked.latest_call is not None
    assert asked.latest_call.operation == "train"


def test_no_question_begins_when_the_time_is_up() -> None:
    asked = implementation(GOOD)
    with asked.within(30.0):
        asked.train(NETWORK, PARAMETERS, BATCH, STEP)
        with pytest.raises(OutOfTime), asked.within(0.0):
            asked.train(NETWORK, PARAMETERS, BATCH, STEP)
    asked.train(NETWORK, PARAMETERS, BATCH, STEP)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_gradient_is_recovered_from_one_plain_step(dtype: str) -> None:
    class OnlyTrains:
        capabilities = NumpyPlain.capabilities
        train = NumpyPlain().train

    parameters, batch = PARAMETERS.astype(dtype), BATCH.astype(dtype)
    recovered = Checked(OnlyTrains(), dtype).loss_and_gradient(NETWORK, parameters, batch)
    given = Checked(NumpyPlain(), dtype).loss_and_gradient(NETWORK, parameters, batch)
    assert recovered.recovered
    assert recovered.loss is None
    assert recovered.gradient.dtype == dtype
    # theta - g is rounded once: half an ulp of a number below 4; what is subtracted then is exact or rounded once more.
    assert np.abs(recovered.gradient.vector - given.gradient.vector).max() <= 4 * np.finfo(dtype).eps


class Scaled(NumpyPlain):
    """NumPy's implementation with a loss that is four times the usual one."""

    capabilities = Capabilities(dtypes=DTYPES, loss_scale=dict.fromkeys(LOSSES, 4.0))

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return 4 * loss, Parameters(network, 4 * gradient.vector)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_loss_of_another_scale_is_brought_to_ours(dtype: str) -> None:
    """All factors are powers of two: nothing is rounded otherwise."""
    parameters, batch = PARAMETERS.astype(dtype), BATCH.astype(dtype)
    usual, scaled = Checked(NumpyPlain(), dtype), Checked(Scaled(), dtype)
    expected = usual.loss_and_gradient(NETWORK, parameters, batch)
    found = scaled.loss_and_gradient(NETWORK, parameters, batch)
    assert found.loss == expected.loss
    assert found.gradient.vector.tobytes() == expected.gradient.vector.tobytes()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_optimizer_moves_the_same_way_with_a_loss_of_another_scale(optimizer: str, dtype: str) -> None:
    decay = 0.125 if optimizer == "adamw" else 0.0
    training = Training(optimizer, 0.25, 3, epsilon=0.5, weight_decay=decay)
    parameters, batch = PARAMETERS.astype(dtype), BATCH.astype(dtype)
    expected = Checked(NumpyPlain(), dtype).train(NETWORK, parameters, batch, training)
    found = Checked(Scaled(), dtype).train(NETWORK, parameters, batch, training)
    assert found.vector.tobytes() == expected.vector.tobytes()


def test_a_recovered_gradient_is_brought_to_our_scale() -> None:
    class OnlyTrains:
        capabilities = Scaled.capabilities
        train = Scaled().train

    found = Checked(OnlyTrains(), "float64").loss_and_gradient(NETWORK, PARAMETERS, BATCH)
    expected = NumpyPlain().loss_and_gradient(NETWORK, PARAMETERS, BATCH)[1]
    assert np.abs(found.gradient.vector - expected.vector).max() <= 4 * np.finfo(float).eps


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_start_is_rounded_to_the_dtype_that_is_asked_for(dtype: str) -> None:
    found = Checked(NumpyPlain(), dtype).initialize(NETWORK, "normal", 3)
    assert (found.vector == NumpyPlain().initialize(NETWORK, "normal", 3).vector.astype(dtype)).all()
    assert found.dtype == dtype


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(None, "wrong type"), (np.arange(9), "wrong type"), (GOOD[1:], "wrong shape"), (GOOD * np.nan, "not finite")],
)
def test_a_start_that_is_none_is_named(answer: Any, kind: str) -> None:
    with pytest.raises(Misbehaviour) as caught:
        implementation(answer, "float32").initialize(NETWORK, "normal", 3)
    assert caught.value.kind == kind


def test_a_name_is_found_for_everything() -> None:
    assert implementation(GOOD).name == "Answers"
    assert Checked(NumpyPlain(), "float32").name == "numpy"
    assert Checked(NumpyPlain(), "float32").version == np.__version__
    assert Checked(NumpyPlain(), "float32", "mine").name == "mine"


def test_capabilities_tell_the_unit_roundoff() -> None:
    assert Checked(NumpyPlain(), "float32").unit_roundoff == 2.0**-24
    coarse = Answers(lambda *arguments: GOOD)
    coarse.capabilities = {"unit_roundoff": {"float64": 2.0**-24}}  # type: ignore[attr-defined]
    assert Checked(coarse, "float64").unit_roundoff == 2.0**-24


def test_a_layout_ends_with_its_context() -> None:
    asked = Checked(Answers(lambda network, parameters, x: x.strides[0] * np.ones((2, 1))), "float64")
    with asked.laid_out({"batch.x": "backwards"}):
        assert asked.predict(NETWORK, PARAMETERS, BATCH.x)[0, 0] == -16
    assert asked.predict(NETWORK, PARAMETERS, BATCH.x)[0, 0] == 16
