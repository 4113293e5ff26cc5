"""The machine ad and the job ad that HTCondor leaves beside the job.

The machine ad is recorded whole, but for attributes that may carry a secret; of the job ad only the
attributes named here, because a job ad carries the user's environment and arguments.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Optional

from ..scrub import is_secret_name, public_location
from . import files

_JOB_ATTRIBUTES = re.compile(
    r"(ClusterId|ProcId|GlobalJobId|QDate|JobUniverse|JobCurrentStartDate"
    r"|NumShadowStarts|NumJobStarts|NumJobMatches|NumHolds|ProjectName|JobDurationCategory"
    r"|Request(Cpus|Memory|Disk|GPUs)|(Cpus|Memory|Disk|GPUs)Provisioned|AssignedGPUs"
    r"|WantContainer|WantDocker|WantSIF|ContainerImage|TransferContainer"
    r"|MachineAttr\w+|LastRemoteHost|Osgrepro\w*)\Z",
    re.IGNORECASE,
)
# Of the slot's ad: who is using it, or would.
_PERSONAL = re.compile(r"(Remote|Preempting)(Owner|User|Group|NegotiatingGroup)\Z", re.IGNORECASE)
_LINE = re.compile(r"([A-Za-z_]\w*)\s*=\s*(.*)\Z")
_INTEGER = re.compile(r"[+-]?\d+\Z")
_REAL = re.compile(r"[+-]?\d+\.\d*([eE][+-]?\d+)?\Z")
_WORDS = {"true": True, "false": False, "undefined": None}


def parse(text: str) -> Dict[str, Any]:
    """Return the attributes of an ad in the old syntax, one a line; expressions stay texts."""
    matches = (_LINE.match(line.strip()) for line in text.splitlines())
    return {match.group(1): _value(match.group(2).strip()) for match in matches if match}


def read(path: Optional[str]) -> Optional[Dict[str, Any]]:
    """Return the ad in the file at ``path``; None without a path."""
    return parse(files.text(path)) if path else None


def machine(ad: Optional[Mapping[str, Any]]) -> Optional[Dict[str, Any]]:
    """Return what may be recorded of a machine ad."""
    if ad is None:
        return None
    return {
        name: value
        for name, value in ad.items()
        if not is_secret_name(name) and not _PERSONAL.match(name)
    }


def job(ad: Optional[Mapping[str, Any]]) -> Optional[Dict[str, Any]]:
    """Return what is recorded of a job ad."""
    if ad is None:
        return None
    return {
        name: _public(name, value)
        for name, value in ad.items()
        if _JOB_ATTRIBUTES.match(name) and not is_secret_name(name)
    }


def _public(name: str, value: Any) -> Any:
    """Return the value of a job's attribute; of a file on the submitter's side its name alone."""
    if name.lower() == "containerimage" and isinstance(value, str):
        return public_location(value)
    return value


def emulation(ad: Optional[Mapping[str, Any]]) -> Dict[str, Any]:
    """Return what the slot says it only pretends to be, and in what it is not like it."""
    attributes = ad or {}
    pretended = attributes.get("OsgreproEmulation")
    not_emulated = attributes.get("OsgreproNotEmulated")
    simulated = attributes.get("OsgreproSimulatedGpu") is True
    return {
        "emulated": attributes.get("OsgreproEmulated") is True or simulated,
        "what": [pretended] if isinstance(pretended, str) and pretended else [],
        "not_emulated": not_emulated.split("; ")
        if isinstance(not_emulated, str) and not_emulated
        else [],
        "simulated_gpu": simulated,
    }


def _value(text: str) -> Any:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if _INTEGER.match(text):
        return int(text)
    if _REAL.match(text):
        return float(text)
    return _WORDS.get(text.lower(), text)
