"""Outcome classes: which runs of an experiment ended bitwise the same.

The classes come from hashes or from the metrics' bits, never from a rounded metric, which would
merge classes. Called for one experiment at a time.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.findings import (
    Grade,
    GradeClasses,
    NotAssessable,
    OutcomeClass,
    Outcomes,
    letter,
)
from osgrepro.analysis.seeds import ignored, seed_codes, shared

Codes = np.ndarray[Any, np.dtype[np.int64]]

# Columns and the grades that they decide, from the finest to the coarsest; O3 is made of metrics.
FINGERPRINTS: Mapping[str, Grade] = {"final_weights": "O0", "predictions": "O1", "labels": "O2"}
_COLUMNS = {grade: name for name, grade in FINGERPRINTS.items()}
UNSEEDED = NotAssessable(
    why="the runs were not seeded", missing="a script and a framework that are seeded"
)
_GRADES: tuple[Grade, ...] = ("O0", "O1", "O2", "O3")


@dataclass(frozen=True, kw_only=True, slots=True)
class Assigned:
    """The outcomes of an experiment, and the number of each ok run's class, in their order."""

    outcomes: Outcomes | NotAssessable
    codes: Codes


def tokens(runs: pd.DataFrame, grade: Grade) -> pd.Series[Any] | None:
    """Return what tells outcomes apart at a grade; None where some run has nothing recorded.

    Grade O3 compares the metrics that all ``runs`` have.
    """
    if not len(runs):
        return None
    if name := _COLUMNS.get(grade):
        column = frames.column(runs, name)
        return column if column.notna().all() else None
    recorded = {name: frames.bits(runs, name) for name in frames.metrics(runs)}
    whole = {name: column for name, column in recorded.items() if column.notna().all()}
    return _joined(whole) if whole else None


def assign(runs: pd.DataFrame) -> Assigned:
    """Return the classes of an experiment's ok runs, at the finest grade that all of them have.

    Runs that differ in something finer, or in a metric, that both recorded are never in one class.
    A run that lacks what parts the others of its class has none: it could be in any of them. Nor
    has one that was not seeded. What only copies of a machine ended in is none of the outcomes, and
    has a number above theirs.
    """
    copies = frames.copies(runs)
    if not copies.any():
        return _seeded(runs)
    real = _seeded(runs[~copies])
    codes = np.full(len(runs), -1, dtype=np.int64)
    codes[~copies] = real.codes
    codes[copies] = _copied(_seeded(runs).codes, codes, copies)
    return Assigned(outcomes=real.outcomes, codes=codes)


def _copied(every: Codes, real: Codes, copies: np.ndarray[Any, np.dtype[np.bool_]]) -> Codes:
    """Return the classes of copies: of the real runs that they agree with, or further ones.

    ``every`` are the classes of all runs as if none were a copy. A copy that agrees with real runs
    of several classes lacks what parts these, and is in none.
    """
    there = ~copies & (every >= 0) & (real >= 0)
    pairs = pd.DataFrame({"of": every[there], "real": real[there]}).drop_duplicates()
    counts = pairs["of"].value_counts()
    known = {of: -1 if counts[of] > 1 else own for of, own in pairs.itertuples(index=False)}
    further = int(real.max(initial=-1)) + 1
    for of in sorted(set(every[copies].tolist()) - {-1, *known}):
        known[of] = further
        further += 1
    return np.array([known.get(of, -1) for of in every[copies].tolist()], dtype=np.int64)


def _seeded(runs: pd.DataFrame) -> Assigned:
    """Return the classes of the runs that were seeded."""
    loose = frames.unseeded(runs)
    if not loose.any():
        return _assign(runs)
    codes = np.full(len(runs), -1, dtype=np.int64)
    if loose.all():
        return Assigned(outcomes=UNSEEDED, codes=codes)
    assigned = _assign(runs[~loose])
    codes[~loose] = assigned.codes
    return Assigned(outcomes=assigned.outcomes, codes=codes)


