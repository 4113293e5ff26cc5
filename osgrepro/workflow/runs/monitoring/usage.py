"""What a campaign made of the pool: time well used and lost by place, and why jobs stand still.

Pure: the event logs were read, and the queue was asked, by who calls. Shown by ``status``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from osgrepro.common.models import Scalar
from osgrepro.pool.progress import Use
from osgrepro.workflow.runs.monitoring.event_logs import Logs
from osgrepro.workflow.runs.monitoring.status import Held

# So many attempts that all failed make a machine one that fails everything.
FAILS_EVERYTHING = 3
# What differs between jobs that are held for one reason: slots, addresses, paths, job ids.
_PARTICULAR = re.compile(
    r"(?P<slot>\bslot\w+@[\w@.-]+)|(?P<address><[\w.:?&=+%-]+>)|(?P<path>(?<![\w.:/])/[^\s'\"),;]*[^\s'\"),;:.])"
    r"|(?P<job>\b\d+\.\d+\b)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Machines of one kind at one site: attempts that ended well and others, and their seconds."""

    site: str
    hardware: str
    machines: int
    good: int
    bad: int
    good_s: float
    bad_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Failing:
    """A machine on which every attempt failed; ``why`` is how the last one did."""

    machine: str
    site: str
    attempts: int
    why: str = ""


def places(logs: Logs) -> tuple[Place, ...]:
    """Return what was used where, the most used first."""
    groups: dict[tuple[str, str], list[Use]] = {}
    for use in _uses(logs):
        groups.setdefault((site_of(use.machine), _hardware(use.machine)), []).append(use)
    made = (
        Place(
            site=site,
            hardware=hardware,
            machines=len({machine_name(use.machine) for use in uses}),
            good=sum(use.good for use in uses),
            bad=sum(use.bad for use in uses),
            good_s=sum(use.good_s for use in uses),
            bad_s=sum(use.bad_s for use in uses),
        )
        for (site, hardware), uses in groups.items()
    )
    return tuple(sorted(made, key=lambda place: -(place.good_s + place.bad_s)))


def failing(logs: Logs) -> tuple[Failing, ...]:
    """Return the machines on which every attempt failed, if there were enough of them."""
    groups: dict[tuple[str, str], list[Use]] = {}
    for use in _uses(logs):
        groups.setdefault((machine_name(use.machine), site_of(use.machine)), []).append(use)
    return tuple(
        Failing(
            machine=machine,
            site=site,
            attempts=sum(use.bad for use in uses),
            why=general(max(uses, key=lambda use: use.bad_at_s).why),
        )
        for (machine, site), uses in sorted(groups.items())
        if sum(use.bad for use in uses) >= FAILS_EVERYTHING and not any(use.good for use in uses)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """All failed attempts were where ``kind`` (machine, GPU, hardware or site) is ``name``.

    ``good_there`` and ``good_elsewhere`` ended well.
    """

    kind: str
    name: str
    failed: int
    good_there: int
    good_elsewhere: int


def gathered(logs: Logs) -> Gathered | None:
    """Return what all failed attempts have in common and not all good ones: the least of it."""
    uses = list(_uses(logs))
    kinds: tuple[tuple[str, Callable[[Mapping[str, Scalar]], str]], ...] = (
        ("machine", machine_name),
        ("GPU", lambda machine: str(machine.get("GPUs_DeviceName") or "unknown")),
        ("hardware", _hardware),
        ("site", site_of),
    )
    for kind, name_of in kinds:
        names = {name_of(use.machine) for use in uses if use.bad}
        if len(names) != 1 or names == {"unknown"}:
            continue
        (name,) = names
        here = [use for use in uses if name_of(use.machine) == name]
        failed, good = sum(use.bad for use in here), sum(use.good for use in here)
        elsewhere = sum(use.good for use in uses) - good
        if failed >= FAILS_EVERYTHING and elsewhere:
            return Gathered(
                kind=kind, name=name, failed=failed, good_there=good, good_elsewhere=elsewhere
            )
    return None


def unfit(logs: Logs) -> tuple[str, ...]:
    """Return the machines on which every attempt failed, where others ended well elsewhere."""
    fit = any(use.good for use in _uses(logs))
    return tuple(machine.machine for machine in failing(logs)) if fit else ()


def mended(logs: Logs) -> set[str]:
    """Return the machines whose last attempt ended well."""
    good_s: dict[str, float] = {}
    bad_s: dict[str, float] = {}
    for use in _uses(logs):
        name = machine_name(use.machine)
        good_s[name] = max(good_s.get(name, 0.0), use.good_at_s)
        bad_s[name] = max(bad_s.get(name, 0.0), use.bad_at_s)
    return {name for name, moment_s in good_s.items() if moment_s > bad_s[name]}


def reasons(jobs: Iterable[Held]) -> list[tuple[str, str, list[Held]]]:
    """Return why jobs are held, what to do and which they are, the most frequent reason first.

    What only says where it was is left out of a reason, so that many jobs make one line.
    """
    groups: dict[tuple[str, str], list[Held]] = {}
    for job in jobs:
        groups.setdefault((general(job.reason), job.advice), []).append(job)
    ordered = sorted(groups.items(), key=lambda entry: -len(entry[1]))
    return [(reason, advice, jobs_held) for (reason, advice), jobs_held in ordered]


def general(reason: str) -> str:
    """Return a hold reason without the slot, the address, the paths and the job that it names."""
    return _PARTICULAR.sub(lambda match: str(match.lastgroup).upper(), reason)


def _uses(logs: Logs) -> Iterable[Use]:
    return (use for ledger in logs.ledgers.values() for use in ledger.uses() if use.good + use.bad)


def site_of(machine: Mapping[str, Scalar]) -> str:
    """Return the site of a machine by its attributes; on a mini-pool, its execution point."""
    names = ("GLIDEIN_Site", "GLIDEIN_ResourceName", "OsgreproEP")
    return next((str(machine[name]) for name in names if machine.get(name)), "unknown")


def machine_name(machine: Mapping[str, Scalar]) -> str:
    """Return what a machine is called by its attributes, whichever slot of it is meant."""
    slot = str(machine.get("Name", "")).partition("@")[2]
    return str(machine.get("OsgreproEP") or machine.get("Machine") or slot or "unknown")


def _hardware(machine: Mapping[str, Scalar]) -> str:
    for name in ("GPUs_DeviceName", "OSGVO_CPU_MODEL"):
        if machine.get(name):
            return str(machine[name])
    if machine.get("CpuFamily"):
        return f"CPU family {machine['CpuFamily']}, model {machine.get('CpuModelNumber')}"
    return str(machine.get("Microarch") or "unknown")
