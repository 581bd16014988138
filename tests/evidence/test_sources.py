"""Hashes of code: what changes them and what does not."""

from __future__ import annotations

import ast

import pytest

from tests.evidence.sources import code_of, hash_of_modules, hash_of_parts

FUNCTION = '''
def f(x, y=1):
    """Say what it does."""
    return g(x,
             "text", y)  # why
'''


def code(source: str) -> str:
    return code_of(ast.parse(source))


def test_words_for_people_and_layout_are_no_code() -> None:
    assert code(FUNCTION) == code("def f(x, y=1):\n  return g(\n    x, 'text', y,\n  )\n")


@pytest.mark.parametrize("other", [("y=1", "y=2"), ("x,", "y,"), ('"text"', "b'text'"), ("g(", "h("), (", y)", ")")])
def test_code_is(other: tuple[str, str]) -> None:
    assert code(FUNCTION) != code(FUNCTION.replace(*other))


def test_the_text_is_the_same_on_every_python() -> None:
    assert code("class A: ...") == "Module(body=[ClassDef(name='A', body=[Expr(value=Constant(value=Ellipsis))])])"
    formatted = "FormattedValue(value=Name(id='x', ctx=Load()), conversion=114)"
    assert code("f'{x!r}'") == f"Module(body=[Expr(value=JoinedStr(values=[{formatted}]))])"


def test_a_module_is_what_it_imports() -> None:
    assert hash_of_modules(["symtests.batch"]) == hash_of_modules(["symtests.batch", "symtests.validation"])
    assert hash_of_modules(["symtests.batch"]) != hash_of_modules(["symtests.validation"])


def test_the_order_of_parts_does_not_count() -> None:
    assert hash_of_parts([("a", "1"), ("b", "2")]) == hash_of_parts([("b", "2"), ("a", "1")])
    assert hash_of_parts([("a", "1")]) != hash_of_parts([("a", "2")])
