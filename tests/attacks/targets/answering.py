"""Implementations whose answers are traps: of another type, shape or dtype, not finite, wrong, or changing later."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from symtests.implementations.base import Unsupported
from tests.attacks.attack import Expected
from tests.attacks.targets.question import RIGHT, WRONG, PythonAttack, Question, raised

__all__ = ["ANSWERING"]

TYPE: Final = Expected("errored", ("wrong type",))
SHAPE: Final = Expected("errored", ("wrong shape",))
DTYPE: Final = Expected("errored", ("wrong dtype", "wrong type"))
TYPE_OR_SHAPE: Final = Expected("errored", ("wrong type", "wrong shape"))
REFUSES: Final = Expected("errored", ("wrong type", "raised"))
SKIPPED: Final = Expected("unsupported")


def of_right(change: Callable[[Any], object]) -> Callable[[Question], object]:
    """Return an attack that changes the right vector."""
    return lambda question: change(question.vector)


def always(answer: object) -> Callable[[Question], object]:
    """Return an attack that answers the same, whatever is asked."""
    return lambda question: answer


def filled(value: float, where: Any = slice(None)) -> Callable[[Question], object]:
    """Return an attack that answers right but for some numbers."""

    def do(question: Question) -> object:
        vector = question.vector
        vector[where] = value
        return vector

    return do


class Subclass(np.ndarray):
    """An array that tells everybody who compares it that it is equal, and shows itself as zeros."""

    def __eq__(self, other: object) -> Any:
        return np.ones(self.shape, bool)

    def __repr__(self) -> str:
        return "0" * 1_000_000

    def __array_ufunc__(self, *arguments: Any, **options: Any) -> Any:
        return 0.0

    def __array_function__(self, *arguments: Any, **options: Any) -> Any:
        return True


class Refuses:
    """Refuses every way of reading it."""

    def __getattr__(self, name: str) -> Any:
        raise ValueError(f"no {name}")

    def __repr__(self) -> str:
        raise ValueError("no text")


class Equal:
    """Is equal to everything, and a number of any kind."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0


class ArrayLike:
    """Answers the right numbers at the first reading, and others afterwards."""

    def __init__(self, vector: Any) -> None:
        self.vectors = [vector, vector * 2, vector[:1]]

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.vectors.pop(0) if len(self.vectors) > 1 else self.vectors[0]


class TwoVectors:
    """Has another vector each time that it is asked."""

    def __init__(self, vector: Any) -> None:
        self.vectors = [vector, vector * 2]

    @property
    def vector(self) -> Any:
        return self.vectors.pop(0) if len(self.vectors) > 1 else self.vectors[0]


