"""neurolab: train_gd with so many epochs takes one step less, and one epoch takes none."""

import sys

import neurolab as nl
import numpy as np

x, y = np.array([[0.0]]), np.array([[0.0]])
steps = []
for epochs in (1, 2, 5):
    net = nl.net.newff([[-1, 1]], [1], [nl.trans.PureLin()])
    bias = net.layers[0].np["b"]
    bias[:] = 1.0
    nl.train.train_gd(net, x, y, epochs=epochs, goal=-1, show=0, lr=0.5)  # each step halves the bias
    steps.append(round(-float(np.log2(bias[0]))))
    print(f"epochs={epochs}: {steps[-1]} steps; right: {epochs}")
sys.exit(steps != [1, 2, 5])
