"""What a result may hold becomes what a column may hold, or null; derived values of a record."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from pydantic import AwareDatetime, TypeAdapter

from osgrepro.results.records import Record


def text(value: Any) -> str | None:
    """Return a text that UTF-8 can hold, or None."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def integer(value: Any) -> int | None:
    """Return a whole number of 64 bits, or None."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and -(2**63) <= value < 2**63 else None


def number(value: Any) -> float | None:
    """Return a number, or None."""
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if real else None


def truth(value: Any) -> bool | None:
    """Return a truth value, or None."""
    return value if isinstance(value, bool) else None


def dump(value: Any) -> str:
    """Return JSON text, the same for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def moment(value: str) -> datetime:
    """Return a time in UTC; pydantic reads every form of ISO 8601, Python 3.10 only some."""
    return _MOMENT.validate_python(value).astimezone(timezone.utc)


_MOMENT = TypeAdapter(AwareDatetime)


def section(record: Record, name: str) -> Any:
    """Return a section of the provenance."""
    return getattr(record.result.provenance, name)


def metrics(record: Record) -> list[dict[str, Any]]:
    """Return all metrics with their numbers and their bits."""
    return [
        {"name": text(name), "value": metric.value, "hex": metric.hex}
        for name, metric in record.result.metrics.items()
    ]


def labels(name: str) -> Callable[[Record], bytes | None]:
    """Return what gives a record's labels of that name, as they are compressed."""

    def compressed(record: Record) -> bytes | None:
        vector = getattr(record.result.examples, name, None)
        return None if vector is None or vector.zlib is None else base64.b64decode(vector.zlib)

    return compressed


def losses(record: Record) -> list[dict[str, Any]]:
    """Return each series of losses, to the last bit."""
    losses = record.result.fingerprints.losses
    return [{"name": text(name), "hex": list(map(text, hexes))} for name, hexes in losses.items()]


def primary(record: Record, field: str) -> Any:
    """Return a field of the primary metric."""
    metric = record.result.metrics.get(record.result.primary)
    return getattr(metric, field) if metric else None


def container(record: Record) -> bool | None:
    """Return whether the job ad asks for a container."""
    ad = record.result.provenance.job_ad
    return None if ad is None else bool(ad.get("WantContainer") or ad.get("ContainerImage"))


def flag(flag: str) -> Callable[[Record], bool | None]:
    """Return what tells whether a CPU has ``flag``."""

    def has(record: Record) -> bool | None:
        flags = section(record, "cpu").get("flags")
        return flag in flags if isinstance(flags, list) and flags else None

    return has


def gpu(record: Record, field: str) -> Any:
    """Return a field of the first GPU that the run could use."""
    gpus = [gpu for gpu in record.result.provenance.gpus if gpu.get("visible", True)]
    return gpus[0].get(field) if gpus else None


def provenance(record: Record) -> str:
    """Return all provenance but the machine ad, which has a column of its own."""
    return dump(record.result.provenance.model_dump(exclude={"machine_ad"}))


def libraries(record: Record) -> str | None:
    """Return one digest of all libraries that compute; None if one has no hash."""
    hashed = []
    for library in record.result.provenance.libraries:
        path, sha256 = library.get("path"), library.get("sha256")
        if not isinstance(path, str) or not isinstance(sha256, str):
            return None
        hashed.append((path.rpartition("/")[2], sha256))
    return hashlib.sha256(dump(sorted(hashed)).encode()).hexdigest() if hashed else None


def data(record: Record) -> str:
    """Return the data files that the run was defined with."""
    return dump([item.model_dump() for item in record.result.definition.data])


def probe(record: Record) -> str | None:
    """Return one digest of the hashes of a probe's operations."""
    hashes = record.result.fingerprints.probe
    return hashlib.sha256(dump(hashes).encode()).hexdigest() if hashes else None


def seeded(record: Record) -> bool | None:
    """Return whether all random numbers were seeded; False where some certainly were not."""
    seeding = record.result.provenance.seeding
    if False in (seeding.python, seeding.numpy, seeding.framework):
        return False
    computed = seeding.framework or seeding.name is None
    return True if seeding.python and computed else None
