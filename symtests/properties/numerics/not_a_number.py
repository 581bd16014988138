"""NUM1 and NUM3: no NaN is hidden, and no mean is taken over nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import any_training, hidden_if_possible, samples_of
from symtests.properties.drawing.strategies import cases
from symtests.properties.judging.judging import number, violated

__all__ = ["NUM1", "NUM3"]


# NUM1: one NaN.


def _cases_with_nan(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases in which one input, one parameter or one target is NaN."""

    @st.composite
    def case(draw: st.DrawFn) -> Case:
        plain = draw(cases(domain, tier, hidden_if_possible(domain, tier)))
        x, vector, y = plain.batch.x.copy(), plain.parameters.vector.copy(), plain.batch.y.copy()
        targets = () if plain.network.loss in domain.capabilities.class_targets else (y.ravel(),)  # NaN is no class
        numbers = draw(st.sampled_from((x.ravel(), vector, *targets)))
        numbers[draw(st.integers(0, numbers.size - 1))] = np.nan
        return replace(plain, batch=replace(plain.batch, x=x, y=y), parameters=Parameters(plain.network, vector))

    return case()


def _place_of_nan(case: Case) -> str:
    for sample, column in np.argwhere(np.isnan(case.batch.x)):
        return f"input x[{sample},{column}] is NaN"
    for index in np.flatnonzero(np.isnan(case.parameters.vector)):
        return f"parameter {case.parameters.name_of(int(index))} is NaN"
    for sample, column in np.argwhere(np.isnan(case.batch.y)):
        return f"target y[{sample},{column}] is NaN"
    return "no number is NaN"


def _judge_nan(implementation: Checked, case: Case) -> Judgement:
    try:
        answer = implementation.loss_and_gradient(case.network, case.parameters, case.batch, finite=False)
    except Misbehaviour as refusal:
        if refusal.kind != "raised":
            raise
        return Judgement("held", bitwise=True)
    place, last = _place_of_nan(case), case.network.layer_count
    if answer.loss is not None and not np.isnan(answer.loss):
        script = (
            "loss, _ = implementation.loss_and_gradient(network, parameters, batch)",
            "assert np.isnan(loss), loss",
        )
        sentence = f"{place}, but the loss is {number(answer.loss)}"
        return violated(sentence, "loss", script, expected=np.nan, found=answer.loss)
    output_part = answer.gradient.weight(last - 1)
    if not np.isnan(output_part).any():
        where = case.network.weight_slice(last - 1)
        script = (
            f"part = gradient(parameters)[{where.start}:{where.stop}]  # that of W{last}, row by row",
            "assert np.isnan(part).any(), part",
        )
        sentence = f"{place}, but no entry of the gradient of W{last} is: the first is {number(output_part[0, 0])}"
        return violated(sentence, f"gradient of W{last}", script, expected=np.nan, found=output_part[0, 0])
    return _judge_step_with_nan(implementation, case, place)


def _judge_step_with_nan(implementation: Checked, case: Case, place: str) -> Judgement:
    """Judge whether a step takes the NaN over: the output weights that it leads to are NaN, or it refuses.

    Nothing is asked of an implementation that has not the optimizer: its gradient is right.
    """
    if case.training.optimizer not in implementation.capabilities.optimizers:
        return Judgement("held", bitwise=True)
    training = replace(case.training, steps=1)
    try:
        after = implementation.train(case.network, case.parameters, case.batch, training, finite=False)
    except Misbehaviour as refusal:
        _let_pass_if_raised(refusal)
        return Judgement("held", bitwise=True)
    last = case.network.layer_count
    part, where = after.weight(last - 1), case.network.weight_slice(last - 1)
    if np.isnan(part).any():
        return Judgement("held", bitwise=True)
    sentence = (
        f"{place}, and so is the gradient, but after one step of {training.optimizer} no entry of W{last} is: the "
        f"first is {number(part[0, 0])}, and was {number(case.parameters.weight(last - 1)[0, 0])}"
    )
    script = (
        "try:",
        "    after = implementation.train(network, parameters.copy(), batch, training.with_steps(1))",
        "    after = np.asarray(getattr(after, 'vector', after))",
        "except Exception:",
        "    after = np.full_like(parameters.vector, np.nan)  # refused, which will do",
        f"part = after[{where.start}:{where.stop}]  # W{last}, row by row",
        "assert np.isnan(part).any(), part",
    )
    return violated(sentence, f"W{last} after one step", script, expected=np.nan, found=part[0, 0])


