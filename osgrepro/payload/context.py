"""What an experiment's ``run(context)`` gets: its parameters and data, and a place for evidence.

Everything here only looks: it hands calls on to Keras unchanged, copies weights before and after,
and never draws a random number, so that a recorded run has the same numbers as a bare one.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterable, Iterator, Mapping, Optional, Protocol

from . import backends, examples, fingerprint
from .faults import InputError
from .model_hashes import Hashed
from .spec import Task
from .training import seeding


class Channel(Protocol):
    """Takes what is learnt."""

    def send(self, **parts: Any) -> None:
        """Take ``parts``."""


class Context:
    """One run, as its experiment sees it.

    Attributes
    ----------
    seed, repeat : int
        This run's seed, one of the campaign's, and the number of its repeat. Everything is seeded
        already; a repeat must not train differently because of its number.
    params : mapping
        The campaign's parameters of this experiment, as they are.
    scratch : str
        The folder that the run may write to.
    """

    def __init__(self, task: Task, channel: Channel) -> None:
        self.seed = task.seed
        self.repeat = task.repeat
        self.params: Mapping[str, Any] = dict(task.experiment.params)
        self.scratch = task.scratch
        self._files = {d.file: os.path.join(task.scratch, d.file) for d in task.experiment.data}
        self._channel = channel
        self._model = Hashed()

    @property
    def torch(self) -> Any:
        """The image's PyTorch; seeded, where the experiment runs on it.

        Raises
        ------
        InputError
            If it is not in the image.
        """
        return backends.module("torch")

    def loader_seeding(self) -> Dict[str, Any]:
        """Return what seeds a DataLoader and its workers: ``DataLoader(…, **loader_seeding())``.

        The order of the examples then depends on the run's seed alone, whatever was drawn before.
        """
        generator = self.torch.Generator()
        generator.manual_seed(self.seed)
        return {"generator": generator, "worker_init_fn": seeding.seed_worker}

    @property
    def keras(self) -> Any:
        """The image's Keras, seeded: TensorFlow's own, or Keras 3 on the image's backend."""
        return backends.keras()

    def settings(self, **defaults: Any) -> Dict[str, Any]:
        """Return the parameters over their defaults; unknown names and other types are refused.

        Raises
        ------
        InputError
            Naming every parameter that the experiment doesn't know, or of another type.
        """
        unknown = sorted(set(self.params) - set(defaults))
        problems = [f"params.{name}: this experiment has no such parameter" for name in unknown]
        for name in sorted(set(self.params) & set(defaults)):
            wanted, given = type(defaults[name]), type(self.params[name])
            if given is not wanted and not (wanted is float and given is int):
                problems.append(f"params.{name}: should be {wanted.__name__}, not {given.__name__}")
        if problems:
            raise InputError("\n".join(problems))
        return {**defaults, **self.params}

    def path(self, file: Optional[str] = None) -> str:
        """Return the path of a data file; without a name, of the only one.

        Raises
        ------
        InputError
            If the campaign declares no such file for this experiment.
        """
        if file is None and len(self._files) == 1:
            return next(iter(self._files.values()))
        if file in self._files:
            return self._files[str(file)]
        asked = "one file" if file is None else repr(file)
        raise InputError(f"data: {asked} asked for, declared are {sorted(self._files)}")

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Time what is done inside: ``"data"`` and ``"evaluate"`` have a place in the result."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._channel.send(timings={f"{what}_s": time.monotonic() - start})

    def prepared(self, **arrays: Any) -> None:
        """Record the hashes of the arrays that training and evaluation are about to read."""
        hashes = {name: fingerprint.arrays([value]) for name, value in arrays.items()}
        self._channel.send(provenance={"data": {"prepared": hashes}})

    def initial_weights(self, weights: Any) -> None:
        """Record the weights before the first step: arrays or tensors, or a ``state_dict``."""
        self._weights("initial_weights", lambda: fingerprint.arrays(weights))

    def final_weights(self, weights: Any) -> None:
        """Record the weights after the last step: arrays or tensors, or a ``state_dict``."""
        self._weights("final_weights", lambda: fingerprint.arrays(weights))

    def model(self, model: Any, optimizer: Any = None, initial: bool = False) -> None:
        """Record a PyTorch model: each entry of its ``state_dict`` by name, in its own type.

        Called after the last step; with ``initial`` before the first. What can't be hashed is
        noted in the result and costs no training.
        """
        what = "initial_weights" if initial else "final_weights"
        self._weights(what, lambda: self._model.take(model, kept=not initial))
        if optimizer is not None and not initial:
            self.optimizer(optimizer)
        elif not initial:
            self._channel.send(fingerprints={"model": self._model.known()})

    def optimizer(self, optimizer: Any) -> None:
        """Record the state of a PyTorch optimizer after the last step."""
        self._weights("optimizer", lambda: self._model.take_optimizer(optimizer))
        self._channel.send(fingerprints={"model": self._model.known()})

    def _weights(self, what: str, read: Callable[[], str]) -> None:
        """Send a fingerprint; a model that can't be hashed is no reason to lose its training."""
        try:
            digest = read()
        except Exception as error:
            problem = f"{what} can't be hashed: {error}"
            sys.stderr.write(f"osgrepro: {problem}\n")
            self._channel.send(provenance={"errors": {what: problem}})
            return
        if what != "optimizer":
            self._channel.send(fingerprints={what: digest})

    def losses(self, history: Mapping[str, Any]) -> None:
        """Record the losses of each epoch: ``{"loss": [...], "val_loss": [...]}``."""
        self._channel.send(fingerprints={"losses": fingerprint.losses(history)})

    def fit(self, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Call ``model.fit(...)`` unchanged; record both ends' weights, losses and the time."""
        if model.built:
            self.initial_weights(model.get_weights())
        with self.timed("fit"):
            history = model.fit(*args, **kwargs)
        self.final_weights(model.get_weights())
        self.losses(history.history)
        return history

    def predictions(self, values: Any, truth: Any = None, regression: bool = False) -> Any:
        """Record predictions and the labels they stand for; return them.

        Their number is what a spread is later held against, as the test set's sampling error;
        ``truth``, the labels to be found, tells what the trivial model would reach, and at which
        place of the scores each true label stood. With ``regression`` the values are numbers that
        stand for no labels; where nothing tells, one column within 0 to 1 is taken for
        probabilities.
        """
        array = fingerprint.as_array(values)
        true = None if truth is None else fingerprint.as_array(truth)
        labels = examples.labels(array, true, regression)
        self._channel.send(
            provenance=_test_set(array, true, labels is not None),
            examples=examples.recorded(array, true, regression),
        )
        hashes = {"predictions": fingerprint.arrays([array])}
        if labels is not None:
            hashes["labels"] = fingerprint.arrays([labels])
        self._channel.send(fingerprints=hashes)
        return array

    def probed(self, results: Mapping[str, Iterable[Any]]) -> Dict[str, str]:
        """Record the hash of each operation's arrays, by its name; return the hashes."""
        hashes = {name: fingerprint.arrays(values) for name, values in results.items()}
        self._channel.send(fingerprints={"probe": hashes})
        return hashes


def _test_set(predictions: Any, truth: Any, classified: bool) -> Dict[str, Any]:
    """Return the provenance of a test set: its size, and the share of its most frequent class."""
    items = int(predictions.shape[0]) if predictions.ndim else 0
    test_set: Dict[str, Any] = {"items": items, "most_frequent_share": None}
    if truth is not None:
        labels = truth
        if len(labels) != items:  # training is done: no reason to lose it
            problem = f"{items} predictions for {len(labels)} labels"
            return {"data": {"test_set": test_set}, "errors": {"test_set": problem}}
        if classified:
            test_set["most_frequent_share"] = fingerprint.most_frequent_share(labels)
    return {"data": {"test_set": test_set}}
