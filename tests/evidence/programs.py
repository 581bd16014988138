"""Examine faulty training programs with known causes, those of deepmufl: a measurement, not a test.

    KERAS_BACKEND=jax python -m tests.evidence.programs FOLDER --record docs/diagnose_evidence.jsonl --revision COMMIT

FOLDER is ``Dataset/all-bugs`` of a checkout of github.com/ali-ghanbari/deepmufl-ase-2023, whose programs are run and
never copied here. Each is run up to its first ``fit``, of which the model and the data are examined; then it ends.
Names of old releases of Keras are made to mean today's, and data sets that Keras would fetch from the network are
random numbers of the same shapes, types and ranges.
"""

from __future__ import annotations

import argparse
import importlib
import os
import runpy
import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from symtests.doctor import Diagnosis, NotExaminable, diagnose
from tests.evidence.diagnosed import add_missing, line_of

STEPS = 20
SAMPLES = 64
OLD = (
    "layers.core", "layers.convolutional", "layers.recurrent", "layers.embeddings", "layers.normalization",
    "layers.pooling", "layers.advanced_activations", "layers.wrappers", "layers.merge", "utils.np_utils",
)  # fmt: skip


class Examined(BaseException):
    """A program has called `fit`; it carries what was found."""

    def __init__(self, result: Diagnosis | str) -> None:
        super().__init__()
        self.result = result


def old_names(keras: Any) -> None:
    """Make modules of old releases mean today's, and optimizers accept their old arguments."""
    for name in OLD:
        module = types.ModuleType(f"keras.{name}")
        inner = keras.layers if name.startswith("layers") else keras.utils
        module.__dict__.update({key: getattr(inner, key) for key in dir(inner) if not key.startswith("_")})
        module.__dict__["np_utils"] = keras.utils
        sys.modules[f"keras.{name}"] = module
    keras.utils.np_utils = keras.utils
    sys.modules["tensorflow"] = types.ModuleType("tensorflow")
    sys.modules["tensorflow"].__dict__.update(
        keras=keras, random=types.SimpleNamespace(set_seed=lambda _seed: None, set_random_seed=lambda _seed: None)
    )
    for name in ("", ".layers", ".models", ".optimizers", ".utils", ".datasets", ".losses", ".regularizers"):
        sys.modules[f"tensorflow.keras{name}"] = importlib.import_module(f"keras{name}")
        sys.modules[f"tensorflow.python.keras{name}"] = sys.modules[f"tensorflow.keras{name}"]
    for name in ("SGD", "Adam", "RMSprop", "Adagrad", "Adadelta", "Nadam", "Adamax"):
        plain = getattr(keras.optimizers, name)
        setattr(keras.optimizers, name, _with_old_arguments(plain))
        setattr(keras.optimizers, name.lower(), getattr(keras.optimizers, name))


def random_data(keras: Any) -> None:
    """Make the data sets of Keras random numbers of their shapes."""
    shapes = {"mnist": (28, 28), "fashion_mnist": (28, 28), "cifar10": (32, 32, 3), "cifar100": (32, 32, 3)}
    random = np.random.default_rng(0)
    for name, shape in shapes.items():
        classes, label = (100 if name == "cifar100" else 10), ((1,) if "cifar" in name else ())
        halves = [
            (random.integers(0, 256, (size, *shape), np.uint8), random.integers(0, classes, (size, *label), np.uint8))
            for size in (2000, 500)
        ]
        getattr(keras.datasets, name).load_data = lambda *_args, found=halves, **_rest: tuple(found)


def _with_old_arguments(plain: Any) -> Any:
    def make(*args: Any, lr: float | None = None, decay: float = 0.0, **rest: Any) -> Any:
        return plain(*args, **({"learning_rate": lr} if lr is not None else {}), **rest)

    return make


def fit(model: Any, x: Any = None, y: Any = None, batch_size: Any = None, **_rest: Any) -> None:
    """Stand for ``model.fit``: examine the model on batches of the data."""
    x, y = np.asarray(x), np.asarray(y)
    size = min(len(x), int(batch_size or 32), SAMPLES)

    def batch(step: int) -> Any:
        chosen = np.arange(step * size, (step + 1) * size) % len(x)
        return x[chosen], y[chosen]

    try:
        raise Examined(diagnose(model, batch, steps=STEPS))
    except NotExaminable as error:
        raise Examined(str(error)) from error


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def judged(folder: Path) -> dict[str, Any]:
    """Return the line of one program."""
    import keras

    warnings.simplefilter("ignore")
    old_names(keras)
    random_data(keras)
    keras.utils.set_random_seed(0)
    keras.Model.fit = fit
    keras.Model.fit_generator = fit
    try:
        with _inside(folder):
            runpy.run_path("bug.py", run_name="__main__")
    except Examined as found:
        if isinstance(found.result, str):
            return {"left out": found.result[:200]}
        return line_of(found.result)
    except Exception as error:
        return {"left out": f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"}
    return {"left out": "the program trains nothing"}


def main() -> None:
    """Examine what the record does not have yet."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--record", type=Path, required=True)
    options.add_argument("--revision", required=True, help="the commit of the checkout")
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--part", default="0/1", help="i/n: every n-th program, from the i-th on")
    given = options.parse_args()
    first, step = map(int, given.part.split("/"))
    names = sorted(each.name for each in given.folder.iterdir() if (each / "bug.py").is_file())[first::step]
    source = f"deepmufl Dataset/all-bugs at {given.revision[:7]}"
    add_missing(
        given.record, names, lambda name: judged((given.folder / name).resolve()), source=source,
        minutes=given.minutes,
    )  # fmt: skip


if __name__ == "__main__":
    main()
