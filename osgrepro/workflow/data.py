"""The verb ``data``: what the experiments read is fetched, verified or made, before any run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from osgrepro import folders, inputs
from osgrepro.errors import InputError
from osgrepro.models import DataFile, Notify, silent
from osgrepro.workflow.loading import Loaded


def data(loaded: Loaded, *, fetch: bool = True, notify: Notify = silent) -> list[DataFile]:
    """Return every data file of the campaign with where it lies, fetching what is missing.

    Raises
    ------
    InputError
        If a file can't be had, or has other bytes than it should.
    """
    files = list(_files(loaded))
    if not fetch:
        return files
    return [replace(file, path=inputs.fetch(file, folders.cache(), notify)) for file in files]


def stage(loaded: Loaded, folder: Path, *, notify: Notify = silent) -> Path:
    """Put everything that the runs of ``loaded`` read below ``folder``, and return it.

    A file lies at ``<first 12 digits of its sha256>/<file name>``, scripts too: a changed file
    never takes the place of one that queued jobs are still to read.

    Raises
    ------
    InputError
        If a file can't be had, or has other bytes than the run ids stand for.
    """
    for file in _files(loaded):
        if file.sha256 is None:
            raise InputError(f"{file.spec}: the file is not there", hint="put it there and try again")
        inputs.stage(file, folder / file.sha256[:12], folders.cache(), notify)
    for code in loaded.matrix.code.values():
        if code.path is not None:
            place = folder / code.sha256[:12]
            place.mkdir(parents=True, exist_ok=True)
            beside = place / f".{code.path.name}.part"
            shutil.copyfile(code.path, beside)
            beside.replace(place / code.path.name)
    return folder


def _files(loaded: Loaded) -> Iterator[DataFile]:
    """Yield the data files of the runs that are left in ``loaded``, each once."""
    used = {run.experiment for run in loaded.matrix.runs}
    seen = set()
    for experiment, files in loaded.matrix.data.items():
        for file in files:
            if experiment in used and file.spec not in seen:
                seen.add(file.spec)
                yield file
