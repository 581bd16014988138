"""What an implementation under check has to offer, and what it may say of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, runtime_checkable

from symtests.batch import Batch
from symtests.initialization import INITIALIZATIONS
from symtests.model.activations import ACTIVATIONS_OF_0_1
from symtests.model.losses import LOSSES_OF_0_1, losses_that
from symtests.model.optimizers import OPTIMIZERS_OF_0_1
from symtests.network import ACTIVATIONS, DTYPES, LOSSES, OPTIMIZERS, Network
from symtests.older_words import capabilities_today
from symtests.parameters import Parameters
from symtests.start_distributions import NAMED_STARTS, StartDistribution, start_distribution
from symtests.training import Training
from symtests.validation import InvalidValue, integer_at_least, nearest, one_of, positive, true_or_false

__all__ = ["DEFAULT_START", "OPERATIONS", "Capabilities", "Implementation", "Unsupported", "capabilities_of"]

OPERATIONS = ("train", "loss_and_gradient", "predict", "initialize", "stages", "train_many", "run_as")
"""What an implementation can be asked; only the first is mandatory."""
DEFAULT_START = "default"
"""The scheme of an implementation's own start, which it has if its `start_distributions` name it."""


class Unsupported(Exception):
    """An implementation raises this to say that it cannot do what a case asks for."""


