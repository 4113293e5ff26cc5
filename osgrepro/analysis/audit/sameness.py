"""In what runs that should be alike are not: definitions, machines, metrics and origins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.audit.notes import note, numbered
from osgrepro.analysis.causes.attributes import spelled
from osgrepro.analysis.findings import Note, counted_words, is_counted
from osgrepro.analysis.outcomes import FINGERPRINTS
from osgrepro.common.texts import counted

# What makes two machines of one hardware environment different ones.
_MACHINE = {
    "cpu_model_name": "CPU",
    "logical_cpus": "logical CPUs",
    "gpu_name": "GPU",
    "gpu_memory_mb": "GPU memory (MiB)",
}
_SAME = {
    "code_sha256": "code",
    "params_json": "parameters",
    "data_json": "data",
}


def machines(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield the hardware environments whose runs were on unlike machines."""
    hardware, names = numbered(runs, "hardware")
    places = []
    for column, label in _MACHINE.items():
        values = frames.column(runs, column)
        counts = values.groupby(hardware).nunique()
        for number in np.flatnonzero(counts > 1).tolist():
            here = values[hardware == number].dropna().unique()
            seen = sorted({spelled(column, value) for value in here})
            places.append(f"{names[number]}: {label} {' or '.join(seen[:4])}")
    if places:
        text = "Hardware environments that hold different machines"
        yield note("different machines", text, places)


def processors(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield the hardware environments of which runs of one cell trained on a CPU and on a GPU."""
    if frames.NAMED in runs:
        hardware, named = runs["hardware"].astype(str), runs[frames.NAMED].astype(str)
        counts = named[hardware == named + frames.ON_CPU].value_counts(sort=False).sort_index()
        places = [f"{name}: {counted(int(count), 'run')}" for name, count in counts.items()]
        if places:
            text = (
                "Runs trained on the CPU where others of their cell trained on the GPU: they count "
                f"as hardware of their own, named{frames.ON_CPU}"
            )
            yield note("CPU beside GPU", text, places)


def definitions(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield the experiments whose runs are not of one definition."""
    experiment, names = numbered(runs, "experiment")
    for column, label in _SAME.items():
        counts = frames.column(runs, column).groupby(experiment).nunique()
        several = [
            f"{names[number]} ({counts.iloc[number]})"
            for number in np.flatnonzero(counts > 1).tolist()
        ]
        if several:
            text = f"Experiments whose runs have different {label}: they are not the same"
            yield note(f"different {label}", text, several)


def duplicates(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield the runs that stand in several rows."""
    ids = frames.column(runs, "run_id").dropna()
    again = ids[ids.duplicated()]
    if len(again):
        text = f"{counted(len(again), 'row repeats', 'rows repeat')} the id of another row"
        yield note("duplicated runs", text, [str(run_id) for run_id in again.unique()])


def metrics(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield the metrics that only some runs recorded."""
    experiment, names = numbered(runs, "experiment")
    total = np.bincount(experiment, minlength=len(names))
    partly = []
    for metric in frames.metrics(runs):
        known = np.bincount(experiment, frames.bits(runs, metric).notna(), len(names))
        partly += [
            f"{names[number]}, {metric} ({int(known[number])} of {total[number]})"
            for number in np.flatnonzero((known > 0) & (known < total)).tolist()
        ]
    if partly:
        yield note("metrics of some runs", "Metrics that only some runs recorded", partly)


def accuracies(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield the experiments whose classes rest on accuracies, or other counts, alone."""
    experiment, names = numbered(runs, "experiment")
    hashed = np.zeros(len(runs), dtype=bool)
    for column in FINGERPRINTS:
        hashed |= frames.column(runs, column).notna().to_numpy()
    merged: dict[str, list[str]] = {}
    for number in np.flatnonzero(np.bincount(experiment, hashed, len(names)) == 0).tolist():
        own = runs[experiment == number]
        sizes = {int(size) for size in frames.column(own, "test_set").dropna().unique()}
        recorded = frames.metrics(own)
        if all(is_counted(name, pd.unique(frames.numbers(own, name)), sizes) for name in recorded):
            merged.setdefault(counted_words(recorded), []).append(names[number])
    for what, experiments in merged.items():
        text = f"Experiments that recorded {what} only: runs that differ may have the same"
        yield note(
            "accuracies only", f"{text}{' one' if what == 'accuracies' else ''}", experiments
        )


def primary(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield the experiments whose runs name several primary metrics."""
    experiment, names = numbered(runs, "experiment")
    counts = frames.column(runs, "primary_metric").groupby(experiment).nunique()
    if several := [names[number] for number in np.flatnonzero(counts > 1).tolist()]:
        text = "Experiments whose runs name different primary metrics: the most frequent is taken"
        yield note("several primary metrics", text, several)


def mixed(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield what the runs come from, where that is more than one."""
    imported = frames.column(runs, "origin").notna().to_numpy()
    for column, what, own in (
        ("campaign", "campaigns", runs),
        ("payload_version", "versions of the payload", runs[~imported]),
        ("payload_version", "versions of the archive's scripts", runs[imported]),
    ):
        present = frames.levels(own, column)
        if len(present) > 1:
            yield note(f"several {what}", f"The runs are of {len(present)} {what}", list(present))


def bases(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield the images that may be other bytes when they are built again."""
    tagged = frames.column(runs, "base_pinned").eq(False).fillna(False).to_numpy(dtype=bool)
    if tagged.any():
        text = (
            f"{counted(int(tagged.sum()), 'run')} in images whose base was named by a tag and not "
            "by its digest: built again, they may hold other bytes"
        )
        yield note("base not pinned", text, frames.levels(runs[tagged], "software"))


def processes(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield that nobody knows which runs shared a process."""
    imported = int(frames.column(runs, "origin").notna().sum())
    if imported:
        text = (
            f"{counted(imported, 'run was', 'runs were')} imported: whether each was a process of "
            "its own is not recorded"
        )
        yield note("process unknown", text)
