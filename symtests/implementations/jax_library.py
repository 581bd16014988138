"""What a library on JAX computes: the plain functions that are compiled and asked in one way for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from symtests.implementations.jax_leaves import Leaves
from symtests.network import Network

__all__ = ["Library", "Settings"]

Settings = dict[str, Any]
"""The numbers of a `Training`: plain floats, which take the dtype of the arrays that they meet."""


@dataclass(frozen=True, eq=False)
class Library:
    """What a library computes with JAX's arrays.

    Parameters
    ----------
    forward
        Returns z_1 .. z_L and a_0 .. a_{L-1} for a network, its leaves, the inputs, and what is added to each z.
    loss
        Returns the mean loss for its name, the outputs, the targets and the weights of the samples or None.
    fresh_state
        Returns the optimizer's state before the first step, for its name, its settings and the vector of parameters.
    step
        Returns state and parameters after a step, for the name, the settings, the number of steps before, the gradient,
        the state and the parameters.
    start
        Returns leaves in float64 for a network, the name of a scheme and a seed.
    starts
        Names of the schemes.
    constants
        Names of the settings that it has to know when a step is compiled.
    """

    forward: Callable[[Network, Leaves, Any, Sequence[Any]], tuple[list[Any], list[Any]]]
    loss: Callable[[str, Any, Any, Any], Any]
    fresh_state: Callable[[str, Settings, Any], Any]
    step: Callable[[str, Settings, Any, Any, Any, Any], tuple[Any, Any]]
    start: Callable[[Network, str, int], Leaves]
    starts: Iterable[str]
    constants: tuple[str, ...] = ()
