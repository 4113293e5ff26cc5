"""Keep secrets out of results: pilots' and users' environments carry tokens and their paths.

The environment is recorded by an allow-list only (``provenance.environment``); this module cleans
every text that came in another way: arguments, machine ads, exceptions and their tracebacks.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
from typing import Any, Callable, Iterable, List, Mapping, Optional

REMOVED = "[removed]"

_SECRET_NAME = re.compile(
    r"token|proxy|secret|passw|cred|private|api_?key|access_?key|auth|cookie|session"
    r"|claimid|^capability$|transferkey|_condor_priv",
    re.IGNORECASE,
)
_SECRET_TEXTS = (
    re.compile(r"-----BEGIN [^-]+-----.*?(-----END [^-]+-----|\Z)", re.DOTALL),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"(?i)(?<=\bbearer )[\w.~+/=-]{8,}"),
    re.compile(r"(?i)(?<=token=)[^\s&\"']{8,}"),
)
# A shorter value is not a secret, and would be found everywhere.
_SHORTEST_SECRET = 8


def is_secret_name(name: str) -> bool:
    """Whether an environment variable or ClassAd attribute of this name may carry a secret."""
    return bool(_SECRET_NAME.search(name))


def public_location(location: Optional[str]) -> Optional[str]:
    """Return an image's URL, or its file's name: the folder is the submitter's own affair."""
    if location is None or "://" in location:
        return location
    return os.path.basename(location.rstrip("/")) or None


def secrets_of(environ: Mapping[str, str]) -> List[str]:
    """Return the values of ``environ`` that must not be seen, the longest first."""
    secrets = {
        value
        for name, value in environ.items()
        if is_secret_name(name) and len(value) >= _SHORTEST_SECRET
    }
    return sorted(secrets, key=len, reverse=True)


def homes_of(environ: Mapping[str, str], scratch: str) -> List[str]:
    """Return the home folders whose paths must not be seen: they tell who a user is.

    One that is the run's own folder, as on most slots, or the root of all, tells nobody.
    """
    folders = {environ.get("HOME", "")}
    with contextlib.suppress(KeyError):
        folders.add(pwd.getpwuid(os.getuid()).pw_dir)
    homes = {os.path.normpath(home) for home in folders if os.path.isabs(home)}
    return sorted(homes - {"/", os.path.normpath(scratch)}, key=len, reverse=True)


def cleaner(secrets: Iterable[str], homes: Iterable[str] = ()) -> Callable[[Any], Any]:
    """Return a function that cleans every text of a JSON value, deeply; a home folder is ``~``."""
    known = list(secrets)
    paths = [re.compile(re.escape(home) + r"(?![\w.-])") for home in homes]

    def clean_text(text: str) -> str:
        for secret in known:
            text = text.replace(secret, REMOVED)
        for path in paths:
            text = path.sub("~", text)
        for pattern in _SECRET_TEXTS:
            text = pattern.sub(REMOVED, text)
        return text

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return clean_text(value)
        if isinstance(value, dict):
            return {clean_text(str(key)): clean(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [clean(item) for item in value]
        return value

    return clean
