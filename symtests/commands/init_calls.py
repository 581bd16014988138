"""Ways in which libraries with a backward pass are called, as the source of an adapter's function `step`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from string import Template
from typing import Final

__all__ = ["ACTIVATIONS", "Calls", "activation_calls", "calls_of"]

ACTIVATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "tanh": ("tanh", "Tanh"),
    "logistic": ("sigmoid", "logistic", "Sigmoid"),
    "relu": ("relu", "ReLU", "Relu"),
}
"""How libraries call the activations that are sought."""

_NUMBERS: Final = '''
def numbers(value):
    """Return what the library holds as an array of NumPy."""
    if isinstance(value, (bool, int, float, list, np.generic, np.ndarray)):
        return np.asarray(value, np.float64)
    for name in ("numpy", "tolist", "data", "els", "value"):
        held = getattr(value, name, None)
        if held is not None:
            return numbers(held() if callable(held) else held)
    raise TypeError(f"{type(value).__name__} holds no numbers that are found")
'''

_ARRAYS: Final = Template('''
def step(weights, biases, x, y, learning_rate, activations):
    """Return the weights and biases after one step of gradient descent on the mean squared error.

    weights[l] has shape (fan-in, fan-out), biases[l] (fan-out,); x (samples, inputs), y (samples, outputs). The hidden
    layer l has activations[l], the output layer is linear, and the mean is taken over samples and outputs.
    """
    own_weights = [$weight for weight in weights]
    own_biases = [$bias for bias in biases]
    a = $x
    for layer, (weight, bias) in enumerate(zip(own_weights, own_biases)):
        z = $product + bias
        a = ACTIVATIONS[activations[layer]](z) if layer < len(activations) else z
    error = $error
    loss = $loss
    loss.backward()

    def moved(before, own):
        return before - learning_rate * $gradient.reshape(before.shape)

    return list(map(moved, weights, own_weights)), list(map(moved, biases, own_biases))
''')
"""For a library of arrays with the operators of PyTorch's tensors."""

_SCALARS: Final = Template('''
def step(weights, biases, x, y, learning_rate, activations):
    """Return the weights and biases after one step of gradient descent on the mean squared error.

    weights[l] has shape (fan-in, fan-out), biases[l] (fan-out,); x (samples, inputs), y (samples, outputs). The hidden
    layer l has activations[l], the output layer is linear, and the mean is taken over samples and outputs.
    """
    sys.setrecursionlimit(100_000)  # such libraries walk the graph from number to number
    own_weights = [[[$number for number in row] for row in weight.tolist()] for weight in weights]
    own_biases = [[$number for number in bias.tolist()] for bias in biases]
    total = 0.0
    for sample, target in zip(x.tolist(), y.tolist()):
        a = sample
        for layer, (weight, bias) in enumerate(zip(own_weights, own_biases)):
            z = [sum((row[j] * below for row, below in zip(weight, a)), bias[j]) for j in range(len(bias))]
            a = [ACTIVATIONS[activations[layer]](each) for each in z] if layer < len(activations) else z
        for output, wanted in zip(a, target):
            error = output + (-wanted)
            total = error * error + total
    loss = total * (1 / y.size)
    loss.backward()

    def moved(before, own):
        gradients = [numbers(each.grad) for each in np.array(own, dtype=object).ravel()]
        return before - learning_rate * np.reshape(gradients, before.shape)

    return list(map(moved, weights, own_weights)), list(map(moved, biases, own_biases))
''')
"""For a library of single numbers, as micrograd is one."""


@dataclass(frozen=True)
class Calls:
    """One way to call a library.

    Parameters
    ----------
    imports
        Lines that the adapter begins with.
    step
        The source of its functions.
    activations
        For each activation the source of what applies it to z.
    limits
        Further lines of capabilities.
    dtype
        In which the library computes.
    """

    imports: tuple[str, ...]
    step: str
    activations: Mapping[str, str] = field(default_factory=dict)
    limits: str = ""
    dtype: str = "float64"

    @property
    def source(self) -> str:
        """What stands in the adapter above its class."""
        table = ", ".join(f'"{name}": lambda z: {call}' for name, call in self.activations.items())
        return "\n".join([*self.imports, "", f"ACTIVATIONS = {{{table}}}", "", self.step])


def calls_of(holder: str, line: str, functions: Mapping[str, str]) -> Iterator[Calls]:
    """Yield ways to call a class with a backward pass, the likeliest first.

    Parameters
    ----------
    holder, line
        The name of the class, and the line that imports it.
    functions
        For each name of a function of the library, as matmul, the line that imports it.
    """
    for asked in (", requires_grad=True", ""):
        yield from _of_arrays(holder, line, functions, asked)
    for asked in ("", ", requires_grad=True"):
        step = _NUMBERS + "\n" + _SCALARS.substitute(number=f"{holder}(number{asked})")
        yield Calls(("import sys", "", "import numpy as np", "", line), step)


def _of_arrays(holder: str, line: str, functions: Mapping[str, str], asked: str) -> Iterator[Calls]:
    def named(call: str, name: str) -> tuple[tuple[str, str], ...]:
        return ((call, functions[name]),) if name in functions else ()

    products = (
        *((call, "") for call in ("a @ weight", "a.matmul(weight)", "a.dot(weight)")),
        *named("matmul(a, weight)", "matmul"),
        *named("dot(a, weight)", "dot"),
    )
    losses = (
        *((f"({square}).mean()", "", "numbers(own.grad)") for square in ("error * error", "error**2")),
        *((f"({square}).sum()", "", "(numbers(own.grad) / y.size)") for square in ("error * error", "error**2")),
        *((call, more, "numbers(own.grad)") for call, more in named("mean(error * error)", "mean")),
        *((call, more, "(numbers(own.grad) / y.size)") for call, more in named("sum(error * error)", "sum")),
    )
    for given, flat, (times, first), (loss, second, gradient) in product(
        ("{}", "{}.tolist()"), ("bias", "bias.reshape(1, -1)"), products, losses
    ):
        for error in (f"a - {holder}({given.format('y')})", f"a + {holder}({given.format('(-y)')})"):
            step = _ARRAYS.substitute(
                weight=f"{holder}({given.format('weight')}{asked})", bias=f"{holder}({given.format(flat)}{asked})",
                x=f"{holder}({given.format('x')})", product=times, error=error, loss=loss, gradient=gradient,
            )  # fmt: skip
            more = tuple(dict.fromkeys(each for each in (line, first, second) if each))
            yield Calls(("import numpy as np", "", *more), _NUMBERS + "\n" + step)


def activation_calls(name: str, functions: Mapping[str, str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield ways to apply an activation to z, each with the lines of import that it needs.

    Parameters
    ----------
    name
        Of the activation.
    functions
        As for `calls_of`.
    """
    for own in ACTIVATIONS[name]:
        yield f"z.{own}()", ()
        if own in functions:
            yield (f"{own}()(z)" if own[0].isupper() else f"{own}(z)"), (functions[own],)
