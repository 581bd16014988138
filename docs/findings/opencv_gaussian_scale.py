"""OpenCV's ANN_MLP, GAUSSIAN: training leaves out the factor beta that prediction has."""

import sys

import cv2
import numpy as np

BETA, BIAS = 0.5, 0.75

file = cv2.FileStorage(
    f"""%YAML:1.0
---
net:
   format: 3
   layer_sizes: [1, 1]
   activation_function: GAUSSIAN
   f_param1: 1.
   f_param2: {BETA}
   input_scale: [1., 0.]
   output_scale: [1., 0.]
   inv_output_scale: [1., 0.]
   weights: [[0., {BIAS}]]
""",
    cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY,
)
net = cv2.ml.ANN_MLP_create()
net.read(file.getFirstTopLevelNode())
x = np.ones((1, 1), np.float32)
y = net.predict(x)[1]  # the target is what it predicts: there is nothing to learn
net.setTrainMethod(cv2.ml.ANN_MLP_BACKPROP)
net.setBackpropWeightScale(0.5)
net.setBackpropMomentumScale(0.0)
net.setTermCriteria((cv2.TERM_CRITERIA_COUNT, 1, 0.0))
keep = cv2.ml.ANN_MLP_UPDATE_WEIGHTS | cv2.ml.ANN_MLP_NO_INPUT_SCALE | cv2.ml.ANN_MLP_NO_OUTPUT_SCALE
net.train(cv2.ml.TrainData_create(x, cv2.ml.ROW_SAMPLE, y), keep)
print(f"prediction {y[0, 0]:.6f} (beta exp(-z^2) is {BETA * np.exp(-(BIAS**2)):.6f}), and the target is the same")
print(f"one step moves the bias by {net.getWeights(1)[1, 0] - BIAS:.6f}; right: 0.000000")
sys.exit(int(abs(net.getWeights(1)[1, 0] - BIAS) > 1e-6))
