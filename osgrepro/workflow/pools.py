"""Which access point a campaign goes to: the mini-pool of this machine, or the machine's own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common.errors import PoolError
from osgrepro.common.models import User
from osgrepro.pool import LOCAL, condor, minipool
from osgrepro.pool.condor import Schedd
from osgrepro.pool.minipool import Pool


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """An access point that answers; ``pool`` is the mini-pool behind it, if it is one."""

    schedd: Schedd
    pool: Pool | None

    @property
    def owner(self) -> User | None:
        """Whom the returned files belong to, where that is somebody else."""
        return self.pool.enclosure.user if self.pool else None

    @property
    def environment(self) -> dict[str, str]:
        """What HTCondor's commands need in their environment on the access point's own machine."""
        if self.pool is not None:
            return self.pool.environment
        names = ("CONDOR_CONFIG", "PATH")
        return {name: os.environ[name] for name in names if os.environ.get(name)}

    def expose(self, *paths: Path) -> None:
        """Let the pool see ``paths``, where it doesn't by itself."""
        if self.pool is not None:
            for path in paths:
                self.pool.expose(path)


def access(choice: str | None = None) -> Access:
    """Return the access point that ``choice`` names.

    Parameters
    ----------
    choice : str or None
        ``local``: the mini-pool; ``ap``: the one that this machine is configured for; None: the
        mini-pool where it is up, else the machine's.

    Raises
    ------
    PoolError
        If it is not there, or does not answer.
    """
    pool = minipool.find() if choice in (LOCAL, None) else None
    if choice == LOCAL and pool is None:
        raise PoolError("the mini-pool is down", hint="start it with `osgrepro pool up`")
    try:
        return Access(schedd=condor.connect(pool.config if pool else None), pool=pool)
    except PoolError as error:
        if choice is None and pool is None:
            raise PoolError(
                f"the mini-pool is down, and this machine is not an access point: {error.message}",
                hint="start the mini-pool with `osgrepro pool up`, or log in to an access point",
            ) from None
        raise
