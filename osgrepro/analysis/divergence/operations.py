"""What computes a variable's gradient, as far as the variable's name tells.

The names are those of TensorFlow's operations; a backend may fuse some of them, as oneDNN does with
a convolution's two gradients, and XLA with everything.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Operation(NamedTuple):
    """An operation's name and what kind of work it is; ``unknown`` where nothing tells."""

    name: str
    kind: str


UNKNOWN = Operation("unknown", "unknown")
_BIAS = Operation("BiasAddGrad", "reduction")
_MATMUL = Operation("MatMul", "matrix product")
_EINSUM = Operation("Einsum", "matrix product")
_RECURRENT = Operation("MatMul of each time step, added up", "matrix product")
_CONV = Operation("Conv2DBackpropFilter", "convolution")
_CONV_3D = Operation("Conv3DBackpropFilterV2", "convolution")
_DEPTHWISE = Operation("DepthwiseConv2dNativeBackpropFilter", "convolution")
_BATCH_NORM = Operation("FusedBatchNormGradV3", "normalization")
_SUM = Operation("Sum", "reduction")
_SCATTER = Operation("UnsortedSegmentSum", "scatter")

_ANY = r"(?:|.+_)"  # a name that ends with the layer's own: lstm_cell, forward_lstm
_NUMBERED = r"(?:_\d+)?\Z"
# (the layer's name, the variable's own name, operation), the first that fits.
_RULES = tuple(
    (re.compile(_ANY + layer + _NUMBERED), re.compile(variable + r"\Z"), operation)
    for layer, variable, operation in (
        (r"(?:lstm|gru|simple_rnn)(?:_cell)?", r"(?:recurrent_)?kernel", _RECURRENT),
        (r"(?:lstm|gru|simple_rnn)(?:_cell)?", r"(?:recurrent_)?bias", _BIAS),
        (r"embedding", r"embeddings", _SCATTER),
        (r"batch_normalization(?:_v\d)?", r"gamma|beta", _BATCH_NORM),
        (r"(?:layer|group|unit|rms)_normalization", r"gamma|beta|scale", _SUM),
        (r"separable_conv[12]d|depthwise_conv[12]d", r"depthwise_kernel|kernel", _DEPTHWISE),
        (r"separable_conv[12]d", r"pointwise_kernel", _CONV),
        (r"conv3d(?:_transpose)?", r"kernel", _CONV_3D),
        (r"conv[12]d(?:_transpose)?", r"kernel", _CONV),
        (r"einsum_dense|query|key|value|attention_output", r"kernel", _EINSUM),
        (r"einsum_dense|query|key|value|attention_output", r"bias", _SUM),
        (r"dense", r"kernel", _MATMUL),
        (r"(?:\w+_)?conv[123]d(?:_transpose)?|dense", r"bias", _BIAS),
    )
)


def computed_by(variable: str) -> Operation:
    """Return what computes the gradient of a variable.

    Parameters
    ----------
    variable : str
        As Keras names it: ``sequential/conv2d_1/kernel``, or ``conv2d_1/kernel:0``. A layer that
        was given a name of its own doesn't tell what it is.
    """
    layers = variable.partition(":")[0].split("/")
    if len(layers) < 2:
        return UNKNOWN
    for layer, own, operation in _RULES:
        if layer.match(layers[-2]) and own.match(layers[-1]):
            return operation
    return UNKNOWN
