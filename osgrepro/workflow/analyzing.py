"""The verb ``analyze``: what a dataset says about its experiments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from osgrepro import dataset
from osgrepro.analysis import analyze as analyze_frame
from osgrepro.errors import DatasetError, InputError, UsageError
from osgrepro.findings import Findings
from osgrepro.models import Claim


def analyze(path: Path, claims: Sequence[Claim] = ()) -> Findings:
    """Return what the dataset ``path`` says, with ``claims`` put to the test besides its own.

    Raises
    ------
    UsageError
        If there is no such file.
    InputError
        If it is no dataset.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file", hint="name a dataset, a file *.parquet")
    try:
        frame = dataset.frame(path)
    except DatasetError as error:
        raise InputError(error.message, hint=error.hint) from error
    return analyze_frame(frame, claims)
