"""The kernels: every operation of training, compiled by Numba, with the same bits for every unit.

Two units with equal weights get bit-identical activations, error signals and gradients, whatever their
index, the width of the layer and the batch, and stay equal for as long as they are trained; a sample
passes forward the same alone and in a batch. The bits are the same on every processor too. That holds
because nothing is left to a library or a compiler:

- Every element of a matrix product takes its terms in ascending order, one fused multiply-add each: over
  the units of the layer before (starting from the bias, or from 0 without biases), over the units of the
  layer behind (from 0), over samples (from 0). See `matrix_product`, `forward` and `backward`.
- A bias gradient is summed over samples in ascending order from 0; the loss over outputs, then samples,
  both ascending. See `losses`.
- The elementary functions are our own, branch-free. See `activations`.
- Many networks that are trained at once go through the operations of one alone, each in a lane of vectors.
  See `train_many` and `population`.
- Nothing is reassociated, and nothing contracted that the source does not fuse. See `compile_policy`.

NaN is the exception: that a result is NaN is certain, its sign and its other bits are not.

The first call with float32 or float64 compiles for some ten seconds; machine code is kept on disk. A small network
that is trained for long gets code of its own, with the same bits: see `small_net`.
"""

from symtests.kernels.batches import train_in_batches
from symtests.kernels.operations import Stages, loss, loss_and_gradient, predict, stages, train
from symtests.kernels.populations.choice import compile_population
from symtests.kernels.small_nets.choice import compile_small_net, explain_choice
from symtests.kernels.train_many import Ends, train_many, train_many_fast

__all__ = [
    "Ends",
    "Stages",
    "compile_population",
    "compile_small_net",
    "explain_choice",
    "loss",
    "loss_and_gradient",
    "predict",
    "stages",
    "train",
    "train_in_batches",
    "train_many",
    "train_many_fast",
]
