"""What a run asks of its slot: the resources, the device and the hardware's requirement."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from osgrepro.common.errors import RenderError
from osgrepro.common.models import DEVICE_PATTERN, Gpus, Hardware
from osgrepro.runs.render import guard


@dataclass(frozen=True, kw_only=True, slots=True)
class Requests:
    """What runs ask for instead of what their campaign says, in MB and seconds; None is as it says.

    ``execute_s`` is how long a run may execute.
    """

    memory_mb: int | None = None
    disk_mb: int | None = None
    execute_s: int | None = None

    def after(self, former: Requests) -> Requests:
        """Return these requests, completed by those that were made before."""
        return Requests(
            memory_mb=self.memory_mb or former.memory_mb,
            disk_mb=self.disk_mb or former.disk_mb,
            execute_s=self.execute_s or former.execute_s,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What a cluster's jobs ask of a slot; ``execute_s`` is None where the campaign says it."""

    cpus: int
    memory_mb: int
    disk_mb: int
    gpus: Gpus | None
    execute_s: int | None = None

    def raised(self, requests: Requests) -> Shape:
        """Return the shape with what ``requests`` ask for where that is more."""
        return replace(
            self,
            memory_mb=max(self.memory_mb, requests.memory_mb or 0),
            disk_mb=max(self.disk_mb, requests.disk_mb or 0),
            execute_s=requests.execute_s,
        )


def device_expression(gpus: Gpus | None) -> str | None:
    r"""Return the ``require_gpus`` expression for the device that ``gpus`` names, if any.

    The name must stand as a whole word of the device's own, so that ``A40`` is not an ``A4000``.
    """
    if gpus is None or gpus.device is None:
        return None
    if not re.match(DEVICE_PATTERN.replace("$", r"\Z"), gpus.device):
        raise RenderError(
            f"hardware.gpus.device: {gpus.device!r} is not a valid device name",
            hint="letters, digits, blanks, '.', '_' and '-', as nvidia-smi prints it",
        )
    # A bracketed dot instead of a backslash: one layer of quoting fewer to get wrong.
    pattern = gpus.device.replace(".", "[.]")
    return f'regexp("(^|[^A-Za-z0-9]){pattern}([^A-Za-z0-9]|$)", DeviceName, "i")'


def requirement(hardware: Hardware) -> str:
    """Return what a run of ``hardware`` requires, as a part of its whole cluster's requirement."""
    name = guard.name(hardware.name, "hardware.name")
    expression = guard.expression(hardware.requirements, f"hardware {name}: requirements")
    return f'MY.OsgreproHardware == "{name}" && ({expression})'


def shape_of(hardware: Hardware) -> Shape:
    """Return the resource shape of the runs of ``hardware``."""
    return Shape(
        cpus=hardware.request_cpus,
        memory_mb=hardware.request_memory_mb,
        disk_mb=hardware.request_disk_mb,
        gpus=hardware.gpus,
    )
