"""The precision of each metric by ISO 5725-2, hardware environments as laboratories.

Called for one experiment at a time, and asks for each of its software environments; unbalanced data
are the rule, not the exception. The formulas are in ``statistics/iso5725``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.against_seeds import against_seeds
from osgrepro.analysis.cells import cell_codes
from osgrepro.analysis.findings import MetricPrecision
from osgrepro.analysis.scale import scale
from osgrepro.analysis.seeds import TOO_MANY, crossed, too_many
from osgrepro.analysis.statistics.iso5725.laboratories import precision
from osgrepro.analysis.statistics.moments import Integers, Moments, moments


def metric_precision(runs: pd.DataFrame, names: Sequence[str]) -> tuple[MetricPrecision, ...]:
    """Return the precision of each metric in each software environment of one experiment.

    Parameters
    ----------
    runs : pandas.DataFrame
        The experiment's runs that are ok.
    names : sequence of str
        The metrics.
    """
    codes, cells = cell_codes(runs)
    codes, seeds = crossed(codes, runs)
    if many := too_many(cells, seeds):
        codes, seeds = codes // seeds, 1
    software_of = np.array([software for software, _ in cells], dtype=object)
    hardware_of = [hardware for _, hardware in cells]
    precisions = []
    for metric in names:
        summary = _grid(runs, metric, codes, seeds, len(cells))
        for software in dict.fromkeys(software_of):
            places = np.flatnonzero((software_of == software) & (summary.n > 0).any(1))
            here = summary.take(places)
            laboratories = [hardware_of[place] for place in places]
            precisions.append(
                MetricPrecision(
                    software=software,
                    metric=metric,
                    precision=TOO_MANY if many else precision(laboratories, here),
                    scale=scale(runs, metric, here),
                    against_seeds=TOO_MANY if many else against_seeds(here),
                )
            )
    return tuple(sorted(precisions, key=lambda precision: (precision.software, precision.metric)))


def _grid(runs: pd.DataFrame, metric: str, codes: Integers, seeds: int, cells: int) -> Moments:
    """Return the moments of a metric in each cell (rows) with each seed (columns)."""
    flat = recorded_moments(runs, metric, codes, cells * seeds)
    return Moments(
        **{field.name: getattr(flat, field.name).reshape(cells, seeds) for field in fields(flat)}
    )


def recorded_moments(runs: pd.DataFrame, metric: str, codes: Integers, cells: int) -> Moments:
    """Return the moments of a metric in each cell, of the runs that recorded it."""
    recorded = frames.bits(runs, metric).notna().to_numpy()
    return moments(codes[recorded], frames.numbers(runs, metric)[recorded], cells)
