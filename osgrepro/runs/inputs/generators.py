"""The sample data: small, honest, learnable but not trivial, and the same bytes everywhere.

Only ``random.Random.random`` is used, whose sequence Python promises to keep, and only additions
and products, which IEEE 754 rounds in one way; so files can be pinned by their sha256.
"""

from __future__ import annotations

import io
import random
import zipfile
from importlib import resources

import numpy as np

# The earliest date that a zip file can hold.
_DATE = (1980, 1, 1, 0, 0, 0)

_DIGITS_TEST = 360
_DIGIT_VALUES = "0123456789abcdefg"

# Word indices as in Keras's IMDB: 0 padding, 1 start, 2 unknown.
_VOCABULARY = 1_000
_PRAISE = range(3, 33)
_BLAME = range(33, 63)
_NEGATION = 63
_NEUTRAL = range(64, _VOCABULARY)
_REVIEWS = {"train": 2_000, "test": 500}
_MISLABELLED = 0.05

_ROWS = 6_000
_FRAUDS = 0.04
_SHIFTS = {4: 1.6, 10: -1.2, 11: 1.2, 12: -1.8, 14: -2.2, 17: -1.0}


def digits() -> bytes:
    """Return ``digits.npz``: scikit-learn's 1,797 digits as 28 x 28 images, the last 360 to test.

    Each of the 8 x 8 pixels becomes 3 x 3, with a margin of 2; 0 to 16 becomes 0 to 255.
    """
    text = (resources.files(__package__) / "samples" / "digits.txt").read_text("ascii")
    rows = [line.split() for line in text.splitlines() if not line.startswith("#")]
    labels = np.array([int(label) for label, _ in rows], dtype=np.uint8)
    pixels = np.array([[_DIGIT_VALUES.index(c) for c in text] for _, text in rows])
    small = (pixels * 255 // 16).astype(np.uint8).reshape(-1, 8, 8)
    large = small.repeat(3, axis=1).repeat(3, axis=2)
    images = np.pad(large, ((0, 0), (2, 2), (2, 2)))
    return _npz(
        x_train=images[:-_DIGITS_TEST],
        y_train=labels[:-_DIGITS_TEST],
        x_test=images[-_DIGITS_TEST:],
        y_test=labels[-_DIGITS_TEST:],
    )


def reviews() -> bytes:
    """Return ``reviews.npz``: 2,000 + 500 reviews of 20 to 79 words out of 1,000.

    A review has an opinion. A quarter of its words judge: four in five of them say the opinion, one
    in five says the opposite; sometimes a judging word is turned round by a negation before it. The
    other words are neutral, low numbers more often. One label in twenty is wrong.
    """
    source = random.Random(1)
    arrays = {}
    for part, count in _REVIEWS.items():
        made = [_review(source) for _ in range(count)]
        words = [words for words, _ in made]
        arrays[f"tokens_{part}"] = np.array([w for review in words for w in review], dtype="<i4")
        lengths = [0, *(len(review) for review in words)]
        arrays[f"offsets_{part}"] = np.cumsum(lengths, dtype="<i8")
        arrays[f"labels_{part}"] = np.array([label for _, label in made], dtype=np.int8)
    return _npz(**arrays)


def transactions() -> bytes:
    """Return ``transactions.csv``: 6,000 card transactions in Kaggle's columns, about 4 % frauds.

    ``V1`` to ``V28`` are sums of twelve uniform numbers less six (near a normal distribution); a
    fraud's V4, V10, V11, V12, V14 and V17 are shifted by one to two deviations, so that the classes
    overlap. Amounts are mostly small, ``Time`` runs through two days.
    """
    source = random.Random(2)
    names = ["Time", *(f"V{n}" for n in range(1, 29)), "Amount", "Class"]
    lines = [",".join(names)]
    for row in range(_ROWS):
        fraud = source.random() < _FRAUDS
        values = [_normal(source) + (_SHIFTS.get(n, 0.0) if fraud else 0.0) for n in range(1, 29)]
        amount = int(source.random() * source.random() * source.random() * 200_000) / 100
        columns = [f"{row * 172_800 // _ROWS}", *(f"{value:.6f}" for value in values)]
        lines.append(",".join([*columns, f"{amount:.2f}", f"{int(fraud)}"]))
    return ("\n".join(lines) + "\n").encode("ascii")


def _normal(source: random.Random) -> float:
    total = -6.0
    for _ in range(12):  # sum() adds in another way from Python 3.12 on
        total += source.random()
    return total


def _review(source: random.Random) -> tuple[list[int], int]:
    good = source.random() < 0.5
    words = [1]
    for _ in range(20 + int(source.random() * 60)):
        if source.random() >= 0.25:
            skewed = source.random() * source.random() * source.random()
            words.append(_NEUTRAL[int(skewed * len(_NEUTRAL))])
            continue
        praise = good == (source.random() < 0.8)
        if source.random() < 0.1:
            words.append(_NEGATION)
            praise = not praise
        chosen = _PRAISE if praise else _BLAME
        words.append(chosen[int(source.random() * len(chosen))])
    wrong = source.random() < _MISLABELLED
    return words, int(good != wrong)


def _npz(**arrays: np.ndarray) -> bytes:
    """Return an uncompressed ``.npz`` that has the same bytes whenever and wherever it is made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _DATE), content.getvalue())
    return buffer.getvalue()
