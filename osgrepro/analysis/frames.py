"""Reads a frame of runs: its columns, which may be absent, and its metrics as numbers and as bits.

Called by the other files of this room, so that each asks its own question only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from osgrepro.common.errors import InputError
from osgrepro.common.texts import among

REQUIRED = ("experiment", "software", "hardware", "status")
VALUE, HEX = "metric.", "metric_hex."
# The name under which emulated runs are compared with the remote ones of their environment.
STANDS_FOR, EMULATED = "stands_for", " (emulated)"
# The name that a hardware environment has in the campaign, where runs on its CPU are apart.
NAMED, ON_CPU = "named_hardware", " (on its CPU)"


def checked(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with a fresh index, in which each run stands once.

    Raises
    ------
    InputError
        If a needed column is absent, or null in some row.
    """
    if lacking := [name for name in REQUIRED if name not in frame.columns]:
        raise InputError(
            f"the frame of runs lacks the columns {', '.join(lacking)}",
            hint="pass one row for each run, as the dataset has them",
        )
    for name in REQUIRED:
        if nulls := int(frame[name].isna().sum()):
            raise InputError(
                f"{among(nulls, len(frame), 'row')} {'has' if nulls == 1 else 'have'} no {name}",
                hint="leave these rows out, or name what they are of",
            )
    fresh: pd.DataFrame = _once(frame).reset_index(drop=True)
    for name in REQUIRED:
        # Categories stand in the order of their first rows, which the findings must not depend on.
        if isinstance(fresh[name].dtype, pd.CategoricalDtype):
            known = fresh[name].cat.categories
            fresh[name] = fresh[name].cat.reorder_categories(known.sort_values())
    return fresh


