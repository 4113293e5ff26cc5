"""Draws what ``status`` and ``watch`` say of a campaign as a whole: rate, time left, places."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from osgrepro.cli import console, tables
from osgrepro.cli.console import Table
from osgrepro.common.models import Json
from osgrepro.pool.condor import addressed
from osgrepro.pool.tally import Tally
from osgrepro.workflow.runs.monitoring import usage
from osgrepro.workflow.runs.monitoring.event_logs import Logs
from osgrepro.workflow.runs.monitoring.status import Status
from osgrepro.workflow.runs.monitoring.usage import Place


def parts(now: Status, logs: Logs) -> Iterator[Table | str]:
    """Yield what stands below the table of cells, line by line and table by table."""
    yield ""
    phases = _phases(now)
    said = ", ".join(f"{count} {phase}" for phase, count in phases.items())
    yield tables.totals(now) + (f" ({said})" if said else "")
    tally = logs.tally(time.time())
    if tally.rate_per_s and tally.ended < tally.total:
        yield f"{_rate(tally)}, {_left(tally)}"
    used = usage.places(logs)
    if used:
        yield ""
        yield places(used)
    for machine in usage.failing(logs):
        where = "" if machine.site in ("unknown", machine.machine) else f" at {machine.site}"
        then = (
            "no more runs go there"
            if machine.machine in now.queued.avoided
            else "runs that failed there go elsewhere"
        )
        why = f" (the last: {machine.why})" if machine.why else ""
        yield (
            f"{machine.machine}{where} fails everything: {machine.attempts} attempts, none ended "
            f"well{why}; {then}"
        )
    if common := usage.gathered(logs):
        there = f", where {common.good_there} ended well" if common.good_there else ""
        yield (
            f"all {common.failed} failed attempts were on the {common.kind} {common.name}{there}; "
            f"elsewhere {common.good_elsewhere} ended well and none failed"
        )
    failing = {machine.machine for machine in usage.failing(logs)}
    for name in now.queued.avoided:
        if name not in failing:
            yield f"{name}: runs fail there that succeed elsewhere; no more runs go there"


def places(used: Iterable[Place]) -> Table:
    """Return where time was used well, and where it was lost."""
    numbers = ("machines", "ended well", "failed", "goodput", "badput")
    shown = console.table("site", "hardware", *numbers, right=numbers)
    for place in used:
        counts = (place.machines, place.good, place.bad)
        hours = (duration(place.good_s), duration(place.bad_s))
        shown.add_row(place.site, place.hardware, *map(str, counts), *hours)
    return shown


def as_json(now: Status, logs: Logs, campaign: str) -> Json:
    """Return the same for programs; ``campaign`` are the words that name it in a command."""
    tally = logs.tally(time.time())
    return {
        "rate_per_h": None if tally.rate_per_s is None else tally.rate_per_s * 3600,
        "left_s": tally.left_s,
        "left_low_s": tally.left_low_s,
        "left_high_s": tally.left_high_s,
        "phases": _phases(now),
        "places": [asdict(place) for place in usage.places(logs)],
        "failing_machines": [asdict(machine) for machine in usage.failing(logs)],
        "failed_in_common": asdict(common) if (common := usage.gathered(logs)) else None,
        "avoided_machines": list(now.queued.avoided),
        "held_reasons": [
            {
                "reason": reason,
                "jobs": len(jobs),
                "such_as": f"{jobs[0].cluster}.{jobs[0].proc}",
                "advice": addressed(
                    *(advice, campaign, jobs[0].code, (job.asks for job in jobs)), jobs[0].subcode
                ),
            }
            for reason, advice, jobs in usage.reasons(now.held)
        ],
    }


def duration(seconds: float) -> str:
    """Return a time as hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _phases(now: Status) -> dict[str, int]:
    return dict(Counter(job.phase for job in now.jobs.values() if job.phase is not None))


def _rate(tally: Tally) -> str:
    return f"{(tally.rate_per_s or 0) * 3600:.1f} runs an hour"


def _left(tally: Tally) -> str:
    if tally.left_s is None or tally.left_low_s is None or tally.left_high_s is None:
        return "time left not known yet"
    low, high = duration(tally.left_low_s), duration(tally.left_high_s)
    return f"about {duration(tally.left_s)} left ({low} to {high})"
