"""The verb ``analyze``: what a dataset says about its experiments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from osgrepro import analysis, dataset, statements
from osgrepro.errors import DatasetError, InputError, UsageError, did_you_mean
from osgrepro.findings import Findings
from osgrepro.models import Claim

if TYPE_CHECKING:
    import pandas as pd


def claims(texts: Sequence[str]) -> list[Claim]:
    """Read claims as they are typed.

    Raises
    ------
    UsageError
        If one can't be read.
    """
    return [statements.claim(text) for text in texts]


def analyze(path: Path, claims: Sequence[Claim] = ()) -> Findings:
    """Return what the dataset ``path`` says, with ``claims`` put to the test besides its own.

    Raises
    ------
    UsageError
        If there is no such file, or a claim names what is not in it.
    InputError
        If it is no dataset.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "no such file"
        raise UsageError(f"{path}: {what}", hint="name a dataset, a file *.parquet")
    try:
        frame = dataset.frame(path, empty=False, without=analysis.UNUSED)
        declared = dataset.claims(path)
    except DatasetError as error:
        raise InputError(error.message, hint=error.hint) from error
    _check(claims, frame, path)
    return analysis.analyze(frame, [*declared, *claims])


def _check(claims: Sequence[Claim], frame: pd.DataFrame, path: Path) -> None:
    """Refuse a claim about an experiment or a metric that no run has."""
    known = sorted({str(name) for name in frame["experiment"].unique()})
    metrics = [name.removeprefix("metric.") for name in frame.columns if name.startswith("metric.")]
    for claim in claims:
        for name in (claim.a, claim.b):
            if name is not None and name not in known:
                raise UsageError(
                    f"{path}: no experiment is named {name!r}{did_you_mean(name, known)}",
                    hint=f"it has {', '.join(known) or 'no runs'}",
                )
        if claim.metric not in metrics:
            raise UsageError(
                f"{path}: no run has a metric {claim.metric!r}"
                f"{did_you_mean(claim.metric, metrics)}",
                hint=f"it has {', '.join(metrics) or 'none'}",
            )
