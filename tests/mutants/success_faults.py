"""Faults that show in how many of many trainings arrive; the kernels train, because so many trainings take long."""

from symtests.implementations.numba_kernels import NumbaKernels
from tests.mutants.start_faults import SameSeedForEveryStart


class OneStartForALargeSet(SameSeedForEveryStart):
    """Starts every training of a large set with the first seed."""

    train = NumbaKernels().train
