"""Outcome classes: which runs of an experiment ended bitwise the same.

The classes come from hashes or from the metrics' bits, never from a rounded metric, which would
merge classes. Called for one experiment at a time.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.seeds import seed_codes
from osgrepro.findings import Grade, GradeClasses, NotAssessable, OutcomeClass, Outcomes, letter

Codes = np.ndarray[Any, np.dtype[np.int64]]

# From the finest grade to the coarsest, and the column that decides it; O3 is made of all metrics.
_HASHES: tuple[tuple[Grade, str], ...] = (
    ("O0", "final_weights"),
    ("O1", "predictions"),
    ("O2", "labels"),
)
_GRADES: tuple[Grade, ...] = ("O0", "O1", "O2", "O3")


@dataclass(frozen=True, kw_only=True, slots=True)
class Assigned:
    """The outcomes of an experiment, and the number of each ok run's class, in their order."""

    outcomes: Outcomes | NotAssessable
    codes: Codes


def tokens(runs: pd.DataFrame, grade: Grade) -> pd.Series[Any] | None:
    """Return what tells outcomes apart at a grade; None where some run has nothing recorded.

    Grade O3 compares the metrics that all ``runs`` have: a metric that only some recorded says
    nothing about whether the others agree.
    """
    if not len(runs):
        return None
    if name := dict(_HASHES).get(grade):
        found = frames.column(runs, name)
        return found if found.notna().all() else None
    recorded = {name: frames.bits(runs, name) for name in frames.metrics(runs)}
    whole = {name: found for name, found in recorded.items() if found.notna().all()}
    return _joined(whole) if whole else None


def assign(runs: pd.DataFrame) -> Assigned:
    """Return the classes of an experiment's ok runs, at the finest grade that all of them have."""
    found = {grade: tokens(runs, grade) for grade in _GRADES}
    finest = next((grade for grade in _GRADES if found[grade] is not None), None)
    if finest is None:
        return Assigned(outcomes=_nothing(runs), codes=np.full(len(runs), -1, dtype=np.int64))
    codes, digests = _ordered(cast("pd.Series[Any]", found[finest]))
    seeds, count = seed_codes(runs)
    outcomes = Outcomes(
        grade=finest,
        classes=_classes(runs, codes, digests),
        grades=tuple(_counted(grade, found[grade], seeds) for grade in _GRADES),
        seeds=count,
    )
    return Assigned(outcomes=outcomes, codes=codes)


def letters(codes: Codes, index: pd.Index[Any]) -> pd.Series[Any]:
    """Return each run's class as a letter, null where the outcomes can't be compared."""
    names = [letter(number) for number in range(int(codes.max(initial=-1)) + 1)]
    found: pd.Series[Any] = pd.Series(np.array([*names, None], dtype=object)[codes], index)
    return found


def _nothing(runs: pd.DataFrame) -> NotAssessable:
    if not len(runs):
        return NotAssessable(why="no run ended well", missing="a run with status ok")
    return NotAssessable(
        why="no fingerprint and no metric is recorded for all runs",
        missing="final weights, predictions, labels or one metric of every run",
    )


def _joined(recorded: dict[str, pd.Series[Any]]) -> pd.Series[Any]:
    """Return one text for each run from the bits of its metrics, built once per class."""
    first = next(iter(recorded.values()))
    codes = np.zeros(len(first), dtype=np.int64)
    for found in recorded.values():
        own, known = pd.factorize(found)
        codes = pd.factorize(codes * len(known) + own)[0]
    _, starts = np.unique(codes, return_index=True)
    texts = [
        ";".join(f"{name}={found.iloc[start]}" for name, found in recorded.items())
        for start in starts
    ]
    joined: pd.Series[Any] = pd.Series(np.array(texts, dtype=object)[codes], first.index)
    return joined


def _ordered(found: pd.Series[Any]) -> tuple[Codes, list[str]]:
    """Return class numbers, the largest first and then by digest, and the digest of each."""
    codes, known = pd.factorize(found)
    sizes = np.bincount(codes)
    digests = [hashlib.sha256(str(one).encode()).hexdigest() for one in known]
    order = sorted(range(len(digests)), key=lambda one: (-sizes[one], digests[one]))
    numbers = np.empty(len(order), dtype=np.int64)
    numbers[order] = np.arange(len(order))
    return numbers[codes], [digests[one] for one in order]


def _classes(runs: pd.DataFrame, codes: Codes, digests: list[str]) -> tuple[OutcomeClass, ...]:
    sizes = np.bincount(codes)
    _, starts = np.unique(codes, return_index=True)
    names = frames.metrics(runs)
    values = [frames.numbers(runs.iloc[starts], name) for name in names]
    bits = [frames.bits(runs.iloc[starts], name).notna().to_numpy() for name in names]
    software, hardware = (seen(codes, runs[name]) for name in ("software", "hardware"))
    return tuple(
        OutcomeClass(
            letter=letter(number),
            digest=digest,
            runs=int(sizes[number]),
            software=software[number],
            hardware=hardware[number],
            metrics={
                name: float(value[number]) if known[number] else None
                for name, value, known in zip(names, values, bits, strict=True)
            },
        )
        for number, digest in enumerate(digests)
    )


def seen(codes: Codes, values: Iterable[Any]) -> dict[int, tuple[str, ...]]:
    """Return the different values, sorted, that go with each code."""
    pairs = pd.DataFrame({"code": codes, "value": np.asarray(values)}).drop_duplicates()
    found: dict[int, list[str]] = defaultdict(list)
    for code, value in zip(pairs["code"], pairs["value"], strict=True):
        found[int(code)].append(str(value))
    return {code: tuple(sorted(ones)) for code, ones in found.items()}


def _counted(grade: Grade, found: pd.Series[Any] | None, seeds: Codes) -> GradeClasses:
    if found is None:
        lacking = NotAssessable(why="not recorded for every run", missing=_LACKING[grade])
        return GradeClasses(grade=grade, classes=lacking, same=None)
    codes, known = pd.factorize(found)
    pairs = len(np.unique(seeds * len(known) + codes))
    return GradeClasses(grade=grade, classes=len(known), same=pairs == len(np.unique(seeds)))


_LACKING: dict[Grade, str] = {
    "O0": "the hash of the final weights of every run",
    "O1": "the hash of the predictions of every run",
    "O2": "the hash of the predicted labels of every run",
    "O3": "a metric that every run recorded",
}
