"""The two moments of collecting: before TensorFlow is imported, and after training."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ..spec import Task
from . import classads, cpu, environment, framework, gpus, host, image, libraries, threads
from .collector import Collector


def before(collector: Collector, task: Task, environ: Mapping[str, str]) -> Dict[str, Any]:
    """Return all that can be known without TensorFlow; takes some milliseconds without a GPU."""
    ads = {
        name: collector.field(f"{name}_ad", lambda path=path: classads.read(path))  # type: ignore[misc]
        for name, path in (
            ("machine", environ.get("_CONDOR_MACHINE_AD")),
            ("job", environ.get("_CONDOR_JOB_AD")),
        )
    }
    machine_ad = ads["machine"]
    return {
        "process": host.process(collector),
        "host": host.host(collector, environ, machine_ad),
        "cpu": cpu.collect(collector),
        "threads": threads.collect(collector, environ, machine_ad),
        "image": image.collect(collector, task, environ),
        "environment": environment.collect(environ),
        "gpus": collector.field("gpus", lambda: gpus.collect(environ), []),
        "machine_ad": classads.machine(machine_ad),
        "job_ad": classads.job(ads["job"]),
        "emulation": classads.emulation(machine_ad),
    }


def after(collector: Collector, tensorflow: Any, environ: Mapping[str, str]) -> Dict[str, Any]:
    """Return what is known only when the work is done; ``tensorflow`` may be None."""
    known: Dict[str, Any] = {
        "process": collector.section("process", {"peak_memory_mb": host.peak_memory_mb}),
        "libraries": collector.field("libraries", libraries.loaded, []),
    }
    if tensorflow is not None:
        known["tensorflow"] = framework.after_training(collector, tensorflow)
        known["threads"] = collector.field(
            "threads.pools", lambda: threads.pools(tensorflow, environ), {}
        )
    return known
