"""Many starts of one model, counted: what each of many processes does with a share of them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from symtests.doctor.starts import Counts, counts_of

__all__ = ["counted_starts"]


def counted_starts(
    model: Any, batch: Any, loss: Any, optimizer: Any, *, steps: int, seed: int, numbers: range
) -> Counts:
    """Build a model with some seeds, take k steps from each start, and count.

    Parameters
    ----------
    model
        A function that builds it.
    batch, loss, optimizer, steps
        As for `diagnose`.
    seed, numbers
        The seed of the first start, and the numbers of those that are tried; each has the seed `seed` plus its number.
    """
    if find_spec("torch") is None:
        return _counted_with_jax(model, batch, loss, optimizer, steps, seed, numbers)
    from symtests.doctor.torch_examining import OtherFront, few_threads, prepared, undisturbed

    with undisturbed(model, optimizer, seed):
        try:
            size = sum(fact.size for fact in prepared(model, batch, loss, optimizer, seed).facts.values())
        except OtherFront:
            return _counted_with_jax(model, batch, loss, optimizer, steps, seed, numbers)
        with few_threads(size):
            return counts_of((prepared(model, batch, loss, optimizer, seed + each) for each in numbers), steps)


def _counted_with_jax(
    model: Any, batch: Any, loss: Any, optimizer: Any, steps: int, seed: int, numbers: range
) -> Counts:
    from symtests.doctor.fronts import of_jax

    built: Any = (of_jax(model, batch, loss, optimizer, seed + each) for each in numbers)
    return counts_of(built, steps)
