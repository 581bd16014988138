"""symtests: the conformance suite for backpropagation."""

from symtests.batch import Batch
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["Batch", "Network", "Parameters", "Training"]
__version__ = "0.1.0"
