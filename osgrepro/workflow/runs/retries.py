"""What a campaign's journal says of retries: which runs ask for more, and which are in between.

Resources are no part of a run's id, so a run that needed more than its campaign says asks for that
again wherever it is sent. Read by ``submit`` and ``retry``, noted by ``retry``.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from osgrepro.campaign import select
from osgrepro.common.errors import UNFORESEEN, DatasetError
from osgrepro.common.models import Hardware, Json, Matrix
from osgrepro.results import dataset
from osgrepro.runs.render import Requests
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.journal import RETRY, run_ids

# What the payload and Python say of a lack of memory.
_OUT_OF_MEMORY = ("OutOfMemoryError", "MemoryError")


@dataclass(frozen=True, kw_only=True, slots=True)
class Noted:
    """What is noted of retries.

    Parameters
    ----------
    requests : mapping
        By run_id: what the run was given instead of what the campaign says; of each resource the
        last word counts.
    between : mapping
        By run_id: the HoldReasonCode of a job that a retry was to take out of the queue, where the
        run was not sent again since. So a retry that was killed is finished by the next.
    """

    requests: dict[str, Requests] = field(default_factory=dict)
    between: dict[str, int] = field(default_factory=dict)


def read(workspace: Workspace) -> Noted:
    """Return what the journal says of retries; damaged entries of it say nothing."""
    noted = Noted()
    for entry in workspace.journal():
        with suppress(*UNFORESEEN):
            _take(noted, workspace, entry or {})
    return noted


def unfulfilled(workspace: Workspace) -> dict[str, Requests]:
    """Return what runs were given whose results are not in the dataset, or failed."""
    ended = set()
    with suppress(DatasetError):
        taken = dataset.taken(workspace.dataset_file).items()
        ended = {run_id for run_id, result in taken if result.status == "ok"}
    given = read(workspace).requests
    return {run_id: requests for run_id, requests in given.items() if run_id not in ended}


def short_of_memory(path: Path, wanted: Container[str]) -> dict[str, str]:
    """Return the runs among ``wanted`` that failed for lack of memory, each with its hardware."""
    rows = dataset.read(path, ["run_id", "hardware", "status", "exception_type"]).to_pylist()
    return {
        row["run_id"]: row["hardware"]
        for row in rows
        if row["status"] != "ok" and row["run_id"] in wanted
        if row["exception_type"] in _OUT_OF_MEMORY
    }


def note(workspace: Workspace, runs: Mapping[str, int | None], requests: Requests) -> None:
    """Note that ``runs`` are about to be sent again; when this returns, it is on the disk.

    Each stands with the HoldReasonCode of the job that is taken out of the queue for it, or None.
    """
    given = {name: value for name, value in asdict(requests).items() if value is not None}
    workspace.note({"event": RETRY, "runs": dict(runs), **given})


def parted(matrix: Matrix, requests: Mapping[str, Requests]) -> tuple[Matrix, Matrix]:
    """Return the runs without ``requests`` of their own; and those with, asking for them."""
    usual = select(matrix, lambda run: run.run_id not in requests)
    raised = select(matrix, lambda run: run.run_id in requests)
    return usual, asking(raised, requests)


def asking(matrix: Matrix, requests: Mapping[str, Requests]) -> Matrix:
    """Return ``matrix``, each hardware environment asking for the most that a run of it does."""

    def raised(hardware: Hardware) -> Hardware:
        given = [
            requests.get(run.run_id, Requests())
            for run in matrix.runs
            if run.hardware == hardware.name
        ]
        memory_mb = max((asked.memory_mb or 0 for asked in given), default=0)
        disk_mb = max((asked.disk_mb or 0 for asked in given), default=0)
        most = {
            "request_memory_mb": max(hardware.request_memory_mb, memory_mb),
            "request_disk_mb": max(hardware.request_disk_mb, disk_mb),
        }
        return hardware.model_copy(update=most)

    several = tuple(raised(hardware) for hardware in matrix.campaign.hardware)
    campaign = matrix.campaign.model_copy(update={"hardware": several})
    return replace(matrix, campaign=campaign)


def _take(noted: Noted, workspace: Workspace, entry: Json) -> None:
    if entry["event"] == "commit" and noted.between:
        for run_id in run_ids(workspace, str(entry["batch"])):
            noted.between.pop(run_id, None)
    if entry["event"] != RETRY:
        return
    given = Requests(**{name: _whole(entry.get(name)) for name in Requests.__dataclass_fields__})
    codes = {str(run_id): _whole(code) for run_id, code in entry["runs"].items()}
    for run_id, code in codes.items():
        if given != Requests():
            noted.requests[run_id] = given.after(noted.requests.get(run_id, Requests()))
        if code is not None:
            noted.between[run_id] = code


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))
