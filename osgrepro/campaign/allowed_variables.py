"""Which environment variables a campaign may set for its runs, and with which values.

They are part of what defines a run, and stand in its result for everybody to read. Called when a
campaign is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z")
_LONGEST, _MOST = 4096, 100

_OWN = "is set by osgrepro or HTCondor for every run"
_THREADS = "is set by the slot: write `threads` in [campaign]"
_GPUS = "is set by HTCondor to what the slot has: ask for GPUs in [[hardware]]"
_LOADED = "decides what is loaded, which is the image's: build another image"
# By name, or by what a name begins or ends with.
_RESERVED = {
    **dict.fromkeys(("HOME", "TMP", "TEMP", "TMPDIR", "PWD", "USER", "LOGNAME", "SHELL"), _OWN),
    **dict.fromkeys(("PYTHONHASHSEED", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE"), _OWN),
    **dict.fromkeys(("KERAS_HOME", "BATCH_SYSTEM"), _OWN),
    **dict.fromkeys(("PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"), _LOADED),
    **dict.fromkeys(("TF_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "PJRT_NPROC", "NPROC"), _THREADS),
    **dict.fromkeys(("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"), _GPUS),
    **dict.fromkeys(("GPU_DEVICE_ORDINAL", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"), _GPUS),
}
_BEGINNINGS = {
    **dict.fromkeys(("OSGREPRO", "_CONDOR", "CONDOR_", "GLIDEIN", "OSG_"), _OWN),
    **dict.fromkeys(("APPTAINER", "SINGULARITY"), _OWN),
    "LD_": _LOADED,
}
_ENDINGS = {"_NUM_THREADS": _THREADS}
# As payload/scrub.py has it, which cleans these out of results: a name for a secret, and texts
# that are one whatever they are called.
_SECRET_NAME = re.compile(
    r"token|proxy|secret|passw|cred|private|api_?key|access_?key|auth|cookie|session"
    r"|claimid|^capability$|transferkey|_condor_priv",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"-----BEGIN |\beyJ[\w-]{8,}\.[\w-]{8,}\.|://[^/\s:@]+:[^/\s@]+@|\bbearer |token=",
    re.IGNORECASE,
)


def faults(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the variables that a campaign sets, each with its name."""
    if len(environment) > _MOST:
        yield f"environment: {len(environment)} variables, at most {_MOST} can be set"
    for name, value in environment.items():
        if (wrong := _wrong_name(name) or _wrong_value(value)) is not None:
            yield (
                f"environment.{name!r:.80}: {wrong}"
                if not _NAME.match(name)
                else (f"environment.{name}: {wrong}")
            )


def _wrong_name(name: str) -> str | None:
    if not _NAME.match(name):
        return "is not a valid name: letters, digits and '_', no digit first"
    upper = name.upper()
    for known, fits in ((_BEGINNINGS, upper.startswith), (_ENDINGS, upper.endswith)):
        for part, why in known.items():
            if fits(part):
                return _RESERVED.get(upper, why)
    if upper in _RESERVED:
        return _RESERVED[upper]
    if _SECRET_NAME.search(name):
        return "looks like a secret, and every result records its environment: leave it out"
    return None


def _wrong_value(value: str) -> str | None:
    if not value.isprintable():
        return "has a line break or an invisible character"
    if len(value) > _LONGEST:
        return f"has {len(value)} characters, at most {_LONGEST} can be set"
    if _SECRET_VALUE.search(value):
        return "looks like a secret, and every result records its environment: leave it out"
    return None
