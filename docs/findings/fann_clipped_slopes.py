"""FANN: the slope of a saturated logistic unit is taken as if its output were 0.99."""

import ctypes
import ctypes.util
import math
import sys

fann = ctypes.CDLL(ctypes.util.find_library("doublefann"))
fann.fann_create_standard_array.restype = ctypes.c_void_p
INPUT, BIAS, OUTPUT = 0, 1, 2  # neurons of a network with one input and one output
SIGMOID, LINEAR_ERROR, INCREMENTAL = 3, 0, 0


def slope(z):
    """Return the slope that a step of incremental training uses where the pre-activation is z."""
    net = ctypes.c_void_p(fann.fann_create_standard_array(2, (ctypes.c_uint * 2)(1, 1)))
    fann.fann_set_activation_function_output(net, SIGMOID)  # 1 / (1 + exp(-z)) at the steepness 1/2, the default
    fann.fann_set_train_error_function(net, LINEAR_ERROR)
    fann.fann_set_training_algorithm(net, INCREMENTAL)
    fann.fann_set_learning_rate(net, ctypes.c_float(1.0))
    fann.fann_set_weight(net, INPUT, OUTPUT, ctypes.c_double(z))
    fann.fann_set_weight(net, BIAS, OUTPUT, ctypes.c_double(0.0))
    logistic = 1 / (1 + math.exp(-z))
    fann.fann_train(net, (ctypes.c_double * 1)(1.0), (ctypes.c_double * 1)(logistic - 1))  # an error of 1
    fann.fann_run.restype = ctypes.POINTER(ctypes.c_double)
    output = fann.fann_run(net, (ctypes.c_double * 1)(0.0))[0]
    fann.fann_destroy(net)
    return math.log((1 - output) / output)  # at input 0 the pre-activation is the bias, which has moved by -slope


wrong = False
for z in (2.0, 4.0, 6.0, 8.0):
    logistic = 1 / (1 + math.exp(-z))
    right = logistic * (1 - logistic)
    print(f"slope at z = {z:.0f}: {slope(z):.6f}; right: {right:.6f}")
    wrong |= abs(slope(z) - right) > 1e-6
sys.exit(int(wrong))
