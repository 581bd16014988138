"""Faults of an orthogonal start."""

import numpy as np

from symtests.float_json import Array
from tests.mutants.drawn_otherwise import DrawnOtherwise


class OrthogonalThatIsNormal(DrawnOtherwise):
    """Sells normal weights of the right variance as orthogonal."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return random.normal(0.0, 1 / np.sqrt(max(fans)), fans) if scheme == "orthogonal" else weight


class OrthogonalByGainOfRelu(DrawnOtherwise):
    """Multiplies orthogonal weights by the gain of relu, the square root of 2."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return weight * np.sqrt(2) if scheme == "orthogonal" else weight


class OrthogonalInHalfPrecision(DrawnOtherwise):
    """Rounds orthogonal weights to float16."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return weight.astype(np.float16) if scheme == "orthogonal" else weight


class OrthogonalWithTheSignsOfQR(DrawnOtherwise):
    """Takes Q as the factorization leaves it, whose first entry is never positive."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        if scheme != "orthogonal":
            return weight
        q = np.linalg.qr(random.normal(size=(max(fans), min(fans))))[0]
        return q if fans[0] >= fans[1] else q.T


class OrthogonalByPermutation(DrawnOtherwise):
    """Sells a permutation with random signs as a random orthogonal matrix."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        if scheme != "orthogonal":
            return weight
        size = max(fans)
        matrix = np.eye(size)[random.permutation(size)] * random.choice((-1.0, 1.0), size)
        return matrix[: fans[0], : fans[1]]
