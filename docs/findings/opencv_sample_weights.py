"""OpenCV's ANN_MLP, BACKPROP: the samples are shuffled and their weights are not, so that a sample gets another's."""

import sys

import cv2
import numpy as np

# Each sample has a feature of its own, and sample 0 the weight 0: nothing may move what belongs to its feature.
X = np.eye(4, dtype=np.float32)
Y = np.ones((4, 1), np.float32)
WEIGHTS = np.array([0, 1, 1, 1], np.float32)

net = cv2.ml.ANN_MLP_create()
file = cv2.FileStorage(
    """%YAML:1.0
---
net:
   format: 3
   layer_sizes: [4, 1]
   activation_function: IDENTITY
   input_scale: [1., 0., 1., 0., 1., 0., 1., 0.]
   output_scale: [1., 0.]
   inv_output_scale: [1., 0.]
   weights: [[0., 0., 0., 0., 0.]]
""",
    cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY,
)
net.read(file.getFirstTopLevelNode())
net.setTrainMethod(cv2.ml.ANN_MLP_BACKPROP)
net.setBackpropWeightScale(0.25)
net.setBackpropMomentumScale(0.0)
net.setTermCriteria((cv2.TERM_CRITERIA_COUNT, 1, 0.0))
keep = cv2.ml.ANN_MLP_UPDATE_WEIGHTS | cv2.ml.ANN_MLP_NO_INPUT_SCALE | cv2.ml.ANN_MLP_NO_OUTPUT_SCALE
net.train(cv2.ml.TrainData_create(X, cv2.ml.ROW_SAMPLE, Y, sampleWeights=WEIGHTS), keep)
moved = net.getWeights(1)[:4, 0]
print(f"one epoch moves the weights of the four features by {moved.round(6).tolist()}")
print(f"right: only the first stays at 0, as the sample weights are {WEIGHTS.tolist()}")
sys.exit(int(moved[0] != 0))
