"""OpenCV's ANN_MLP, BACKPROP: hidden units are told the error through output weights that have moved already."""

import sys

import cv2
import numpy as np

X, Y = np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32)


def step_of_hidden_weight(rate):
    """Return by how much one step moves the first weight of 1-2-1, linear, all weights 1, no biases, x = 1, y = 0."""
    file = cv2.FileStorage(
        """%YAML:1.0
---
net:
   format: 3
   layer_sizes: [1, 2, 1]
   activation_function: IDENTITY
   input_scale: [1., 0.]
   output_scale: [1., 0.]
   inv_output_scale: [1., 0.]
   weights: [[1., 1., 0., 0.], [1., 1., 0.]]
""",
        cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY,
    )
    net = cv2.ml.ANN_MLP_create()
    net.read(file.getFirstTopLevelNode())
    net.setTrainMethod(cv2.ml.ANN_MLP_BACKPROP)
    net.setBackpropWeightScale(rate)
    net.setBackpropMomentumScale(0.0)
    net.setTermCriteria((cv2.TERM_CRITERIA_COUNT, 1, 0.0))
    keep = cv2.ml.ANN_MLP_UPDATE_WEIGHTS | cv2.ml.ANN_MLP_NO_INPUT_SCALE | cv2.ml.ANN_MLP_NO_OUTPUT_SCALE
    net.train(cv2.ml.TrainData_create(X, cv2.ml.ROW_SAMPLE, Y), keep)
    return net.getWeights(1)[0, 0] - 1


# The output is 2, the error signal 2, and the output weight 1: the gradient is 2 and a step is -2 rate. With the output
# weight after its own step, 1 - 2 rate, it is -2 rate (1 - 2 rate).
rates = (0.5, 0.25, 0.125)
for rate in rates:
    print(f"rate {rate}: the step divided by the rate is {step_of_hidden_weight(rate) / rate:.6f}; right: -2.000000")
sys.exit(int(any(abs(step_of_hidden_weight(rate) / rate + 2) > 1e-6 for rate in rates)))
