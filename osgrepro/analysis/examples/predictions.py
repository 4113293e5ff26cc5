"""The labels of an experiment's runs: which runs can be compared, and every different vector once.

Called by the churn. What is read and compared depends on how many different vectors there are, not
on how many runs predicted them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.findings import UNLABELLED, NotAssessable
from osgrepro.analysis.statistics.agreement import Labels
from osgrepro.analysis.statistics.moments import Integers
from osgrepro.common.errors import InputError

# Takes hashes and the name of a column of labels; returns labels by hash.
LabelReader = Callable[[Collection[str], str], Mapping[str, Any]]
PREDICTED, TRUE = "predicted_labels", "true_labels"
# Comparisons of two labels, and fields of a table of vectors × classes: seconds, and 200 MB.
_MOST_COMPARISONS = 5_000_000_000
_MOST_COUNTS = 20_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Predictions:
    """The runs that predicted the same examples, and what they predicted.

    ``vectors`` has a row for each different prediction, ``rows`` the row of each run; ``truth`` is
    None where the runs did not tell it.
    """

    runs: pd.DataFrame
    rows: Integers
    vectors: Labels
    truth: Labels | None
    classes: int
    left_out: int


def predictions(runs: pd.DataFrame, labels: LabelReader | None) -> Predictions | NotAssessable:
    """Return what the seeded runs of an experiment predicted, of the examples that most share.

    Parameters
    ----------
    runs : DataFrame
        Runs that ended well.
    labels : callable or None
        Reads labels by their hash, such as ``partial(dataset.labels, path)``.
    """
    hashes = frames.column(runs, f"{PREDICTED}_sha256")
    if not hashes.notna().any():
        return UNLABELLED
    if labels is None:
        return NotAssessable(
            why="a frame has no labels", missing="analyze(frame, labels=partial(labels, path))"
        )
    kept = hashes.notna().to_numpy() & ~frames.unseeded(runs)
    same, asked = _commonest(frames.column(runs, f"{TRUE}_sha256"), kept)
    kept &= same
    numbers, known = pd.factorize(hashes[kept], sort=True)
    if len(known) ** 2 > 2 * _MOST_COMPARISONS or len(known) > _MOST_COUNTS:
        return _too_many(f"{len(known):,} different predictions")
    read = _read(labels, list(map(str, known)), PREDICTED)
    truth = None if asked is None else _read(labels, [asked], TRUE).get(asked)
    vectors = [read.get(str(sha256)) for sha256 in known]
    return _compared(runs[kept], numbers, vectors, len(runs), truth)


def _read(labels: LabelReader, hashes: Collection[str], column: str) -> dict[str, Labels]:
    """Return what a reader knows of these hashes, as arrays of whole numbers.

    Raises
    ------
    InputError
        If labels are no whole numbers from 0, one for each example.
    """
    return {sha256: _whole(sha256, own) for sha256, own in labels(hashes, column).items()}


def _whole(sha256: str, read: Any) -> Labels:
    labels = np.asarray(read)
    whole = labels
    if labels.ndim == 1 and labels.dtype.kind in "biuf":
        with np.errstate(invalid="ignore"):
            whole = labels if labels.dtype.kind in "biu" else labels.astype(np.int64)
        if (whole == labels).all() and (not len(whole) or whole.min() >= 0):
            return whole if whole.dtype.kind == "u" else whole.astype(np.int64)
    raise InputError(
        f"labels of the sha256 {sha256:.12}…: they are no row of whole numbers from 0",
        hint="let the reader that `labels` is given return one label for each example, numbered "
        "from 0, as `partial(osgrepro.dataset.labels, path)` does",
    )


def _commonest(
    values: pd.Series[Any], kept: np.ndarray[Any, np.dtype[np.bool_]]
) -> tuple[np.ndarray[Any, np.dtype[np.bool_]], str | None]:
    """Return which rows have the commonest value of those kept, and the value; None is one."""
    codes, known = pd.factorize(values, sort=True)
    if not kept.any():
        return kept, None
    top = int(np.bincount(codes[kept] + 1).argmax()) - 1
    return codes == top, None if top < 0 else str(known[top])


def _compared(
    runs: pd.DataFrame, numbers: Any, read: list[Any], every: int, truth: Labels | None
) -> Predictions | NotAssessable:
    """Return the predictions of as many examples as most runs have."""
    sizes = np.array([0 if vector is None else len(vector) for vector in read])
    of_runs = sizes[numbers]
    if not of_runs.any():
        return NotAssessable(
            why="no seeded run has its labels in the dataset",
            missing="seeds, and fewer examples where they were too many for a result",
        )
    items = int(np.bincount(of_runs[of_runs > 0]).argmax())
    if truth is not None and len(truth) != items:
        truth = None
    kept = of_runs == items
    if kept.sum() < 2:
        return NotAssessable(why="a single run recorded its labels", missing="a second run")
    rows, order = pd.factorize(numbers[kept], sort=True)
    largest = max(int(read[number].max()) for number in order)
    classes = max(largest, 0 if truth is None else int(truth.max())) + 1
    if (room := _affordable(len(order), items, classes)) is not None:
        return room
    return Predictions(
        runs=runs[kept],
        rows=rows.astype(np.int64),
        vectors=np.stack([read[number] for number in order]),
        truth=truth,
        classes=classes,
        left_out=every - int(kept.sum()),
    )


def _affordable(vectors: int, items: int, classes: int) -> NotAssessable | None:
    """Return why so many labels are not compared; None where they are."""
    if vectors**2 * items > _MOST_COMPARISONS * 2:
        return _too_many(f"{vectors:,} different predictions of {items:,} examples")
    if vectors * classes > _MOST_COUNTS:
        return _too_many(f"{vectors:,} different predictions with labels up to {classes - 1:,}")
    return None


def _too_many(what: str) -> NotAssessable:
    return NotAssessable(
        why=f"{what} are too many to compare",
        missing="a part of the runs, such as --only software=NAME",
    )
