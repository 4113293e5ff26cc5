"""How a pool is: which execution points answer, and how many jobs run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from osgrepro.common.models import Json
from osgrepro.pool.minipool import _daemons, _processes
from osgrepro.pool.minipool._eps import ExecutionPoint
from osgrepro.pool.minipool._paths import PoolPaths, default_directory
from osgrepro.pool.minipool._pool import Pool, load, mark_of


@dataclass(frozen=True, kw_only=True, slots=True)
class EpStatus:
    """One execution point: whether it answers, and how many jobs it runs."""

    name: str
    answers: bool
    running: int
    memory_mb: int
    emulation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolStatus:
    """How a pool is: ``state`` is up, broken (something runs, but not all) or down."""

    state: str
    directory: Path
    pool: Pool | None = None
    eps: tuple[EpStatus, ...] = ()
    jobs: Mapping[str, int] = field(default_factory=dict)
    processes: int = 0


def status(directory: Path | None = None) -> PoolStatus:
    """Ask the pool in ``directory`` how it is."""
    paths = PoolPaths((directory or default_directory()).resolve())
    processes = len(_processes.of_pool(mark_of(paths)))
    pool = load(paths)
    if pool is None:
        state = "broken" if processes else "down"
        return PoolStatus(state=state, directory=paths.directory, processes=processes)
    ads = _daemons.ads(paths, pool.enclosure)
    eps = tuple(_ep_status(ep, ads) for ep in pool.eps)
    schedd = next((ad for ad in ads if ad.get("MyType") == "Scheduler"), {})
    return PoolStatus(
        state="up" if answering(ads, pool) == len(pool.eps) + 1 else "broken",
        directory=paths.directory,
        pool=pool,
        eps=eps,
        jobs={
            word.lower(): schedd.get(f"Total{word}Jobs", 0) for word in ("Running", "Idle", "Held")
        },
        processes=processes,
    )


def _ep_status(ep: ExecutionPoint, ads: list[Json]) -> EpStatus:
    slots = [ad for ad in ads if ad.get("OsgreproEP") == ep.name]
    whole = next((ad for ad in slots if ad.get("SlotType") == "Partitionable"), None)
    return EpStatus(
        name=ep.name,
        answers=whole is not None,
        running=sum(ad.get("SlotType") == "Dynamic" for ad in slots),
        memory_mb=int(whole.get("TotalSlotMemory", 0)) if whole else 0,
        emulation=ep.emulation,
    )


def answering(ads: list[Json], pool: Pool) -> int:
    """Count the schedd and the execution points that take container jobs."""
    slots = {
        ad.get("OsgreproEP")
        for ad in ads
        if ad.get("SlotType") == "Partitionable"
        and ad.get("HasSIF") is True
        and ad.get("HasSingularity") is True
    }
    schedds = any(ad.get("MyType") == "Scheduler" for ad in ads)
    return schedds + sum(ep.name in slots for ep in pool.eps)
