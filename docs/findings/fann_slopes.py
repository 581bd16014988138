"""FANN: ten activations are trained with a slope that is not theirs, at the steepness 1/2 that is the default."""

import ctypes
import ctypes.util
import sys

fann = ctypes.CDLL(ctypes.util.find_library("doublefann"))
fann.fann_create_standard_array.restype = ctypes.c_void_p
fann.fann_run.restype = ctypes.POINTER(ctypes.c_double)
INPUT, BIAS, OUTPUT = 0, 1, 2  # neurons of a network with one input and one output
LINEAR_ERROR, INCREMENTAL, STEEPNESS = 0, 0, 0.5
HALVES_THE_ERROR = ("SIGMOID_SYMMETRIC", "GAUSSIAN_SYMMETRIC", "ELLIOT_SYMMETRIC", "SIN_SYMMETRIC", "COS_SYMMETRIC",
                    "SIGMOID_SYMMETRIC_STEPWISE", "LINEAR_PIECE_SYMMETRIC")  # fmt: skip
NUMBERS = {
    "LINEAR": 0, "SIGMOID": 3, "SIGMOID_STEPWISE": 4, "SIGMOID_SYMMETRIC": 5, "SIGMOID_SYMMETRIC_STEPWISE": 6,
    "GAUSSIAN": 7, "GAUSSIAN_SYMMETRIC": 8, "ELLIOT": 10, "ELLIOT_SYMMETRIC": 11, "LINEAR_PIECE": 12,
    "LINEAR_PIECE_SYMMETRIC": 13, "SIN_SYMMETRIC": 14, "COS_SYMMETRIC": 15, "SIN": 16, "COS": 17,
}  # fmt: skip


class Connection(ctypes.Structure):
    """A weight and the neurons that it connects."""

    _fields_ = (("start", ctypes.c_uint), ("end", ctypes.c_uint), ("weight", ctypes.c_double))


def unit(number, z):
    """Return a network that is one unit with this activation, whose pre-activation is z where the input is 1."""
    net = ctypes.c_void_p(fann.fann_create_standard_array(2, (ctypes.c_uint * 2)(1, 1)))
    fann.fann_set_activation_function_output(net, number)
    fann.fann_set_train_error_function(net, LINEAR_ERROR)
    fann.fann_set_training_algorithm(net, INCREMENTAL)
    fann.fann_set_learning_rate(net, ctypes.c_float(2.0**-10))
    fann.fann_set_weight(net, INPUT, OUTPUT, ctypes.c_double(z))
    fann.fann_set_weight(net, BIAS, OUTPUT, ctypes.c_double(0.0))
    return net


def output(net):
    """Return the output for the input 1."""
    return fann.fann_run(net, (ctypes.c_double * 1)(1.0))[0]


def weight(net):
    """Return the weight of the input."""
    found = (Connection * 2)()
    fann.fann_get_connection_array(net, found)
    return found[0].weight


wrong = False
for name, number in NUMBERS.items():
    z, h = (3.0 if "PIECE" in name else 0.7), 2.0**-12
    slope = (output(unit(number, z + h)) - output(unit(number, z - h))) / (2 * h)
    net = unit(number, z)
    error = 2.0 if name in HALVES_THE_ERROR else 1.0  # which is 1 after that
    fann.fann_train(net, (ctypes.c_double * 1)(1.0), (ctypes.c_double * 1)(output(net) + error))
    used = (weight(net) - z) * 2**10
    if abs(used - slope) > 1e-4:
        print(f"{name} at z = {z}: trained with the slope {used:.4f}; right: {slope:.4f}")
        wrong = True
sys.exit(int(wrong))
