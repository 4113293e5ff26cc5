"""The verb ``data``: what the experiments read is fetched, verified or made, before any run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from osgrepro.common import files, folders
from osgrepro.common.errors import InputError
from osgrepro.common.models import DataFile, Notify, silent
from osgrepro.runs import inputs, workspace
from osgrepro.workflow.loading import Loaded


def stage(loaded: Loaded, folder: Path, *, notify: Notify = silent) -> list[DataFile]:
    """Put everything that the runs of ``loaded`` read below ``folder``; return the data files.

    A file lies at ``<first 12 digits of its sha256>/<file name>``, scripts too: a changed file
    never takes the place of one that queued jobs are still to read.

    Raises
    ------
    InputError
        Naming every file that can't be had, or has other bytes than the run ids stand for; the
        others are staged nevertheless.
    """
    staged, errors = [], []
    for file in _files(loaded):
        try:
            staged.append(replace(file, path=_stage_one(file, folder, notify)))
        except InputError as error:
            errors.append(error)
    if errors:
        hints = dict.fromkeys(error.hint for error in errors if error.hint)
        raise InputError("\n".join(error.message for error in errors), hint=" ".join(hints))
    for code in loaded.matrix.code.values():
        if code.path is not None:
            _stage_script(code.path, code.sha256, folder)
    return staged


def _stage_script(script: Path, sha256: str, folder: Path) -> None:
    content = script.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(f"{script}: changed while it was in use", hint="Run the command again.")
    target = folder / sha256[:12] / script.name
    workspace.write(target, content, files.mode_of_copy(script))


def _stage_one(file: DataFile, folder: Path, notify: Notify) -> Path:
    place = folder / (file.sha256 or "unknown")[:12]
    return inputs.stage(file, place, folders.cache(), notify)


def _files(loaded: Loaded) -> Iterator[DataFile]:
    """Yield the data files of the runs that are left in ``loaded``, each once."""
    used = {run.experiment for run in loaded.matrix.runs}
    seen = set()
    for experiment, read in loaded.matrix.data.items():
        for file in read:
            if experiment in used and file.spec not in seen:
                seen.add(file.spec)
                yield file
