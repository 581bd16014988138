"""OpenCV's ANN_MLP, RPROP: in every chunk of samples but the first, each sample gets another's weight."""

import sys

import cv2
import numpy as np

# Samples are taken in chunks of 2^15 / (number of units), here 2^14. Only those behind the first chunk have a weight.
CHUNK, COUNT = 2**14, 20_000
X, Y = np.ones((COUNT, 1), np.float32), np.ones((COUNT, 1), np.float32)
WEIGHTS = np.zeros(COUNT, np.float32)
WEIGHTS[CHUNK:] = 1


def moves(weights):
    """Return how far one step of 0.1 moves weight and bias of a linear unit that starts at 0 and has the target 1."""
    file = cv2.FileStorage(
        """%YAML:1.0
---
net:
   format: 3
   layer_sizes: [1, 1]
   activation_function: IDENTITY
   input_scale: [1., 0.]
   output_scale: [1., 0.]
   inv_output_scale: [1., 0.]
   weights: [[0., 0.]]
""",
        cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY,
    )
    net = cv2.ml.ANN_MLP_create()
    net.read(file.getFirstTopLevelNode())
    net.setTrainMethod(cv2.ml.ANN_MLP_RPROP)
    net.setRpropDW0(0.1)
    net.setTermCriteria((cv2.TERM_CRITERIA_COUNT, 1, 0.0))
    keep = cv2.ml.ANN_MLP_UPDATE_WEIGHTS | cv2.ml.ANN_MLP_NO_INPUT_SCALE | cv2.ml.ANN_MLP_NO_OUTPUT_SCALE
    net.train(cv2.ml.TrainData_create(X, cv2.ml.ROW_SAMPLE, Y, sampleWeights=weights), keep)
    return net.getWeights(1).ravel().round(6).tolist()


print(f"all {COUNT} samples have the weight 1: {moves(np.ones(COUNT, np.float32))}; right: [0.1, 0.1]")
print(f"the last {COUNT - CHUNK} have it, the others 0:  {moves(WEIGHTS)}; right: [0.1, 0.1]")
sys.exit(int(moves(WEIGHTS) != [0.1, 0.1]))
