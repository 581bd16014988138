"""A hundred thousand malformed answers, and hundreds of processes that give them: each is told in a sentence."""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.implementations import process
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process import Command
from symtests.implementations.process_pipe import TimeLimits
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.implementations.malformed import malformed

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="commands need a POSIX system")

MESSAGES = 100_000
PROCESSES = 200
NETWORK = Network((2, 2, 1), "tanh")
THETA = Parameters(NETWORK, np.linspace(-1.0, 1.0, 9))
BATCH = Batch(np.ones((2, 2)), np.zeros((2, 1)))
NUMBERS = [0.1, -0.0, 5e-324, "NaN", "Infinity", 1e300, 7, -3, 0.5]
ANSWERS: dict[str, dict[str, Any]] = {
    "hello": {
        "protocol": 1, "name": "net", "version": "1", "language": "C",
        "operations": ["loss_and_gradient", "predict", "initialize", "stages", "train_many"],
        "capabilities": {
            "dtypes": ["float32", "float64"], "max_width": 9, "loss_scale": {"mse": 2.0}, "same_bits": ["threads=2"],
        },
    },
    "train": {"parameters": NUMBERS},
    "loss_and_gradient": {"loss": 0.25, "gradient": NUMBERS},
    "predict": {"outputs": [0.5, -1.5]},
    "initialize": {"parameters": NUMBERS},
    "stages": {
        "pre_activations": [[0.1] * 4, [0.2] * 2], "activations": [[0.1] * 4, [0.2] * 4],
        "error_signals": [[0.1] * 4, [0.2] * 2],
    },
    "train_many": {"parameters": [NUMBERS, NUMBERS]},
}  # fmt: skip
QUESTIONS = [name for name in ANSWERS if name != "hello"]


class AnsweringWrongly:
    """In the place of a process: answers hello right, once it is known, and all else as it is told to."""

    errors = ""
    wrong: bytes | None = None

    def __init__(self, words: object) -> None:
        return

    def kill(self) -> None:
        return

    def exchange(self, line: bytes, seconds: float) -> bytes:
        request = json.loads(line)
        wrong, AnsweringWrongly.wrong = AnsweringWrongly.wrong, None
        if wrong is None or request["operation"] == "hello":
            AnsweringWrongly.wrong = wrong
            return json.dumps({"seq": request["seq"], **ANSWERS[request["operation"]]}).encode()
        return wrong


def ask(implementation: Checked, operation: str) -> object:
    if operation == "predict":
        return implementation.predict(NETWORK, THETA, BATCH.x)
    if operation == "initialize":
        return implementation.initialize(NETWORK, "normal", 1)
    if operation == "train_many":
        return implementation.train_many(NETWORK, "normal", [1, 2], BATCH, Training())
    arguments = (NETWORK, THETA, BATCH, *((Training(),) if operation == "train" else ()))
    return getattr(implementation, operation)(*arguments)


def outcome_of(implementation: Checked, operation: str) -> str:
    try:
        ask(implementation, operation)
    except Unsupported:
        return "unsupported"
    except Misbehaviour as fault:
        return fault.kind if is_one_sentence(str(fault)) else f"in no sentence: {fault}"
    return "answered"


def is_one_sentence(text: str) -> bool:
    return "Traceback" not in text and text.isprintable() and len(text) < 2000


def test_a_hundred_thousand_malformed_answers_are_classified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "ChildProcess", AnsweringWrongly)
    AnsweringWrongly.wrong = None
    command, chance, outcomes = Command(["net"]), random.Random(20), Counter[str]()
    implementation, slowest, objects = Checked(command, "float64"), 0.0, 0
    for number in range(MESSAGES):
        operation = QUESTIONS[number % len(QUESTIONS)]
        command._child = AnsweringWrongly(["net"])  # type: ignore[assignment] # greeted already: that takes longest
        answer = {"seq": command._seq + 1, **ANSWERS[operation]}
        AnsweringWrongly.wrong = malformed(answer, chance)
        started = time.thread_time()
        outcomes[outcome_of(implementation, operation)] += 1
        slowest = max(slowest, time.thread_time() - started)
        if number == MESSAGES // 10:
            gc.collect()
            objects = len(gc.get_objects())
    gc.collect()
    assert sum(outcomes.values()) == MESSAGES
    kinds = {"answered", "broken protocol", "wrong shape", "not finite", "raised", "unsupported"}
    assert set(outcomes) == kinds, outcomes
    assert outcomes["broken protocol"] > MESSAGES / 2, outcomes
    assert min(outcomes.values()) >= MESSAGES / 1000, outcomes
    assert len(gc.get_objects()) - objects < 1000, "more objects after nine tenths of the messages"
    assert slowest < 5.0


def test_thousands_of_malformed_greetings_are_refused_or_understood() -> None:
    from symtests.implementations.protocol import BrokenProtocol, read_answer

    chance, outcomes = random.Random(21), Counter[str]()
    for _ in range(3_000):
        line = malformed({"seq": 1, **ANSWERS["hello"]}, chance)
        try:
            answer = read_answer(line, "hello", 1)
        except BrokenProtocol as error:
            outcomes["broken" if is_one_sentence(str(error)) else f"in no sentence: {error}"] += 1
        else:
            outcomes["understood" if "capabilities" in answer else "refusal"] += 1
    assert sum(outcomes.values()) == 3_000
    assert set(outcomes) == {"broken", "understood", "refusal"}, outcomes


def test_hundreds_of_processes_that_answer_wrongly_leave_nothing(tmp_path: Path) -> None:
    """Each process gives one malformed answer, to the request of its number."""
    chance = random.Random(22)
    lines = [
        malformed({"seq": 2 * number + 2, **ANSWERS["train"]}, chance).decode("latin-1") for number in range(PROCESSES)
    ]
    (tmp_path / "lines.json").write_text(json.dumps(lines), encoding="utf-8")
    (tmp_path / "child.py").write_text(
        "import json, sys\n"
        "lines = json.load(open(sys.argv[1], encoding='utf-8'))\n"
        "for line in sys.stdin:\n"
        "    request = json.loads(line)\n"
        "    seq = request['seq']\n"
        "    answer = {'seq': seq, 'protocol': 1, 'name': 'net', 'capabilities': {}}\n"
        "    text = json.dumps(answer).encode() if seq % 2 else lines[seq // 2 - 1].encode('latin-1')\n"
        "    sys.stdout.buffer.write(text + b'\\n')\n"
        "    sys.stdout.flush()\n",
        encoding="utf-8",
    )
    words = [sys.executable, "-I", "-S", str(tmp_path / "child.py"), str(tmp_path / "lines.json")]
    before, outcomes = sum(1 for _ in Path("/proc/self/fd").iterdir()), Counter[str]()
    with closing(Command(words, TimeLimits(60.0, 60.0, 0.1))) as command:
        implementation = Checked(command, "float64")
        for number in range(PROCESSES):
            command._seq = 2 * number  # so that hello has an odd number, and train the even one of this line
            outcomes[outcome_of(implementation, "train")] += 1
            command.close()
    assert sum(outcomes.values()) == PROCESSES
    assert outcomes["broken protocol"] > PROCESSES / 2, outcomes
    assert not set(outcomes) & {"hung", "exited", "killed"}, outcomes
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before
