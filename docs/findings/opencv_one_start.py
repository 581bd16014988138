"""OpenCV's ANN_MLP: every new network starts with the same random weights, whatever the seed."""

import sys

import cv2
import numpy as np

X, Y = np.ones((1, 2), np.float32), np.ones((1, 1), np.float32)


def start(seed):
    """Return the first weights of a new network; its learning rate is 0, so that training moves nothing."""
    cv2.setRNGSeed(seed)
    net = cv2.ml.ANN_MLP_create()
    net.setLayerSizes(np.array([2, 2, 1]))
    net.setActivationFunction(cv2.ml.ANN_MLP_SIGMOID_SYM)
    net.setTrainMethod(cv2.ml.ANN_MLP_BACKPROP)
    net.setBackpropWeightScale(0.0)
    net.setBackpropMomentumScale(0.0)
    net.train(X, cv2.ml.ROW_SAMPLE, Y)
    return net.getWeights(1)[0]


for seed in (1, 2, 3):
    print(f"seed {seed}: {start(seed).round(6).tolist()}")
print("right: other weights for each seed")
sys.exit(int((start(1) == start(2)).all()))
