"""Which pool the bindings speak to: the machine's own, or that of a client's configuration."""

from __future__ import annotations

import os
from pathlib import Path

import htcondor2

from osgrepro.common.errors import PoolError


def configure(config: Path | None) -> None:
    """Have the bindings read a configuration, and leave the environment as it was.

    Children of this process, and everything that runs in an enclosure, have their own.

    Parameters
    ----------
    config : Path or None
        The configuration of a pool's client; None takes the machine's own.

    Raises
    ------
    PoolError
        If there is none.
    """
    if config is not None and not config.is_file():
        raise PoolError(
            f"{config}: no such configuration", hint="start the pool: `osgrepro pool up`"
        )
    before = os.environ.get("CONDOR_CONFIG")
    if config is not None:
        os.environ["CONDOR_CONFIG"] = str(config)
    try:
        htcondor2.reload_config()
    finally:
        if before is None:
            os.environ.pop("CONDOR_CONFIG", None)
        else:
            os.environ["CONDOR_CONFIG"] = before
