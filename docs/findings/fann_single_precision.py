"""FANN: the double library keeps learning rate, momentum and mean squared error in single precision."""

import ctypes
import ctypes.util
import sys

fann = ctypes.CDLL(ctypes.util.find_library("doublefann"))
fann.fann_create_standard_array.restype = ctypes.c_void_p
fann.fann_run.restype = ctypes.POINTER(ctypes.c_double)
fann.fann_get_MSE.restype = ctypes.c_float
LINEAR, LINEAR_ERROR, INCREMENTAL = 0, 0, 0

net = ctypes.c_void_p(fann.fann_create_standard_array(2, (ctypes.c_uint * 2)(1, 1)))
fann.fann_set_activation_function_output(net, LINEAR)
fann.fann_set_activation_steepness_output(net, ctypes.c_double(1.0))
fann.fann_set_train_error_function(net, LINEAR_ERROR)
fann.fann_set_training_algorithm(net, INCREMENTAL)
fann.fann_set_learning_rate(net, ctypes.c_float(0.1))
fann.fann_set_weight(net, 0, 2, ctypes.c_double(0.0))
fann.fann_set_weight(net, 1, 2, ctypes.c_double(0.0))
fann.fann_train(net, (ctypes.c_double * 1)(0.0), (ctypes.c_double * 1)(1.0))  # moves the bias by the rate
step = fann.fann_run(net, (ctypes.c_double * 1)(0.0))[0]
fann.fann_reset_MSE(net)
fann.fann_test(net, (ctypes.c_double * 1)(0.0), (ctypes.c_double * 1)(step + 1.1))
error = fann.fann_get_MSE(net)
print(f"a step of the rate 0.1 is         {step:.12f}; right: 0.100000000000")
print(f"the squared error of 1.1 is       {error:.12f}; right: 1.210000000000")
sys.exit(int(abs(step - 0.1) > 1e-12))
