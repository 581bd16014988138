"""The kernels: every operation of training, compiled by Numba, the same bits for every unit."""

from symtests.kernels.operations import Stages, loss, loss_and_gradient, predict, stages, train

__all__ = ["Stages", "loss", "loss_and_gradient", "predict", "stages", "train"]
