"""A command that misbehaves in the way that its argument names; asked anything else, it answers as it should.

    python hostile.py WAY [PATH]

It is a script of its own, so that it can be any process: the way is carried out when it is asked to train.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HELLO = {"protocol": 1, "name": "hostile", "version": "1", "language": "Python", "operations": ["loss_and_gradient"]}
CAPABILITIES = {"activations": ["tanh"], "losses": ["mse"], "optimizers": ["sgd"]}


def say(answer: object) -> None:
    print(json.dumps(answer), flush=True)


def write(text: bytes) -> None:
    sys.stdout.buffer.write(text)
    sys.stdout.flush()


def flood(text: bytes) -> None:
    """Write for ever, without a line break."""
    while True:
        sys.stdout.buffer.write(text * 2**16)


def start_sleepers(path: str) -> None:
    """Start one process in this group and one in a session of its own; write down their numbers."""
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    started = [subprocess.Popen(sleeper), subprocess.Popen(sleeper, start_new_session=True)]
    numbers = [process.pid for process in started] + [os.getpid()]
    Path(path).write_text(" ".join(map(str, numbers)), encoding="ascii")


def train(way: str, seq: int, numbers: list[float]) -> None:
    right = {"seq": seq, "parameters": numbers}
    if way == "exit":
        sys.exit(7)
    elif way == "last words":
        print("out of paper", file=sys.stderr, flush=True)
        os._exit(3)
    elif way == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif way == "close":
        os.close(1)
        time.sleep(600)
    elif way == "hang":
        time.sleep(600)
    elif way == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif way == "flood":
        flood(b"x")
    elif way == "flood of lines":
        flood(b"x\n")
    elif way == "flood of complaints":
        while True:
            sys.stderr.write("complaint " * 2**12)
    elif way == "banner":
        write(b"Loading the model ...\n")
        say(right)
    elif way == "afterwards":
        say(right)
        write(b"Done.\n")
    elif way == "no line break":
        write(json.dumps(right).encode())
        time.sleep(600)
    elif way == "half":
        write(json.dumps(right).encode()[:-5] + b"\n")
    elif way in RAW:
        write(RAW[way] + b"\n")
    else:
        say(ANSWERS[way](seq, numbers))


ANSWERS = {
    "no seq": lambda seq, numbers: {"parameters": numbers},
    "seq of before": lambda seq, numbers: {"seq": seq - 1, "parameters": numbers},
    "seq as text": lambda seq, numbers: {"seq": str(seq), "parameters": numbers},
    "huge seq": lambda seq, numbers: {"seq": 10**300, "parameters": numbers},
    "other field": lambda seq, numbers: {"seq": seq, "parametres": numbers},
    "null": lambda seq, numbers: {"seq": seq, "parameters": [None] * len(numbers)},
    "texts": lambda seq, numbers: {"seq": seq, "parameters": [str(number) for number in numbers]},
    "too few": lambda seq, numbers: {"seq": seq, "parameters": numbers[1:]},
    "nested": lambda seq, numbers: {"seq": seq, "parameters": [numbers]},
    "a list": lambda seq, numbers: [seq, numbers],
    "error": lambda seq, numbers: {"seq": seq, "error": "no\x1b[31m way"},
    "error as number": lambda seq, numbers: {"seq": seq, "error": 5},
    "unsupported": lambda seq, numbers: {"seq": seq, "unsupported": "not today"},
    "large integer": lambda seq, numbers: {"seq": seq, "parameters": [10**350] * len(numbers)},
}
RAW = {
    "not UTF-8": b'{"seq": "\xff\xfe"}',
    "deep": b"[" * 200_000,
    "deep object": b'{"a":' * 200_000,
    "1e999": b'{"seq": 2, "parameters": [1e999]}',
    "400 digits": b'{"seq": 2, "parameters": [' + b"9" * 401 + b"]}",
    "4 million digits": b'{"seq": ' + b"9" * 4_000_000 + b"}",
    "bare NaN": b'{"seq": 2, "parameters": [NaN]}',
    "twice": b'{"seq": 2, "seq": 2, "parameters": [1]}',
    "empty line": b"",
    "zero bytes": b"\0" * 100,
}


def main() -> None:
    way, *path = sys.argv[1:]
    if way == "silent at hello":
        time.sleep(600)
    if way == "banner at hello":
        print("Welcome!", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        seq, operation = request["seq"], request["operation"]
        if operation == "hello" and way == "other protocol":
            say({"seq": seq, **HELLO, "protocol": 2, "capabilities": CAPABILITIES})
        elif operation == "hello" and way == "wrong capability":
            say({"seq": seq, **HELLO, "capabilities": {"activations": ["tahn"]}})
        elif operation == "hello":
            if path:
                start_sleepers(path[0])
            say({"seq": seq, **HELLO, "capabilities": CAPABILITIES})
        elif operation == "train":
            train(way, seq, request["parameters"]["vector"])
        elif operation == "loss_and_gradient":
            say({"seq": seq, "loss": "NaN", "gradient": [-0.0, "Infinity", "-Infinity", 5e-324, 0.1, 1, 2, 3, 4]})
        elif way != "stays after bye":
            say({"seq": seq})
            sys.exit(0)
    if way == "stays after bye":
        time.sleep(600)


if __name__ == "__main__":
    main()
