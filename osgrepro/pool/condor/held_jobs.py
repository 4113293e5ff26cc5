"""What to do about a job that is held or was given back, by HTCondor's codes and our own words.

Asked by the queue, shown by ``cli.tables.held``, which names the campaign with :func:`addressed`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TypeAlias

from osgrepro.common.errors import UsageError, did_you_mean
from osgrepro.runs.render import (
    BRAKED,
    BRAKED_SUBCODE,
    KILLED,
    NO_CONTAINER,
    NOT_BEGUN,
    TEN_SLOTS,
    Requests,
)

# Stands in an advice for the campaign's jobs that are held with the same code, and for twice what
# they ask for.
_JOBS, _MEMORY_MB, _DISK_MB, _DURATION_S = "JOBS", "MEMORY", "DISK", "DURATION"
_AGAIN = "`osgrepro retry JOBS`"
_MORE_MEMORY = "`osgrepro retry JOBS --memory MEMORY`"
_MORE_DISK = "`osgrepro retry JOBS --disk DISK`"
_MORE_TIME = "`osgrepro retry JOBS --duration DURATION`"
_RELEASE = "`osgrepro release JOBS`"
_IMAGE = "the container could not be started: try the image with `apptainer exec`"
_MEMORY = f"it used more memory than requested: {_MORE_MEMORY}"
_DISK = f"it used more disk than requested: {_MORE_DISK}"
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
    46: f"it ran longer than it may: train less, or {_MORE_TIME}",
    47: f"it ran longer than it may: train less, or {_MORE_TIME}",
    48: f"{_IMAGE}, then {_AGAIN}",
}
# Our own policies have the pool's codes; their words tell them apart.
_OWN_ADVICE = {
    BRAKED: "the runs before it failed, and none ended well: see below why, mend it, then "
    f"{_RELEASE}; or `osgrepro remove JOBS`",
    NOT_BEGUN: "its image can't run the program: it needs python3, 3.8 or newer, on its PATH; fix "
    f"the image, then {_AGAIN}",
    KILLED: f"something killed it on every machine, most likely for lack of memory: {_MORE_MEMORY}",
    TEN_SLOTS: "try the image with `apptainer exec`, and check that its inputs can be read; "
    f"then {_AGAIN}",
    NO_CONTAINER: "try the image with `apptainer exec`; the slot must be able to reach one in a "
    f"registry; then {_AGAIN}",
}

# A HoldReasonCode, or one together with its HoldReasonSubCode.
HoldCode: TypeAlias = int | tuple[int, int]
# What people may say instead of these.
REASONS: dict[str, tuple[HoldCode, ...]] = {
    "memory": ((34, 102), (21, 102)),
    "disk": ((34, 104), (21, 104)),
    "duration": (46, 47),
    "transfer": (12, 13),
    "container": (35, 45, 48),
    "killed": ((3, 2),),
    "not-begun": ((3, 1),),
    "everything-fails": ((1, BRAKED_SUBCODE),),
    "by-hand": ((1, 0),),
}
_CODE = re.compile(r"(\d{1,6})(?:/(\d{1,9}))?", re.ASCII)
# What it says where it names no subcode.
_OF_DISK = ("exceeded allocated disk", "request_disk")
# What is advised where nobody knows what a job asks for: twice what a campaign asks for by default.
_UNKNOWN = {_MEMORY_MB: 8192, _DISK_MB: 16_384, _DURATION_S: 518_400}
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
    if any(words in reason for words in _OF_DISK):
        resource = _DISK
    return next(own, None) or resource or _HOLD_ADVICE.get(code, _OTHER_ADVICE)


def codes_of(words: Iterable[str]) -> tuple[HoldCode, ...]:
    """Return the hold codes that were typed: names of ``REASONS``, CODE or CODE/SUBCODE.

    Raises
    ------
    UsageError
        If one is none of these.
    """
    codes: list[HoldCode] = []
    for word in words:
        match = _CODE.fullmatch(word)
        if word in REASONS:
            codes.extend(REASONS[word])
        elif match:
            code = int(match[1])
            codes.append(code if match[2] is None else (code, int(match[2])))
        else:
            raise UsageError(
                f"--reason {word}: should be a HoldReasonCode, such as 34 or 34/102, or one of "
                f"{', '.join(REASONS)}{did_you_mean(word, REASONS)}"
            )
    return tuple(codes)


def is_held_for(code: int | None, subcode: int, codes: Collection[HoldCode]) -> bool:
    """Whether a job with these codes is held for one of ``codes``."""
    return code is not None and (code in codes or (code, subcode) in codes)


def reason_word(code: int, subcode: int) -> str:
    """Return what names a hold in ``--reason``."""
    names = (name for name, codes in REASONS.items() if is_held_for(code, subcode, codes))
    return next(names, str(code))


def of_vacated(code: int) -> str:
    """Return what to do about a job that waits again, by HTCondor's VacateReasonCode."""
    if code == _NO_CONTAINER_CODE:
        return f"{_IMAGE}; it is tried again, and held if that keeps failing"
    if code < _EVICTED:
        return (
            "it is tried again; if that keeps failing, look at the image and at the execution point"
        )
    return "nothing: it is tried again"


def addressed(
    advice: str, campaign: str, code: int, asks: Iterable[Requests] = (), subcode: int = 0
) -> str:
    """Return ``advice`` for the jobs that are held with ``code`` and ``subcode``.

    ``campaign`` are the words that name the campaign in a command, quoted for a shell; ``asks`` is
    what the jobs request now: the advice is to request twice the most of it.
    """
    most = list(asks)
    for word, amounts in (
        (_MEMORY_MB, [requests.memory_mb for requests in most]),
        (_DISK_MB, [requests.disk_mb for requests in most]),
        (_DURATION_S, [requests.execute_s for requests in most]),
    ):
        doubled = 2 * max((amount for amount in amounts if amount), default=0)
        advice = advice.replace(word, str(doubled or _UNKNOWN[word]))
    return advice.replace(_JOBS, f"{campaign} --reason {reason_word(code, subcode)}")
