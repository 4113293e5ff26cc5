"""Where the jobs of a cluster ran, by their ads: what is left when their event log is not.

An ad has the machine attributes of a job's last starts, in the queue as in the history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from osgrepro.common.models import Execution, Scalar
from osgrepro.pool.condor.transfers import JobRecords
from osgrepro.runs.render import MACHINE_ATTRIBUTES

# As many as `job_machine_attrs_history_length` keeps.
_KEPT = range(4)
_NUMBERED = [f"MachineAttr{name}{number}" for name in MACHINE_ATTRIBUTES for number in _KEPT]
_PROJECTION = ["ProcId", "JobStatus", "JobCurrentStartDate", "JobStartDate", *_NUMBERED]


def starts(records: JobRecords, batch: str, cluster: int) -> dict[int, tuple[Execution, ...]]:
    """Return the last starts of each job of a batch's cluster, the earliest first.

    Raises
    ------
    PoolError
        If neither queue nor history can be read.
    """
    constraint = f'ClusterId == {cluster} && OsgreproBatch == "{batch}" && ProcId >= 0'
    ads = [*records.history(constraint, _PROJECTION, -1), *records.ads(constraint, _PROJECTION)]
    return {int(ad["ProcId"]): tuple(_of_job(ad)) for ad in ads if "ProcId" in ad}


def _of_job(ad: Mapping[str, Any]) -> Iterator[Execution]:
    # Only when the last one began is told; the slot's name says which is meant.
    began_s = float(ad.get("JobCurrentStartDate") or ad.get("JobStartDate") or 0)
    for number in reversed(_KEPT):
        values = {name: ad.get(f"MachineAttr{name}{number}") for name in MACHINE_ATTRIBUTES}
        machine: dict[str, Scalar] = {
            name: value for name, value in values.items() if isinstance(value, (str, int, float))
        }
        if machine.get("Name"):
            yield Execution(started_s=began_s, machine=machine, told_by="job ad")