class Named:
    """Has an attribute that does something."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.do = do

    @property
    def vector(self) -> object:
        return self.do()


class Interface:
    """Describes memory that is not its own."""

    def __init__(self, **changes: Any) -> None:
        self.__array_interface__ = {"shape": (13,), "typestr": "<f8", "version": 3, "data": None, **changes}


def raising(error: BaseException) -> Callable[[], object]:
    def do() -> object:
        raise error

    return do


def itself_in_a_list() -> list[Any]:
    nest: list[Any] = []
    nest.append(nest)
    return nest


def generator(vector: Any) -> Iterator[float]:
    yield from vector


def in_a_file(vector: Any) -> Any:
    with tempfile.NamedTemporaryFile() as file:
        mapped = np.memmap(file.name, np.float64, "w+", shape=vector.shape)
        mapped[...] = vector
        return mapped


def read_only(vector: Any) -> Any:
    vector.flags.writeable = False
    return vector


def with_gaps(vector: Any) -> Any:
    longer = np.repeat(vector, 2)
    longer[1::2] = np.nan
    return longer[::2]


def unaligned(vector: Any) -> Any:
    text = np.zeros(vector.nbytes + 1, np.uint8)
    view = text[1:].view(np.float64)
    view[...] = vector
    return view


VECTORS: Final = {
    "none": (always(None), TYPE), "ellipsis": (always(...), TYPE), "true": (always(True), TYPE),
    "zero": (always(0), TYPE_OR_SHAPE), "half": (always(0.5), TYPE_OR_SHAPE), "text": (always("0.5"), TYPE),
    "bytes": (always(b"\0" * 104), TYPE), "class": (always(int), TYPE), "function": (always(print), TYPE),
    "module": (always(np), TYPE), "dictionary": (always({"vector": [1.0]}), TYPE), "set": (always({1.0, 2.0}), TYPE),
    "not_implemented": (always(NotImplemented), TYPE), "exception": (always(ValueError("no")), TYPE),
    "complex": (of_right(lambda v: v + 0j), TYPE), "integers": (of_right(lambda v: v.astype(int)), TYPE),
    "booleans": (of_right(lambda v: v.astype(bool)), TYPE), "texts": (of_right(lambda v: v.astype(str)), TYPE),
    "objects": (of_right(lambda v: v.astype(object)), TYPE), "dates": (always(np.zeros(13, "M8[s]")), TYPE),
    "void": (always(np.zeros(13, "V8")), TYPE), "structured": (always(np.zeros(13, "f8,f8")), TYPE),
    "records": (always(np.rec.array(np.zeros(13, [("vector", "f8")]))), WRONG),
    "ragged": (always([[1.0], [1.0, 2.0]]), TYPE_OR_SHAPE), "nests_itself": (always(itself_in_a_list()), TYPE_OR_SHAPE),
    "generator": (of_right(generator), RIGHT), "iterator": (of_right(iter), RIGHT), "range": (always(range(13)), TYPE),
    "refuses": (always(Refuses()), REFUSES), "equal": (always(Equal()), TYPE), "loop": (always(memoryview(b"")), TYPE),
    "no_number": (always(np.float64(0.5)), SHAPE), "no_dimension": (of_right(lambda v: np.array(v[0])), SHAPE),
    "empty": (of_right(lambda v: v[:0]), SHAPE), "one_less": (of_right(lambda v: v[1:]), SHAPE),
    "one_more": (of_right(lambda v: np.append(v, 0.0)), SHAPE), "column": (of_right(lambda v: v[:, None]), SHAPE),
    "row": (of_right(lambda v: v[None]), SHAPE), "many_axes": (of_right(lambda v: v.reshape((1,) * 31 + (-1,))), SHAPE),
    "huge": (always(np.broadcast_to(np.float64(0.5), (10**12,))), SHAPE),
    "hundred_million": (always(np.broadcast_to(0.5, (10**4, 10**4))), SHAPE),
    "float16": (of_right(lambda v: v.astype(np.float16)), DTYPE),
    "float32": (of_right(lambda v: v.astype(np.float32)), DTYPE),
    "long_double": (of_right(lambda v: v.astype(np.longdouble)), DTYPE),
    "all_nan": (filled(np.nan), WRONG), "one_nan": (filled(np.nan, 7), WRONG), "infinite": (filled(np.inf), WRONG),
    "minus_infinite": (filled(-np.inf, 0), WRONG), "largest": (filled(1.7e308), WRONG),
    "subnormal": (filled(5e-324), WRONG), "zeros": (filled(0.0), WRONG),
    "one_wrong": (filled(3.0, 12), WRONG), "unmoved": (lambda q: q.parameters, WRONG),
    "backwards": (lambda q: q.parameters.vector * 2 - q.vector, WRONG),
    "reversed": (of_right(lambda v: v[::-1]), WRONG),
    "masked_wrong": (of_right(lambda v: np.ma.masked_array(v * 2, True)), Expected("violated")),
    "subclass_wrong": (of_right(lambda v: (v * 2).view(Subclass)), WRONG),
    "input_batch": (lambda q: q.batch, TYPE_OR_SHAPE), "input_network": (lambda q: q.network, TYPE),
    "later_wrong": (of_right(ArrayLike), RIGHT), "later_vector": (of_right(TwoVectors), RIGHT),
    "vector_is_none": (always(SimpleNamespace(vector=None)), TYPE),
    "vector_raises": (always(Named(raising(KeyError("no vector")))), Expected("errored", ("raised", "wrong type"))),
    "vector_exits": (always(Named(raising(SystemExit(0)))), Expected("errored", ("raised", "wrong type", "exited"))),
    "vector_interrupts": (always(Named(raising(KeyboardInterrupt()))), Expected("errored", ("raised", "wrong type"))),
    "vector_refuses": (always(Named(raising(Unsupported("no")))), Expected("unsupported")),
    "no_memory": (always(Interface(data=(0, False))), Expected("errored", ("killed", "wrong type", "raised"))),
    "memory_of_others": (always(Interface(data=(8, True))), Expected("errored", ("killed", "wrong type", "raised"))),
    "interface_is_none": (always(Interface(typestr="<O8", data=(0, False))),
        Expected("errored", ("killed", "wrong type"))),
    "in_a_file": (of_right(in_a_file), RIGHT), "read_only": (of_right(read_only), RIGHT),
    "with_gaps": (of_right(with_gaps), RIGHT), "unaligned": (of_right(unaligned), RIGHT),
    "other_byte_order": (of_right(lambda v: v.astype(">f8")), Expected("errored", ("wrong dtype",))),
    "masked_right": (of_right(np.ma.masked_array), RIGHT),
    "subclass_right": (of_right(lambda v: v.view(Subclass)), RIGHT),
    "list_of_floats": (of_right(list), RIGHT), "tuple_of_floats": (of_right(tuple), RIGHT),
    "python_floats": (of_right(lambda v: v.tolist()), RIGHT),
}  # fmt: skip
OTHERS: Final = {
    "loss_and_gradient": {
        "loss_is_nan": (lambda q: (np.nan, q.vector), WRONG),
        "loss_is_infinite": (lambda q: (-np.inf, q.vector), WRONG),
        "loss_is_text": (lambda q: ("low", q.vector), TYPE), "loss_is_huge": (lambda q: (10**400, q.vector), TYPE),
        "loss_is_array": (lambda q: (np.zeros(3), q.vector), TYPE),
        "loss_refuses": (lambda q: (Refuses(), q.vector), TYPE),
        "one_thing": (lambda q: q.vector, TYPE), "three_things": (lambda q: (0.0, q.vector, 0), TYPE),
        "nothing": (always(None), TYPE), "gradient_is_none": (lambda q: (0.0, None), TYPE),
        "gradient_is_nan": (lambda q: (0.0, q.vector * np.nan), WRONG), "endless": (lambda q: iter(int, 1), TYPE),
    },
    "predict": {
        "none": (always(None), TYPE), "flat": (always(np.zeros(2)), SHAPE),
        "nan": (always(np.full((2, 1), np.nan)), WRONG),
        "integers": (always(np.zeros((2, 1), int)), TYPE), "wrong": (always(np.full((2, 1), 7.0)), WRONG),
    },
    "initialize": {
        "none": (always(None), TYPE), "short": (always(np.zeros(3)), SHAPE),
        "nan": (always(np.full(13, np.nan)), WRONG),
        "text": (always("zeros"), TYPE), "objects": (always(np.zeros(13, object)), TYPE),
    },
    "stages": {
        "none": (always(None), TYPE_OR_SHAPE), "no_fields": (always(SimpleNamespace()), TYPE_OR_SHAPE),
        "fields_are_none": (always(SimpleNamespace(pre_activations=None, activations=None, error_signals=None)),
            TYPE_OR_SHAPE),
        "fields_raise": (always(Refuses()), Expected("errored", ("wrong type", "wrong shape", "raised"))),
    },
    "train_many": {
        "none": (always(None), TYPE), "too_few": (always([np.zeros(13)]), SHAPE),
        "too_many": (always([np.zeros(13)] * 3), SHAPE),
        "endless": (lambda q: iter(lambda: np.zeros(13), None),
            Expected("errored", ("hung", "wrong shape", "wrong type", "killed"))),
        "nan": (always([np.full(13, np.nan)] * 2), WRONG),
    },
}  # fmt: skip

ANSWERING: Final = (
    *(PythonAttack(f"answers_{name}", do, expected) for name, (do, expected) in VECTORS.items()),
    PythonAttack("answers_that_it_cannot", raised(Unsupported("not today")), SKIPPED),
    PythonAttack("refuses_with_a_surrogate", raised(Unsupported("\ud800")), SKIPPED),
    PythonAttack("refuses_with_controls", raised(Unsupported("\x1b[2J\u202e")), SKIPPED),
    PythonAttack("refuses_with_html", raised(Unsupported("<script>alert(1)</script>" * 1000)), SKIPPED),
    *(
        PythonAttack(f"{operation}_answers_{name}", do, expected, operation)
        for operation, attacks in OTHERS.items()
        for name, (do, expected) in attacks.items()
    ),
)
