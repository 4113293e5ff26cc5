"""Two bidirectional LSTMs on film reviews, after Keras's example "Bidirectional LSTM on IMDB".

Reads one ``.npz``: Keras's ``imdb.npz`` (lists of word ranks), or ``tokens_*``, ``offsets_*`` and
``labels_*`` where review i is ``tokens[offsets[i]:offsets[i+1]]``, made into word indices already.
Metrics, on the test split: ``test_loss``, ``test_accuracy``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..context import Context

# What keras.datasets.imdb.load_data does by default.
SHUFFLE_SEED = 113
START, UNKNOWN, FIRST_WORD = 1, 2, 3


def run(context: Context) -> dict[str, Any]:
    """Train and evaluate; ``limit_train`` and ``limit_test`` of 0 mean all reviews."""
    settings = context.settings(
        epochs=2, batch_size=32, vocabulary=20_000, length=200, limit_train=0, limit_test=0
    )
    with context.timed("data"):
        reviews = load(context.path())
        x_train, y_train = prepare(reviews["train"], settings, settings["limit_train"])
        x_test, y_test = prepare(reviews["test"], settings, settings["limit_test"])
        context.prepared(x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)

    model = build(context.keras, settings["vocabulary"])
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    context.fit(
        model,
        x_train,
        y_train,
        batch_size=settings["batch_size"],
        epochs=settings["epochs"],
        validation_data=(x_test, y_test),
        verbose=2,
    )
    with context.timed("evaluate"):
        loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
        context.predictions(model.predict(x_test, verbose=0), y_test)
    return {"test_loss": loss, "test_accuracy": accuracy}


def load(path: str) -> dict[str, Any]:
    """Return ``{"train": (reviews, labels), "test": …}`` from either layout."""
    with np.load(path, allow_pickle=False) as file:
        if "tokens_train" in file.files:
            return {part: flat(file, part) for part in ("train", "test")}
    # Keras's file holds Python lists: it can only be read as the pickle that it is. Its sha256 has
    # been checked by now.
    with np.load(path, allow_pickle=True) as file:
        return ranked(file)


def flat(file: Any, part: str) -> tuple[Any, Any]:
    """Return reviews and labels of the layout with offsets."""
    tokens, offsets = file["tokens_" + part], file["offsets_" + part]
    reviews = [tokens[start:end] for start, end in zip(offsets[:-1], offsets[1:])]
    return reviews, file["labels_" + part]


def ranked(file: Any) -> dict[str, Any]:
    """Return reviews and labels of Keras's layout, as its ``load_data`` orders and numbers them."""
    generator = np.random.RandomState(SHUFFLE_SEED)  # one for both parts, training first
    parts = {}
    for part in ("train", "test"):
        reviews, labels = file["x_" + part], file["y_" + part]
        order = np.arange(len(reviews))
        generator.shuffle(order)
        words = [[START] + [rank + FIRST_WORD for rank in ranks] for ranks in reviews[order]]
        parts[part] = (words, labels[order])
    return parts


def prepare(split: Any, settings: dict[str, Any], limit: int) -> tuple[Any, Any]:
    """Return the last ``length`` words of each review, rare ones as unknown, zeros in front."""
    reviews, labels = split
    end = limit or None
    vocabulary, length = settings["vocabulary"], settings["length"]
    labels = np.asarray(labels[:end])
    rows = np.zeros((len(labels), length), dtype="int32")
    for row, review in zip(rows, reviews[:end]):
        words = np.asarray(review[-length:], dtype="int64")
        row[length - len(words) :] = np.where(words < vocabulary, words, UNKNOWN)
    return rows, labels


def build(keras: Any, vocabulary: int) -> Any:
    """Return the model, not yet compiled."""
    layers = keras.layers
    inputs = keras.Input(shape=(None,), dtype="int32")
    x = layers.Embedding(vocabulary, 128)(inputs)
    x = layers.Bidirectional(layers.LSTM(64, return_sequences=True))(x)
    x = layers.Bidirectional(layers.LSTM(64))(x)
    outputs = layers.Dense(1, activation="sigmoid")(x)
    return keras.Model(inputs, outputs)
