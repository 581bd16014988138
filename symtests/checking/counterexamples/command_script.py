"""The lines of a standalone script that talk to a command, with nothing but Python's own library and NumPy."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from symtests.implementations.command_name import words_of

__all__ = ["command_lines"]

_TALK: Final = '''\
import itertools
import json
import subprocess
from types import SimpleNamespace

def start(way=None):
    """Start the command; return what it can be asked, as functions."""
    command = subprocess.Popen(
        {words}, cwd={folder}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    seq = itertools.count(1)

    def ask(operation, **values):
        print(json.dumps({{"seq": next(seq), "operation": operation, **values}}), file=command.stdin, flush=True)
        line = command.stdout.readline()
        assert line, f"asked {{operation}}, the command ended with status {{command.wait()}}"
        answer = json.loads(line)
        assert not {{"error", "unsupported"}} & set(answer), answer
        return answer

    def array(numbers, dtype="float64"):
        return np.array([float(number) for number in numbers], dtype)

    def data(**values):
        return {{name: value.to_json() for name, value in values.items()}}

'''
_START: Final = """
    offered = ["train", "run_as", *ask("hello", protocol=1).get("operations", [])]
    if way is not None:
        ask("run_as", way=way)
    functions = [{functions}]
    return SimpleNamespace(**{{each.__name__: each for each in functions if each.__name__ in offered}})

implementation = start()"""
_FUNCTIONS: Final = {
    "train": """\
        def train(network, parameters, batch, training):
            asked = data(network=network, parameters=parameters, batch=batch, training=training)
            return array(ask("train", **asked)["parameters"], parameters.dtype)
        """,
    "loss_and_gradient": """\
        def loss_and_gradient(network, parameters, batch):
            answer = ask("loss_and_gradient", **data(network=network, parameters=parameters, batch=batch))
            loss = answer["loss"]
            return loss if loss is None else float(loss), array(answer["gradient"], parameters.dtype)
        """,
    "predict": """\
        def predict(network, parameters, x):
            shape = [len(x), network.sizes[0], network.sizes[-1]]
            inputs = Batch(x, np.zeros((len(x), shape[2]), x.dtype)).to_json()
            inputs = {"dtype": str(x.dtype), "shape": shape, "x": inputs["x"]}
            answer = ask("predict", **data(network=network, parameters=parameters), batch=inputs)
            return array(answer["outputs"], parameters.dtype).reshape(len(x), shape[2])
        """,
    "initialize": """\
        def initialize(network, scheme, seed):
            return array(ask("initialize", network=network.to_json(), scheme=scheme, seed=seed)["parameters"])
        """,
    "stages": """\
        def stages(network, parameters, batch):
            answer = ask("stages", **data(network=network, parameters=parameters, batch=batch))
            names = ("pre_activations", "activations", "error_signals")
            shaped = lambda numbers: array(numbers, parameters.dtype).reshape(len(batch), -1)
            return SimpleNamespace(**{name: [shaped(numbers) for numbers in answer[name]] for name in names})
        """,
    "train_many": """\
        def train_many(network, scheme, seeds, batch, training):
            asked = data(network=network, batch=batch, training=training)
            ends = ask("train_many", **asked, scheme=scheme, seeds=list(seeds))["parameters"]
            return [array(end, batch.x.dtype) for end in ends]
        """,
    "run_as": """\
        def run_as(way):
            return start(way)
        """,
}


def command_lines(location: str, folder: Path, lines: Sequence[str]) -> str:
    """Return lines that start a command as `implementation`, with the functions that `lines` call.

    Parameters
    ----------
    location
        The command, as `symtests.implementations.find` takes it.
    folder
        Folder in which it is started.
    lines
        What is done with it.
    """
    text = "\n".join(lines)
    asked = [name for name in _FUNCTIONS if f"{name}(" in text]
    if "gradient(" in text:
        asked = list(dict.fromkeys(["train", "loss_and_gradient", *asked]))
    functions = "\n".join(textwrap.indent(textwrap.dedent(_FUNCTIONS[name]), "    ") for name in asked)
    talk = _TALK.format(words=ascii(words_of(location)), folder=ascii(str(folder.resolve())))
    return talk + functions + _START.format(functions=", ".join(asked))
