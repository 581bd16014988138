"""Each vector as a property, so that the engine judges it: behind its guards, in child processes, with its verdicts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.limits import outside
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property
from symtests.properties.judging.judging import Telling, judge_equal, number, together
from symtests.properties.judging.telling import assertion, explained
from symtests.shown_text import shell_line
from symtests.validation import InvalidValue, one_of
from symtests.vectors.answering import vectors
from symtests.vectors.document import read_vectors
from symtests.vectors.flags import FLAGS
from symtests.vectors.vector import Vector

__all__ = ["PREFIX", "case_in", "judge", "property_of", "references"]

PREFIX: Final = "vectors:"
"""What the id of such a property begins with: ``vectors:one-weight``, or ``vectors:my_file.json#one-weight``."""

_ROUNDOFFS: Final = {"float32": 2.0**-24, "float64": 2.0**-53}


def references(path: Path | None = None) -> tuple[str, ...]:
    """Return the ids of the properties of a file, or of the vectors that come with symtests.

    Raises
    ------
    InvalidValue
        Where the file is none of vectors.
    """
    place = "" if path is None else f"{path}#"
    return tuple(f"{PREFIX}{place}{vector.question.id}" for vector in _vectors(place))


@cache  # the engine asks for the same property many times, and wants the same object
def property_of(reference: str) -> Property:
    """Return the property that a vector is.

    Raises
    ------
    InvalidValue
        Where there is no such vector.
    """
    place, sign, name = reference.removeprefix(PREFIX).rpartition("#")
    found = {vector.question.id: vector for vector in _vectors(place + sign)}
    vector = found[one_of("vector", name, found)]
    question = vector.question
    properties = dict.fromkeys(FLAGS[flag][0] for flag in question.flags if flag in FLAGS)
    bugs = [FLAGS[flag][1] for flag in question.flags if flag in FLAGS]
    return Property(
        id=reference,
        group="vectors",
        title=name,
        statement=f"The answer to this question is known: {question.comment}.",
        formula="abs(found - expected) ≤ bound",
        precondition="none",
        exactness=Exactness.ROUNDING,
        catches="; ".join(bugs) or "what differs from the expected numbers",
        source=f"symtests vectors, of {', '.join(properties) or 'a file of its own'}",
        cases=lambda domain, _: st.just(case_in(vector, domain)),
        judge=lambda implementation, case: judge(vector, implementation, case),
        tiers=("small",),
    )


@lru_cache(maxsize=4)
def _vectors(place: str) -> tuple[Vector, ...]:
    if not place:
        return vectors()
    path = Path(place.removesuffix("#"))
    if not path.is_file():
        raise InvalidValue(
            f"vectors={str(path)!r}: there is no such file; "
            f"write it with {shell_line(['symtests', 'vectors', 'export', '--out', str(path)])}"
        )
    return read_vectors(path)


def case_in(vector: Vector, domain: Domain) -> Case:
    """Return the question of a vector in a dtype.

    Raises
    ------
    Unsupported
        Where the implementation cannot do what it asks for.
    """
    case, can = vector.question.case, domain.capabilities
    training = case.training if vector.question.operation == "train" else None
    missing = list(outside(can, case.network, case.batch, training))
    if can.relu_derivative_at_zero != 0 and "relu" in case.network.activations:
        missing.append("relu'(0) = 0")
    if missing or domain.dtype not in vector.bounds:
        raise Unsupported(f"the vector needs what it cannot do: {', '.join(missing) or domain.dtype}")
    parameters, batch = case.parameters.astype(domain.dtype), case.batch.astype(domain.dtype)
    return replace(case, parameters=parameters, batch=batch)


def judge(vector: Vector, implementation: Checked, case: Case) -> Judgement:
    """Judge what an implementation answers to the case of a vector."""
    network, parameters, batch = case.network, case.parameters, case.batch
    if vector.question.operation == "train":
        after = implementation.train(network, parameters, batch, case.training)
        return _compare(vector, implementation, "parameters", after.vector)
    answer = implementation.loss_and_gradient(network, parameters, batch)
    # theta - theta' of a step of length 1 is rounded twice more.
    size = np.abs(parameters.vector) + np.abs(vector.expected["gradient"])
    lost = 2 * implementation.unit_roundoff * size if answer.recovered else 0.0
    judged = [_compare(vector, implementation, "gradient", answer.gradient.vector, lost)]
    if answer.loss is not None:
        judged.append(_compare(vector, implementation, "loss", np.array([answer.loss])))
    if implementation.offers("predict"):
        judged.append(
            _compare(vector, implementation, "outputs", implementation.predict(network, parameters, batch.x).ravel())
        )
    return together(*judged)


def _compare(vector: Vector, implementation: Checked, name: str, found: Array, lost: Array | float = 0.0) -> Judgement:
    """Judge numbers of one name; the bounds grow with an arithmetic that is coarser than its dtype."""
    coarser = implementation.unit_roundoff / _ROUNDOFFS[implementation.dtype]
    bound = vector.bounds[implementation.dtype][name] * max(coarser, 1.0) + lost
    expected = vector.expected[name]

    def tell(k: int) -> Telling:
        what = name if name == "loss" else f"{name.removesuffix('s')} {_name(vector, name, k)}"
        sentence = f"{what} should be {number(expected[k])} and is {number(found[k])}{explained(float(bound[k]))}"
        return Telling(sentence, what, _script(name, k, float(expected[k]), float(bound[k])))

    return judge_equal(found, expected, tell, bound=bound, tolerance="certified", trivial=False)


def _name(vector: Vector, name: str, k: int) -> str:
    case = vector.question.case
    if name != "outputs":
        return case.parameters.name_of(k)
    sample, output = divmod(k, case.network.sizes[-1])
    return f"{output} of sample {sample}"


def _script(name: str, k: int, expected: float, bound: float) -> tuple[str, ...]:
    asked = {
        "parameters": "after = implementation.train(network, parameters.copy(), batch, training)\n"
        'found = np.asarray(getattr(after, "vector", after))',
        "gradient": "found = gradient(parameters)",
        "loss": "found = [implementation.loss_and_gradient(network, parameters.copy(), batch)[0]]",
        "outputs": "found = implementation.predict(network, parameters.copy(), batch.x).ravel()",
    }
    return (*asked[name].splitlines(), assertion(f"found[{k}]", repr(expected), bound))
