"""What a refusal is: one of the project's own errors, which says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from osgrepro.common.errors import OsgreproError


@contextmanager
def refusing(*kinds: type[OsgreproError], hint: bool = True) -> Iterator[list[OsgreproError]]:
    """Let the project's own errors of these kinds pass, if they tell; give the one that came."""
    came: list[OsgreproError] = []
    try:
        yield came
    except OsgreproError as error:
        assert not kinds or isinstance(error, kinds), repr(error)
        assert error.message.strip()
        assert error.hint.strip() or not hint, error.message
        came.append(error)
