"""A numerical probe: the operations that the three experiments train with, once each, and hashed.

Reads no data, trains nothing, and takes seconds. Where two slots part, the operation's name tells
by what: the split of a sum among the threads of the intra-op pool, a cache's size, an instruction
set. TensorFlow only. Metrics: ``operations``, how many there are, and ``digest``, the first 52 bits
of the sha256 of all of their hashes.
"""

from __future__ import annotations

import importlib
import zlib
from typing import TYPE_CHECKING, Any, Callable, Dict, Tuple

import numpy as np

from .. import fingerprint
from ..faults import InputError

if TYPE_CHECKING:
    from ..context import Context

Operation = Tuple[Callable[..., Any], Tuple[str, ...]]

# What the fingerprint of all inputs must be, whichever NumPy made them.
INPUTS_SHA256 = "9506954ad87871019e1251027febe9f1bd56febff8d8acc19e3ac3907a5492b3"

VOCABULARY = 20_000

# The three experiments' own shapes: their batches, layers and the gradients between them.
SHAPES: Dict[str, Tuple[int, ...]] = {
    "images": (128, 28, 28, 1),
    "kernel_1": (3, 3, 1, 32),
    "maps_1": (128, 26, 26, 32),
    "pooled_1": (128, 13, 13, 32),
    "kernel_2": (3, 3, 32, 64),
    "maps_2": (128, 11, 11, 64),
    "pooled_2": (128, 5, 5, 64),
    "flat": (128, 1600),
    "classifier": (1600, 10),
    "logits": (128, 10),
    "rows": (2048, 30),
    "dense_1": (30, 256),
    "hidden": (2048, 256),
    "hidden_gradient": (2048, 256),
    "dense_2": (256, 256),
    "dense_out": (256, 1),
    "scores": (2048, 1),
    "words": (32, 10, 128),
    "lstm_kernel": (128, 256),
    "lstm_recurrent": (64, 256),
    "lstm_bias": (256,),
    "states": (32, 64),
    "gates": (32, 256),
    "embedding_gradient": (32 * 200, 128),
}


def run(context: Context) -> dict[str, Any]:
    """Compute every operation once; it has no parameters."""
    context.settings()
    with context.timed("data"):
        inputs = made()
        context.prepared(**inputs)
        check(fingerprint.arrays(inputs.values()))
    with context.timed("fit"):
        results = computed(tensorflow(context.keras), inputs)
    hashes = context.probed(results)
    return {"operations": len(hashes), "digest": int(fingerprint.mapping(hashes)[:13], 16)}


def check(found: str) -> None:
    """Refuse inputs that are not those of every other slot: results could not be compared.

    Raises
    ------
    InputError
        If their sha256 is another than it must be.
    """
    if found != INPUTS_SHA256:
        raise InputError(f"the probe's inputs have sha256 {found}, not {INPUTS_SHA256}")


def tensorflow(keras: Any) -> Any:
    """Return TensorFlow, which must be what computes under ``keras``.

    Raises
    ------
    InputError
        If another backend does.
    """
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise InputError(f"the probe is of TensorFlow's own operations; {backend} computes here")
    return importlib.import_module("tensorflow")


def made() -> Dict[str, Any]:
    """Return the inputs; exact arithmetic alone makes them, so every NumPy makes the same."""
    inputs = {name: numbers(name, shape) for name, shape in SHAPES.items()}
    inputs["words_seen"] = (np.abs(numbers("words_seen", (32 * 200,))) * 500).astype("int32")
    inputs["labels"] = np.eye(10, dtype="float32")[np.arange(128) * 7 % 10]
    inputs["classes"] = (numbers("classes", (2048, 1)) > 0.9).astype("float32")
    return inputs


def numbers(name: str, shape: Tuple[int, ...]) -> Any:
    """Return float32 in [-1, 1), the same for the same name: RandomState's stream never changes."""
    generator = np.random.RandomState(zlib.crc32(name.encode("ascii")))
    return (generator.random_sample(shape) * 2 - 1).astype("<f4")


