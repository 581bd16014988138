"""neurolab's newff in the form in which symtests can check it, from an environment of its own, with NumPy below 1.20.

symtests check --command "/other/env/bin/python symtests_serve.py neurolab_net.py:Neurolab"
"""

import neurolab as nl
import numpy as np

TRANSFERS = {"tanh": nl.trans.TanSig, "logistic": nl.trans.LogSig, "identity": nl.trans.PureLin}


class Neurolab:
    version = nl.__version__
    capabilities = {"activations": list(TRANSFERS), "losses": "mse", "optimizers": "sgd", "bias": [True],
                    "sample_weights": False}  # fmt: skip

    def _net(self, network, parameters):
        transfers = [TRANSFERS[name]() for name in network.activations]
        net = nl.net.newff([[-1, 1]] * network.sizes[0], list(network.sizes[1:]), [*transfers, nl.trans.PureLin()])
        net.errorf = nl.error.MSE()
        for layer, weight, bias in zip(net.layers, parameters.weights, parameters.biases):
            layer.np["w"][:], layer.np["b"][:] = weight.T, bias
        return net

    def _vector(self, parts):
        return np.concatenate([a for part in parts for a in (part["w"].T.ravel(), part["b"])])

    def loss_and_gradient(self, network, parameters, batch):
        net = self._net(network, parameters)
        gradient, _, z = nl.tool.ff_grad(net, batch.x, batch.y)
        return net.errorf(batch.y, z), self._vector(gradient) / len(batch)

    def predict(self, network, parameters, x):
        return self._net(network, parameters).sim(x)

    def train(self, network, parameters, batch, training):
        net, rate = self._net(network, parameters), training.learning_rate / len(batch)  # it adds up the samples
        epochs = training.steps + 1  # the last takes no step
        nl.train.train_gd(net, batch.x, batch.y, epochs=epochs, goal=-1, show=0, lr=rate)
        return self._vector([layer.np for layer in net.layers])
