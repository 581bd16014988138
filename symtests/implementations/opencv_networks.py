"""Networks of OpenCV's ml.ANN_MLP, with given parameters: read from a file in memory, and their weights read back.

All layers have one activation, the output layer too. So that the outputs are linear or logistic, parameters are moved
on the way in and back on the way out: `symtests.implementations.opencv` says why. Scales in the file are used as they
stand. A hidden layer has two units at least: where one is asked for, a second one with zero weights stands beside it.
"""

from __future__ import annotations

import itertools
from typing import Any, Final

import cv2
import numpy as np

from symtests.implementations.base import Unsupported
from symtests.network import LEAKY_SLOPE, Network
from symtests.parameters import Parameters

__all__ = ["LIFT", "NAMES", "activation_of", "moved", "read_network"]

LIFT: Final = 1024.0
"""What raises the outputs of relu above 0; the weights then move in steps of 2^-43."""
NAMES: Final = {"identity": "IDENTITY", "relu": "RELU", "leaky_relu": "LEAKYRELU", "tanh": "SIGMOID_SYM"}


def activation_of(network: Network) -> str:
    """Return the name of the only activation that a network has, outputs included, where this one can be so."""
    names = {NAMES[name] for name in network.activations}
    if not names:
        names = {"IDENTITY" if network.loss == "mse" else "SIGMOID_SYM"}
    name = names.pop()
    if names or (name == "SIGMOID_SYM") != (network.loss == "logistic_mse"):
        raise Unsupported("all layers have one activation, the outputs too")
    return name


def moved(network: Network, parameters: Parameters, *, out: bool) -> Parameters:
    """Return the parameters as ANN_MLP has them for these outputs, or (`out`) as we have them."""
    result, last = parameters.astype(np.float64), network.layer_count - 1
    name = activation_of(network)
    if name == "SIGMOID_SYM":
        result.weight(last)[...] *= 2 if out else 0.5
        result.bias(last)[...] *= 2 if out else 0.5
    elif name != "IDENTITY":
        result.bias(last)[...] -= LIFT if out else -LIFT
    return result


def read_network(network: Network, parameters: Parameters) -> Any:
    """Return a network with these parameters, read from a file in memory."""
    name, inside = activation_of(network), moved(network, parameters, out=False)
    sizes = (network.sizes[0], *(max(n, 2) for n in network.hidden_sizes), network.sizes[-1])
    layers = []
    for layer, (below, units) in enumerate(itertools.pairwise(sizes)):
        table, weight = np.zeros((below + 1, units)), inside.weight(layer)
        table[: len(weight), : weight.shape[1]], table[-1, : weight.shape[1]] = weight, inside.bias(layer)
        layers.append(table)
    lifted = name in ("RELU", "LEAKYRELU")
    to_outputs = (1.0, -LIFT) if lifted else (1.0, 0.0)
    from_targets = (2.0, -1.0) if name == "SIGMOID_SYM" else (1.0, LIFT) if lifted else (1.0, 0.0)
    text = f"""%YAML:1.0
---
opencv_ml_ann_mlp:
   format: 3
   layer_sizes: {list(sizes)}
   activation_function: {name}
   f_param1: {2.0 if name == "SIGMOID_SYM" else float(np.float32(LEAKY_SLOPE))!r}
   f_param2: 1.
   min_val: 0.
   max_val: 0.
   min_val1: 0.
   max_val1: 0.
   input_scale: {[1.0, 0.0] * sizes[0]}
   output_scale: {list(to_outputs) * sizes[-1]}
   inv_output_scale: {list(from_targets) * sizes[-1]}
   weights:
"""
    for table in layers:
        text += "      - [" + ", ".join(map(_number, table.ravel().tolist())) + "]\n"
    net = cv2.ml.ANN_MLP.create()
    file = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)  # its nodes live as long as it does
    net.read(file.getFirstTopLevelNode())
    return net


def _number(value: float) -> str:
    """Return a number as the file has it; its names of infinities and NaN begin with a point."""
    if np.isfinite(value):
        return repr(value)
    return ".Nan" if np.isnan(value) else ".Inf" if value > 0 else "-.Inf"
