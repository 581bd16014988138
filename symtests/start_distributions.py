"""The distributions of starts: from which distribution the weights and biases of each layer are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from symtests.network import ACTIVATIONS, Network
from symtests.validation import InvalidValue, finite, nearest, one_of, positive

__all__ = ["DISTRIBUTIONS", "FANS", "NAMED_STARTS", "Drawn", "StartDistribution", "start_distribution"]

DISTRIBUTIONS: Final = ("constant", "uniform", "normal", "truncated_normal", "orthogonal")
FANS: Final = ("one", "fan_in", "fan_out", "fan_avg")
"""What a variance is divided by: 1, units below, units of the layer, the mean of both."""
_SAME: Final = "same"


@dataclass(frozen=True)
class Drawn:
    """The distribution of the numbers of one tensor.

        constant            each is `scale`
        uniform             in [-a, a) with a = sqrt(3 v), of variance v = scale / fan
        normal              mean 0 and variance v = scale / fan
        truncated_normal    normal with mean 0, cut off at `cut` of its standard deviations on both sides and scaled so
                            that what is left has the variance v = scale / fan
        orthogonal          W = scale Q with Q^T Q = 1 or Q Q^T = 1, Q uniformly distributed

    Parameters
    ----------
    distribution
        One name of `DISTRIBUTIONS`.
    scale
        A finite number; above 0 unless constant.
    fan
        One name of `FANS`.
    cut
        A number above 0; of no meaning unless truncated_normal.

    Raises
    ------
    InvalidValue
        Where an argument is none of these.
    """

    distribution: str
    scale: float = 1.0
    fan: str = "one"
    cut: float = 2.0

    def __post_init__(self) -> None:
        one_of("distribution", self.distribution, DISTRIBUTIONS)
        check = finite if self.distribution == "constant" else positive
        object.__setattr__(self, "scale", check("scale", self.scale))
        one_of("fan", self.fan, FANS)
        object.__setattr__(self, "cut", positive("cut", self.cut))

    @property
    def independent(self) -> bool:
        """Whether each number is drawn, and independently of all others."""
        return self.distribution not in ("constant", "orthogonal")

    def variance(self, fan_in: int, fan_out: int) -> float:
        """Return the variance of one number of a layer with so many units below and so many of its own."""
        fan = {"one": 1.0, "fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.fan]
        return self.scale / fan

    @property
    def formula(self) -> str:
        """The variance in words: "2 / fan-in"."""
        fan = {"one": "", "fan_in": " / fan-in", "fan_out": " / fan-out", "fan_avg": " / mean of fan-in and fan-out"}
        return f"{self.scale:.6g}{fan[self.fan]}"


@dataclass(frozen=True)
class StartDistribution:
    """The distribution of a start: of the weights and biases of hidden layers, and of those of the output layer.

    Parameters
    ----------
    weights, biases
        A `Drawn` or a mapping of its fields; None where nothing is known.
    output_weights, output_biases
        The same for the output layer, which is like the others where it says ``same``.
    activation_factors
        For each activation by name: where all hidden layers have it, every variance is so many times the one above.

    Raises
    ------
    InvalidValue
        Where an argument is none of these.
    """

    weights: Drawn | None = None
    biases: Drawn | None = None
    output_weights: Drawn | str | None = _SAME
    output_biases: Drawn | str | None = _SAME
    activation_factors: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, otherwise in (("output_weights", "weights"), ("output_biases", "biases")):
            if getattr(self, name) == _SAME:
                object.__setattr__(self, name, getattr(self, otherwise))
        for name in ("weights", "biases", "output_weights", "output_biases"):
            object.__setattr__(self, name, _drawn(name, getattr(self, name)))
        for name, factor in self.activation_factors.items():
            one_of("activation_factors", name, ACTIVATIONS)
            positive(f"activation_factors[{name!r}]", factor)

    def of_weights(self, layer: int, layers: int) -> Drawn | None:
        """Return the distribution of the weights of a layer, 0 being the first, or None."""
        drawn = self.output_weights if layer == layers - 1 else self.weights
        return drawn if isinstance(drawn, Drawn) else None

    def of_biases(self, layer: int, layers: int) -> Drawn | None:
        """Return the distribution of the biases of a layer, 0 being the first, or None."""
        drawn = self.output_biases if layer == layers - 1 else self.biases
        return drawn if isinstance(drawn, Drawn) else None

    @property
    def parts(self) -> tuple[Drawn, ...]:
        """What is known of weights and biases, of hidden layers and of the output layer."""
        every = (self.weights, self.biases, self.output_weights, self.output_biases)
        return tuple(each for each in every if isinstance(each, Drawn))

    def factor(self, network: Network) -> float:
        """Return what every variance is multiplied by in this network."""
        names = set(network.activations)
        return float(self.activation_factors.get(names.pop(), 1.0)) if len(names) == 1 else 1.0

    def to_json(self) -> dict[str, Any]:
        """Return the distribution as plain JSON data."""
        return {**asdict(self), "activation_factors": dict(self.activation_factors)}


def start_distribution(name: str, value: object) -> StartDistribution:
    """Return a distribution that is given as one, or as a mapping of its fields.

    Raises
    ------
    InvalidValue
        Where it is neither.
    """
    if isinstance(value, StartDistribution):
        return value
    if not isinstance(value, Mapping):
        raise InvalidValue(f"{name}={value!r}: must be a symtests.StartDistribution or a mapping of its fields")
    return StartDistribution(**_known(name, value, StartDistribution))


def _drawn(name: str, value: object) -> Drawn | None:
    if value is None or isinstance(value, Drawn):
        return value
    if not isinstance(value, Mapping):
        raise InvalidValue(f"{name}={value!r}: must be a symtests.Drawn, a mapping of its fields, or None")
    given = _known(name, value, Drawn)
    if "distribution" not in given:
        raise InvalidValue(f"{name}={value!r}: must name its distribution")
    return Drawn(**given)


def _known(name: str, value: Mapping[Any, Any], kind: type[Any]) -> dict[str, Any]:
    known = [each.name for each in fields(kind)]
    for key in value:
        if key not in known:
            raise InvalidValue(f"{name}[{key!r}]: must be one of {', '.join(known)}{nearest(str(key), known)}")
    return dict(value)


_ZERO: Final = Drawn("constant", 0.0)


def _both(drawn: Drawn) -> StartDistribution:
    return StartDistribution(drawn, drawn)


def _scaled(scale: float, fan: str) -> dict[str, StartDistribution]:
    return {name: StartDistribution(Drawn(name, scale, fan), _ZERO) for name in ("uniform", "normal")}


NAMED_STARTS: Final[Mapping[str, StartDistribution]] = {
    "zeros": _both(_ZERO),
    "constant": _both(Drawn("constant", 0.5)),
    "uniform": _both(Drawn("uniform", 0.25 / 3)),
    "normal": _both(Drawn("normal")),
    **{f"glorot_{name}": distribution for name, distribution in _scaled(1.0, "fan_avg").items()},
    **{f"he_{name}": distribution for name, distribution in _scaled(2.0, "fan_in").items()},
    **{f"lecun_{name}": distribution for name, distribution in _scaled(1.0, "fan_in").items()},
    "orthogonal": StartDistribution(Drawn("orthogonal"), _ZERO),
}
"""The distribution of each start of `symtests.initialization`, with its usual settings."""
