"""Examine the menagerie of classics of torchlens, models as their papers describe them: a measurement, not a test.

    python -m tests.evidence.classics FOLDER --record docs/diagnose_evidence.jsonl [--minutes 60]

FOLDER is ``menagerie/classics`` of a checkout of github.com/johnmarktaylor91/torchlens, whose code is run and never
copied here. Each file names functions that build models and give an example of their inputs. An example is a batch;
those of one sample are repeated, and the floating-point ones are changed a little for each step and each sample. The
loss is the mean squared error of random targets.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch.utils import _pytree as pytree

from symtests.doctor import NotExaminable, diagnose
from symtests.doctor.torch_batches import tensors_in
from tests.evidence.diagnosed import add_missing, line_of

LARGE = 20_000_000
STEPS = 8
SAMPLES = 4
PROVING = 200
"""Steps after which a fatal finding has to be there still."""


def entries(folder: Path) -> Iterator[str]:
    """Yield all models as FILE:BUILD:INPUT, in a random order that is always the same."""
    files = sorted(folder.glob("*.py"))
    found = [each.name for each in files if "MENAGERIE_ENTRIES" in each.read_text(encoding="utf-8", errors="replace")]
    random.Random(0).shuffle(found)
    yield from found


def loaded(path: Path) -> Any:
    """Return a file as a module."""
    sys.path[:0] = [str(path.parent), str(path.parents[2])]
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    specification.loader.exec_module(module)
    return module


def called(model: Any, inputs: Any) -> Any:
    """Return the outputs of a model for an example of its inputs."""
    if isinstance(inputs, (tuple, list)):
        return model(*inputs)
    return model(**inputs) if isinstance(inputs, dict) else model(inputs)


def loss(model: Any, inputs: Any) -> torch.Tensor:
    """Return the mean squared error of random targets, summed over all outputs of floating point."""
    found = torch.zeros(())
    for number, output in enumerate(tensors_in(called(model, inputs))):
        if output.is_floating_point() and output.requires_grad:
            target = torch.randn(output.shape, generator=torch.Generator().manual_seed(number))
            found = found + (output.float() - target).square().mean()
    return found


def repeated(inputs: Any, samples: int) -> Any:
    """Return an example with its one sample repeated."""
    return pytree.tree_map(
        lambda each: each.repeat(samples, *[1] * (each.dim() - 1))
        if isinstance(each, torch.Tensor) and each.dim() and each.shape[0] == 1 else each,
        inputs,
    )  # fmt: skip


def varied(inputs: Any) -> Callable[[int], Any]:
    """Return the batch of each step."""

    def batch(step: int) -> Any:
        noise = torch.Generator().manual_seed(step)
        return pytree.tree_map(
            lambda each: each * (1 + 0.1 * torch.randn(each.shape, generator=noise))
            if isinstance(each, torch.Tensor) and each.is_floating_point() else each,
            inputs,
        )  # fmt: skip

    return batch


def works(build: Callable[[], Any], inputs: Any) -> bool:
    """Tell whether a model can be trained on a batch."""
    try:
        torch.manual_seed(0)
        loss(build().train(), inputs).backward()
    except Exception:
        return False
    return True


def judged(path: Path) -> dict[str, Any]:
    """Return the line of the first model of a file."""
    try:
        module = loaded(path)
        _, builder, example = module.MENAGERIE_ENTRIES[0][:3]
        build = getattr(module, builder) if isinstance(builder, str) else builder
        inputs = getattr(module, example)() if isinstance(example, str) else example()
        model = build()
    except Exception as error:
        return {"left out": f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"}
    size = sum(each.numel() for each in model.parameters())
    if not 0 < size <= LARGE:
        return {"left out": f"{size:,} numbers" if size else "no parameters"}
    many = repeated(inputs, SAMPLES)
    if works(build, many):
        inputs = many
    elif not works(build, inputs):
        return {"left out": "cannot be trained for a step on its example"}

    def ready() -> Any:
        return build().train()

    try:
        result = diagnose(ready, varied(inputs), loss, steps=STEPS)
        longer = diagnose(ready, varied(inputs), loss, steps=PROVING) if result.fatal else None
    except NotExaminable as error:
        return {"left out": f"NotExaminable: {error}"[:160]}
    return line_of(result, longer)


def main() -> None:
    """Examine what the record does not have yet."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--record", type=Path, required=True)
    options.add_argument("--revision", required=True, help="the commit of the checkout")
    options.add_argument("--minutes", type=float, default=60)
    given = options.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    source = f"torchlens menagerie/classics at {given.revision[:7]}, torch {torch.__version__}"
    add_missing(
        given.record, entries(given.folder), lambda name: judged(given.folder / name), source=source,
        minutes=given.minutes,
    )  # fmt: skip


if __name__ == "__main__":
    main()
