"""Frames of runs to analyse."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import pytest
from paths import STUDY

Make = Callable[..., pd.DataFrame]


@pytest.fixture
def frame() -> Make:
    """Return what makes a frame: one value of a metric for each run, by software and hardware."""

    def make(
        values: Mapping[tuple[str, str], Sequence[float]],
        metric: str = "accuracy",
        **columns: Any,
    ) -> pd.DataFrame:
        rows = [
            {
                "experiment": "mnist",
                "software": software,
                "hardware": hardware,
                "repeat": repeat,
                "status": "ok",
                f"metric.{metric}": float(value),
                f"metric_hex.{metric}": float(value).hex(),
                **columns,
            }
            for (software, hardware), ones in values.items()
            for repeat, value in enumerate(ones, 1)
        ]
        return pd.DataFrame(rows)

    return make


@pytest.fixture(scope="session")
def study() -> pd.DataFrame:
    """Return the 390 runs of TensorFlow 2.8.0 and NGC 22.03 that the study of 2022 kept."""
    if not STUDY.is_dir():
        pytest.skip(f"needs the study's raw data, which are not at {STUDY}")
    rows = []
    for file in sorted(STUDY.rglob("*.csv")):
        software, kind, cluster, *_ = file.relative_to(STUDY).parts
        with file.open(newline="", encoding="utf-8") as lines:
            rows += [
                {
                    "experiment": file.stem,
                    "software": software,
                    "hardware": f"{kind}-{cluster}",
                    "repeat": repeat,
                    "status": "ok",
                    "primary_metric": "test_accuracy",
                    "metric.test_loss": float(row["test_loss"]),
                    "metric.test_accuracy": float(row["test_accuracy"]),
                }
                for repeat, row in enumerate(csv.DictReader(lines), 1)
            ]
    return pd.DataFrame(rows)
