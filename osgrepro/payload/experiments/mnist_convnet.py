"""A small convolutional network on MNIST-like images, after Keras's example "Simple MNIST convnet".

Reads one ``.npz`` with ``x_train y_train x_test y_test`` (28 x 28, uint8; labels 0 to 9). Metrics:
``test_loss``, ``test_accuracy``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..context import Context

CLASSES = 10


def run(context: Context) -> dict[str, Any]:
    """Train and evaluate; ``limit_train`` and ``limit_test`` of 0 mean all images."""
    settings = context.settings(epochs=15, batch_size=128, limit_train=0, limit_test=0)
    with context.timed("data"):
        with np.load(context.path()) as file:
            x_train, y_train = images(file, "train", settings["limit_train"])
            x_test, y_test = images(file, "test", settings["limit_test"])
        context.prepared(x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)

    model = build(context.keras)
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    context.fit(
        model,
        x_train,
        y_train,
        batch_size=settings["batch_size"],
        epochs=settings["epochs"],
        validation_split=0.1,
        verbose=2,
    )
    with context.timed("evaluate"):
        loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
        context.predictions(model.predict(x_test, verbose=0), y_test)
    return {"test_loss": loss, "test_accuracy": accuracy}


def images(file: Any, part: str, limit: int) -> tuple[Any, Any]:
    """Return images scaled to [0, 1] with a channel axis, and labels as one-hot rows."""
    end = limit or None
    x = file["x_" + part][:end].astype("float32") / 255
    return np.expand_dims(x, -1), np.eye(CLASSES, dtype="float32")[file["y_" + part][:end]]


def build(keras: Any) -> Any:
    """Return the model, not yet compiled."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