NUM1 = Property(
    id="NUM1",
    group="numerics",
    title="a NaN is passed on",
    statement="One NaN among the inputs, the parameters or the targets gives the loss NaN and a NaN in the gradient of "
    "the output weights, and a step takes it over to them; an error that refuses the NaN will do as well.",
    formula="xᵢₖ = NaN or θₖ = NaN or yᵢₖ = NaN  ⇒  L = NaN, NaN in ∂W_L, and NaN in W_L after a step",
    precondition="one input, parameter or target is NaN; every sample has a positive weight",
    exactness=Exactness.LOGICAL,
    catches="a maximum or a comparison that turns NaN into 0 (relu written as `z if z > 0 else 0`, fmax), clipping, a "
    "mask of missing values that is always on, a step that is left out, or parameters that are reset, where a number "
    "is not finite: training goes on with numbers that mean nothing",
    source="IEEE 754-2019, section 6.2.3: an operation with a NaN operand gives NaN.",
    cases=_cases_with_nan,
    judge=_judge_nan,
    without_precondition=lambda domain: cases(domain, "small", hidden_if_possible(domain, "small")),
)


# NUM3: no samples.


def _empty_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    return any_training(domain, tier).map(lambda case: replace(case, batch=samples_of(case.batch, slice(0))))


def _judge_empty(implementation: Checked, case: Case) -> Judgement:
    refused = False
    if implementation.offers("loss_and_gradient"):
        try:
            answer = implementation.loss_and_gradient(case.network, case.parameters, case.batch, finite=False)
        except Misbehaviour as refusal:
            _let_pass_if_raised(refusal)
            refused = True
        else:
            if answer.loss is not None and np.isfinite(answer.loss):
                return _finite_loss(answer.loss, len(case.batch))
    try:
        after = implementation.train(case.network, case.parameters, case.batch, case.training, finite=False)
    except Misbehaviour as refusal:
        _let_pass_if_raised(refusal)
        return Judgement("held", bitwise=True)
    moved = np.flatnonzero(np.isfinite(after.vector) & (after.vector != case.parameters.vector))
    if moved.size:
        return _moved(case, after, int(moved[0]))
    if refused and np.isfinite(after.vector).all():
        return _accepted(case)
    return Judgement("held", bitwise=True)


def _accepted(case: Case) -> Judgement:
    script = (
        "def refuses(operation, *arguments):",
        "    try:",
        "        answer = operation(*arguments)",
        "    except Exception:",
        "        return True",
        "    return not np.isfinite(np.asarray(getattr(answer, 'vector', answer))).all()",
        "",
        "",
        "assert refuses(implementation.train, network, parameters.copy(), batch, training)",
    )
    sentence = (
        f"the batch has no samples, and loss_and_gradient refuses it, but training on it ({case.training.optimizer}) "
        "ends as if there had been a gradient of 0"
    )
    return violated(sentence, "training on no samples", script)


def _let_pass_if_raised(refusal: Misbehaviour) -> None:
    if refusal.kind != "raised":
        raise refusal


def _finite_loss(loss: float, samples: int) -> Judgement:
    script = (
        "try:",
        "    loss, _ = implementation.loss_and_gradient(network, parameters, batch)",
        "except Exception:",
        "    loss = float('nan')  # refused, as it should be",
        "assert not np.isfinite(loss), loss",
    )
    sentence = f"the batch has {samples} samples, but its loss is {number(loss)}: the mean over nothing is no number"
    return violated(sentence, "loss", script, expected=np.nan, found=loss)


def _moved(case: Case, after: Parameters, index: int) -> Judgement:
    before, found, name = case.parameters.vector[index], after.vector[index], case.parameters.name_of(index)
    script = (
        "try:",
        "    after = implementation.train(network, parameters, batch, training)",
        "    after = np.asarray(getattr(after, 'vector', after))",
        "except Exception:",
        "    after = parameters.vector  # refused, as it should be",
        "assert not np.any(np.isfinite(after) & (after != parameters.vector)), after - parameters.vector",
    )
    sentence = (
        f"the batch has {len(case.batch)} samples, but training on it ({case.training.optimizer}) moved {name} "
        f"from {number(before)} to {number(found)}: there is nothing to learn from"
    )
    return violated(sentence, name, script, expected=float(before), found=float(found))


NUM3 = Property(
    id="NUM3",
    group="numerics",
    title="an empty batch is not answered",
    statement="An empty batch has no mean loss: it is refused with an error, or its loss is not finite; and training "
    "on it is refused, or leaves every parameter as it was or NaN, the former only where the gradient is not refused. "
    "The NaN of 0/0 is an honest answer, a number is not.",
    formula="N = 0  ⇒  an error, or L ∉ R, and θ′ = θ or NaN",
    precondition="the batch has no samples",
    exactness=Exactness.LOGICAL,
    catches="a sum that is divided by max(N, 1); gradients of the call before that are still in a buffer; a last, "
    "empty piece of a data set that moves the parameters by momentum alone",
    source="The loss is a mean over the samples, and 0/0 is an invalid operation: IEEE 754-2019, section 7.2.",
    cases=_empty_cases,
    judge=_judge_empty,
    without_precondition=lambda domain: any_training(domain, "small"),
)
