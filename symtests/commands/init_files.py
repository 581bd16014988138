"""What `symtests init` writes: an adapter that answers at once, in Python or JavaScript, and a workflow for CI."""

from __future__ import annotations

import json
from importlib.resources import files
from string import Template
from typing import Final

from symtests.commands.init_calls import Calls

__all__ = ["ADAPTER", "WORKFLOW", "adapter_of", "calling_adapter", "class_of", "node_files", "workflow_of"]

ADAPTER: Final = Template('''\
"""The adapter of $library for symtests: symtests check $file:$name

It answers at once, but with the arithmetic of `step` below, which is NumPy. Put calls of $library there, and take the
sentence out of `version`: until then no verdict is one on $library.
"""

import numpy as np

import $library  # noqa: F401


def step(weights, biases, x, y, learning_rate):
    """Return the weights and biases after one step of gradient descent on the mean squared error.

    weights[l] has shape (fan-in, fan-out), biases[l] (fan-out,); x (samples, inputs), y (samples, outputs). All hidden
    layers are tanh, the output layer is linear, and the mean is taken over samples and outputs.
    """
    activations = [x]
    for weight, bias in zip(weights, biases):
        z = activations[-1] @ weight + bias
        activations.append(np.tanh(z))
    error_signal = 2 * (z - y) / z.size
    new_weights, new_biases = list(weights), list(biases)
    for layer in reversed(range(len(weights))):
        new_weights[layer] = weights[layer] - learning_rate * activations[layer].T @ error_signal
        new_biases[layer] = biases[layer] - learning_rate * error_signal.sum(axis=0)
        error_signal = error_signal @ weights[layer].T * (1 - activations[layer] ** 2)
    return new_weights, new_biases


class $name:
    """What symtests asks; capabilities say what it may ask for."""

    version = "placeholder: it does not call $library yet"
    capabilities = {
        "activations": ["tanh"], "losses": ["mse"], "optimizers": ["sgd"], "sample_weights": False, "bias": [True],
        "dtypes": ["float64"],
    }

    def train(self, network, parameters, batch, training):
        """Return the parameters after `training.steps` steps on the whole batch."""
        if len(batch.x) == 0:
            raise ValueError("the mean over an empty batch is not defined")
        trained = parameters.copy()
        weights, biases = list(parameters.weights), list(parameters.biases)
        for _ in range(training.steps):
            weights, biases = step(weights, biases, batch.x, batch.y, training.learning_rate)
        for layer in range(network.layer_count):
            trained.weight(layer)[...] = weights[layer]
            trained.bias(layer)[...] = biases[layer]
        return trained
''')
"""An adapter for a library that symtests does not know."""

CALLING: Final = Template('''\
"""The adapter of $library for symtests: symtests check $file:$name

symtests init found by trying how $library is called. $told
"""

import importlib.metadata
$source

class $name:
    """What symtests asks; capabilities say what it may ask for."""

    version = importlib.metadata.version($distribution)
    capabilities = {
        "activations": list(ACTIVATIONS), "losses": ["mse"], "optimizers": ["sgd"], "sample_weights": False,
        "bias": [True], "dtypes": ["$dtype"],$limits
    }

    def train(self, network, parameters, batch, training):
        """Return the parameters after `training.steps` steps on the whole batch."""
        if len(batch.x) == 0:
            raise ValueError("the mean over an empty batch is not defined")
        trained = parameters.copy()
        weights, biases = list(parameters.weights), list(parameters.biases)
        for _ in range(training.steps):
            weights, biases = step(weights, biases, batch.x, batch.y, training.learning_rate, network.activations)
        for layer in range(network.layer_count):
            trained.weight(layer)[...] = weights[layer]
            trained.bias(layer)[...] = biases[layer]
        return trained
''')
"""An adapter of which `symtests init` found how the library is called."""
_ALIKE: Final = (
    "On one small network its step gave\nwhat NumPy gives. Read `step` before you rely on a verdict, and name in "
    "`capabilities` what else the library can do."
)
_NOT_ALIKE: Final = (
    "On one small network its step gave\nsomething else than NumPy gives: either `step` calls the library in a wrong "
    "way, or the library is wrong. Read it first."
)

