"""What to do where a framework refused an operation that is not deterministic. For ``train``."""

from __future__ import annotations

import re
from typing import Optional

# As PyTorch on any device, TensorFlow, and PyTorch of cuBLAS say it.
_REFUSALS = (
    re.compile(r"(\S+) does not have a deterministic implementation"),
    re.compile(r"[Dd]eterministic GPU implementation of (\S+)"),
    re.compile(r"this operation is not deterministic because it uses (\S+)"),
)


def hint(message: str) -> Optional[str]:
    """Return which operation was refused, and the switch; None where none was."""
    for pattern in _REFUSALS:
        match = pattern.search(message)
        if match is not None:
            return (
                f"{match.group(1)} is not deterministic here, and only deterministic operations "
                'are allowed: use another one, or write determinism = "warn" (or "off") below '
                "[[experiment]] to let it pass"
            )
    return None
