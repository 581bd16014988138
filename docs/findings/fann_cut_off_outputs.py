"""FANN: a linear output stops at 150 / steepness, and nothing says so."""

import ctypes
import ctypes.util
import sys

fann = ctypes.CDLL(ctypes.util.find_library("doublefann"))
fann.fann_create_standard_array.restype = ctypes.c_void_p
fann.fann_run.restype = ctypes.POINTER(ctypes.c_double)
INPUT, BIAS, OUTPUT, LINEAR = 0, 1, 2, 0

net = ctypes.c_void_p(fann.fann_create_standard_array(2, (ctypes.c_uint * 2)(1, 1)))
fann.fann_set_activation_function_output(net, LINEAR)
fann.fann_set_activation_steepness_output(net, ctypes.c_double(1.0))
fann.fann_set_weight(net, INPUT, OUTPUT, ctypes.c_double(1.0))
fann.fann_set_weight(net, BIAS, OUTPUT, ctypes.c_double(0.0))
outputs = {x: fann.fann_run(net, (ctypes.c_double * 1)(x))[0] for x in (100.0, 200.0, 1000.0)}
for x, output in outputs.items():
    print(f"1 * {x:.0f} + 0 is {output:.6f}")
print("right: 100, 200, 1000")
sys.exit(int(any(x != output for x, output in outputs.items())))
