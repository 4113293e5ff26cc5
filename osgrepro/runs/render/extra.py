"""Which submit commands a campaign may add: those that say who asks, how urgently, and where.

A list of what is allowed, because HTCondor has several hundred commands and reads a line of any
name. None of these changes what a run computes, writes or reads a file, or takes anything of the
submitter's along. Called by the submissions only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from osgrepro.common.errors import RenderError
from osgrepro.runs.render import guard

_LINE = re.compile(r"(?P<key>(?:MY\.)?[A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)\s*(?P<value>\S.*)", re.I)
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(@[A-Za-z0-9.-]+)?")
_LIMITS = re.compile(r"[A-Za-z0-9_.]+(:[0-9.]+)?(\s*,\s*[A-Za-z0-9_.]+(:[0-9.]+)?)*")


def _number(value: str) -> str | None:
    return None if re.fullmatch(r"[+-]?\d{1,9}", value) else "should be a whole number"


def _truth(value: str) -> str | None:
    return None if value.lower() in ("true", "false") else "should be true or false"


def _who(value: str) -> str | None:
    return None if _USER.fullmatch(value) else "should be the name of a group or user"


def _when(value: str) -> str | None:
    known = ("always", "complete", "error", "never")
    return None if value.lower() in known else f"should be one of {', '.join(known)}"


def _limits(value: str) -> str | None:
    return None if _LIMITS.fullmatch(value) else "should be names, such as LICENCE or LICENCE:2"


def _any(_value: str) -> str | None:
    return None


def _expression(value: str) -> str | None:
    try:
        guard.expression(value, "")
    except RenderError as error:
        return error.message.removeprefix(": ")
    return None


# Command, or attribute with MY., as people write it, and what is wrong with a value of it.
ALLOWED: dict[str, Callable[[str], str | None]] = {
    "accounting_group": _who,
    "accounting_group_user": _who,
    "concurrency_limits": _limits,
    "description": _any,
    "job_lease_duration": _number,
    "job_max_vacate_time": _number,
    "keep_claim_idle": _number,
    "nice_user": _truth,
    "notification": _when,
    "notify_user": _who,
    "priority": _number,
    "rank": _expression,
    "MY.DESIRED_Sites": _expression,
    "MY.UNDESIRED_Sites": _expression,
    "MY.GPUJobLength": _expression,
    "MY.WantFlocking": _truth,
    "MY.WantGPULab": _truth,
    "MY.WantGlideIn": _truth,
    "MY.want_campus_pools": _expression,
    "MY.is_resumable": _truth,
}
_CHECKS = {name.lower(): check for name, check in ALLOWED.items()}

# What people try, without case, `MY.` and underscores, and where it belongs instead.
_ENVIRONMENT = (
    "it changes what a run computes, or passes on your secrets: name what a run needs in "
    "`environment` of [[software]] or [[experiment]]"
)
_IMAGE = "it changes what a run computes: name the image in [[software]]"
_CREDENTIAL = "a run is given no credentials: what it reads is named in `data`"
_PLACE = "a slot is chosen by [[hardware]]: its requirements and request_…"
_FILES = "osgrepro moves a run's files: name what it reads in `data`"
_HELD = "osgrepro decides when a run is held, tried again or given up: see submit.max_retries"
_INSTEAD = {
    **dict.fromkeys(("environment", "env", "getenv", "allowenvironment"), _ENVIRONMENT),
    **dict.fromkeys(
        ("singularityimage", "containerimage", "dockerimage", "containertargetdir"), _IMAGE
    ),
    **dict.fromkeys(
        ("x509userproxy", "usex509userproxy", "useoauthservices", "usescitokens", "scitokensfile"),
        _CREDENTIAL,
    ),
    **dict.fromkeys(
        ("requirements", "requestcpus", "requestmemory", "requestdisk", "requestgpus"), _PLACE
    ),
    **dict.fromkeys(("requiregpus", "gpusminimumcapability", "gpusminimummemory"), _PLACE),
    **dict.fromkeys(("transferplugins", "transferinputfiles", "transferoutputfiles"), _FILES),
    **dict.fromkeys(("transferoutputremaps", "outputdestination", "initialdir"), _FILES),
    **dict.fromkeys(("maxretries", "periodichold", "periodicrelease", "periodicremove"), _HELD),
    **dict.fromkeys(("onexithold", "onexitremove", "allowedexecuteduration"), _HELD),
    **dict.fromkeys(("checkpointexitcode", "successexitcode", "retryuntil"), _HELD),
    "projectname": "write submit.project",
    "jobdurationcategory": "write submit.duration",
    "maxidle": "write submit.max_idle",
    "maxmaterialize": "write submit.max_materialize",
    "universe": "osgrepro's runs are of the container universe",
    "queue": "osgrepro writes the queue statement",
    "include": "a submit description can't include other files",
}


def lines(given: Iterable[str]) -> tuple[str, ...]:
    """Return a campaign's extra submit commands where each is one that it may add.

    Raises
    ------
    RenderError
        Naming every line that is no ``key = value`` of an allowed key, and what to do instead.
    """
    taken, faults = [], []
    for index, value in enumerate(given):
        try:
            taken.append(_checked(value, f"submit.extra[{index}]"))
        except RenderError as error:
            faults.append(error.message)
    if faults:
        raise RenderError("\n".join(faults), hint=f"allowed are {', '.join(ALLOWED)}")
    return tuple(taken)


def _checked(value: str, place: str) -> str:
    text = guard.line(value, place)
    word = re.match(r"\+?(?:MY\.)?(\w*)", text, re.I)
    bare = word[1].replace("_", "").lower() if word else ""
    if bare in _INSTEAD:
        raise RenderError(f"{place}: {text!r:.80}: {_INSTEAD[bare]}")
    if text.startswith("+"):
        raise RenderError(f"{place}: {text!r:.80} has no effect here: write MY.{text[1:]:.80}")
    match = _LINE.fullmatch(text)
    if not match:
        raise RenderError(f"{place}: {text!r:.80} is not a submit command of the form key = value")
    check = _CHECKS.get(match["key"].lower())
    if check is None:
        raise RenderError(f"{place}: a campaign can't set {match['key']}")
    if (wrong := check(match["value"])) is not None:
        raise RenderError(f"{place}: {match['key']}: {match['value']!r:.80} {wrong}")
    return text
