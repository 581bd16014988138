"""Cases that several properties ask, for every implementation that can do anything at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.network import OPTIMIZERS, Network
from symtests.properties.base import Case, Domain, Tier
from symtests.properties.drawing.strategies import cases, networks, trainings

__all__ = ["ANY_DEPTH", "any_training", "hidden_if_possible", "samples_of"]

ANY_DEPTH: Final[dict[Tier, tuple[int, int]]] = {"small": (0, 2), "wide": (0, 4)}
"""Least and greatest number of hidden layers, for properties that networks without any obey as well."""


def hidden_if_possible(domain: Domain, tier: Tier) -> st.SearchStrategy[Network]:
    """Draw networks with hidden layers, or without for an implementation that can do none."""
    without = domain.capabilities.max_hidden_layers == 0
    return networks(domain, tier, hidden_layers=(0, 0) if without else None)


def any_training(domain: Domain, tier: Tier, *, samples: tuple[int, int] | None = None) -> st.SearchStrategy[Case]:
    """Draw cases with one to three steps of any optimizer that the implementation has.

    `samples` are the least and the greatest number of them, as in `symtests.properties.drawing.strategies.cases`.
    """
    drawn = cases(domain, tier, hidden_if_possible(domain, tier), samples=samples)
    training = trainings(domain, OPTIMIZERS, steps=(1, 3))
    return st.builds(lambda case, chosen: replace(case, training=chosen), drawn, training)


def samples_of(batch: Batch, which: slice | npt.NDArray[np.intp]) -> Batch:
    """Return the batch of these samples, in this order."""
    weights = batch.sample_weights
    return Batch(batch.x[which], batch.y[which], None if weights is None else weights[which])
