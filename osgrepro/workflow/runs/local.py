"""The verb ``run``: one run on this machine, without a pool, by the payload that would travel."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from osgrepro.campaign import select
from osgrepro.common import folders, processes
from osgrepro.common.errors import OsgreproError, RecordError, UsageError, did_you_mean
from osgrepro.common.files import opened
from osgrepro.common.models import Enclosure, Image, Json, Notify, Run, User, silent
from osgrepro.pool.enclosure import provide
from osgrepro.results import records
from osgrepro.runs import pyz, render, workspace
from osgrepro.software.apptainer import environment
from osgrepro.workflow.loading import Loaded, listed
from osgrepro.workflow.runs import data
from osgrepro.workflow.software import images


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalRun:
    """What came of a run on this machine: the result's file and content, and the exit code."""

    run: Run
    file: Path
    result: Json
    exit_code: int

    @property
    def failed(self) -> bool:
        """Whether it did not train to its end: a container's exit code alone may not tell."""
        return bool(self.exit_code) or self.result.get("status") != "ok"


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
    with _scratch() as scratch:
        _fill(loaded, chosen, image, scratch, notify)
        if enclosure is not None and os.geteuid() == 0:
            _hand_over(scratch, enclosure.user)
        argv = _argv(chosen, image, scratch, enclosure)
        environ = dict(os.environ) if native else environment()
        exit_code = processes.relay(argv, cwd=scratch, env=environ, aside=True)
        target, result = _keep(chosen, scratch, out, exit_code)
    return LocalRun(run=chosen, file=target, result=result, exit_code=exit_code)


def _image(
    loaded: Loaded, run: Run, native: bool, notify: Notify
) -> tuple[Image, Enclosure | None]:
    """Return the image, and where Apptainer runs it; without Apptainer, this Python."""
    if native:
        return Image(software=run.software, location=sys.executable, sha256=None), None
    ready_images = images.ready(loaded.campaign, loaded.path.parent, {run.software})
    return images.here(ready_images[run.software]), provide(notify)


def _keep(run: Run, scratch: Path, out: Path, exit_code: int) -> tuple[Path, Json]:
    """Copy the result of ``run`` to ``out``, whole; return where it is, and what it says.

    The folder was the run's, which is another user where we are root, and what is in it is the
    image's word: no link is followed, one name is asked for, and it is judged as a returned one.
    """
    left = "the payload left no result"
    name = f"{run.run_id}.0.0.1.json"  # the payload's name for the first attempt of no job
    try:
        with opened(scratch, "results", run.run_id[:2], name) as file:
            content = file.read(records.MAX_BYTES + 1)
        result = records.parse(content)
    except FileNotFoundError:
        raise OsgreproError(
            f"{left} (exit code {exit_code})", hint="what it said is above"
        ) from None
    except OSError as error:
        raise OsgreproError(f"{left} that is valid: {error.filename}: {error.strerror}") from None
    except RecordError as error:
        raise OsgreproError(f"{left} that is valid: {name}: {error.message}") from None
    if result.run_id != run.run_id:
        raise OsgreproError(f"{left} that is valid: {name}: is of the run {result.run_id}")
    target = out / name
    workspace.write(target, content)
    return target, orjson.loads(content)


def _chosen(loaded: Loaded, cell: str, seed: int | None, repeat: int) -> Run:
    wanted = loaded.campaign.seeds[0] if seed is None else seed
    if wanted not in loaded.campaign.seeds:
        known = listed(loaded.campaign.seeds)
        raise UsageError(f"seed {seed}: is not one of the campaign's", hint=f"there are {known}")
    for candidate in loaded.matrix.runs:
        names = ("/".join(candidate.cell), candidate.seed, candidate.repeat)
        if names == (cell, wanted, repeat):
            return candidate
    cells = list(dict.fromkeys("/".join(names.cell) for names in loaded.matrix.runs))
    shown = ", ".join(cells[:6]) + (f", … ({len(cells)} in all)" if len(cells) > 6 else "")
    if cell in cells:
        raise UsageError(f"repeat {repeat}: the campaign has {loaded.campaign.repeats} repeats")
    meant = did_you_mean(cell, cells, most=2)
    raise UsageError(f"no cell is named {cell!r}{meant}", hint=f"there are {shown}")


def _fill(loaded: Loaded, run: Run, image: Image, scratch: Path, notify: Notify) -> None:
    """Put into ``scratch`` what HTCondor would transfer."""
    single = replace(loaded, matrix=select(loaded.matrix, lambda candidate: candidate == run))
    (submission,) = render.submissions(single.matrix, {image.software: image})
    pyz.build_pyz(scratch / render.PAYLOAD_NAME)
    data.stage(single, scratch / "staged", notify=notify)
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
        *("apptainer", "exec", "--contain", "--cleanenv", "--no-home"),
        *("--bind", f"{scratch}:/srv", "--pwd", "/srv", image.location, "python3", *payload),
    ]
    seen = [] if image.file is None else [Path(image.file).parent]
    return enclosure.command(inside, binds=[scratch, *seen])


def _hand_over(scratch: Path, user: User) -> None:
    """Give the filled folder to the user: itself at last, so that it is ours until then."""
    for path in (*scratch.rglob("*"), scratch):
        os.lchown(path, user.uid, user.gid)


@contextmanager
def _scratch() -> Iterator[Path]:
    base = folders.cache() / "scratch"
    base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base) as name:
        yield Path(name)
