"""Named starts: how weights and biases are set before a training begins."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from symtests.float_json import Array, float_dtype
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.validation import InvalidValue, finite, integer_at_least, known_settings, one_of, positive

__all__ = ["INITIALIZATIONS", "STARTS_OF_BIASES", "initialize"]

INITIALIZATIONS: Final = (
    "zeros", "constant", "uniform", "normal",
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
    "orthogonal",
)  # fmt: skip
STARTS_OF_BIASES: Final = ("constant", "uniform", "normal")
"""Those that treat biases like weights; with the others biases are 0."""

# Each name of a scheme that takes a setting, the setting, its default and what the setting must be.
_SETTINGS: Final = {
    "constant": ("value", 0.5, finite),
    "uniform": ("bound", 0.5, positive),
    "normal": ("std", 1.0, positive),
    "orthogonal": ("gain", 1.0, positive),
}
_NAMES_ELSEWHERE: Final = {"xavier": "glorot", "kaiming": "he"}


def initialize(
    network: Network, scheme: str, seed: int = 0, dtype: npt.DTypeLike = np.float64, **settings: float
) -> Parameters:
    """Return the parameters with which a training starts.

    With fan-in m (units below) and fan-out k (units of the layer), each weight is drawn independently of all others:

        zeros            0
        constant         value
        uniform          uniform in [-bound, bound)
        normal           normal, mean 0, standard deviation std
        glorot_...       variance 2 / (m + k)
        he_...           variance 2 / m
        lecun_...        variance 1 / m
        orthogonal       W = gain Q with Q^T Q = 1 where m >= k, else Q Q^T = 1; Q uniformly distributed

    The forms ending in ``_uniform`` draw from [-a, a) with a = sqrt(3 variance), those ending in ``_normal`` from the
    normal distribution, which is not truncated. Biases are 0, except that constant, uniform and normal treat them like
    weights. Only zeros and constant give two units the same weights; two random ones differ as numbers do (in float32,
    two units with one weight each may meet by chance: fewer than one pair in 10^7).

    All numbers come in the order of the parameter vector from one stream, ``Generator(PCG64(seed))``, in float64, and
    are rounded to `dtype` at the end: a float32 start is the float64 start of the same seed, rounded. The last bits of
    orthogonal depend on NumPy's linear algebra library.

    Parameters
    ----------
    network
        The network to start.
    scheme
        One name of `INITIALIZATIONS`.
    seed
        A whole number of at least 0; zeros and constant do not use it.
    dtype
        Float type of the parameters.
    **settings
        ``value=0.5`` (constant), ``bound=0.5`` (uniform), ``std=1`` (normal), ``gain=1`` (orthogonal): each for its
        own scheme only; value is finite, the others are above 0 as well.

    Raises
    ------
    InvalidValue
        Where an argument is none of these.

    References
    ----------
    Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, Efficient BackProp (1998), section 4.6: lecun.
    X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), equations
    12 and 16: glorot.
    K. He, X. Zhang, S. Ren, J. Sun, Delving deep into rectifiers (2015), section 2.2, equation 10: he.
    A. Saxe, J. McClelland, S. Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks (2014): orthogonal.
    F. Mezzadri, How to generate random matrices from the classical compact groups (2007), section 5: the signs that
    make Q uniformly distributed.
    """
    _check_scheme(scheme)
    setting = _checked_setting(scheme, settings)
    random = np.random.Generator(np.random.PCG64(integer_at_least("seed", seed, 0)))
    final_dtype = float_dtype(dtype)
    start = Parameters.zeros(network)
    if scheme == "constant":
        start.vector[:] = setting
    elif scheme == "uniform":
        start.vector[:] = random.uniform(-setting, setting, start.vector.size)
    elif scheme == "normal":
        start.vector[:] = random.normal(0.0, setting, start.vector.size)
    elif scheme == "orthogonal":
        for weight in start.weights:
            weight[:] = setting * _orthogonal(random, *weight.shape)
    elif scheme != "zeros":
        for weight in start.weights:
            weight[:] = _scaled_by_fan(random, scheme, *weight.shape)
    return start.astype(final_dtype)


def _check_scheme(scheme: str) -> None:
    author, _, distribution = str(scheme).partition("_")
    if author in _NAMES_ELSEWHERE:
        here = f"{_NAMES_ELSEWHERE[author]}_{distribution or 'uniform'}"
        raise InvalidValue(f"scheme={scheme!r}: must be the name used here; did you mean {here!r}?")
    one_of("scheme", scheme, INITIALIZATIONS)


def _checked_setting(scheme: str, settings: dict[str, float]) -> float:
    """Return the value of the only setting that the scheme has, and 0 where it has none."""
    if scheme not in _SETTINGS:
        known_settings(scheme, settings, ())
        return 0.0
    name, default, check = _SETTINGS[scheme]
    known_settings(scheme, settings, (name,))
    return check(name, settings.get(name, default))


def _scaled_by_fan(random: np.random.Generator, scheme: str, fan_in: int, fan_out: int) -> Array:
    author, distribution = scheme.split("_")
    variance = {"glorot": 2 / (fan_in + fan_out), "he": 2 / fan_in, "lecun": 1 / fan_in}[author]
    if distribution == "normal":
        return random.normal(0.0, math.sqrt(variance), (fan_in, fan_out))
    bound = math.sqrt(3 * variance)  # a uniform number in [-a, a) has the variance a^2 / 3
    return random.uniform(-bound, bound, (fan_in, fan_out))


def _orthogonal(random: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    tall = random.normal(size=(max(fan_in, fan_out), min(fan_in, fan_out)))
    q, r = np.linalg.qr(tall)
    # QR is unique only up to the signs of R's diagonal; a fixed choice of them makes Q uniformly distributed.
    q *= np.copysign(1.0, np.diagonal(r))
    orthogonal: np.ndarray[Any, np.dtype[np.float64]] = q if fan_in >= fan_out else q.T
    return orthogonal
