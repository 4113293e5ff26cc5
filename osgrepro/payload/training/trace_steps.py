"""Hooks in the graph of a training step: copy what it is made of aside, once it is made.

Copies stand behind the forward and backward pass: a dropout's seed depends on how many operations
come before it in the graph, and must be the run's own.
"""

from __future__ import annotations

import importlib
from typing import Any, Dict, List

from .. import fingerprint
from ..context import Channel


class EnoughError(Exception):
    """As many steps are traced as were asked for: the way out of training, nothing went wrong."""


class Steps:
    """Watches ``model`` train and tells ``channel`` about its first ``count`` steps."""

    def __init__(self, model: Any, channel: Channel, count: int) -> None:
        self._tf = importlib.import_module("tensorflow")
        self._model, self._channel, self._count = model, channel, count
        self._gradients: Dict[str, Any] = {}
        self._batch: List[Any] = []
        self._outputs: List[Any] = []
        names = ("gradients", "batches", "outputs", "weights")
        self._told: Dict[str, List[Any]] = {name: [] for name in names}
        self._hook_batches()
        self._hook_outputs()
        self._hook_gradients()

    def callback(self) -> Any:
        """Return the Keras callback that tells each step and ends the training."""
        callback = self._tf.keras.callbacks.Callback()
        callback.on_train_batch_end = lambda *_args, **_kwargs: self._step_done()
        return callback

    def _hook_batches(self) -> None:
        step = self._model.train_step

        def train_step(data: Any) -> Any:
            result = step(data)
            self._keep_batch(self._tf.nest.flatten(data))
            return result

        self._model.train_step = train_step

    def _hook_gradients(self) -> None:
        optimizer = self._model.optimizer
        apply = optimizer.apply_gradients

        def apply_gradients(grads_and_vars: Any, *args: Any, **kwargs: Any) -> Any:
            pairs = list(grads_and_vars)
            for number, (gradient, variable) in enumerate(pairs):
                name = f"{number}:{getattr(variable, 'path', variable.name)}"
                self._gradients[name] = self._copy(self._gradients.get(name), gradient)
            return apply(pairs, *args, **kwargs)

        optimizer.apply_gradients = apply_gradients

    def _hook_outputs(self) -> None:
        """Look at what goes into the loss; a model that computes it in another way isn't seen."""
        if hasattr(self._model, "compute_loss"):
            self._model.compute_loss = self._watched(self._model.compute_loss, position=2)
        elif hasattr(self._model, "compiled_loss"):
            self._model.compiled_loss = _Watched(self._model.compiled_loss, self._watched)

    def _watched(self, loss: Any, position: int) -> Any:
        def watched(*args: Any, **kwargs: Any) -> Any:
            result = loss(*args, **kwargs)
            outputs = args[position] if len(args) > position else kwargs.get("y_pred")
            self._outputs = self._copies(self._outputs, self._tf.nest.flatten(outputs))
            return result

        return watched

    def _keep_batch(self, tensors: List[Any]) -> None:
        self._batch = self._copies(self._batch, tensors)

    def _copies(self, known: List[Any], tensors: List[Any]) -> List[Any]:
        tensors = [tensor for tensor in tensors if tensor is not None]
        known = known or [None] * len(tensors)
        return [self._copy(copy, tensor) for copy, tensor in zip(known, tensors)]

    def _copy(self, copy: Any, value: Any) -> Any:
        """Return a variable that takes ``value`` at every step."""
        dense = self._tf.convert_to_tensor(value)
        if copy is None:
            with self._tf.init_scope():
                shape = self._tf.TensorShape([None] * dense.shape.rank)
                start = self._tf.zeros([1] * dense.shape.rank, dense.dtype)
                copy = self._tf.Variable(start, trainable=False, shape=shape)
        copy.assign(dense)
        return copy

    def _step_done(self) -> None:
        self._told["gradients"].append(
            {name: fingerprint.arrays([v.numpy()]) for name, v in self._gradients.items()}
        )
        self._told["batches"].append(fingerprint.arrays([v.numpy() for v in self._batch]))
        if self._outputs:
            self._told["outputs"].append(fingerprint.arrays([v.numpy() for v in self._outputs]))
        self._told["weights"].append(fingerprint.arrays(self._model.get_weights()))
        self._channel.send(trace=self._told)
        if len(self._told["gradients"]) == self._count:
            raise EnoughError


class _Watched:
    """Keras 2.8's container of losses, but for its call."""

    def __init__(self, losses: Any, watched: Any) -> None:
        self._losses, self._call = losses, watched(losses, position=1)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._losses, name)
