"""What is often said of equal, zero and random starts, and what is true of it: the questions behind the properties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from symtests.properties import PROPERTIES
from symtests.properties.base import Property

__all__ = ["CLAIMS", "Claim", "claims_of"]


@dataclass(frozen=True)
class Claim:
    """Something that is said of backpropagation.

    Parameters
    ----------
    id
        Stable name, as in "S1".
    text
        What is said, in a sentence.
    truth
        What is true of it, corrected where it is not true as it stands.
    """

    id: str
    text: str
    truth: str

    @property
    def properties(self) -> tuple[Property, ...]:
        """The properties of symtests that check it, in the order of the catalogue."""
        return tuple(prop for prop in PROPERTIES if self.id in prop.claims)


CLAIMS: Final[tuple[Claim, ...]] = (
    Claim(
        "S1",
        "Where all weights start at the same value, backpropagation does not work; where they start at random, it "
        "does.",
        "From equal values it works, but on less: each hidden layer stays one unit wide for ever, so that the error "
        "stays above a floor, on XOR a mean squared error of 1/6 with any monotone activation. A random start lifts "
        "this restriction and promises nothing more.",
    ),
    Claim(
        "S2",
        "All hidden units that feed the outputs get identical error signals.",
        "True of units whose incoming and outgoing weights are both equal. Equal outgoing weights alone make equal "
        "what comes back to the units, but not the slope that it is multiplied by.",
    ),
    Claim(
        "S3",
        "The weights from these units to the outputs stay equal for ever.",
        "True where incoming weights, outgoing weights and the optimizer's state are all equal and no unit has a noise "
        "of its own. Where only the incoming weights are equal, the first step parts the units.",
    ),
    Claim(
        "S4",
        "Equal weights are an unstable equilibrium: what has once left it never returns.",
        "They are no equilibrium but an invariant set: the weights move, and stay equal. Whether units that differ a "
        "little part or come together depends on the sign of the curvature across the set, and both happen. Never "
        "returning is true in this sense: small steps of plain gradient descent do not make equal what differs.",
    ),
    Claim(
        "S5",
        "The equal start lies higher on the error surface than some points around it.",
        "True at a saddle, which not every tied point is: a minimum of the narrow network may be one of the wide "
        "network too. From zero, with σ(0) = 0, the matrix A = σ′(0) [x 1]ᵀδ decides; on XOR with the output bias at "
        "½ it is zero, no second derivative shows a way down, and yet there is one.",
    ),
    Claim(
        "S6",
        "Small random weights remove the problem.",
        "True of the symmetry, which random weights of any size break: no two units start equal, and units with "
        "unequal outgoing weights part in the first pass. Other obstacles remain, as local minima do. How small is "
        "what schemes are for: only with the variance that a scheme promises do activations and error signals keep "
        "their size over depth, which INIT1 to INIT8 ask of a start.",
    ),
    Claim(
        "S7",
        "The start decides whether a network learns at all, not only how fast.",
        "True: while units are tied, no training gets below the error floor of the narrow network, whatever the depth. "
        "The floor of XOR needs monotone activations; one unit of gelu or silu does get below it.",
    ),
    Claim(
        "S8",
        "Train from several starts, for one may end in a local optimum, or may not have been random.",
        "True: of n independent starts, one succeeds with probability 1 − (1 − p)ⁿ if one alone does with probability "
        "p, and the best of more starts is never worse. Starts from one seed count as one.",
    ),
    Claim(
        "S9",
        "The error is a function Rⁿ → R, and backpropagation looks around a point for a direction in which it falls.",
        "It is such a function. Backpropagation does not look around: it computes the derivative at the point itself, "
        "against which every step that is small enough lowers the error, unless the derivative is zero.",
    ),
    Claim(
        "S10",
        "Where there is only one minimum, every start leads to it.",
        "True of the error of a network without hidden layer, which is convex for a loss that is convex in the "
        "outputs: every start ends at the same error, but at the same weights only if [x 1] has full column rank. A "
        "squared error of a logistic output is not convex even there.",
    ),
    Claim(
        "S11",
        "It is dangerous to start from zero; a network of two inputs that learns XOR shows it.",
        "True, in two ways. Where σ(0) = 0, only the output bias moves. Where it is not, as with logistic units, one "
        "layer more moves with each step, but its units stay tied. XOR with a logistic output does not move at all, "
        "because its labels are balanced.",
    ),
    Claim(
        "S12",
        "The delta rule adds to a weight what does not depend on the weight.",
        "True only of networks without hidden layer, and of the weight as a factor: from zero they learn. With a "
        "hidden layer, the error signal of a unit is a sum over its outgoing weights, and zero where they all are.",
    ),
    Claim(
        "S13",
        "Units that start with the same weights follow the same gradient and always do the same.",
        "True of hidden units with equal incoming and equal outgoing weights. Features are tied by equal data alone: "
        "rows of the first weight matrix stay equal only where the features are equal in every sample.",
    ),
    Claim(
        "S14",
        "Zero is a saddle point, where error signals times weights are zero and training stops at once.",
        "Every hidden gradient is zero there, but the output bias moves unless the error signals add up to zero, and "
        "so do the output weights where σ(0) is not 0. With σ(0) = 0 it is a strict saddle, given the output bias, if "
        "and only if A = σ′(0) [x 1]ᵀδ is not zero.",
    ),
    Claim(
        "S15",
        "Inputs whose weights are zero cannot affect the outputs.",
        "True as long as the weights are zero. Training may move them: the gradient of such a weight is its feature "
        "times the error signal.",
    ),
    Claim(
        "S16",
        "Backpropagation finds the weights with the least weighted squared difference between targets and outputs.",
        "It computes the gradient of that loss, or of another, in which a sample counts as often as its weight says. "
        "Where gradient descent comes to rest, the gradient is zero: that need not be the least error.",
    ),
)
"""All claims, in the order in which they are usually met."""


def claims_of(properties: Iterable[Property]) -> tuple[Claim, ...]:
    """Return the claims that these properties check."""
    named = {claim for prop in properties for claim in prop.claims}
    return tuple(claim for claim in CLAIMS if claim.id in named)
