"""The verb ``confirm``: do emulated runs end as the remote runs did, to the last bit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from osgrepro import dataset
from osgrepro.analysis import confirmation
from osgrepro.errors import DatasetError, InputError, UsageError
from osgrepro.findings import Confirmation
from osgrepro.models import Json
from osgrepro.workflow import twins


def confirm(
    remote: Path, others: Sequence[Path] = (), twin: str | None = None
) -> tuple[Confirmation, ...]:
    """Return what emulated runs say of each hardware environment in a dataset of remote runs.

    Parameters
    ----------
    remote : Path
        The dataset with the remote runs; its emulated runs count too.
    others : sequence of Path
        Datasets with emulated runs; their remote runs are passed over.
    twin : str, optional
        A twin's file, or a shipped twin by its name: says which hardware environments this machine
        can't stand in for.

    Raises
    ------
    UsageError
        If there is no such file or twin, no remote run that ended well in ``remote``, or no
        emulated run in one of ``others``.
    InputError
        If a file is no dataset.
    """
    rows = _rows(remote)
    there = {
        str(row["hardware"])
        for row in rows
        if row["status"] == "ok" and not confirmation.emulates(row)
    }
    if not there:
        raise UsageError(
            f"{remote}: no remote run that ended well is in it",
            hint="name the dataset of runs on real machines; emulated ones come with --with",
        )
    for path in others:
        own = [row for row in _rows(path) if confirmation.emulates(row)]
        if not own:
            raise UsageError(
                f"{path}: no emulated run is in it",
                hint="`osgrepro pool up --twin TWIN` starts a pool whose runs are emulated",
            )
        rows += own
    obstacles = _obstacles(twin, there) if twin is not None else {}
    return confirmation.confirmations(rows, obstacles)


def _rows(path: Path) -> list[Json]:
    if not path.is_file():
        raise UsageError(f"{path}: no such file", hint="name a dataset, a file *.parquet")
    try:
        rows: list[Json] = dataset.read(path, list(confirmation.COLUMNS)).to_pylist()
    except DatasetError as error:
        # The user named it; exit code 1 is for what was refuted.
        raise InputError(error.message, hint=error.hint) from error
    return rows


def _obstacles(source: str, hardware: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return for each hardware environment why this machine can't stand in for it."""
    found = twins.load(source)
    known = {verdict.machine.name: verdict.obstacles for verdict in twins.check(found)}
    return {
        name: known.get(name, (f"the twin {found.twin.name} has no machine {name}",))
        for name in hardware
    }
