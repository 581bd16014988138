"""Gradients that are right but for a factor, in all tensors or in some."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.diagnosis.combination import FaultModel
from symtests.diagnosis.faults.fault import Gradient
from symtests.diagnosis.faults.faulty_pass import FaultyPass
from symtests.diagnosis.questions.question import Answered, Question, Tensor, tensors
from symtests.float_json import Array
from symtests.network import Network

__all__ = ["SCOPES", "Scope", "factors", "ratios_of"]


@dataclass(frozen=True)
class Scope:
    """Some tensors of any network: `words` follow "the gradient"."""

    words: str
    holds: Callable[[Network, Tensor], bool]


def _is_output(network: Network, tensor: Tensor) -> bool:
    return tensor.layer == network.layer_count - 1


SCOPES: Final = (
    Scope("of every tensor", lambda n, t: True),
    Scope("of the biases", lambda n, t: t.is_bias),
    Scope("of the weights", lambda n, t: not t.is_bias),
    Scope("of the hidden layers", lambda n, t: not _is_output(n, t)),
    Scope("of the output layer", _is_output),
    Scope("of the hidden weights", lambda n, t: not _is_output(n, t) and not t.is_bias),
    Scope("of the hidden biases", lambda n, t: not _is_output(n, t) and t.is_bias),
    Scope("of the output weights", lambda n, t: _is_output(n, t) and not t.is_bias),
    Scope("of the output biases", lambda n, t: _is_output(n, t) and t.is_bias),
    Scope("of W1 and b1", lambda n, t: t.layer == 0),
    Scope("of W1", lambda n, t: t.layer == 0 and not t.is_bias),
    Scope("of b1", lambda n, t: t.layer == 0 and t.is_bias),
    Scope("of W2 and b2", lambda n, t: t.layer == 1),
    Scope("of W2", lambda n, t: t.layer == 1 and not t.is_bias),
    Scope("of b2", lambda n, t: t.layer == 1 and t.is_bias),
    Scope("of all layers but the first", lambda n, t: t.layer > 0),
    Scope("of all layers but the last two", lambda n, t: t.layer < n.layer_count - 2),
    Scope("of the last hidden layer", lambda n, t: t.layer == n.layer_count - 2),
    Scope("of the weights between hidden layers", lambda n, t: 0 < t.layer < n.layer_count - 1 and not t.is_bias),
)  # fmt: skip
"""Tensors that may be wrong together; the largest first."""


@dataclass(frozen=True)
class _Rule:
    """A factor and what it means: `words` follow "is"; `is_of_layer` where it is another one for each layer."""

    words: str
    factor: Callable[[Question, int], float]
    meaning: str = ""
    shown: str = ""
    is_of_layer: bool = False


def _weight_sum(question: Question) -> float:
    weights = question.batch.sample_weights
    return float(question.samples if weights is None else weights.astype(np.float64).sum())


def _largest_weight(question: Question) -> float:
    weights = question.batch.sample_weights
    return 1.0 if weights is None else float(weights.max())


def _padded_rule(block: int) -> _Rule:
    return _Rule(
        f"divided by the batch size N rounded up to a multiple of {block}",
        lambda q, layer: q.samples / (-(-q.samples // block) * block),
        f"the batch is padded to blocks of {block}, and the padding is counted",
    )


_N: Final = "N being the batch size"
_M: Final = "m being the number of outputs"
_S: Final = "S being the sum of the sample weights"
_RULES: Final = (
    _Rule("0", lambda q, layer: 0.0),
    _Rule("reversed in sign", lambda q, layer: -1.0),
    _Rule("N times too large", lambda q, layer: q.samples, f"{_N}: the mean over the batch is missing", "N"),
    _Rule("N times too small", lambda q, layer: 1 / q.samples, f"{_N}: it is divided by N once more", "N"),
    _Rule("m times too large", lambda q, layer: q.outputs, f"{_M}: the mean over the outputs is missing", "m"),
    _Rule("m times too small", lambda q, layer: 1 / q.outputs, f"{_M}: it is divided by m once more", "m"),
    _Rule("N m times too large", lambda q, layer: q.samples * q.outputs,
          f"{_N} and {_M}: the mean over batch and outputs is missing", "N m"),
    _Rule("N m times too small", lambda q, layer: 1 / (q.samples * q.outputs),
          f"{_N} and {_M}: it is divided by both once more", "N m"),
    _Rule("2 times too large", lambda q, layer: 2.0, "a factor of 2 is counted twice, or one too many"),
    _Rule("2 times too small", lambda q, layer: 0.5, "a factor of 2 is missing"),
    _Rule("N / 2 times too large", lambda q, layer: q.samples / 2,
          f"{_N}: the mean over the batch and a factor of 2 are missing", "N"),
    _Rule("m / 2 times too large", lambda q, layer: q.outputs / 2,
          f"{_M}: the mean over the outputs and a factor of 2 are missing", "m"),
    _Rule("N m / 2 times too large", lambda q, layer: q.samples * q.outputs / 2,
          f"{_N} and {_M}: the mean over batch and outputs and a factor of 2 are missing", "N m"),
    _Rule("2 N times too small", lambda q, layer: 0.5 / q.samples, f"{_N}: a division by 2 N is too many", "N"),
    _Rule("S times too large", lambda q, layer: _weight_sum(q), f"{_S} (N without): the division by it is missing"),
    _Rule("S times too small", lambda q, layer: 1 / _weight_sum(q), f"{_S} (N without): it is divided by S once more"),
    _Rule("S / N times too large", lambda q, layer: _weight_sum(q) / q.samples,
          f"{_S}: the weighted sum is divided by the number N of samples in place of the sum of their weights"),
    _Rule("N / S times too large", lambda q, layer: q.samples / _weight_sum(q),
          f"{_N}: the weighted sum is divided by the sum of the weights twice, and multiplied by N"),
    _Rule("N² times too small", lambda q, layer: q.samples**-2.0, f"{_N}", "N"),
    _Rule("N / (N - 1) times too large", lambda q, layer: q.samples / max(q.samples - 1, 1),
          f"{_N}: the sum over the batch is divided by N - 1"),
    _Rule("divided by the largest sample weight", lambda q, layer: 1 / _largest_weight(q),
          "the sample weights are divided by their largest, and not their sum"),
    _Rule("multiplied by S / (N w), w being the largest sample weight",
          lambda q, layer: _weight_sum(q) / (q.samples * _largest_weight(q)),
          f"{_S} and {_N}: the sample weights are divided by their largest, and the weighted sum by N"),
    _Rule("multiplied by S / w, w being the largest sample weight",
          lambda q, layer: _weight_sum(q) / _largest_weight(q),
          f"{_S}: the sample weights are divided by their largest, and the sum by nothing"),
    _Rule("divided by the fan-in of its layer once more", lambda q, layer: 1 / q.network.sizes[layer],
          is_of_layer=True),
    _Rule("multiplied by the fan-in of its layer", lambda q, layer: q.network.sizes[layer], is_of_layer=True),
    _Rule("divided by the number of units of its layer once more", lambda q, layer: 1 / q.network.sizes[layer + 1],
          is_of_layer=True),
    _Rule("multiplied by the number of units of its layer", lambda q, layer: q.network.sizes[layer + 1],
          is_of_layer=True),
    *(_padded_rule(block) for block in (2, 4, 8, 16, 32)),
    _Rule("multiplied by the learning rate", lambda q, layer: q.rate or 1.0, "the learning rate is used twice"),
    _Rule("divided by the learning rate", lambda q, layer: 1 / (q.rate or 1.0), "the learning rate is not used"),
)  # fmt: skip


def factors(answers: Sequence[Answered], over: FaultModel | None = None, *, alone: bool = True) -> Iterator[FaultModel]:
    """Yield the factors by which the gradient of the first answer may be wrong, in all tensors or in some.

    Parameters
    ----------
    answers
        Wrong answers: those after the first show what a factor is for other questions.
    over
        A fault model that is taken for true already: factors of what it leads to are yielded too.
    alone
        Whether factors of the right gradient are yielded.
    """
    seen: set[str] = set()
    for base in ((None, over) if alone else (over,)) if over is not None else (None,):
        ratios = ratios_of(answers[0], answers[0].right if base is None else base.predict(answers[0]))
        for scope, measured in _possible_scopes(answers[0].question.network, ratios):
            for rule in (*_RULES, *_measured_rules(measured, answers[0].question.network)):
                words = f"the gradient {scope.words} is {rule.words}{_values(rule, answers)}"
                if words not in seen and _gives(rule, scope, answers[0].question, ratios):
                    seen.add(words)
                    yield FaultModel(
                        words, _meaning(rule), _scaled(scope, rule), from_outputs=_scaled_outputs(scope, rule)
                    )


_SAME: Final = 1e-3
"""Relative difference of factors that may be rounding, before the answers are looked at number by number."""


def ratios_of(answered: Answered, base: Array) -> dict[str, float]:
    """Return by which factor each tensor is wrong; NaN where it is wrong by none."""
    found: dict[str, float] = {}
    for tensor in tensors(answered.question.network):
        own, right = answered.found[tensor.where], base[tensor.where] if len(base) > 1 else np.array([np.nan])
        size = float(right @ right)
        ratio = float(own @ right) / size if size > 0 else 1.0
        bound = _SAME * float(np.abs(own).max(initial=0.0)) + 64 * answered.bound[tensor.where].max(initial=0.0)
        fits = bool((np.abs(own - ratio * right) <= bound).all())
        found[tensor.name] = ratio if fits else np.nan
        if size == 0:
            found[tensor.name] = np.inf if fits else np.nan  # any factor fits
    return found


def _possible_scopes(network: Network, ratios: dict[str, float]) -> Iterator[tuple[Scope, list[tuple[Tensor, float]]]]:
    """Yield the scopes in which all tensors are wrong by some factor each, with these, and the others are not."""
    for scope in SCOPES:
        inside = [(tensor, ratios[tensor.name]) for tensor in tensors(network) if scope.holds(network, tensor)]
        outside = [ratios[tensor.name] for tensor in tensors(network) if not scope.holds(network, tensor)]
        possible = not any(np.isnan(ratio) for _, ratio in inside)
        if inside and possible and all(np.isinf(ratio) or abs(ratio - 1) <= 0.1 for ratio in outside):
            yield scope, [(tensor, ratio) for tensor, ratio in inside if np.isfinite(ratio)]


def _gives(rule: _Rule, scope: Scope, question: Question, ratios: dict[str, float]) -> bool:
    """Tell whether a rule is about the factors that were measured."""
    for tensor in tensors(question.network):
        ratio = ratios[tensor.name]
        if scope.holds(question.network, tensor) and np.isfinite(ratio):
            factor = rule.factor(question, tensor.layer)
            if abs(factor - ratio) > 0.1 * max(abs(factor), abs(ratio)):
                return False
    return True


def _scaled(scope: Scope, rule: _Rule) -> Gradient:
    def gradient(question: Question) -> Array:
        predicted = question.gradient.copy()
        for tensor in tensors(question.network):
            if scope.holds(question.network, tensor):
                predicted[tensor.where] *= rule.factor(question, tensor.layer)
        return predicted

    return gradient


def _scaled_outputs(scope: Scope, rule: _Rule) -> Gradient | None:
    """Return passes in which the error signals of the outputs have the factor; None where it is not that of all."""
    if scope is not SCOPES[0] or rule.is_of_layer:
        return None
    return FaultyPass(output_change=lambda question, z, delta: delta * rule.factor(question, 0))


def _measured_rules(measured: Sequence[tuple[Tensor, float]], network: Network) -> Iterator[_Rule]:
    """Yield the rules of a constant factor, the same in each tensor, or from layer to layer."""
    if not measured:
        return
    for digits in (2, 4, 6, 16):
        yield _constant(float(f"{measured[0][1]:.{digits}g}"))
    for tensor, ratio in measured:
        passed = network.layer_count - 1 - tensor.layer
        if passed > 0 and ratio > 0:
            for digits in (2, 4, 6, 16):
                yield _by_layer(float(f"{ratio ** (1 / passed):.{digits}g}"))
            return


def _constant(factor: float) -> _Rule:
    return _Rule(f"{factor:.6g} times what it should be", lambda q, layer: factor)


def _by_layer(factor: float) -> _Rule:
    return _Rule(
        f"{factor:.6g} times what it should be for each hidden layer that error signals pass on the way to it",
        lambda q, layer: factor ** (q.network.layer_count - 1 - layer),
        "each hidden layer multiplies error signals by this once too often",
        is_of_layer=True,
    )


def _meaning(rule: _Rule) -> str:
    if not rule.meaning:
        return ""
    return f"{', ' if rule.meaning.startswith(('N ', 'm ', 'S ')) else ': '}{rule.meaning}"


def _values(rule: _Rule, answers: Sequence[Answered]) -> str:
    """Return what the factor is for some values of what it equals."""
    if not rule.shown:
        return ""
    seen: dict[str, float] = {}
    for answered in answers:
        question = answered.question
        factor = rule.factor(question, 0)
        names = {
            "N": f"N = {question.samples}",
            "m": f"m = {question.outputs}",
            "N m": f"N = {question.samples} and m = {question.outputs}",
        }
        if answered.is_wrong and factor != 1:
            seen.setdefault(names[rule.shown], factor if factor > 1 else 1 / factor)
    shown = sorted(seen.items(), key=lambda item: item[1])[:3]
    return f" ({', '.join(f'{factor:.4g} times at {name}' for name, factor in shown)})"
