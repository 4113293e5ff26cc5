"""The two moments of collecting: before the backend is imported, and after training."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from ..backends import Backend
from ..processes import memory
from ..processes.channel import merge
from ..spec import Task
from . import (  # fmt: skip
    classads,
    cpu,
    environment,
    framework,
    gpus,
    host,
    image,
    libraries,
    threads,
    trained,
)
from .collector import Collector


def before(collector: Collector, task: Task, environ: Mapping[str, str]) -> Dict[str, Any]:
    """Return all that can be known without the backend; takes some milliseconds without a GPU."""
    machine_ad = _ad(collector, "machine_ad", environ.get("_CONDOR_MACHINE_AD"))
    job_ad = _ad(collector, "job_ad", environ.get("_CONDOR_JOB_AD"))
    return {
        "process": host.process(collector),
        "host": host.host(collector, environ, machine_ad),
        "cpu": cpu.collect(collector),
        "threads": threads.collect(collector, environ, machine_ad),
        "image": image.collect(collector, task, environ),
        "environment": environment.collect(environ),
        "gpus": collector.field("gpus", lambda: gpus.collect(environ), []),
        "machine_ad": classads.machine(machine_ad),
        "job_ad": classads.job(job_ad),
        "emulation": classads.emulation(machine_ad),
    }


def _ad(collector: Collector, name: str, path: Optional[str]) -> Optional[Dict[str, Any]]:
    ad: Optional[Dict[str, Any]] = collector.field(name, lambda: classads.read(path))
    return ad


def after(
    collector: Collector, backend: Optional[Backend], environ: Mapping[str, str], *, seeded: bool
) -> Dict[str, Any]:
    """Return what is known only when the work is done, of this process.

    Parameters
    ----------
    collector : Collector
        Takes what can't be read.
    backend : Backend, optional
        What osgrepro imported and seeded.
    environ : mapping
        The process's environment.
    seeded : bool
        Whether it came as far as to seed Python's random numbers.
    """
    known: Dict[str, Any] = {
        "process": collector.section("process", {"peak_memory_mb": memory.peak_mb}),
        "libraries": collector.field("libraries", libraries.loaded, []),
    }
    merge(known, trained.frameworks(collector, environ, backend))
    known["seeding"]["python"] = True if seeded else None
    if backend is not None:
        known["framework"] = framework.after_training(collector, backend)
    return known


def after_program(collector: Collector, shown: Mapping[str, Any]) -> Dict[str, Any]:
    """Return what is known when a program has ended: what it showed of itself, and its peak."""
    known: Dict[str, Any] = {
        "process": collector.section("process", {"peak_memory_mb": lambda: memory.peak_mb(True)}),
        "libraries": [],
    }
    merge(known, {**shown, "errors": {}})
    collector.errors.update(shown.get("errors") or {})
    del known["errors"]
    return known
