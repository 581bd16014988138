"""Implementations in Python that end their process, asked once and without a check: nothing hangs or is left."""

from __future__ import annotations

import pytest

from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process_pipe import TimeLimits
from symtests.implementations.python_process import PythonProcess
from tests.attacks.run import Server, marked
from tests.attacks.targets.properties import judge, one_case
from tests.attacks.targets.question import PythonAttack
from tests.attacks.targets.table import ASKED_ONCE, NUMBERS


@pytest.mark.parametrize("attack", ASKED_ONCE, ids=lambda attack: attack.name)
def test_one_question_ends_in_one_sentence(attack: PythonAttack, server: Server) -> None:
    number, operation = NUMBERS[attack.name]
    location = f"tests.attacks.targets.implementations:{'Trains' if operation == 'train' else 'DoesAll'}"
    said = None
    with marked() as mark:
        process = PythonProcess(location, [server.path], TimeLimits(start=60.0, request=1.5))
        try:
            process.load()
            assert judge(Checked(process, "float64"), one_case(), number, operation).bitwise
        except Misbehaviour as problem:
            said = problem
        finally:
            process.close()
    assert mark.left() == []
    if said is None:
        assert "exact" in attack.expected.or_else, "it answered"
    else:
        assert said.kind in attack.expected.failure, (said.kind, str(said))
        assert len(str(said)) < 2000
