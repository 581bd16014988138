"""A property, a case that it is tried on, and what one case showed: plain data."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from hypothesis.strategies import SearchStrategy

from symtests.batch import Batch
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.implementations.limits import outside
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.validation import InvalidValue

__all__ = ["Case", "Domain", "Exactness", "Judgement", "Observation", "Property", "Tier", "Violation"]

_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*(:.+)?")
"""A name; behind a colon, where the property is found: a path may be anything that can be seen."""

Tier = Literal["small", "wide"]
"""small: at most three hidden units and two samples, dyadic values; wide: widths up to 130, drawn values."""


class Exactness(enum.Enum):
    """How exactly a property holds."""

    BITWISE = "bit for bit, where the arithmetic is index-independent; otherwise within rounding"
    BITWISE_ALWAYS = "bit for bit, whatever the arithmetic"
    ROUNDING = "within the derived rounding bound"
    LOGICAL = "as a yes or no"


@dataclass(frozen=True)
class Domain:
    """What cases may be drawn from: the capabilities of an implementation, in one dtype.

    Parameters
    ----------
    dtype, capabilities
        What the implementation can do.
    nightly
        Whether there is time for cases that take more than a second each.
    reach
        How many times the usual limits (of widths, depths, samples, steps) a few cases exceed; 1 for none of them.
    activations
        All that the implementation has, where `capabilities` names those alone of which most layers are to be.
    """

    dtype: str
    capabilities: Capabilities
    nightly: bool = False
    reach: int = 1
    activations: tuple[str, ...] = ()

    @classmethod
    def of(cls, implementation: Checked, *, nightly: bool = False, reach: int = 1) -> Domain:
        """Return the domain of an implementation."""
        return cls(
            implementation.dtype, implementation.capabilities, nightly, reach, implementation.capabilities.activations
        )

    @property
    def every_activation(self) -> tuple[str, ...]:
        """All activations that the implementation has."""
        return self.activations or self.capabilities.activations

    def offers(self, case: Case) -> bool:
        """Tell whether a case lies within what the implementation says it can do."""
        can = replace(self.capabilities, activations=self.every_activation)
        training = None if case.training == Training() else case.training
        return not outside(can, case.network, case.batch, training)


@dataclass(frozen=True, eq=False)
class Case:
    """One question to an implementation.

    `details` holds what a property needs besides, as in ``{"unit": 0, "twin": 2}``: JSON values only.
    """

    network: Network
    parameters: Parameters
    batch: Batch
    training: Training = field(default_factory=Training)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hidden_units(self) -> int:
        """Number of hidden units of all layers together."""
        return sum(self.network.hidden_sizes)

    def to_json(self) -> dict[str, Any]:
        """Return the case as plain JSON data, every bit kept."""
        return {
            "network": self.network.to_json(),
            "parameters": self.parameters.to_json(),
            "batch": self.batch.to_json(),
            "training": self.training.to_json(),
            "details": dict(self.details),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Case:
        """Rebuild a case from `to_json`."""
        network = Network.from_json(data["network"])
        return cls(
            network,
            Parameters.from_json(network, data["parameters"]),
            Batch.from_json(data["batch"]),
            Training.from_json(data["training"]),
            dict(data["details"]),
        )


@dataclass(frozen=True)
class Violation:
    """How a case broke a property.

    Parameters
    ----------
    sentence
        What broke, in one sentence with the numbers: "hidden units 1 and 2 have equal incoming and
        outgoing weights, but the gradients of W1[0,0] and W1[0,1] differ: 0.25 and 0.3125".
    quantity
        What was compared, as in "gradient of W1[0,1]".
    expected, found
        The two numbers; NaN where the violation is not about numbers.
    bound
        Largest difference that rounding could explain; 0 for bitwise properties.
    script
        Lines of Python that show the violation, given `network`, `parameters`, `batch`, `training`,
        `implementation`, `gradient(parameters)` (flat vector), and NumPy as `np`; the last line asserts.
    """

    sentence: str
    quantity: str = ""
    expected: float = float("nan")
    found: float = float("nan")
    bound: float = 0.0
    script: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What one case showed.

    Parameters
    ----------
    outcome
        ``held``; ``violated``; ``trivial`` (true of anything, as when every gradient is zero);
        ``rejected`` (the precondition fails); ``too_wide`` (the bound hides the fault that the property
        promises to see).
    bitwise
        Whether it held bit for bit.
    fraction
        Worst error as a fraction of its bound.
    detectable
        Smallest relative fault in one component that the case would have shown; 0 if bitwise.
    tolerance
        ``exact``, ``certified``, ``stage-local`` or ``statistical``.
    """

    outcome: Literal["held", "violated", "trivial", "rejected", "too_wide"]
    bitwise: bool = False
    fraction: float = 0.0
    detectable: float = 0.0
    tolerance: Literal["exact", "certified", "stage-local", "statistical"] = "exact"
    violation: Violation | None = None


@dataclass(frozen=True)
class Observation:
    """Something worth knowing that is no verdict, as in "ties break at width 7, step 29"."""

    sentence: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Property:
    """A property that every correct implementation obeys.

    Parameters
    ----------
    id, version
        Stable name, as in "SYM1"; the version rises when the property is asked differently.
    since
        Release of symtests that brought this version of the property, as in "0.1": who has pinned an older one is not
        asked it.
    group, title
        Where it belongs, and a name of a few words.
    statement, formula, precondition
        The property in one sentence, in mathematics, and exactly when it holds.
    exactness
        How exactly.
    catches
        The bugs that it finds, in words.
    source, claims
        Literature, and the claims S1..S16 that it covers.
    cases
        Strategy of cases in a domain and a tier; raises `Unsupported` where the domain has none.
    judge
        Tries one case.
    tiers
        The tiers that it uses.
    needs
        Operations that the implementation itself must offer, besides ``train``.
    promise
        Relative fault in one component that it promises to see; wider bounds are inconclusive.
    without_precondition
        Strategy of cases with the precondition dropped, in which correct code must break the property;
        None where dropping it does not make the property false.
    always
        Cases of a domain and a tier that are tried each time, where none that is drawn fails: what draws meet by luck.
    observe
        Looks, after the verdict, for what is worth knowing besides; its argument says how hard (0 to 1).

    Raises
    ------
    InvalidValue
        Where the id is no name.
    """

    id: str
    group: str
    title: str
    statement: str
    formula: str
    precondition: str
    exactness: Exactness
    catches: str
    source: str
    cases: Callable[[Domain, Tier], SearchStrategy[Case]]
    judge: Callable[[Checked, Case], Judgement]
    version: int = 1
    since: str = "0.1"
    claims: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ("small", "wide")
    needs: tuple[str, ...] = ()
    promise: float = float(np.inf)
    without_precondition: Callable[[Domain], SearchStrategy[Case]] | None = None
    always: Callable[[Domain, Tier], Sequence[Case]] | None = None
    observe: Callable[[Checked, float], list[Observation]] | None = None

    def __post_init__(self) -> None:
        """Refuse an id that is no name: it stands in command lines, names of files and anchors of pages."""
        if not (isinstance(self.id, str) and _ID.fullmatch(self.id) and self.id.isprintable()):
            raise InvalidValue(
                f"id={self.id!r}: must be a letter with letters, digits, '.', '_' and '-' behind it, as in 'SYM1'"
            )
