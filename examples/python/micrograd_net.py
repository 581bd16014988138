"""micrograd's MLP in the form in which symtests can check it: symtests check micrograd_net.py:Micrograd."""

import sys

from micrograd.nn import MLP


class Micrograd:
    capabilities = {"activations": "relu", "losses": "mse", "optimizers": "sgd", "bias": [True],
                    "min_width": 2, "max_width": 9, "max_samples": 9}  # fmt: skip # it cannot read a layer of one unit

    def _net(self, network, parameters):
        sys.setrecursionlimit(100_000)  # backward() walks the graph from number to number
        net = MLP(network.sizes[0], list(network.sizes[1:]))
        for value, number in zip(net.parameters(), self._by_neuron(network, parameters.vector)):
            value.data = number  # of NumPy, which overflows to infinity where a float of Python raises
        return net

    def _by_neuron(self, network, vector):  # its order: neuron by neuron, the weights and then the bias
        for layer in range(network.layer_count):
            weights, biases = vector[network.weight_slice(layer)], vector[network.bias_slice(layer)]
            for j, bias in enumerate(biases):
                yield from (*weights[j :: len(biases)], bias)

    def loss_and_gradient(self, network, parameters, batch):
        net, given = self._net(network, parameters), batch.sample_weights
        weights = [1.0] * len(batch) if given is None else given.tolist()
        outputs = [z if isinstance(z, list) else [z] for z in map(net, batch.x.tolist())]
        squares = [w * (z - y) ** 2 for w, zs, ys in zip(weights, outputs, batch.y.tolist()) for z, y in zip(zs, ys)]
        (loss := sum(squares) / (sum(weights) * network.sizes[-1])).backward()
        gradient, places = parameters.vector.copy(), self._by_neuron(network, list(range(network.parameter_count)))
        gradient[list(places)] = [value.grad for value in net.parameters()]
        return loss.data, gradient

    def train(self, network, parameters, batch, training):
        after = parameters.copy()
        for _ in range(training.steps):
            after.vector[:] -= training.learning_rate * self.loss_and_gradient(network, after, batch)[1]
        return after
