"""The GPUs that the driver shows, asked through nvidia-smi; an empty list where there is none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import Any, Callable, Dict, List, Mapping, Optional

from . import files

_FIELDS = {
    "index": "index",
    "name": "name",
    "uuid": "uuid",
    "memory_mb": "memory.total",
    "driver": "driver_version",
    "capability": "compute_cap",
    "mig": "mig.mode.current",
    "ecc": "ecc.mode.current",
}
_TIMEOUT_S = 20
# An image may lack nvidia-smi; then the devices' files tell, AMD's and WSL's too.
_DEVICE = re.compile(r"(nvidia\d+|kfd|dxg)\Z")


def query(field: str) -> List[str]:
    """Return one property of every GPU; none where there is no driver.

    Asked one by one, because an old driver refuses a whole question for one unknown field.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    argv = [program, f"--query-gpu={field}", "--format=csv,noheader,nounits"]
    done = subprocess.run(
        argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        return []
    return [line.strip() for line in done.stdout.decode("utf-8", "replace").splitlines()]


def collect(
    environ: Mapping[str, str], ask: Callable[[str], List[str]] = query
) -> List[Dict[str, Any]]:
    """Return one mapping for each GPU; ``visible`` says whether the job may use it."""
    count = len(ask(_FIELDS["index"]))
    if not count:
        return []
    columns = {name: ask(field) for name, field in _FIELDS.items()}
    gpus = []
    for number in range(count):
        gpu: Dict[str, Any] = {
            name: values[number] if len(values) == count else None
            for name, values in columns.items()
        }
        gpu["index"] = _integer(gpu["index"])
        gpu["memory_mb"] = _integer(gpu["memory_mb"])
        gpu["visible"] = _visible(gpu, environ.get("CUDA_VISIBLE_DEVICES"))
        gpus.append(gpu)
    return gpus


def shown(gpus: List[Mapping[str, Any]], root: str = "/") -> bool:
    """Whether the slot shows a GPU that the job may use: by its driver, or as a device's file."""
    if gpus:
        return any(gpu["visible"] for gpu in gpus)
    devices = files.entries(os.path.join(root, "dev"))
    return any(_DEVICE.match(name) for name in devices)


def _integer(text: Optional[str]) -> Optional[int]:
    return int(text) if text is not None and text.isdigit() else None


def _visible(gpu: Mapping[str, Any], devices: Optional[str]) -> bool:
    if devices is None:
        return True
    names = [name.strip() for name in devices.split(",") if name.strip()]
    uuid = str(gpu["uuid"])
    return any(name == str(gpu["index"]) or uuid.startswith(name) for name in names)