def _assign(runs: pd.DataFrame) -> Assigned:
    by_grade = {grade: tokens(runs, grade) for grade in _GRADES}
    base = _base(runs, by_grade)
    if base is None:
        return Assigned(outcomes=_nothing(runs), codes=np.full(len(runs), -1, dtype=np.int64))
    finest, coarse = base
    by_grade[finest] = letters = refined(coarse, _partly(runs, finest))
    codes, digests = _ordered(letters)
    placed = codes >= 0
    seeds, count = seed_codes(runs)
    common = shared(runs, codes)
    compared = common.compared > 0 or common.environments < 2
    outcomes = Outcomes(
        grade=finest,
        classes=_classes(runs.loc[placed], codes[placed], digests),
        grades=tuple(_counted(grade, by_grade[grade], seeds, compared) for grade in _GRADES),
        seeds=count,
        unplaced=int((~placed).sum()),
        seed_ignored=ignored(runs, codes),
        shared=common,
    )
    return Assigned(outcomes=outcomes, codes=codes)


def _base(
    runs: pd.DataFrame, by_grade: Mapping[Grade, pd.Series[Any] | None]
) -> tuple[Grade, pd.Series[Any]] | None:
    """Return the finest grade that all runs have or, of what only some have, what most do."""
    for grade in _GRADES:
        if (whole := by_grade[grade]) is not None:
            return grade, whole
    some = _partly(runs, "O3")
    best = max(
        some, key=lambda grade_and_tokens: int(grade_and_tokens[1].notna().sum()), default=None
    )
    return None if best is None else (FINGERPRINTS.get(best[0], "O3"), best[1])


def _partly(runs: pd.DataFrame, grade: Grade) -> list[tuple[str, pd.Series[Any]]]:
    """Return what is finer than a grade, or a metric in O3, and recorded by some runs only."""
    finer = _GRADES[: _GRADES.index(grade)]
    asked = {name: frames.column(runs, name) for name in map(_COLUMNS.__getitem__, finer)}
    if grade == "O3":
        asked |= {name: frames.bits(runs, name) for name in frames.metrics(runs)}
    return [
        (name, column) for name, column in asked.items() if 0 < column.notna().sum() < len(runs)
    ]


