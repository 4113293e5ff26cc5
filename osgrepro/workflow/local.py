"""The verb ``run``: one run on this machine, without a pool, by the payload that would travel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from osgrepro import folders, matrix, minipool, pyz, render, workspace
from osgrepro.errors import OsgreproError, UsageError, did_you_mean
from osgrepro.models import Enclosure, Image, Json, Notify, Run, silent
from osgrepro.workflow import data, images
from osgrepro.workflow.loading import Loaded, listed


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalRun:
    """What came of a run on this machine: the result's file and content, and the exit code."""

    run: Run
    file: Path
    result: Json
    exit_code: int


def run(
    loaded: Loaded,
    cell: str,
    *,
    out: Path,
    seed: int | None = None,
    repeat: int = 1,
    native: bool = False,
    notify: Notify = silent,
) -> LocalRun:
    """Execute one run of ``loaded`` here and put its result into the folder ``out``.

    Parameters
    ----------
    loaded : Loaded
        The campaign.
    cell : str
        ``EXPERIMENT/HARDWARE/SOFTWARE``; the hardware is only a name here, nothing is emulated.
    out : Path
        Where the result goes.
    seed : int, optional
        Which of the campaign's seeds; by default the first.
    repeat : int
        Which repeat, from 1.
    native : bool
        Use this Python and its TensorFlow instead of the software environment's image.

    Raises
    ------
    UsageError
        If there is no such run, or its image isn't there.
    OsgreproError
        If the payload left no result.
    """
    chosen = _chosen(loaded, cell, seed, repeat)
    image, enclosure = _image(loaded, chosen, native, notify)
    with _scratch(enclosure) as scratch:
        _fill(loaded, chosen, image, scratch, notify)
        argv = _argv(chosen, image, scratch, enclosure)
        done = subprocess.run(
            argv, cwd=scratch, env=_environment(native), check=False, stdout=sys.stderr
        )
        target = _keep(scratch, out, done.returncode)
    result = orjson.loads(target.read_bytes())
    return LocalRun(run=chosen, file=target, result=result, exit_code=done.returncode)


def _image(
    loaded: Loaded, run: Run, native: bool, notify: Notify
) -> tuple[Image, Enclosure | None]:
    """Return the image, and where Apptainer runs it; without Apptainer, this Python."""
    if native:
        return Image(software=run.software, location=sys.executable, sha256=None), None
    found = images.ready(loaded.campaign, loaded.path.parent, {run.software})
    return images.here(found[run.software]), minipool.enclosure(notify)


def _environment(native: bool) -> dict[str, str]:
    """Return this process's environment; which backend there is, an image alone says."""
    inside = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    return dict(os.environ) if native else inside


def _keep(scratch: Path, out: Path, exit_code: int) -> Path:
    """Copy the result from ``scratch`` to ``out``, whole, and return where it is."""
    found = sorted((scratch / "results").rglob("*.json"))
    if not found:
        raise OsgreproError(
            f"the payload left no result (exit code {exit_code})", hint="what it said stands above"
        )
    target = out / found[0].name
    workspace.write(target, found[0].read_bytes())
    return target


def _chosen(loaded: Loaded, cell: str, seed: int | None, repeat: int) -> Run:
    wanted = loaded.campaign.seeds[0] if seed is None else seed
    if wanted not in loaded.campaign.seeds:
        known = listed(loaded.campaign.seeds)
        raise UsageError(f"seed {seed}: is none of the campaign's", hint=f"there are {known}")
    for candidate in loaded.matrix.runs:
        one = ("/".join(candidate.cell), candidate.seed, candidate.repeat)
        if one == (cell, wanted, repeat):
            return candidate
    cells = list(dict.fromkeys("/".join(one.cell) for one in loaded.matrix.runs))
    shown = ", ".join(cells[:6]) + (f", … ({len(cells)} in all)" if len(cells) > 6 else "")
    if cell in cells:
        raise UsageError(f"repeat {repeat}: the campaign has {loaded.campaign.repeats} repeats")
    meant = did_you_mean(cell, cells, most=2)
    raise UsageError(f"no cell is named {cell!r}{meant}", hint=f"there are {shown}")


def _fill(loaded: Loaded, run: Run, image: Image, scratch: Path, notify: Notify) -> None:
    """Put into ``scratch`` what HTCondor would transfer."""
    one = replace(loaded, matrix=matrix.select(loaded.matrix, lambda other: other == run))
    (submission,) = render.submissions(one.matrix, {image.software: image})
    pyz.build_pyz(scratch / render.PAYLOAD_NAME)
    data.stage(one, scratch / "staged", notify=notify)
    for name, below in submission.files().items():
        shutil.copyfile(scratch / "staged" / below, scratch / name)
    (scratch / render.SPEC_NAME).write_bytes(orjson.dumps(submission.spec()))


def _argv(run: Run, image: Image, scratch: Path, enclosure: Enclosure | None) -> list[str]:
    payload = [
        *(render.PAYLOAD_NAME, "run", "--spec", render.SPEC_NAME, "--run-id", run.run_id),
        *("--experiment", run.experiment, "--hardware", run.hardware),
        *("--seed", str(run.seed), "--repeat", str(run.repeat)),
    ]
    if enclosure is None:
        return [sys.executable, *payload]
    # As HTCondor's starter does it: nothing of this machine but the scratch folder.
    inside = [
        *("apptainer", "exec", "--contain", "--no-home"),
        *("--bind", f"{scratch}:/srv", "--pwd", "/srv", image.location, "python3", *payload),
    ]
    return enclosure.command(inside, binds=[scratch, Path(image.location).parent])


@contextmanager
def _scratch(enclosure: Enclosure | None) -> Iterator[Path]:
    base = folders.cache() / "scratch"
    base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base) as name:
        scratch = Path(name)
        if enclosure is not None and os.geteuid() == 0:
            os.chown(scratch, enclosure.user.uid, enclosure.user.gid)
        yield scratch
