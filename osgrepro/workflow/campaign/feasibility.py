"""Whether a campaign's hardware environments can be had: its requirements against a pool's ads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from osgrepro.common.errors import UsageError, did_you_mean
from osgrepro.common.models import Hardware, Matrix
from osgrepro.pool import condor
from osgrepro.pool.condor import Feasibility
from osgrepro.workflow.pools import Access

Slots = Sequence[Mapping[str, Any]]


def used(matrix: Matrix) -> tuple[Hardware, ...]:
    """Return the hardware environments that the runs of ``matrix`` ask for."""
    names = {run.hardware for run in matrix.runs}
    return tuple(
        environment for environment in matrix.campaign.hardware if environment.name in names
    )


def of_pool(matrix: Matrix, access: Access) -> tuple[Feasibility, ...]:
    """Return how each hardware environment stands in the pool behind an access point.

    Raises
    ------
    PoolError
        If the pool's collector does not answer, or knows no machine.
    """
    return of_slots(matrix, slots(matrix, access))


def slots(matrix: Matrix, access: Access) -> Slots:
    """Return the machine ads behind an access point, with all that the campaign asks about.

    Raises
    ------
    PoolError
        If the pool's collector does not answer, or knows no machine.
    """
    config = access.pool.config if access.pool else None
    wanted = condor.feasibility_attributes(matrix.campaign.hardware)
    return list(condor.machines.query(config, wanted))


def of_slots(matrix: Matrix, slots: Slots) -> tuple[Feasibility, ...]:
    """Return how each hardware environment stands among ``slots``."""
    return tuple(condor.feasible(environment, slots) for environment in used(matrix))


def of_file(matrix: Matrix, path: Path) -> tuple[Feasibility, ...]:
    """Return how each hardware environment stands among the machine ads of a file.

    Raises
    ------
    UsageError
        If it is not a file of machine ads.
    """
    wanted = condor.feasibility_attributes(used(matrix))
    return of_slots(matrix, condor.machines.read(path, wanted))


def warnings(feasibilities: Iterable[Feasibility]) -> list[str]:
    """Return a sentence for each environment that no slot can take, with what excludes it."""
    return [
        f"hardware {verdict.hardware}: none of {verdict.slots} slots matches: {_reason(verdict)}"
        for verdict in feasibilities
        if not verdict.matching
    ]


def notes(feasibilities: Iterable[Feasibility]) -> dict[str, str]:
    """Return by hardware what excludes every slot, for those that no slot can take."""
    return {
        verdict.hardware: f"infeasible now: none of {verdict.slots} slots matches: "
        f"{_reason(verdict)}"
        for verdict in feasibilities
        if not verdict.matching
    }


def refuse(feasibilities: Iterable[Feasibility]) -> None:
    """Refuse what no slot can take.

    Raises
    ------
    UsageError
        Naming every environment and the clause that excludes it.
    """
    problems = warnings(feasibilities)
    if problems:
        raise UsageError(
            "\n".join(problems),
            hint="change these requirements, leave them out with --only, or drop --strict: slots "
            "come and go",
        )


def _reason(feasibility: Feasibility) -> str:
    nowhere = [
        f"no slot has {name}{did_you_mean(name, _other_attributes(name))}"
        for name in feasibility.absent
    ]
    return "; ".join([_excluding(feasibility), *nowhere])


def _excluding(feasibility: Feasibility) -> str:
    killers = feasibility.killers
    if not killers:
        return "its conditions exclude each other on every slot"
    if killers[0].without:
        remedies = (f"without `{c.text}` {c.without} would" for c in killers)
        return "; ".join(remedies)
    return "no slot satisfies " + " nor ".join(f"`{clause.text}`" for clause in killers)


def _other_attributes(name: str) -> list[str]:
    """Return the attributes that machines are known to have, without ``name`` itself."""
    return [
        attribute for attribute in condor.machines.ATTRIBUTES if attribute.lower() != name.lower()
    ]
