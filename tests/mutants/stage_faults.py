"""Implementations whose shown stages are not those of the pass, or whose gradient leaves them behind."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct


class _ShowsSomethingElse(Correct):
    """Shows other stages than those that it computes its gradient from."""

    def shown(self, network: Network, batch: Batch, stages: Stages) -> Stages:
        raise NotImplementedError

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        return self.shown(network, batch, super().stages(network, parameters, batch))

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        stages = Correct.stages(self, network, parameters, batch)
        return self.loss(network, stages.pre_activations[-1], batch), self.gradient(network, batch, stages)


class ShowsSummedSignals(_ShowsSomethingElse):
    """The error signals that are shown are those of the sum over the samples, where the mean is asked for."""

    def shown(self, network: Network, batch: Batch, stages: Stages) -> Stages:
        signals = tuple(delta * delta.dtype.type(len(batch)) for delta in stages.error_signals)
        return stages._replace(error_signals=signals)


class ShowsSignalsOfActivations(_ShowsSomethingElse):
    """The error signals shown for hidden layers are dL/da, before the product with the slope."""

    def shown(self, network: Network, batch: Batch, stages: Stages) -> Stages:
        slopes = [self.slope(name, z) for name, z in zip(network.activations, stages.pre_activations[:-1], strict=True)]
        hidden = [
            np.divide(delta, slope, out=np.zeros_like(delta), where=slope != 0)
            for delta, slope in zip(stages.error_signals[:-1], slopes, strict=True)
        ]
        return stages._replace(error_signals=(*hidden, stages.error_signals[-1]))


class ShowsPreActivationsWithoutBias(_ShowsSomethingElse):
    """The pre-activations that are shown lack the bias, the activations do not."""

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        stages = Correct.stages(self, network, parameters, batch)
        if not network.bias:
            return stages
        z = (z - bias for z, bias in zip(stages.pre_activations, parameters.biases, strict=True))
        return stages._replace(pre_activations=tuple(z))


class ShowsActivationsInHalf(_ShowsSomethingElse):
    """The activations that are shown have gone through half precision."""

    def shown(self, network: Network, batch: Batch, stages: Stages) -> Stages:
        return stages._replace(activations=tuple(a.astype(np.float16).astype(a.dtype) for a in stages.activations))


class SignalsOfOneUnitFade(Correct):
    """The error signals of the last unit of each hidden layer are a thousandth too small."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        signals = super().hidden_error_signals(name, z, above, weight_above)
        signals[:, -1] *= z.dtype.type(0.999)
        return signals
