"""The result of one attempt: put together from what is known, sealed, and written whole or not.

Called once, by the supervisor, at the end of every attempt however it ended.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Dict, Mapping, Optional

from . import SCHEMA_VERSION, VERSION
from .spec import Task

_FINGERPRINTS = (
    "initial_weights", "final_weights", "model", "predictions", "labels", "gradients", "probe",
)  # fmt: skip
_SECTIONS = (
    "process", "host", "cpu", "threads", "framework", "image", "data", "environment",
)  # fmt: skip
_TIMINGS = ("import_s", "data_s", "fit_s", "evaluate_s")
_NO_SEEDING = {"python": None, "numpy": None, "framework": None, "name": None, "seed": None}
_NO_EMULATION = {"emulated": False, "what": [], "not_emulated": [], "simulated_gpu": False}


@dataclass(frozen=True)
class JobNumbers:
    """The numbers that HTCondor gave this attempt; the first two are None without a job."""

    cluster: Optional[int]
    proc: Optional[int]
    attempt: int

    @classmethod
    def of(cls, job_ad: Optional[Mapping[str, Any]]) -> JobNumbers:
        """Return the numbers that a job ad tells."""
        ad = job_ad or {}
        numbers = [ad.get(name) for name in ("ClusterId", "ProcId", "NumShadowStarts")]
        cluster, proc, starts = (n if type(n) is int else None for n in numbers)
        return cls(cluster=cluster, proc=proc, attempt=max(starts or 1, 1))

    def file_name(self, run_id: str) -> str:
        """Return the result's file name, below the folder of results."""
        name = f"{run_id}.{self.cluster or 0}.{self.proc or 0}.{self.attempt}.json"
        return os.path.join(run_id[:2], name)


@dataclass(frozen=True)
class Ending:
    """How the attempt ended, and when (ISO 8601, UTC)."""

    exit_code: int
    exception: Optional[Mapping[str, Any]]
    started: str
    ended: str
    wall_s: float


class Clock:
    """Knows when the attempt began."""

    def __init__(self) -> None:
        self._started, self._clock = _now(), time.monotonic()

    def ending(self, exit_code: int, exception: Optional[Mapping[str, Any]]) -> Ending:
        """Return how the attempt ends now."""
        wall_s = time.monotonic() - self._clock
        return Ending(exit_code, exception, self._started, _now(), wall_s)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat()


def assemble(
    task: Task,
    numbers: JobNumbers,
    state: Mapping[str, Any],
    ending: Ending,
    payload_sha256: Optional[str],
) -> Dict[str, Any]:
    """Return the result without its checksum; what ``state`` doesn't know is null or empty."""
    prints, timings = state.get("fingerprints", {}), state.get("timings", {})
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": task.run_id,
        "attempt": numbers.attempt,
        "batch": task.batch,
        "cluster": numbers.cluster,
        "proc": numbers.proc,
        "status": "ok" if ending.exit_code == 0 else "failed",
        "exit_code": ending.exit_code,
        "exception": ending.exception,
        "definition": task.definition(),
        "metrics": state.get("metrics", {}) if ending.exit_code == 0 else {},
        "primary": task.experiment.primary,
        "fingerprints": {
            **{name: prints.get(name) for name in _FINGERPRINTS},
            "losses": prints.get("losses", {}),
        },
        "examples": state.get("examples"),
        "provenance": _provenance(task, state.get("provenance", {})),
        "timings": {
            "started_at": ending.started,
            "ended_at": ending.ended,
            "wall_s": ending.wall_s,
            **{name: timings.get(name) for name in _TIMINGS},
        },
        "payload": {"version": VERSION, "sha256": payload_sha256},
    }


def _provenance(task: Task, known: Mapping[str, Any]) -> Dict[str, Any]:
    return {
        **{name: known.get(name) or {} for name in _SECTIONS},
        "libraries": known.get("libraries", []),
        "gpus": known.get("gpus") or [],
        "emulation": known.get("emulation") or _NO_EMULATION,
        "seeding": known.get("seeding") or _NO_SEEDING,
        "gpu_used": known.get("gpu_used"),
        "notes": known.get("notes") or [],
        "self_test": known.get("self_test"),
        "machine_ad": known.get("machine_ad"),
        "job_ad": known.get("job_ad"),
        "sample_data": task.sample_data,
        "errors": known.get("errors", {}),
    }


def plain(value: Any) -> Any:
    """Return ``value`` as JSON can hold it everywhere: no NaN, no half of a surrogate pair."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def checksum(result: Mapping[str, Any]) -> str:
    """Return the checksum of a result: of its canonical JSON without the key ``checksum``."""
    content = {key: value for key, value in result.items() if key != "checksum"}
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def write(path: str, result: Mapping[str, Any]) -> None:
    """Seal ``result`` and put it at ``path``: beside, flushed to the disk, then in one step."""
    sealed = {**result, "checksum": checksum(result)}
    text = json.dumps(sealed, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    beside = f"{path}.{os.getpid()}.part"
    try:
        with open(beside, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        if os.path.exists(beside):
            os.remove(beside)
        raise
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
