"""The different runs of a data frame as rows for ``pairs``, each with how many runs it stands for.

Equal runs become one row with a count before any loop goes over them, so that a million take
seconds.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.replication.pairs import COLUMNS

# By what a run is matched with a machine: what it ran on, and how many threads computed.
MACHINE = (
    *("cpu_vendor", "cpu_family", "cpu_model", "cpu_model_name", "gpu_name"),
    *("cpu_avx2", "cpu_avx512f", "cpu_avx512_vnni"),
    *("logical_cpus", "usable_cpus", "intra_op_threads", "execution_point"),
)
_PLAIN = tuple(name for name in (*COLUMNS, *MACHINE) if name != "metrics")
_LISTS = ("emulation", "not_emulated")


def rows(frame: pd.DataFrame, outcome: pd.Series[Any] | None = None) -> list[dict[str, Any]]:
    """Return the different runs of a frame as ``pairs`` wants them, in the order of the frame.

    Parameters
    ----------
    frame : DataFrame
        As ``analyze`` takes it.
    outcome : Series, optional
        The letter of each run's outcome class.
    """
    if not len(frame):
        return []
    columns: dict[str, Any] = {name: frames.column(frame, name) for name in _PLAIN}
    metrics = frames.metrics(frame)
    columns |= {frames.HEX + name: frames.bits(frame, name) for name in metrics}
    columns["letter"] = frames.column(frame, "") if outcome is None else outcome
    codes = np.zeros(len(frame), dtype=np.int64)
    for column in columns.values():
        column_codes, levels = pd.factorize(column)
        codes = pd.factorize(codes * (len(levels) + 1) + column_codes + 1)[0]
    _, starts, counts = np.unique(codes, return_index=True, return_counts=True)
    texts = {
        name: [_plain(value) for value in column.iloc[starts]] for name, column in columns.items()
    }
    started = []
    for place, (start, count) in enumerate(zip(starts, counts, strict=True)):
        row: dict[str, Any] = {name: values[place] for name, values in texts.items()}
        started.append((int(start), _row(row, metrics) | {"count": int(count)}))
    return [row for _, row in sorted(started, key=lambda pair: pair[0])]


def _row(row: dict[str, Any], metrics: tuple[str, ...]) -> dict[str, Any]:
    """Return a row of the frame as the dataset has it, with its metrics and lists put together."""
    row["metrics"] = [
        {"name": name, "hex": bits}
        for name in metrics
        if (bits := row.pop(frames.HEX + name)) is not None
    ]
    for name in _LISTS:
        row[name] = row[name].split(" + ") if row[name] else []
    return row


def _plain(value: Any) -> Hashable:
    """Return a value without pandas: null is None, and whole numbers are whole."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return int(value)
    plain: Hashable = value.item() if isinstance(value, np.generic) else value
    return plain
