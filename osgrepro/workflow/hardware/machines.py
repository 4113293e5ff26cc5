"""The verbs ``hardware list``, ``show`` and ``propose``: what kinds of machine a pool has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from osgrepro import hardware
from osgrepro.common.errors import PoolError, UsageError, did_you_mean
from osgrepro.hardware import HardwareClass
from osgrepro.pool import AP, LOCAL, condor, minipool
from osgrepro.runs.workspace import write


def gather(ads: Path | None = None, pool: str | None = None) -> tuple[HardwareClass, ...]:
    """Return the hardware classes of a pool, those with the most slots first.

    Parameters
    ----------
    ads : Path or None
        A saved file of machine ads; None asks the live pool.
    pool : str or None
        ``local``: the mini-pool; ``ap``: the machine's own pool; None: the mini-pool where it is
        up, else the machine's.

    Raises
    ------
    UsageError
        If the file can't be read, or both a file and a pool are named.
    PoolError
        If the pool does not answer, or knows no machine.
    """
    if ads is not None:
        if pool is not None:
            raise UsageError("--ads and --pool exclude each other")
        return hardware.classes(condor.machines.read(ads))
    local = None if pool == AP else minipool.find()
    if pool == LOCAL and local is None:
        raise PoolError("the mini-pool is down", hint="start it with `osgrepro pool up`")
    try:
        return hardware.classes(condor.machines.query(local.config if local else None))
    except PoolError as error:
        if pool is None and local is None:
            raise PoolError(
                f"the mini-pool is down, and this machine's own pool: {error.message}",
                hint="start the mini-pool with `osgrepro pool up`, log in to an access point, or "
                "name a file of machine ads with --ads",
            ) from None
        raise


def find(classes: Sequence[HardwareClass], name: str) -> HardwareClass:
    """Return the class that is named ``name``.

    Raises
    ------
    UsageError
        If there is none.
    """
    for outcome_class in classes:
        if outcome_class.name.lower() == name.lower():
            return outcome_class
    meant = did_you_mean(name, [outcome_class.name for outcome_class in classes], most=3)
    raise UsageError(
        f"{name}: no such hardware class{meant}", hint="`osgrepro hardware list` names them all"
    )


def save(proposal: hardware.Proposal, path: Path) -> None:
    """Write the tables of a proposal, whole or not at all.

    Raises
    ------
    UsageError
        If there is such a file already, or it can't be written.
    """
    if path.exists():
        raise UsageError(f"{path}: already exists", hint="name another file, or remove it first")
    write(path, proposal.text().encode())
