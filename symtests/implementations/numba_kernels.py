"""The kernels of this package as an implementation under check, like any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numba
import numpy as np
from llvmlite.binding import get_host_cpu_features

from symtests import kernels
from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.kernels_elsewhere import KernelsElsewhere
from symtests.initialization import initialize
from symtests.kernels.compiling.compile_cache import cache_folder
from symtests.kernels.compiling.compile_progress import compiled_before, tell_progress
from symtests.kernels.threads import LEAST_WORK
from symtests.network import ACTIVATIONS, LOSSES, OPTIMIZERS, Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["NumbaKernels"]


def _can_stand_in_for_haswell() -> bool:
    """Tell whether the processor at hand has the vectors and the fused operation of Intel's processors of 2013."""
    features = get_host_cpu_features()
    return all(features.get(name, False) for name in ("avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe"))


class NumbaKernels:
    """The kernels of `symtests.kernels`, in float32 and float64.

    Their sums have one specified order, whatever the index of a unit, the width of its layer or the number of threads:
    equal units stay equal, bit for bit. They give the same bits on a processor without any extensions, and on one with
    vectors of 256 bits and a fused multiply-add, where the one at hand can stand in for that.

    Parameters
    ----------
    threads
        How many share each operation, however small it is.
    """

    name = "numba"
    version = f"Numba {numba.__version__}"
    capabilities = Capabilities(
        dtypes=("float32", "float64"),
        activations=ACTIVATIONS,
        losses=LOSSES,
        optimizers=OPTIMIZERS,
        index_independent=True,
        same_bits=("strided", "threads=2", "cpu=generic", *(["cpu=haswell"] if _can_stand_in_for_haswell() else [])),
    )

    @property
    def remark(self) -> str:
        """What becomes of the compiled kernels, where they are not there yet."""
        folder = cache_folder()
        if folder is None:
            return (
                "compiles its kernels anew in each process and each time, as they can be kept nowhere; set "
                "NUMBA_CACHE_DIR to a folder of your own"
            )
        return "" if compiled_before() else f"compiles its kernels, once; they are kept in {folder}"

    def report_progress_to(self, tell: Callable[[str], None]) -> None:
        """Have `tell` told how far the kernels are compiled, while they are."""
        often = "" if cache_folder() is None else ", once"
        tell_progress(lambda done, total: tell(f"compiling{often}: {done} of {total} functions"))

    def __init__(self, threads: int = 1) -> None:
        self._sharing = {"threads": threads, "least_work": LEAST_WORK if threads == 1 else 0}
        self._elsewhere: dict[str, KernelsElsewhere] = {}

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the linear outputs z, shape (N, m)."""
        return kernels.predict(network, parameters, x, **self._sharing)

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the loss and its gradient."""
        return kernels.loss_and_gradient(network, parameters, batch, **self._sharing)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> kernels.Stages:
        """Return the pre-activations, activations and error signals of one pass."""
        return kernels.stages(network, parameters, batch, **self._sharing)

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after all steps, from a fresh optimizer state."""
        return kernels.train(network, parameters, batch, training, **self._sharing)

    def train_many(
        self, network: Network, scheme: str, seeds: Sequence[int], batch: Batch, training: Training
    ) -> list[Parameters]:
        """Return the parameters at which a training from the named start of each seed ends; all are trained at once."""
        starts = np.empty((len(seeds), network.parameter_count), batch.x.dtype)
        for start, seed in zip(starts, seeds, strict=True):
            start[:] = initialize(network, scheme, seed).vector
        ends = kernels.train_many(network, starts, batch, training)
        return [Parameters(network, vector) for vector in ends.parameters]

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return the named start of `symtests.initialization`, in float64."""
        return initialize(network, scheme, seed)

    def run_as(self, way: str) -> KernelsElsewhere | NumbaKernels:
        """Return the kernels shared by threads, as in ``threads=2``, or compiled for a processor: ``cpu=generic``."""
        kind, _, cpu = way.partition("=")
        if kind == "threads":
            return NumbaKernels(int(cpu))
        if kind != "cpu":
            raise Unsupported(f"it cannot be run as {way!r}")
        if cpu not in self._elsewhere:
            self._elsewhere[cpu] = KernelsElsewhere(cpu)
        return self._elsewhere[cpu]