def computed(tf: Any, inputs: Dict[str, Any]) -> Dict[str, Any]:
    """Return the results of every operation, each in a graph of its own as a training step is."""
    results = {}
    for name, (function, wanted) in operations(tf).items():
        given = [tf.constant(inputs[one]) for one in wanted]
        values = tf.function(function).get_concrete_function(*given)(*given)
        results[name] = [value.numpy() for value in tf.nest.flatten(values)]
    return results


def operations(tf: Any) -> Dict[str, Operation]:
    """Return every operation by name, with the names of its inputs."""
    return {
        **bias_gradients(tf),
        **products(tf),
        **convolutions(tf),
        **poolings(tf),
        **reductions(tf),
        **functions(tf),
        **recurrent(tf),
        **updates(tf),
    }


def bias_gradients(tf: Any) -> Dict[str, Operation]:
    """Return sums over all axes but the last: what the pool's size decides first."""

    def gradient(upstream: Any) -> Any:
        return tf.raw_ops.BiasAddGrad(out_backprop=upstream)

    shapes = ("maps_1", "maps_2", "logits", "hidden", "scores", "gates")
    return {f"bias_gradient.{name}": (gradient, (name,)) for name in shapes}


def products(tf: Any) -> Dict[str, Operation]:
    """Return the dense layers' products, forward and backward."""

    def input_gradient(upstream: Any, weights: Any) -> Any:
        return tf.matmul(upstream, weights, transpose_b=True)

    def weight_gradient(x: Any, upstream: Any) -> Any:
        return tf.matmul(x, upstream, transpose_a=True)

    layers = {
        "classifier": ("flat", "classifier", "logits"),
        "dense_1": ("rows", "dense_1", "hidden"),
        "dense_2": ("hidden", "dense_2", "hidden_gradient"),
        "dense_out": ("hidden", "dense_out", "scores"),
        "lstm_recurrent": ("states", "lstm_recurrent", "gates"),
    }
    found: Dict[str, Operation] = {}
    for name, (x, weights, upstream) in layers.items():
        found[f"product.{name}.forward"] = (tf.matmul, (x, weights))
        found[f"product.{name}.input_gradient"] = (input_gradient, (upstream, weights))
        found[f"product.{name}.weight_gradient"] = (weight_gradient, (x, upstream))
    return found


def convolutions(tf: Any) -> Dict[str, Operation]:
    """Return both convolutions, forward and backward."""
    same = {"strides": [1, 1, 1, 1], "padding": "VALID"}

    def forward(x: Any, kernel: Any) -> Any:
        return tf.raw_ops.Conv2D(input=x, filter=kernel, **same)

    def input_gradient(x: Any, kernel: Any, upstream: Any) -> Any:
        return tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.shape(x), filter=kernel, out_backprop=upstream, **same
        )

    def filter_gradient(x: Any, kernel: Any, upstream: Any) -> Any:
        return tf.raw_ops.Conv2DBackpropFilter(
            input=x, filter_sizes=tf.shape(kernel), out_backprop=upstream, **same
        )

    found: Dict[str, Operation] = {}
    for number, x in ((1, "images"), (2, "pooled_1")):
        names = (x, f"kernel_{number}", f"maps_{number}")
        found[f"convolution_{number}.forward"] = (forward, names[:2])
        found[f"convolution_{number}.input_gradient"] = (input_gradient, names)
        found[f"convolution_{number}.filter_gradient"] = (filter_gradient, names)
    return found


def poolings(tf: Any) -> Dict[str, Operation]:
    """Return both max poolings' gradients."""

    def gradient(maps: Any, upstream: Any) -> Any:
        half = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}
        pooled = tf.raw_ops.MaxPool(input=maps, **half)
        return tf.raw_ops.MaxPoolGrad(orig_input=maps, orig_output=pooled, grad=upstream, **half)

    return {
        "max_pooling_gradient.1": (gradient, ("maps_1", "pooled_1")),
        "max_pooling_gradient.2": (gradient, ("maps_2", "pooled_2")),
    }