@runtime_checkable
class Implementation(Protocol):
    """Any object with this one method can be checked.

    It may also have, each sharpening the verdicts:

    - ``loss_and_gradient(network, parameters, batch)`` returning the loss and its gradient;
    - ``predict(network, parameters, x)`` returning the linear outputs z, shape (N, m);
    - ``initialize(network, scheme, seed)`` returning parameters, for the schemes of its capability `starts` and, if its
      `start_distributions` name it, for ``default``, its own start;
    - ``stages(network, parameters, batch)`` returning an object with the tuples of arrays
      ``pre_activations``, ``activations`` and ``error_signals``;
    - ``train_many(network, scheme, seeds, batch, training)`` returning, for each seed in this order, the parameters at
      which a training from ``initialize(network, scheme, seed)``, rounded to the dtype of the batch, ends;
    - ``run_as(way)`` returning an implementation that is this one run in another way, one of those that its
      capabilities name in `same_bits`;
    - the attributes ``name``, ``version`` and ``capabilities``;
    - the attribute ``remark``, a text that is shown before it is asked, as that it compiles first;
    - ``report_progress_to(tell)``, after which it may call ``tell(text)`` in the course of a call that takes long.

    Where parameters are returned, a plain vector of the same layout will do.
    """

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after ``training.steps`` full-batch steps; change no argument."""


@dataclass(frozen=True)
class Capabilities:
    """What an implementation can do; cases are drawn from nothing else.

    Parameters
    ----------
    dtypes
        Dtypes that parameters and data may have.
    activations, losses, optimizers
        Names from `symtests.network`. What is not named is not claimed: where one of the three is left out, it stands
        for the names of version 0.1, and never for more, so that no later version asks a pinned CI anything new.
    bias
        Which of "with biases" (True) and "without" (False) it can do.
    sample_weights
        Whether a batch may have sample weights.
    max_hidden_layers, max_width, max_samples
        Limits, or None; ``max_samples=1`` stands for one sample at a time.
    max_inputs, max_outputs
        Limits of their own for the ends of a network. Where they are None, there is no limit, but numbers of inputs and
        outputs are drawn that suit `max_width` as well, as far as that is possible.
    min_hidden_layers, min_width
        Least number of hidden layers, and of units in each of them.
    one_activation
        Whether all hidden layers must have the same activation.
    class_targets
        Names of losses whose targets are classes: then the targets of softmax_cross_entropy are one-hot rows, the class
        being ``y.argmax(axis=1)``, and those of bce and logistic_mse are 0 or 1. They are handed over as ever.
    positive_epsilon
        Whether the epsilon of a training must be greater than 0.
    index_independent
        Whether it claims that a unit's arithmetic does not depend on its index, the layer's width or
        the batch: then ties are judged bit for bit, and otherwise within rounding.
    relu_derivative_at_zero
        Its choice for relu'(0).
    unit_roundoff
        Largest relative error of one operation, for each dtype whose arithmetic is coarser than its
        storage; 2**-24 for float32 and 2**-53 for float64 unless given.
    same_bits
        Ways of running it in which it claims the very same bits: ``strided`` (arrays with gaps in memory), and, if it
        has `run_as`, ``threads=2`` or another number, and ``cpu=haswell`` or another name of an instruction set.
    loss_scale
        For each loss by name: its loss is this many times the one defined in `symtests.network`.
    loss_scale_in_training
        Whether a training follows the gradient of that scaled loss, so that it is asked with a learning rate (or an
        epsilon) that makes up for the scale; False where only `loss_and_gradient` and `stages` report it scaled.
    starts
        Names from `symtests.initialization` that its ``initialize`` knows; all unless given, and perhaps none.
    start_distributions
        Distributions of its starts, each a `symtests.StartDistribution` or a mapping of its fields: that of its own
        start under the name ``default``, and those of named starts that it draws otherwise than
        `symtests.initialization` says, as from a normal distribution that is cut off.
    few_shapes
        Whether each new size of a network or a batch takes long, as where it is compiled: then all
        cases are drawn from few networks, each with a number of samples of its own, and an eighth as many.
    """

    dtypes: tuple[str, ...] = ("float64",)
    activations: tuple[str, ...] = ACTIVATIONS_OF_0_1
    losses: tuple[str, ...] = LOSSES_OF_0_1
    optimizers: tuple[str, ...] = OPTIMIZERS_OF_0_1
    bias: tuple[bool, ...] = (True, False)
    sample_weights: bool = True
    max_hidden_layers: int | None = None
    max_width: int | None = None
    max_samples: int | None = None
    index_independent: bool = False
    relu_derivative_at_zero: float = 0.0
    same_bits: tuple[str, ...] = ()
    unit_roundoff: Mapping[str, float] = field(default_factory=dict)
    loss_scale: Mapping[str, float] = field(default_factory=dict)
    starts: tuple[str, ...] = INITIALIZATIONS
    start_distributions: Mapping[str, StartDistribution] = field(default_factory=dict)
    few_shapes: bool = False
    max_inputs: int | None = None
    max_outputs: int | None = None
    min_hidden_layers: int = 0
    min_width: int = 1
    one_activation: bool = False
    class_targets: tuple[str, ...] = ()
    positive_epsilon: bool = False
    loss_scale_in_training: bool = True

    def __post_init__(self) -> None:
        for name, known in _WORDS.items():
            value = getattr(self, name)
            given = (value,) if isinstance(value, str) else tuple(value)
            words = tuple(dict.fromkeys(one_of(name, word, known) for word in given))
            if not words and name != "starts":
                raise InvalidValue(f"{name}={value!r}: must name at least one of {', '.join(known)}")
            object.__setattr__(self, name, words)
        object.__setattr__(self, "bias", tuple(dict.fromkeys(bool(choice) for choice in self.bias)))
        said: object = self.same_bits  # a single name will do
        ways = (said,) if isinstance(said, str) else self.same_bits
        object.__setattr__(self, "same_bits", tuple(dict.fromkeys(_way(way) for way in ways)))
        self._check_limits()
        classes: object = self.class_targets  # a single name will do here, too
        named = (classes,) if isinstance(classes, str) else self.class_targets
        checked = tuple(dict.fromkeys(one_of("class_targets", loss, _WITH_CLASSES) for loss in named))
        object.__setattr__(self, "class_targets", checked)
        for name, known in (("unit_roundoff", DTYPES), ("loss_scale", LOSSES)):
            for word, number in getattr(self, name).items():
                one_of(name, word, known)
                positive(f"{name}[{word!r}]", number)
        distributions = {
            one_of("start_distributions", word, (DEFAULT_START, *INITIALIZATIONS)): distribution
            for word, distribution in self.start_distributions.items()
        }
        object.__setattr__(
            self,
            "start_distributions",
            {word: start_distribution(f"start_distributions[{word!r}]", distributions[word]) for word in distributions},
        )

    def distribution_of_start(self, scheme: str) -> StartDistribution:
        """Return the distribution of the start of this name: the one that it declares, or else that of the name."""
        return self.start_distributions[scheme] if scheme in self.start_distributions else NAMED_STARTS[scheme]

    @property
    def own_starts(self) -> tuple[str, ...]:
        """Names of all starts that it offers: ``default``, where its distribution is declared, comes last."""
        return (*self.starts, *((DEFAULT_START,) if DEFAULT_START in self.start_distributions else ()))

    def _check_limits(self) -> None:
        for name in ("max_hidden_layers", "max_width", "max_samples", "max_inputs", "max_outputs"):
            if getattr(self, name) is not None:
                integer_at_least(name, getattr(self, name), 1 if name != "max_hidden_layers" else 0)
        for what, least in (("hidden_layers", 0), ("width", 1)):
            low, high = getattr(self, f"min_{what}"), getattr(self, f"max_{what}")
            integer_at_least(f"min_{what}", low, least)
            if high is not None and low > high:
                raise InvalidValue(f"min_{what}={low}: must be at most max_{what}, which is {high}")
        for name in ("one_activation", "positive_epsilon", "loss_scale_in_training"):
            object.__setattr__(self, name, true_or_false(name, getattr(self, name)))

    def scale_of(self, loss: str) -> float:
        """Return how many times as large as the one of `symtests.network` its loss of this name is."""
        return float(self.loss_scale.get(loss, 1.0))

    def scale_in_training(self, loss: str) -> float:
        """Return how many times as large as that of the loss of `symtests.network` the gradient is that it follows."""
        return self.scale_of(loss) if self.loss_scale_in_training else 1.0

    def roundoff(self, dtype: str) -> float:
        """Return the unit roundoff of this implementation's arithmetic in `dtype`."""
        return float(self.unit_roundoff.get(dtype, {"float32": 2.0**-24, "float64": 2.0**-53}[dtype]))

    def to_json(self) -> dict[str, Any]:
        """Return the capabilities as plain JSON data."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        values["start_distributions"] = {
            name: distribution.to_json() for name, distribution in self.start_distributions.items()
        }
        return {
            name: list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
            for name, value in values.items()
        }


def _way(way: str) -> str:
    kind, _, value = str(way).partition("=")
    if way == "strided" or (kind == "cpu" and value) or (kind == "threads" and value.isdecimal() and int(value) > 0):
        return way
    raise InvalidValue(f"same_bits={way!r}: must be 'strided', 'threads=<number>' or 'cpu=<instruction set>'")


_WITH_CLASSES = losses_that(lambda entry: entry.of_classes)
_WORDS = {
    "dtypes": DTYPES, "activations": ACTIVATIONS, "losses": LOSSES, "optimizers": OPTIMIZERS, "starts": INITIALIZATIONS,
}  # fmt: skip


def capabilities_of(implementation: object) -> Capabilities:
    """Return what `implementation` says of itself: a `Capabilities`, a mapping, or a method giving either.

    Raises
    ------
    InvalidValue
        Where it names a capability that does not exist, or gives one a value that it cannot have.
    """
    given = getattr(implementation, "capabilities", None)
    if callable(given):
        given = given()
    if given is None:
        return Capabilities()
    if isinstance(given, Capabilities):
        return given
    if not isinstance(given, Mapping):
        raise InvalidValue(f"capabilities={given!r}: must be a symtests.Capabilities or a mapping of its fields")
    given = capabilities_today(given)
    known = [f.name for f in fields(Capabilities)]
    for name in given:
        if name not in known:
            raise InvalidValue(f"capabilities[{name!r}]: must be one of {', '.join(known)}{nearest(str(name), known)}")
    return Capabilities(**given)
