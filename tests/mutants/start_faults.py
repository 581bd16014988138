"""Faults of the start."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.initialization import initialize
from symtests.network import Network
from symtests.oracle import loss
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


class SameNumbersForEveryUnit(Correct):
    """Gives every unit of a layer the same random numbers."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        for weight in start.weights:
            weight[...] = weight[:, :1]
        return start


class SameNumbersForEveryInput(Correct):
    """Gives every input of a layer the same random numbers."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        for weight in start.weights:
            weight[...] = weight[:1]
        return start


class ZeroSoldAsRandom(Correct):
    """Starts at zero whatever it is asked for."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return Parameters.zeros(network)


class SeedIgnored(Correct):
    """Starts at the same random numbers whatever the seed."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return initialize(network, scheme, 0)


class AnotherStartEachTime(Correct):
    """Takes its seed from a generator of its own."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return initialize(network, scheme, int(self.random.integers(2**31)))


class SameSeedForEveryLayer(Correct):
    """Begins the random numbers of each layer anew from the seed."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        for layer in range(network.layer_count):
            alone = Network(network.sizes[layer : layer + 2], (), network.loss, network.bias)
            start.weight(layer)[...] = initialize(alone, scheme, seed).weight(0)
        return start


class SeedOfSixteenBits(Correct):
    """Keeps the last sixteen bits of the seed."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return initialize(network, scheme, seed % 2**16)


class SeedsOverlap(Correct):
    """Begins with each seed one number further on in the same sequence."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, 0)
        return Parameters(network, np.roll(start.vector, -(seed % start.vector.size)))


class StartOnACoarseGrid(Correct):
    """Draws from sixteen numbers, as a start in four bits does."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        for weight in start.weights:
            largest = np.abs(weight).max() or 1.0
            weight[...] = np.round(weight / largest * 8) * largest / 8
        return start


class ManyStarts(Correct):
    """Trains from many starts at once, and does it right."""

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        return [self.train_one(network, scheme, seed, batch, training) for seed in seeds]

    def train_one(self, network: Network, scheme: str, seed: int, batch: Batch, training: Training) -> Parameters:
        start = self.initialize(network, scheme, seed).astype(batch.x.dtype)
        return self.train(network, start, batch, training)


class ManyStartsByBlas(ManyStarts):
    """Trains from many starts at once with sums in any order, and does it right."""

    capabilities = Capabilities(dtypes=Correct.capabilities.dtypes)

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        self.backwards = len(seeds) % 2 == 1  # the number of starts decides how sums are taken
        return super().train_many(network, scheme, seeds, batch, training)

    def product(self, a: Array, b: Array) -> Array:
        if getattr(self, "backwards", False):
            return super().product(a[:, ::-1], b[::-1])
        return super().product(a, b)


class SameSeedForEveryStart(ManyStarts):
    """Starts every training of a set with the first seed."""

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        return super().train_many(network, scheme, [seeds[0]] * len(seeds), batch, training)


class EndsInReverseOrder(ManyStarts):
    """Returns the results as they come from a stack."""

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        return super().train_many(network, scheme, seeds, batch, training)[::-1]


class BestStartForAll(ManyStarts):
    """Returns the best result in every place."""

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        ends = super().train_many(network, scheme, seeds, batch, training)
        best = min(ends, key=lambda end: loss(network, end, batch))
        return [best.copy() for _ in ends]


class MomentumFromStartToStart(ManyStarts):
    """Keeps the optimizer state of a set from one start to the next."""

    kept: dict[str, Array] | None = None

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        self.kept = {}
        ends = super().train_many(network, scheme, seeds, batch, training)
        self.kept = None
        return ends

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        if self.kept is not None:
            memory = self.kept = self.kept or memory
        super().update(theta, gradient, memory, step, training)


class OneGeneratorForAllStarts(ManyStarts):
    """Seeds one generator with the first seed, and draws every start of the set from it."""

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        random = np.random.default_rng(seeds[0])
        further = random.integers(0, 2**31, len(seeds) - 1).tolist()
        return super().train_many(network, scheme, [seeds[0], *further], batch, training)


class LastStartsOfABlockRepeated(ManyStarts):
    """Trains in blocks of four, and fills up the last block with what stands in the one before."""

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        ends = super().train_many(network, scheme, seeds, batch, training)
        whole = len(seeds) - len(seeds) % 4
        return [*ends[:whole], *(ends[max(place - 4, 0)].copy() for place in range(whole, len(seeds)))]


class SeedsSharedInPairs(ManyStarts):
    """Gives every two starts of a set the same seed."""

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        shared = [seeds[place - place % 2] for place in range(len(seeds))]
        return super().train_many(network, scheme, shared, batch, training)


class OneStepLessForManyStarts(ManyStarts):
    """Trains from many starts with one step less than from one."""

    def train_one(self, network: Network, scheme: str, seed: int, batch: Batch, training: Training) -> Parameters:
        return super().train_one(network, scheme, seed, batch, training.with_steps(max(training.steps - 1, 0)))


class DivergedStartsReplaced(ManyStarts):
    """Begins anew, from another seed and at a small rate, where the training from many starts has diverged."""

    def train_one(self, network: Network, scheme: str, seed: int, batch: Batch, training: Training) -> Parameters:
        end = super().train_one(network, scheme, seed, batch, training)
        if np.abs(end.vector).max() < 1e3:  # False for NaN
            return end
        return super().train_one(network, scheme, seed + 1, batch, replace(training, learning_rate=2.0**-10))


class NotANumberReplaced(ManyStarts):
    """Returns the start where the training from many starts has left the numbers."""

    def train_one(self, network: Network, scheme: str, seed: int, batch: Batch, training: Training) -> Parameters:
        end = super().train_one(network, scheme, seed, batch, training)
        return end if np.isfinite(end.vector).all() else self.initialize(network, scheme, seed).astype(batch.x.dtype)


class SeedsInSteps(Correct):
    """Takes only every other seed for another one."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return initialize(network, scheme, seed - seed % 2)