def reductions(tf: Any) -> Dict[str, Operation]:
    """Return the losses, and the sums that they are made of."""

    def softmax(logits: Any, labels: Any) -> Any:
        return tf.raw_ops.SoftmaxCrossEntropyWithLogits(features=logits, labels=labels)

    def binary(scores: Any, classes: Any) -> Any:
        p = tf.sigmoid(scores)
        return tf.reduce_mean(-classes * tf.math.log(p) - (1 - classes) * tf.math.log(1 - p))

    return {
        "cross_entropy.softmax": (softmax, ("logits", "labels")),
        "cross_entropy.binary": (binary, ("scores", "classes")),
        "reduction.softmax": (tf.nn.softmax, ("logits",)),
        "reduction.mean": (tf.reduce_mean, ("scores",)),
        "reduction.sum": (tf.reduce_sum, ("hidden",)),
    }


def functions(tf: Any) -> Dict[str, Operation]:
    """Return the functions that activations and losses approximate, each number by itself."""
    return {
        "function.exp": (tf.exp, ("gates",)),
        "function.log": (lambda x: tf.math.log(tf.abs(x)), ("gates",)),
        "function.sigmoid": (tf.sigmoid, ("gates",)),
        "function.tanh": (tf.tanh, ("gates",)),
    }


def recurrent(tf: Any) -> Dict[str, Operation]:
    """Return ten steps of an LSTM, and their gradients."""

    def forward(words: Any, kernel: Any, weights: Any, bias: Any, state: Any) -> Any:
        output, memory = state, state
        for step in range(words.shape[1]):
            z = tf.matmul(words[:, step], kernel) + tf.matmul(output, weights)
            i, f, c, o = tf.split(tf.nn.bias_add(z, bias), 4, axis=1)
            memory = tf.sigmoid(f) * memory + tf.sigmoid(i) * tf.tanh(c)
            output = tf.sigmoid(o) * tf.tanh(memory)
        return output, memory

    def backward(*values: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(values)
            output, _ = forward(*values)
        return tape.gradient(output, values)

    names = ("words", "lstm_kernel", "lstm_recurrent", "lstm_bias", "states")
    return {"lstm.forward": (forward, names), "lstm.backward": (backward, names)}


def updates(tf: Any) -> Dict[str, Operation]:
    """Return the sum of an embedding's gradients by word, and Adam's step, fused and in pieces."""
    variables = [tf.Variable(tf.zeros(SHAPES["hidden"])) for _ in range(3)]

    def scatter(gradient: Any, words: Any) -> Any:
        return tf.math.unsorted_segment_sum(gradient, words, VOCABULARY)

    def adam(value: Any, gradient: Any) -> Any:
        first, second = gradient * (1 - 0.9), tf.square(gradient) * (1 - 0.999)
        return value - first * 0.01 / (tf.sqrt(second) + 1e-7)

    def fused_adam(value: Any, gradient: Any) -> Any:
        for variable, start in zip(variables, (value, gradient, tf.square(gradient))):
            variable.assign(start)
        tf.raw_ops.ResourceApplyAdam(
            var=variables[0].handle,
            m=variables[1].handle,
            v=variables[2].handle,
            grad=gradient,
            **{"beta1_power": 0.9, "beta2_power": 0.999, "lr": 0.01},
            **{"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7},
        )
        return [variable.read_value() for variable in variables]

    weights = ("hidden", "hidden_gradient")
    return {
        "embedding_gradient": (scatter, ("embedding_gradient", "words_seen")),
        "adam.pieces": (adam, weights),
        "adam.fused": (fused_adam, weights),
    }
