"""A command that does what a file tells it to: what the tests want a hostile program to be, as data.

``python player.py PLAN`` reads a JSON object: for each operation, or for an operation with the number of an attack as
in ``train 7``, a list of actions; besides, those of ``start``, before anything is read, and of ``end``, after the last
request. An action is a list of a word and its arguments. What is not in the plan is answered as it should be.
It needs nothing but Python's own library, so that it can be any process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CODES = 4096
CAPABILITIES = {"activations": ["tanh"], "losses": ["mse"], "optimizers": ["sgd"], "sample_weights": False}
HELLO = {
    "protocol": 1,
    "name": "player",
    "version": "1",
    "operations": ["loss_and_gradient"],
    "capabilities": CAPABILITIES,
}
MARK = os.environ.get("MARK_OF_TEST_PROCESSES")


def write(text: str, descriptor: int = 1) -> None:
    """Write a text, each character a byte, whole."""
    data = text.encode("latin-1")
    while data:
        data = data[os.write(descriptor, data) :]


def say(answer: Any) -> None:
    write(json.dumps(answer) + "\n")


def flood(text: str, descriptor: int = 1) -> None:
    while True:
        write(text * (65536 // len(text)), descriptor)


def write_times(times: int, text: str, descriptor: int = 1) -> None:
    write(text * times, descriptor)


def write_slowly(text: str, seconds: float) -> None:
    for character in text:
        write(character)
        time.sleep(seconds)


def nest(times: int, before: str, inside: str, after: str) -> None:
    write(before * times + inside + after * times + "\n")


def start(kind: str) -> None:
    """Start a process that sleeps and holds the pipes open."""
    sleeper = [sys.executable, "-I", "-S", "-c", f"import time; time.sleep(600)  # {MARK}"]
    if kind != "daemon":
        subprocess.Popen(sleeper, start_new_session=kind == "session", close_fds=False)
        return
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sleeper[0], sleeper)
        os._exit(0)
    os.wait()


def start_writer(text: str) -> None:
    """Start a process that goes on writing when this one has ended."""
    source = f"import os, time\nwhile True:\n os.write(1, {text!r}.encode('latin-1')); time.sleep(0.01)  # {MARK}"
    subprocess.Popen([sys.executable, "-I", "-S", "-c", source], start_new_session=True)


def start_starters() -> None:
    """Start a process that starts another and ends, and so on: whoever kills one finds another."""
    if os.fork() == 0:
        os.setsid()
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            if os.fork():
                os._exit(0)
            time.sleep(0.005)
        os._exit(0)


def guard() -> int:
    return os.getppid()


def send(name: str, to: str) -> None:
    number = int(name) if name.isdigit() else signal.Signals[name]
    if to == "group":
        os.killpg(0, number)
    elif to == "grandparent":
        os.kill(int(Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[1]), number)
    else:
        os.kill(guard() if to == "guard" else os.getpid(), number)


def ignore(name: str) -> None:
    signal.signal(signal.Signals[name], signal.SIG_IGN)


def become(*words: str) -> None:
    os.execv(words[0], words)


def write_where_it_can(text: str) -> None:
    for name in (path.name for path in Path("/proc/self/fd").iterdir()):
        try:
            write(text, int(name))
        except OSError:
            continue


def cpu(seconds: float) -> None:
    limit = time.process_time() + seconds
    while time.process_time() < limit:
        pass


ACTIONS: dict[str, Callable[..., object]] = {
    "write": write, "say": say, "flood": flood, "times": write_times, "slowly": write_slowly, "nest": nest,
    "sleep": time.sleep, "exit": os._exit, "close": os.close, "start": start, "start writer": start_writer,
    "start starters": start_starters, "send": send, "ignore": ignore, "become": become, "cpu": cpu,
    "everywhere": write_where_it_can, "chdir": os.chdir, "read": lambda: sys.stdin.readline(),
}  # fmt: skip


def filled(value: Any, request: dict[str, Any], right: dict[str, Any]) -> Any:
    """Return an argument with the request's number, and the right answer, in the place of their names."""
    if isinstance(value, str):
        if value == "$seq":
            return request.get("seq", 1)
        if value == "$parameters":
            return right.get("parameters", [])
        return value.replace("$seq$", str(request.get("seq", 1))).replace("$right$", json.dumps(right))
    if isinstance(value, list):
        return [filled(item, request, right) for item in value]
    if isinstance(value, dict):
        return {key: filled(item, request, right) for key, item in value.items()}
    return value


def act(actions: list[list[Any]], request: dict[str, Any], right: dict[str, Any]) -> None:
    for word, *arguments in actions:
        if word == "right":
            say(right)
        elif word == "hello":
            say({**right, **filled(arguments[0], request, right)})
        else:
            ACTIONS[word](*filled(arguments, request, right))


def trained(request: dict[str, Any]) -> list[float]:
    """Return the parameters after one step with the zero gradient that this program always finds."""
    vector: list[float] = request["parameters"]["vector"]
    return vector


def answer_to(request: dict[str, Any]) -> dict[str, Any]:
    seq, operation = request["seq"], request["operation"]
    if operation == "hello":
        return {"seq": seq, **HELLO}
    if operation == "train":
        return {"seq": seq, "parameters": trained(request)}
    if operation == "loss_and_gradient":
        return {"seq": seq, "loss": 0.0, "gradient": [0.0] * len(request["parameters"]["vector"])}
    if operation == "bye":
        return {"seq": seq}
    return {"seq": seq, "unsupported": "no"}


def key_of(request: dict[str, Any]) -> str:
    code = request.get("training", {}).get("momentum", 0.3) * CODES
    return f"{request['operation']} {int(code)}" if code == int(code) else request["operation"]


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    act(plan.get("start", []), {}, {})
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        right = answer_to(request)
        act(plan.get(key_of(request), [["right"]]), request, right)
        if request["operation"] == "bye":
            break
    act(plan.get("end", []), {}, {})


if __name__ == "__main__":
    main()
