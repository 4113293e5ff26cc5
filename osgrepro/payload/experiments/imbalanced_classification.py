"""Card fraud, one class rare, after Keras's example "Imbalanced classification: credit card fraud".

Reads one ``.csv`` with Kaggle's columns: ``Time``, ``V1`` to ``V28``, ``Amount``, ``Class``.
Metrics, on the last fifth of the rows: ``test_loss``, ``test_accuracy``, ``test_precision``,
``test_recall`` (not a number where nothing was called, or was, fraud).
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..context import Context


def run(context: Context) -> dict[str, Any]:
    """Train and evaluate; a ``limit`` of 0 means all rows."""
    settings = context.settings(epochs=30, batch_size=2048, learning_rate=1e-2, limit=0)
    with context.timed("data"):
        features, targets = load(context.path(), settings["limit"])
        rows = int(len(features) * 0.2)
        x_train, x_test = standardised(features[:-rows], features[-rows:])
        y_train, y_test = targets[:-rows], targets[-rows:]
        context.prepared(x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)

    counts = np.bincount(y_train[:, 0], minlength=2)
    model = build(context.keras, x_train.shape[-1])
    model.compile(
        optimizer=context.keras.optimizers.Adam(settings["learning_rate"]),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    context.fit(
        model,
        x_train,
        y_train,
        batch_size=settings["batch_size"],
        epochs=settings["epochs"],
        verbose=2,
        validation_data=(x_test, y_test),
        class_weight={0: 1.0 / counts[0], 1: 1.0 / counts[1]},
    )
    with context.timed("evaluate"):
        loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
        predictions = context.predictions(model.predict(x_test, verbose=0), y_test)
    return {"test_loss": loss, "test_accuracy": accuracy, **rates(predictions, y_test)}


def load(path: str, limit: int) -> tuple[Any, Any]:
    """Return features as float32 and classes as a column of uint8."""
    features, classes, columns = array("d"), array("B"), 0
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number == 0:
                columns = line.count(",")
                continue
            if limit and number > limit:
                break
            fields = line.strip().replace('"', "").split(",")
            features.extend(map(float, fields[:-1]))
            classes.append(int(fields[-1]))
    matrix = np.frombuffer(features, dtype="float64").reshape(-1, columns)
    return matrix.astype("float32"), np.frombuffer(classes, dtype="uint8").reshape(-1, 1)


def standardised(train: Any, test: Any) -> tuple[Any, Any]:
    """Return both parts with the training rows' mean and deviation taken out."""
    mean = np.mean(train, axis=0)
    train, test = train - mean, test - mean
    deviation = np.std(train, axis=0)
    deviation[deviation == 0] = 1  # a constant column says nothing, and must not become NaN
    return train / deviation, test / deviation


def rates(predictions: Any, targets: Any) -> dict[str, float]:
    """Return precision and recall at one half."""
    called, fraud = predictions[:, 0] > 0.5, targets[:, 0] == 1
    hits = int(np.sum(called & fraud))
    return {
        "test_precision": hits / int(called.sum()) if called.any() else float("nan"),
        "test_recall": hits / int(fraud.sum()) if fraud.any() else float("nan"),
    }


def build(keras: Any, columns: int) -> Any:
    """Return the model, not yet compiled."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(shape=(columns,)),
            layers.Dense(256, activation="relu"),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
