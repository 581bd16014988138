"""symtests: the conformance suite for backpropagation.

`check` judges implementations by the properties; `Network`, `Parameters`, `Batch` and `Training` are the
plain data that an implementation is handed; `Capabilities` is what it says of itself, with a `StartDistribution` of
`Drawn` numbers for its own start, and `Unsupported` what it raises for the rest. `parametrize_with_properties` makes
tests of the properties. `diagnose` examines a real model of PyTorch, JAX or Keras, and `assert_can_learn` does so in a
test.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from symtests.batch import Batch
from symtests.implementations.base import Capabilities, Unsupported
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.start_distributions import Drawn, StartDistribution
from symtests.training import Training
from symtests.validation import InvalidValue

if TYPE_CHECKING:
    from symtests.checking import verdicts as check
    from symtests.doctor import assert_can_learn, diagnose
    from symtests.pytest_plugin import parametrize_with_properties

__all__ = [
    "Batch",
    "Capabilities",
    "Drawn",
    "InvalidValue",
    "Network",
    "Parameters",
    "StartDistribution",
    "Training",
    "Unsupported",
    "assert_can_learn",
    "check",
    "diagnose",
    "parametrize_with_properties",
]
__version__ = "0.1.0"

_LOADED_WHEN_USED = {
    "assert_can_learn": ("symtests.doctor", "assert_can_learn"),
    "check": ("symtests.checking", "verdicts"),
    "diagnose": ("symtests.doctor", "diagnose"),
    "parametrize_with_properties": ("symtests.pytest_plugin", "parametrize_with_properties"),
}


def __getattr__(name: str) -> Any:
    """Load the engine and the pytest front only when they are used: they import Hypothesis and pytest."""
    if name not in _LOADED_WHEN_USED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _LOADED_WHEN_USED[name]
    return getattr(importlib.import_module(module), attribute)
