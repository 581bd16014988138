"""The kernels: every operation of training, compiled by Numba, the same bits for every unit."""
