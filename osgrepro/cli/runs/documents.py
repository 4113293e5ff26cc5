"""What ``submit`` and ``collect`` print for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from osgrepro.cli.runs.acting import queued_json
from osgrepro.common.models import Json, RunState
from osgrepro.workflow.results.collecting import Harvest
from osgrepro.workflow.runs.delivery import Submitted
from osgrepro.workflow.runs.journal import Batch
from osgrepro.workflow.runs.monitoring.status import Status
from osgrepro.workflow.runs.submitting import Rehearsal

if TYPE_CHECKING:
    from osgrepro.analysis import Preview


def of_submitted(done: Submitted, selected: int, schedd: str, unmatched: Iterable[str]) -> Json:
    """Return what was submitted, of so many runs that were ``selected``."""
    return {
        "dry_run": False,
        "schedd": schedd,
        "selected": selected,
        "submitted": done.runs,
        "clusters": _batches(done.batches),
        "recovered": _batches(done.recovered),
        "adopted": _batches(done.adopted),
        "unmatched": list(unmatched),
        **_before(done.before),
    }


def of_rehearsed(
    rehearsal: Rehearsal, selected: int, schedd: str, unmatched: Iterable[str]
) -> Json:
    """Return the same of what would be submitted; clusters have no number yet."""
    return {
        "dry_run": True,
        "schedd": schedd,
        "selected": selected,
        "submitted": 0,
        "clusters": [
            {"cluster": None, "batch": None, "name": planned.name, "runs": len(planned.runs)}
            for planned in rehearsal.clusters
        ],
        "recovered": [],
        "adopted": [],
        "unmatched": list(unmatched),
        **_before(rehearsal.before),
    }


def of_harvest(harvest: Harvest, status: Json, preview: Preview | None) -> Json:
    """Return what was collected; ``status`` is how all runs stand now, as ``status`` prints it."""
    collected = harvest.collected
    return {
        "dataset": str(harvest.dataset),
        "rejected_file": str(harvest.rejected),
        "in_dataset": harvest.in_dataset,
        "taken": collected.taken,
        "superseded": collected.superseded,
        "rejected": dict(collected.rejected),
        "pending": collected.pending,
        "damaged_clusters": list(collected.damaged),
        "outcomes": _outcomes(preview) if preview else [],
        "notes": [note.text for note in preview.notes] if preview else [],
        "status": status,
    }


def _batches(batches: Iterable[Batch]) -> list[Json]:
    return [
        {"cluster": sent.cluster, "batch": sent.batch, "name": sent.name, "runs": sent.count}
        for sent in batches
    ]


def _before(before: Status) -> Json:
    return {
        "counts": {state.value: before.counts.get(state, 0) for state in RunState},
        **queued_json(before),
    }


def _outcomes(preview: Preview) -> list[Json]:
    return [
        {
            "experiment": row.experiment,
            "software": row.cell.software,
            "hardware": row.cell.hardware,
            "metric": row.metric,
            "minimum": row.cell.minimum,
            "maximum": row.cell.maximum,
            "classes": sorted(row.cell.classes),
            "ok": row.cell.ok,
            "labels": list(row.labels),
        }
        for row in preview.cells
    ]