WORKFLOW: Final = Template("""\
# Checks that $implementation has the properties of backpropagation, but for what is listed in $known.
name: backpropagation

on:
  push:
    branches: [main]
  pull_request:
  schedule:
    - cron: "17 3 * * *" # every night, with other random cases

permissions:
  contents: read

jobs:
  symtests:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      # symtests is on no package index yet: SYMTESTS, a variable of the repository, holds where it is to be had from,
      # as in git+https://... or a folder of this one. Install what your library needs here, too.
      - run: python -m pip install "symtests @ $${{ vars.SYMTESTS }}"
      - uses: actions/cache@v4 # failing cases are tried first the next time
        with:
          path: .symtests
          key: symtests-$${{ github.run_id }}
          restore-keys: symtests-
      - name: check
        run: >
          symtests check $arguments
          --known $known
          --profile $${{ github.event_name == 'schedule' && 'nightly' || 'default' }}
      - if: always()
        run: cat symtests-results/report.md >> "$$GITHUB_STEP_SUMMARY"
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: symtests-report
          path: symtests-results
""")
"""A workflow of GitHub; `$$` is a dollar sign."""


def class_of(library: str) -> str:
    """Return the name of an adapter's class: ``MyPackage`` for ``my_package``."""
    return "".join(part[:1].upper() + part[1:] for part in library.replace(".", "_").split("_")) or "Adapter"


def adapter_of(library: str, file: str) -> str:
    """Return the adapter of a library.

    Parameters
    ----------
    library
        The name under which it is imported.
    file
        The name of the file that the adapter will be.
    """
    return ADAPTER.substitute(library=library, name=class_of(library), file=file)


def calling_adapter(library: str, file: str, calls: Calls, *, alike: bool, distribution: str) -> str:
    """Return the adapter of a library of which it is known how it is called.

    Parameters
    ----------
    library, file
        As for `adapter_of`.
    calls
        How it is called.
    alike
        Whether a step gave what NumPy gives.
    distribution
        The name under which it is installed.
    """
    return CALLING.substitute(
        library=library, name=class_of(library), file=file, source=calls.source, dtype=calls.dtype,
        limits=f"\n        {calls.limits}" if calls.limits else "", told=_ALIKE if alike else _NOT_ALIKE,
        distribution=json.dumps(distribution),
    )  # fmt: skip


def node_files(package: str, file: str) -> dict[str, str]:
    """Return the files of an adapter in JavaScript, by name: the adapter, and the protocol for Node beside it.

    Parameters
    ----------
    package
        The name under which Node imports it.
    file
        The name of the adapter.
    """
    data = files("symtests.data")
    source = data.joinpath("my_net.mjs").read_text(encoding="utf-8")
    head = (
        f"// The adapter of {package} for symtests: symtests check --command 'node {file}'\n"
        "// It answers at once, but with the arithmetic below. Put calls of the package into lossAndGradient, and\n"
        "// take the sentence out of version: until then no verdict is one on the package.\n"
        f"import * as library from {json.dumps(package)}; // eslint-disable-line no-unused-vars\n"
    )
    body = source[source.index("import {") :].replace(
        'name: "my-net", version: "1.0"',
        f'name: {json.dumps(package)}, version: "placeholder: it does not call {package} yet"',
    )
    return {file: head + body, "symtests.mjs": data.joinpath("symtests.mjs").read_text(encoding="utf-8")}


def workflow_of(implementation: str, arguments: str, known: str) -> str:
    """Return the workflow.

    Parameters
    ----------
    implementation
        Its name, for a reader.
    arguments
        The words of the command that name it, as a shell reads them.
    known
        The file of known failures, as a shell reads it.
    """
    return WORKFLOW.substitute(implementation=" ".join(implementation.split()), arguments=arguments, known=known)
