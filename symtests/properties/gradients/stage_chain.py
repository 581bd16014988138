"""GRAD9: each stage of the two passes follows from the one before it."""

from __future__ import annotations

from hypothesis import strategies as st

from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import hidden_if_possible
from symtests.properties.drawing.samples_apart import sometimes_apart
from symtests.properties.drawing.strategies import cases
from symtests.properties.judging.answers import measure
from symtests.properties.judging.judging import PROMISE, together
from symtests.properties.judging.stages import judge_chain, judge_gradient_of, shown_stages

__all__ = ["GRAD9"]


def _cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    return sometimes_apart(domain, tier, cases(domain, tier, hidden_if_possible(domain, tier)))


def _judge(implementation: Checked, case: Case) -> Judgement:
    shown = shown_stages(measure(implementation, case))
    if shown is None:
        raise Unsupported("the property needs stages that are shown in every case")
    of_stages = judge_chain(shown)
    if of_stages.outcome == "violated" or not shown.is_of_the_gradient:
        return of_stages
    return together(of_stages, judge_gradient_of(shown))


GRAD9 = Property(
    id="GRAD9",
    group="gradient",
    title="each stage follows from the one before it",
    statement="Every pre-activation, activation and error signal that is shown is what the formula makes of the shown "
    "stage before it; so is the gradient, where it can be seen to come from the same pass.",
    formula="zₗ = aₗ₋₁Wₗ + bₗ,  aₗ = σ(zₗ),  δ_L = ∂L/∂z_L,  δₗ = (δₗ₊₁Wₗ₊₁ᵀ) ⊙ σ′(zₗ),  ∂Wₗ = aₗ₋₁ᵀδₗ,  ∂bₗ = 1ᵀδₗ",
    precondition="what is shown are the stages of one forward and one backward pass",
    exactness=Exactness.ROUNDING,
    catches="a fault of one layer, by its name, in networks of any depth and width, where errors that are carried "
    "through all layers have long hidden it; stages that are shown but not used",
    source="D. Rumelhart, G. Hinton, R. Williams, Learning Internal Representations by Error Propagation (1986); the "
    "bounds follow N. Higham, Accuracy and Stability of Numerical Algorithms (2002), chapter 3.",
    cases=_cases,
    judge=_judge,
    needs=("stages", "loss_and_gradient"),
    promise=PROMISE,
)
