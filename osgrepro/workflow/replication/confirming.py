"""The verb ``confirm``: do emulated runs end as the remote runs did, to the last bit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from osgrepro import analysis
from osgrepro.analysis.findings import Confirmation
from osgrepro.analysis.replication import confirmations, emulates
from osgrepro.common.errors import DatasetError, InputError, UsageError
from osgrepro.common.models import Json
from osgrepro.hardware.twin import Verdict
from osgrepro.results import dataset
from osgrepro.workflow.hardware import twins
from osgrepro.workflow.replication import matching

Rows = list[Json]


def confirm(
    remote: Path, emulated: Sequence[Path] = (), twin: str | None = None, names: Sequence[str] = ()
) -> tuple[Confirmation, ...]:
    """Return what emulated runs say of each hardware environment in a dataset of remote runs.

    Parameters
    ----------
    remote : Path
        The dataset with the remote runs; its emulated runs count too.
    emulated : sequence of Path
        Datasets with emulated runs; their remote runs are passed over.
    twin : str, optional
        A twin's file, or a shipped twin by its name: which of its machines a remote environment is,
        and whether this machine can stand in for it.
    names : sequence of str
        What the rows do not tell: ``REMOTE=EMULATED``.

    Raises
    ------
    UsageError
        If there is no such file, twin or name, no remote run that ended well in ``remote``, or no
        emulated run in one of ``emulated``.
    InputError
        If a file is not a dataset.
    """
    rows = remote_rows(remote)
    rows += emulated_rows(emulated)
    verdicts = None if twin is None else twins.check(twins.load(twin))
    rows = placed(rows, verdicts or ())
    known = matching.known_of(row for row in rows if emulates(row))
    counterparts = matching.find(rows, known, verdicts, names)
    return confirmations(rows, counterparts)


def remote_rows(path: Path) -> Rows:
    """Return the different runs of a dataset, with the letters of ``analyze``.

    Raises
    ------
    UsageError
        If there is no such file, or no remote run that ended well in it.
    InputError
        If it is not a dataset.
    """
    rows = read(path)
    if not any(row["status"] == "ok" and not emulates(row) for row in rows):
        raise UsageError(
            f"{path}: it has no remote run that ended well",
            hint="name the dataset of runs on real machines; emulated ones come with --with",
        )
    return rows


def emulated_rows(paths: Iterable[Path]) -> Rows:
    """Return the different emulated runs of datasets; their letters are not the remote's.

    Raises
    ------
    UsageError
        If there is no such file, or no emulated run in one of them.
    InputError
        If one is not a dataset.
    """
    emulated: Rows = []
    for path in paths:
        own = [row | {"letter": None} for row in read(path) if emulates(row)]
        if not own:
            raise UsageError(
                f"{path}: it has no emulated run",
                hint="`osgrepro pool up --twin TWIN` starts a pool whose runs are emulated",
            )
        emulated += own
    return emulated


def placed(rows: Iterable[Json], verdicts: Sequence[Verdict]) -> Rows:
    """Return the rows, the emulated ones under the name of the twin's machine that they were on.

    The execution point proves it, whatever the campaign calls its hardware environments.
    """
    machines = {verdict.machine.ep_name: verdict for verdict in verdicts}
    named: Rows = []
    for row in rows:
        verdict = machines.get(str(row["execution_point"])) if emulates(row) else None
        if verdict is None:
            named.append(row)
            continue
        unlike = list(row["not_emulated"])
        did = ", ".join(row["emulation"])
        if did != ", ".join(verdict.emulated) and not verdict.machine.gpu:
            unlike.append(f"emulated by {did or 'nothing'}, as the twin was then")
        named.append(row | {"hardware": verdict.machine.name, "not_emulated": unlike})
    return named


def read(path: Path) -> Rows:
    """Return the different runs of a dataset; raise as ``remote_rows`` does where it is none."""
    if not path.is_file():
        raise UsageError(f"{path}: no such file", hint="name a dataset, a file *.parquet")
    try:
        return analysis.lettered(dataset.frame(path))
    except DatasetError as error:
        # The user named it; exit code 1 is for what was refuted.
        raise InputError(error.message, hint=error.hint) from error