def _once(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows without those that repeat another one of the same id in everything."""
    ids = column(frame, "run_id")
    again = (ids.duplicated(keep=False) & ids.notna()).to_numpy()
    if not again.any():
        return frame
    copies = frame[again].astype(str).duplicated().to_numpy()
    kept = np.ones(len(frame), dtype=bool)
    kept[np.flatnonzero(again)[copies]] = False
    once: pd.DataFrame = frame[kept]
    return once


def apart(runs: pd.DataFrame) -> pd.DataFrame:
    """Return runs in which what stands in for a hardware environment is none of its repeats.

    Where a name has runs of both kinds, those that were emulated are of an environment of their
    own, and the column :data:`STANDS_FOR` keeps the name. Nor do runs on a CPU repeat those on a
    GPU: where runs of one cell trained on both, what ran on the CPU of that hardware is of an
    environment of its own, too, and :data:`NAMED` keeps the name.
    """
    return _emulated_apart(_processors_apart(runs))


def _processors_apart(runs: pd.DataFrame) -> pd.DataFrame:
    """Return runs in which no cell has some on CPUs and some on GPUs."""
    real = (runs["status"] == "ok").to_numpy() & ~stood_in(runs)
    on_gpu = with_gpu(runs)
    if not (real & on_gpu).any() or not (real & ~on_gpu).any():
        return runs
    cells: pd.DataFrame = runs.loc[real, list(REQUIRED[:3])].astype(str)
    processors = cells.assign(on_gpu=on_gpu[real]).drop_duplicates()
    mixed = processors[processors.duplicated(list(REQUIRED[:3]))]["hardware"].unique()
    if not len(mixed):
        return runs
    names = runs["hardware"].astype(str)
    moved = real & ~on_gpu & names.isin(mixed).to_numpy()
    own = names.where(~moved, names + ON_CPU).astype("category")
    parted: pd.DataFrame = runs.assign(hardware=own, **{NAMED: names})
    return parted


def _emulated_apart(runs: pd.DataFrame) -> pd.DataFrame:
    """Return runs in which no cell has emulated ones beside real ones."""
    emulated = stood_in(runs)
    if not emulated.any() or emulated.all():
        return runs
    names = runs["hardware"].astype(str)
    both = set(names[emulated]) & set(names[~emulated])
    moved = emulated & names.isin(both).to_numpy()
    if not moved.any():
        return runs
    own = names.where(~moved, names + EMULATED)
    apart: pd.DataFrame = runs.assign(hardware=own.astype("category"), **{STANDS_FOR: names})
    return apart


def copies(runs: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which runs only stand in for a machine that is there itself.

    They are no further machine: they confirm or refute, and count in nothing else. Where an
    experiment has no real run that ended well, they are all that there is of it, and count.

    Parameters
    ----------
    runs : DataFrame
        What :func:`apart` returned, or a part of it.
    """
    if STANDS_FOR not in runs:
        return np.zeros(len(runs), dtype=bool)
    names = runs[STANDS_FOR]
    moved = (names.notna() & (runs["hardware"].astype(str) != names)).to_numpy()
    real = (runs["status"] == "ok").to_numpy() & ~stood_in(runs)
    own = runs["experiment"].astype(str)
    return np.asarray(moved & own.isin(own[real].unique()).to_numpy(), dtype=bool)


def without_copies(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs that are no copies, under the index that they had."""
    if not (copied := copies(runs)).any():
        return runs
    kept = runs[~copied]
    hardware = kept["hardware"].astype("category").cat.remove_unused_categories()
    real: pd.DataFrame = kept.assign(hardware=hardware)
    return real


def stood_in(runs: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which runs were on a slot that only stood in for its hardware."""
    emulated: np.ndarray[Any, np.dtype[np.bool_]] = true(runs, "emulated")
    return emulated | true(runs, "simulated_gpu")


def together(runs: pd.DataFrame) -> pd.DataFrame:
    """Return runs under the names that emulated and remote ones share: :func:`apart` undone.

    It undoes what keeps them apart, for whoever compares one kind with the other.
    """
    return runs.assign(hardware=runs[STANDS_FOR]) if STANDS_FOR in runs else runs


def ok(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the runs that ended well."""
    well: pd.DataFrame = frame[frame["status"].to_numpy() == "ok"]
    return well


def column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return a column, or nulls where the frame has none of this name."""
    if name in frame.columns:
        column: pd.Series[Any] = frame[name]
        return column
    nothing: pd.Series[Any] = pd.Series(None, index=frame.index, dtype=object)
    return nothing


def true(frame: pd.DataFrame, name: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return where a column is true; null is not."""
    values = column(frame, name)
    return np.asarray(values.eq(True).fillna(False), dtype=bool)


def with_gpu(frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which runs trained on a GPU; where nobody saw that, those whose slot had one.

    Whatever tells CPUs from GPUs asks here.
    """
    had = column(frame, "gpu_name").notna().to_numpy()
    if "gpus" in frame.columns:
        had = had | pd.to_numeric(frame["gpus"]).gt(0).fillna(False).to_numpy(dtype=bool)
    # On a simulated one nothing can train.
    had = had & ~true(frame, "simulated_gpu")
    used = column(frame, "gpu_used")
    seen = used.notna().to_numpy()
    return np.where(seen, true(frame, "gpu_used"), had)


def unseeded(frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which runs certainly were not seeded; where nobody knows, they count as seeded."""
    if "seeded" not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray(frame["seeded"].eq(False).fillna(False), dtype=bool)


def levels(frame: pd.DataFrame, name: str) -> tuple[str, ...]:
    """Return the different values of a column, sorted; nulls are passed over."""
    return tuple(sorted(map(str, column(frame, name).dropna().unique())))


def metrics(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the metrics of which a run of this frame has a value or bits, sorted."""
    names = {
        str(name)[len(prefix) :]
        for prefix in (HEX, VALUE)
        for name in frame.columns
        if str(name).startswith(prefix) and frame[name].notna().any()
    }
    return tuple(sorted(names))


def primary(runs: pd.DataFrame, metrics: tuple[str, ...]) -> str | None:
    """Return the metric that most runs name as their primary one; the only one if none does."""
    named = column(runs, "primary_metric")
    counts = named[named.isin(metrics)].value_counts()
    if len(counts):
        return min(str(name) for name in counts.index[counts == counts.iloc[0]])
    return metrics[0] if len(metrics) == 1 else None


def bits(frame: pd.DataFrame, metric: str) -> pd.Series[Any]:
    """Return a metric to the last bit, as ``float.hex`` writes it; null where none is recorded."""
    made = _hexes(column(frame, VALUE + metric))
    known: pd.Series[Any] = column(frame, HEX + metric).astype(object)
    filled: pd.Series[Any] = known.where(known.notna(), made)
    return filled


def numbers(frame: pd.DataFrame, metric: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a metric's values; what JSON can't hold (NaN, infinities) is read from its bits."""
    values = pd.to_numeric(column(frame, VALUE + metric)).to_numpy(dtype=np.float64, copy=True)
    lacking = np.isnan(values)
    if lacking.any():
        codes, known = pd.factorize(column(frame, HEX + metric)[lacking])
        read = np.array([*(_number(text) for text in known), np.nan])
        values[lacking] = read[codes]
    return values


def _hexes(values: pd.Series[Any]) -> pd.Series[Any]:
    numeric = pd.to_numeric(values).to_numpy(dtype=np.float64)
    # By their bits, since −0 and 0 are the same number and not the same outcome.
    codes, known = pd.factorize(numeric.view(np.int64))
    texts = np.array([_text(number) for number in known.view(np.float64)] or [None], dtype=object)
    made: pd.Series[Any] = pd.Series(texts[codes], index=values.index, dtype=object)
    return made


def _text(value: float) -> str | None:
    return None if np.isnan(value) else float(value).hex()


def _number(text: object) -> float:
    try:
        return float.fromhex(str(text))
    except (ValueError, OverflowError):
        return float("nan")
