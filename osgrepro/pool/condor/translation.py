"""What HTCondor's own errors become: one message that says what failed, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import htcondor2

from osgrepro.common.errors import PoolError

_HINTS = (
    (
        r"HISTORY undefined",
        "the access point keeps no history, so nothing is known of jobs that have left its queue",
    ),
    (
        r"locate|determine|connect|communicat",
        "is this machine an access point, and does its HTCondor run? Log in to one, or start the "
        "mini-pool with `osgrepro pool up`",
    ),
    (
        r"authenticat|authoriz|SECMAN|permission|denied",
        "the access point does not accept this user",
    ),
    (
        r"MAX_JOBS|exceed|too many|quota|limit",
        "the queue is full: wait, or submit fewer runs (--limit)",
    ),
    (r"No such|Permission denied|open file", "HTCondor must be able to read the campaign's folder"),
)
_LOGS = "HTCondor's own logs say more: `condor_config_val LOG` names their folder"


@contextmanager
def translated(failure: str) -> Iterator[None]:
    """Turn the bindings' errors into ``PoolError`` with a hint that fits."""
    try:
        yield
    except (htcondor2.HTCondorException, ValueError, OSError) as error:
        text = " ".join(str(error).split())
        hint = next((hint for words, hint in _HINTS if re.search(words, text, re.I)), _LOGS)
        raise PoolError(f"{failure}: {text}", hint=hint) from error
