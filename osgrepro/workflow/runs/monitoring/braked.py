"""Which machines a campaign's brakes have found unfit: new clusters of it begin without them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from osgrepro.common.files import opened
from osgrepro.pool import condor
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.journal import OpenLog
from osgrepro.workflow.runs.monitoring import usage
from osgrepro.workflow.runs.monitoring.event_logs import glance
from osgrepro.workflow.runs.monitoring.status import Status

# What a brake says of itself, in a log that is the pool's user's.
_SAID = re.compile(rb"^[\d :-]{19} cluster \d+ avoids ([\w.:@, -]+)$", re.M)
_MOST_BYTES = 1 << 20


def avoided(
    place: Workspace, before: Status, open_log: OpenLog = condor.EventReader
) -> tuple[str, ...]:
    """Return the machines that clusters in the queue avoid, or that a brake named before.

    One on which a run has ended well since is mended, unless the queue still avoids it.
    """
    said = {name for text in _logs(place) for name in _names(text)}
    if said:
        said -= usage.mended(glance(place, open_log))
    return tuple(sorted(said | set(before.queued.avoided)))


def _names(text: bytes) -> Iterator[str]:
    for names in _SAID.findall(text):
        yield from names.decode("ascii", "replace").split(", ")


def _logs(place: Workspace) -> Iterator[bytes]:
    with suppress(OSError):
        for path in sorted(place.logs.glob("brake.*.out")):
            with suppress(OSError), opened(place.root, *path.relative_to(place.root).parts) as file:
                yield file.read(_MOST_BYTES)
