"""What to do about a job that is held or was given back, by HTCondor's codes and our own words.

Asked by the queue, shown by ``cli.tables.held``, which names the campaign with :func:`addressed`.
"""

from __future__ import annotations

from osgrepro.runs.render import KILLED, NO_CONTAINER, NOT_BEGUN, TEN_SLOTS

# Stands in an advice for the campaign's jobs that are held with the same code.
_JOBS = "JOBS"
# `submit` sends no run that has a job, and a held job is one.
_AGAIN = "`osgrepro remove JOBS` and submit again"
_RELEASE = "`osgrepro release JOBS`"
_IMAGE = "the container could not be started: try the image with `apptainer exec`"
_MEMORY = f"it used more memory than requested: raise request_memory_mb, then {_AGAIN}"
_DISK = f"it used more disk than requested: raise request_disk_mb, then {_AGAIN}"
# What ran out, by HoldReasonSubCode: of JobOutOfResources (34), which a control group's limit
# gives, and of StartdHeldJob (21), which HTCondor's policies HOLD_IF_MEMORY_EXCEEDED and
# HOLD_IF_DISK_EXCEEDED give.
_OUT_OF = (21, 34)
_RESOURCES = {102: _MEMORY, 104: _DISK}
# What to do about a held job, by HoldReasonCode.
_HOLD_ADVICE = {
    1: f"it was held by hand: to let it run, {_RELEASE}",
    3: "a policy of the pool held it; the reason says which",
    6: "the slot could not start it: look at the image and at the execution point",
    12: f"its results could not be transferred; if it stays held, see its log, then {_AGAIN}",
    13: "its inputs could not be transferred; if it stays held, check that they can be "
    f"read, then {_AGAIN}",
    16: "its inputs are still being spooled",
    21: "a policy of the slot's machine held it; the reason says which",
    26: "a policy of the access point held it; the reason says which",
    33: f"what it returned is larger than a result may be: fix the experiment, then {_AGAIN}",
    34: _MEMORY,
    35: f"{_IMAGE}, then {_AGAIN}",
    45: f"{_IMAGE}, then {_AGAIN}",
    46: f"it ran longer than it may: raise submit.allowed_execute_duration_s, then {_AGAIN}",
    47: f"it ran longer than it may: raise submit.allowed_execute_duration_s, then {_AGAIN}",
    48: f"{_IMAGE}, then {_AGAIN}",
}
# Our own policies have the pool's codes; their words tell them apart.
_OWN_ADVICE = {
    NOT_BEGUN: "its image can't run the program: it needs python3, 3.8 or newer, on its PATH; fix "
    f"the image, then {_AGAIN}",
    KILLED: "something killed it on every machine, most likely for lack of memory: raise "
    f"request_memory_mb, then {_AGAIN}",
    TEN_SLOTS: "try the image with `apptainer exec`, and check that its inputs can be read; "
    f"then {_AGAIN}",
    NO_CONTAINER: "try the image with `apptainer exec`; the slot must be able to reach one in a "
    f"registry; then {_AGAIN}",
}

_OTHER_ADVICE = f"fix what the reason names, then {_RELEASE}"
# A slot gave the job back for what it would be held for elsewhere; from here on it was put out.
_EVICTED = 1000
_NO_CONTAINER_CODE = 45


def of_held(reason: str, code: int, subcode: int = 0) -> str:
    """Return what to do about a job that is held for ``reason``.

    ``code`` and ``subcode`` are HTCondor's HoldReasonCode and HoldReasonSubCode.
    """
    own = (advice for words, advice in _OWN_ADVICE.items() if words in reason)
    resource = _RESOURCES.get(subcode) if code in _OUT_OF else None
    return next(own, None) or resource or _HOLD_ADVICE.get(code, _OTHER_ADVICE)


def of_vacated(code: int) -> str:
    """Return what to do about a job that waits again, by HTCondor's VacateReasonCode."""
    if code == _NO_CONTAINER_CODE:
        return f"{_IMAGE}; it is tried again, and held if that keeps failing"
    if code < _EVICTED:
        return (
            "it is tried again; if that keeps failing, look at the image and at the execution point"
        )
    return "nothing: it is tried again"


def addressed(advice: str, campaign: str, code: int) -> str:
    """Return ``advice`` for the jobs that are held with ``code``.

    ``campaign`` are the words that name the campaign in a command, quoted for a shell.
    """
    return advice.replace(_JOBS, f"{campaign} --reason {code}")
