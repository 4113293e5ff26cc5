"""The verb ``diverge``: two results, found by run id or path, and where their trainings part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from osgrepro.analysis import divergence
from osgrepro.analysis.divergence import Divergence
from osgrepro.common.errors import InputError, RecordError, UsageError
from osgrepro.common.files import whole
from osgrepro.common.models import Json
from osgrepro.results import records
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded, load
from osgrepro.workflow.runs import workspaces

LEAST_DIGITS = 4
_FILE = re.compile(r"([0-9a-f]{24})\.(\d{1,10})\.(\d{1,10})\.(\d{1,6})\.json\Z")
_PREFIX = re.compile(r"[0-9a-f]{1,24}\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Diverged:
    """Where two runs part, and which files said so."""

    a: Path
    b: Path
    divergence: Divergence


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shelf:
    """A campaign's folder, and the campaign where it was named."""

    workspace: Workspace
    loaded: Loaded | None = None

    def files(self, prefix: str) -> list[Path]:
        """Return the results whose run ids begin with ``prefix``: the pool's, else local ones."""
        returned = self.workspace.results / prefix[:2]
        for folder in (returned, self.workspace.root / "local"):
            # The pool's is the pool's user's, who may put a link or a pipe there.
            results = [
                path
                for path in (() if folder.is_symlink() else folder.glob(f"{prefix}*.json"))
                if _FILE.match(path.name) and path.is_file() and not path.is_symlink()
            ]
            if results:
                return sorted(results)
        return []

    def knows(self, prefix: str) -> list[str]:
        """Return the campaign's runs whose ids begin with ``prefix``."""
        runs = self.loaded.matrix.runs if self.loaded else ()
        return [run.run_id for run in runs if run.run_id.startswith(prefix)]


def diverge(
    run_a: str, run_b: str, campaigns: Sequence[str] = (), workspace: Path | None = None
) -> Diverged:
    """Return where two runs part.

    Parameters
    ----------
    run_a, run_b : str
        A run id, or the beginning of one; or the path of a result.
    campaigns : sequence of str
        The campaigns in whose folders run ids are looked up.
    workspace : Path, optional
        The folder of the campaign, or instead of it.

    Raises
    ------
    UsageError
        If a run isn't found, or several are.
    InputError
        If a file is not a result, or the runs are of two experiments.
    """
    shelves = _shelves(campaigns, workspace)
    path_a, path_b = _file(run_a, shelves), _file(run_b, shelves)
    return Diverged(a=path_a, b=path_b, divergence=divergence.diverge(_read(path_a), _read(path_b)))


def _shelves(campaigns: Sequence[str], workspace: Path | None) -> list[_Shelf]:
    if workspace is not None and len(campaigns) > 1:
        raise UsageError(
            "--workspace names one campaign's folder, but there are several campaigns",
            hint="leave --workspace out, or name results by their paths",
        )
    if workspace is not None and not campaigns:
        if not workspace.is_dir():
            raise UsageError(f"{workspace}: no such folder")
        return [_Shelf(workspace=Workspace(whole(workspace)))]
    loaded = [load(source) for source in campaigns]
    return [
        _Shelf(workspace=workspaces.look(campaign, workspace), loaded=campaign)
        for campaign in loaded
    ]


def _file(name: str, shelves: Sequence[_Shelf]) -> Path:
    """Return the result that ``name`` stands for."""
    path = Path(name)
    if path.is_file():
        return path
    if path.is_dir() or not _PREFIX.match(name):
        raise UsageError(
            f"{name}: no such result", hint="name a run id or the path of a result, a file *.json"
        )
    if not shelves:
        raise UsageError(
            f"{name}: no such file", hint="to look up a run id, name its campaign with --campaign"
        )
    if len(name) < LEAST_DIGITS:
        raise UsageError(f"{name}: too short for a run id; at least {LEAST_DIGITS} digits")
    results = [file for shelf in shelves for file in shelf.files(name)]
    runs = sorted({file.name[:24] for file in results})
    if len(runs) > 1:
        shown = ", ".join(runs[:6]) + (f", … ({len(runs)} in all)" if len(runs) > 6 else "")
        raise UsageError(f"{name}: {len(runs)} run ids begin with it", hint=f"which of {shown}?")
    return _counting(results) if runs else _absent(name, shelves)


def _absent(name: str, shelves: Sequence[_Shelf]) -> Path:
    known = [run for shelf in shelves for run in shelf.knows(name)]
    if known:
        raise UsageError(
            f"{name}: the run {known[0]} has no result yet", hint="`osgrepro status` says why"
        )
    folders = ", ".join(str(shelf.workspace.root) for shelf in shelves)
    raise UsageError(
        f"{name}: no run with a result begins with it in {folders}",
        hint="`osgrepro status CAMPAIGN --json` lists the runs",
    )


def _counting(files: Sequence[Path]) -> Path:
    """Return the attempt that counts for a run, as the dataset has it."""
    chosen, old = files[0], (_key(files[0]), False)
    for index, file in enumerate(files):
        new = (_key(file), len(files) > 1 and _ended_well(file))
        if index == 0 or records.preferred(*new, *old):
            chosen, old = file, new
    return chosen


def _key(file: Path) -> records.Key:
    return records.source_key(f"{file.name[:2]}/{file.name}")


def _ended_well(file: Path) -> bool:
    try:
        return bool(_read(file)["status"] == "ok")
    except InputError:
        return False


def _read(path: Path) -> Json:
    """Return a result's content, parsed and validated."""
    try:
        if path.stat().st_size > records.MAX_BYTES:
            raise InputError(f"{path}: larger than any result (50 MB)")
        content: Json = records.parse(path.read_bytes()).model_dump(mode="json")
    except RecordError as error:
        raise InputError(
            f"{path}: not a valid result: {error.reason}: {error.message}",
            hint="the reasons are explained in the reference of the result",
        ) from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="check who may read it") from None
    return content
