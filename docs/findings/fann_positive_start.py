"""FANN: the start of Nguyen and Widrow has positive weights only, so that all units of a layer look the same way."""

import ctypes
import ctypes.util
import sys

fann = ctypes.CDLL(ctypes.util.find_library("doublefann"))
fann.fann_create_standard_array.restype = ctypes.c_void_p
fann.fann_create_train.restype = ctypes.c_void_p
INPUTS, HIDDEN = 4, 50


class Data(ctypes.Structure):
    """Rows of inputs and outputs."""

    _fields_ = (
        ("errno_f", ctypes.c_int), ("error_log", ctypes.c_void_p), ("errstr", ctypes.c_void_p),
        ("num_data", ctypes.c_uint), ("num_input", ctypes.c_uint), ("num_output", ctypes.c_uint),
        ("input", ctypes.POINTER(ctypes.POINTER(ctypes.c_double))),
        ("output", ctypes.POINTER(ctypes.POINTER(ctypes.c_double))),
    )  # fmt: skip


class Connection(ctypes.Structure):
    """A weight and the neurons that it connects."""

    _fields_ = (("start", ctypes.c_uint), ("end", ctypes.c_uint), ("weight", ctypes.c_double))


net = ctypes.c_void_p(fann.fann_create_standard_array(3, (ctypes.c_uint * 3)(INPUTS, HIDDEN, 1)))
pointer = ctypes.c_void_p(fann.fann_create_train(2, INPUTS, 1))
data = ctypes.cast(pointer, ctypes.POINTER(Data)).contents
for k in range(INPUTS):
    data.input[0][k], data.input[1][k] = -1.0, 1.0
fann.fann_init_weights(net, pointer)
found = (Connection * fann.fann_get_total_connections(net))()
fann.fann_get_connection_array(net, found)
weights = [c.weight for c in found if c.start < INPUTS]  # neuron number INPUTS is the bias
print(f"weights from the inputs: {len(weights)}, negative: {sum(w < 0 for w in weights)}")
print("right: as many negative as positive ones, but for chance")
sys.exit(int(not any(w < 0 for w in weights)))
