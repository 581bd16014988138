"""neurolab: with the error MSE, train_gd follows the sum over the samples and reports their mean."""

import sys

import neurolab as nl
import numpy as np

x, y = np.array([[0.0], [0.0], [0.0], [0.0]]), np.zeros((4, 1))
net = nl.net.newff([[-1, 1]], [1], [nl.trans.PureLin()])
net.errorf = nl.error.MSE()
bias = net.layers[0].np["b"]
bias[:] = 1.0
gradient = float(nl.tool.ff_grad(net, x, y)[0][0]["b"][0])
errors = []
for value in (1.5, 0.5):
    bias[:] = value
    errors.append(float(net.errorf(y, net.sim(x))))
slope = errors[0] - errors[1]
print(f"derivative of the error by the output bias, 4 samples: {slope:.4f}")
print(f"gradient that train_gd follows:                        {gradient:.4f}")
print("right: the two are equal")
sys.exit(slope != gradient)
