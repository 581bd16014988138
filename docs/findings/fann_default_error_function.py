"""FANN: unless told, training follows log((1 + d) / (1 - d)) where the error it reports is the mean of d^2."""

import ctypes
import ctypes.util
import sys

fann = ctypes.CDLL(ctypes.util.find_library("doublefann"))
fann.fann_create_standard_array.restype = ctypes.c_void_p
fann.fann_run.restype = ctypes.POINTER(ctypes.c_double)
LINEAR, INCREMENTAL, RATE = 0, 0, 2.0**-10


def followed(difference):
    """Return what a step follows at a linear output of 0, which is `difference` below its target."""
    net = ctypes.c_void_p(fann.fann_create_standard_array(2, (ctypes.c_uint * 2)(1, 1)))
    fann.fann_set_activation_function_output(net, LINEAR)
    fann.fann_set_activation_steepness_output(net, ctypes.c_double(1.0))
    fann.fann_set_training_algorithm(net, INCREMENTAL)
    fann.fann_set_learning_rate(net, ctypes.c_float(RATE))
    fann.fann_set_weight(net, 0, 2, ctypes.c_double(0.0))
    fann.fann_set_weight(net, 1, 2, ctypes.c_double(0.0))
    fann.fann_train(net, (ctypes.c_double * 1)(0.0), (ctypes.c_double * 1)(difference))
    return fann.fann_run(net, (ctypes.c_double * 1)(0.0))[0] / RATE


for d in (0.25, 0.5, 0.9, 1.0, 2.0):
    print(f"difference {d:.2f}: the step follows {followed(d):.4f}")
print("right: for a squared error, the difference itself")
sys.exit(int(abs(followed(0.25) - 0.25) > 1e-3))
