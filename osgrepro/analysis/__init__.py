"""Turns a data frame of runs into findings: pure functions, one file for each question.

Called by the verbs that analyze and by whoever has a data frame. ``analyze`` loads SciPy, the
others pandas, which takes half a second, so all are imported when they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osgrepro.analysis.answers import analyze
    from osgrepro.analysis.audit.units import as_share
    from osgrepro.analysis.definitions import KEYS, Part, current_rows, every_definition
    from osgrepro.analysis.findings.probes import Member, NumericalClass, Probe
    from osgrepro.analysis.planning import Wanted, requirements, wanted
    from osgrepro.analysis.previews import CellPreview, Preview, preview
    from osgrepro.analysis.probe_classes import PROBE_COLUMNS, probes
    from osgrepro.analysis.replication.replays import lettered
    from osgrepro.analysis.replication.reruns import CellAgreement, agreement

__all__ = [
    "KEYS",
    "PROBE_COLUMNS",
    "UNUSED",
    "CellAgreement",
    "CellPreview",
    "Member",
    "NumericalClass",
    "Part",
    "Preview",
    "Probe",
    "Wanted",
    "agreement",
    "analyze",
    "as_share",
    "current_rows",
    "every_definition",
    "lettered",
    "preview",
    "probes",
    "requirements",
    "wanted",
]

# What no question of an analysis is about; of a million runs each costs memory.
UNUSED = (
    *("exit_code", "exception_type", "exception_message", "primary_value", "primary_hex"),
    *("initial_weights", "losses", "probe_sha256"),
    *("slot", "ended_at"),
    *("wall_s", "import_s", "data_s", "fit_s", "evaluate_s", "peak_memory_mb"),
    *("batch", "cluster", "proc", "attempt", "payload_sha256", "checksum"),
    *("file", "file_bytes", "file_modified_ns", "filled", "placed_by"),
    *("label_count", "label_classes", "label_type", "truth_ranks_sha256"),
)

_LATE = {
    "CellAgreement": "replication.reruns",
    "CellPreview": "previews",
    "Preview": "previews",
    "Member": "findings.probes",
    "KEYS": "definitions",
    "NumericalClass": "findings.probes",
    "Part": "definitions",
    "PROBE_COLUMNS": "probe_classes",
    "Probe": "findings.probes",
    "Wanted": "planning",
    "preview": "previews",
    "agreement": "replication.reruns",
    "analyze": "answers",
    "as_share": "audit.units",
    "current_rows": "definitions",
    "every_definition": "definitions",
    "lettered": "replication.replays",
    "probes": "probe_classes",
    "requirements": "planning",
    "wanted": "planning",
}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"osgrepro.analysis.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
