"""Whether a campaign's hardware environments can be had: its requirements against a pool's ads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from osgrepro import condor
from osgrepro.condor import Feasibility
from osgrepro.errors import UsageError
from osgrepro.models import Hardware, Matrix
from osgrepro.workflow.pools import Access


def used(matrix: Matrix) -> tuple[Hardware, ...]:
    """Return the hardware environments that the runs of ``matrix`` ask for."""
    names = {run.hardware for run in matrix.runs}
    return tuple(one for one in matrix.campaign.hardware if one.name in names)


def of_pool(matrix: Matrix, access: Access) -> tuple[Feasibility, ...]:
    """Return how each hardware environment stands in the pool behind an access point.

    Raises
    ------
    PoolError
        If the pool's collector does not answer, or knows no machine.
    """
    hardware = used(matrix)
    config = access.pool.config if access.pool else None
    slots = list(condor.machines.query(config, condor.feasibility_attributes(hardware)))
    return _all(hardware, slots)


def of_file(matrix: Matrix, path: Path) -> tuple[Feasibility, ...]:
    """Return how each hardware environment stands among the machine ads of a file.

    Raises
    ------
    UsageError
        If it is no file of machine ads.
    """
    hardware = used(matrix)
    return _all(hardware, condor.machines.read(path, condor.feasibility_attributes(hardware)))


def warnings(found: Iterable[Feasibility]) -> list[str]:
    """Return a sentence for each environment that no slot can take, with what excludes it."""
    return [
        f"hardware {one.hardware}: none of {one.slots} slots matches: {_reason(one)}"
        for one in found
        if not one.matching
    ]


def notes(found: Iterable[Feasibility]) -> dict[str, str]:
    """Return by hardware what excludes every slot, for those that no slot can take."""
    return {
        one.hardware: f"infeasible now: none of {one.slots} slots matches: {_reason(one)}"
        for one in found
        if not one.matching
    }


def refuse(found: Iterable[Feasibility]) -> None:
    """Refuse what no slot can take.

    Raises
    ------
    UsageError
        Naming every environment and the clause that excludes it.
    """
    problems = warnings(found)
    if problems:
        raise UsageError(
            "\n".join(problems),
            hint="change these requirements, leave them out with --only, or drop --strict: slots "
            "come and go",
        )


def _all(
    hardware: Sequence[Hardware], slots: Sequence[Mapping[str, Any]]
) -> tuple[Feasibility, ...]:
    return tuple(condor.feasible(one, slots) for one in hardware)


def _reason(one: Feasibility) -> str:
    killers = one.killers
    if not killers:
        return "its conditions exclude each other on every slot"
    if killers[0].without:
        each = (f"without `{c.text}` {c.without} would" for c in killers)
        return "; ".join(each)
    return "no slot satisfies " + " nor ".join(f"`{clause.text}`" for clause in killers)