def refined(coarse: pd.Series[Any], partly: Iterable[tuple[str, pd.Series[Any]]]) -> pd.Series[Any]:
    """Return tokens parted by what only some runs recorded; null where a run could be in several.

    Parameters
    ----------
    coarse : Series
        What tells outcomes apart; null for runs that did not record it.
    partly : iterable of (str, Series)
        Names and values that are null for some runs.
    """
    codes, known = pd.factorize(coarse)
    texts = [str(token) for token in known]
    for name, values in partly:
        own, of = pd.factorize(values)
        both = (codes >= 0) & (own >= 0)
        pairs = np.unique(codes[both] * len(of) + own[both])
        several = np.bincount(pairs // len(of), minlength=len(texts)) > 1
        parted = (codes >= 0) & several[codes]
        keys = np.where(parted, codes * (len(of) + 1) + own + 1, codes * (len(of) + 1))
        keys[(codes < 0) | (parted & (own < 0))] = -1
        numbers, pairs = pd.factorize(pd.Series(keys).where(keys >= 0))
        places = [divmod(int(key), len(of) + 1) for key in pairs]
        texts = [f"{texts[a]};{name}={of[b - 1]}" if b else texts[a] for a, b in places]
        codes = numbers
    joined: pd.Series[Any] = pd.Series(np.array([*texts, None], dtype=object)[codes], coarse.index)
    return joined


def letters(codes: Codes, index: pd.Index[Any]) -> pd.Series[Any]:
    """Return each run's class as a letter, null where the outcomes can't be compared."""
    names = [letter(number) for number in range(int(codes.max(initial=-1)) + 1)]
    texts: pd.Series[Any] = pd.Series(np.array([*names, None], dtype=object)[codes], index)
    return texts


def _nothing(runs: pd.DataFrame) -> NotAssessable:
    if not len(runs):
        return NotAssessable(why="no run ended well", missing="a run with status ok")
    return NotAssessable(
        why="no fingerprint and no metric is recorded",
        missing="final weights, predictions, labels or one metric of every run",
    )


def _joined(recorded: dict[str, pd.Series[Any]]) -> pd.Series[Any]:
    """Return one text for each run from the bits of its metrics, built once per class."""
    first = next(iter(recorded.values()))
    codes = np.zeros(len(first), dtype=np.int64)
    for column in recorded.values():
        own, known = pd.factorize(column)
        codes = pd.factorize(codes * len(known) + own)[0]
    _, starts = np.unique(codes, return_index=True)
    texts = [
        ";".join(f"{name}={column.iloc[start]}" for name, column in recorded.items())
        for start in starts
    ]
    joined: pd.Series[Any] = pd.Series(np.array(texts, dtype=object)[codes], first.index)
    return joined


def _ordered(by_run: pd.Series[Any]) -> tuple[Codes, list[str]]:
    """Return class numbers, the largest first and then by digest, and the digest of each."""
    codes, known = pd.factorize(by_run)
    sizes = np.bincount(codes[codes >= 0])
    digests = [hashlib.sha256(str(token).encode()).hexdigest() for token in known]
    order = sorted(range(len(digests)), key=lambda code: (-sizes[code], digests[code]))
    # The last stands for runs without a class, whose code is −1.
    numbers = np.full(len(order) + 1, -1, dtype=np.int64)
    numbers[order] = np.arange(len(order))
    return numbers[codes], [digests[code] for code in order]


def _classes(runs: pd.DataFrame, codes: Codes, digests: list[str]) -> tuple[OutcomeClass, ...]:
    sizes = np.bincount(codes)
    values = {name: _common(runs, codes, name, len(digests)) for name in frames.metrics(runs)}
    software, hardware = (seen(codes, runs[name]) for name in ("software", "hardware"))
    return tuple(
        OutcomeClass(
            letter=letter(number),
            digest=digest,
            runs=int(sizes[number]),
            software=software[number],
            hardware=hardware[number],
            metrics={name: by_class[number] for name, by_class in values.items()},
        )
        for number, digest in enumerate(digests)
    )


def _common(runs: pd.DataFrame, codes: Codes, metric: str, classes: int) -> list[float | None]:
    """Return a metric's value in each class; None where its runs recorded none, or several."""
    bits, known = pd.factorize(frames.bits(runs, metric))
    there = bits >= 0
    pairs, rows = np.unique(codes[there] * max(1, len(known)) + bits[there], return_index=True)
    owners = pairs // max(1, len(known))
    columns = [
        name for name in (frames.VALUE + metric, frames.HEX + metric) if name in runs.columns
    ]
    values = frames.numbers(runs[columns].iloc[np.flatnonzero(there)[rows]], metric)
    single = np.bincount(owners, minlength=classes) == 1
    of_classes: list[float | None] = [None] * classes
    for owner, value in zip(owners, values, strict=True):
        if single[owner]:
            of_classes[owner] = float(value)
    return of_classes


def seen(codes: Codes, values: Iterable[Any]) -> dict[int, tuple[str, ...]]:
    """Return the different values, sorted, that go with each code."""
    pairs = pd.DataFrame({"code": codes, "value": np.asarray(values)}).drop_duplicates()
    by_code: dict[int, list[str]] = defaultdict(list)
    for code, value in zip(pairs["code"], pairs["value"], strict=True):
        by_code[int(code)].append(str(value))
    return {code: tuple(sorted(texts)) for code, texts in by_code.items()}


def _counted(
    grade: Grade, column: pd.Series[Any] | None, seeds: Codes, compared: bool
) -> GradeClasses:
    if column is None:
        lacking = NotAssessable(why="not recorded for every run", missing=_LACKING[grade])
        return GradeClasses(grade=grade, classes=lacking, same=None)
    codes, known = pd.factorize(column)
    placed = codes >= 0
    pairs = len(np.unique(seeds[placed] * len(known) + codes[placed]))
    same = pairs == len(np.unique(seeds[placed]))
    return GradeClasses(grade=grade, classes=len(known), same=same if compared else None)


_LACKING: dict[Grade, str] = {
    "O0": "the hash of the final weights of every run",
    "O1": "the hash of the predictions of every run",
    "O2": "the hash of the predicted labels of every run",
    "O3": "a metric that every run recorded",
}
