"""The hardware environments of a campaign, put on the machines of a twin that stand in for them.

Called by ``replay_plan``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from osgrepro.campaign import expand
from osgrepro.common.models import Hardware
from osgrepro.hardware.twin import Verdict
from osgrepro.pool.minipool import ExecutionPoint
from osgrepro.workflow.hardware import twins
from osgrepro.workflow.loading import Loaded


def on_machines(loaded: Loaded, twin: str, verdicts: Sequence[Verdict]) -> Loaded:
    """Return the campaign with the twin's machines as its hardware, and one repeat.

    Its name is another, so that its runs can't get into the folder of the campaign's real ones.
    """
    own = {environment.name: environment for environment in loaded.campaign.hardware}
    least = min(loaded.campaign.hardware, key=lambda environment: environment.request_memory_mb)
    points = twins.execution_points(verdicts)
    hardware = tuple(
        _stand_in(own.get(verdict.machine.name, least), verdict, point)
        for verdict, point in zip(verdicts, points, strict=True)
    )
    name = f"{loaded.campaign.name[:30]}-on-{twin[:30]}"
    changed = loaded.campaign.model_copy(update={"name": name, "hardware": hardware, "repeats": 1})
    made = expand(changed, code=loaded.matrix.code, data=loaded.matrix.data)
    return replace(loaded, matrix=made)


def _stand_in(asks: Hardware, verdict: Verdict, point: ExecutionPoint) -> Hardware:
    """Return the machine's own execution point as a hardware environment."""
    return asks.model_copy(
        update={
            "name": verdict.machine.name,
            "requirements": f'OsgreproEP == "{point.name}"',
            "proves": None,
            "gpus": None,
        }
    )
