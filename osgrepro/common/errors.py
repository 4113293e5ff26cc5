"""Every failure that osgrepro expects, under one base class.

An error carries what is wrong, where, and what to do next; the command line prints exactly that
and nothing else. ``exit_code`` is 2 where the user can fix the cause by changing what was typed
or written, and 1 where something failed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from osgrepro.common import texts

# What code that meets hostile values may raise where nobody foresaw them; a room that must go on
# with the next file turns these into a failure of that file. No OSError, and no failure of ours.
UNFORESEEN = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError),
    *(TypeError, ValueError),
)


class OsgreproError(Exception):
    """The base of every expected failure.

    Parameters
    ----------
    message : str
        What is wrong, naming the file and place where there is one.
    hint : str
        What to do next; one sentence, may be empty.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(OsgreproError):
    """The user asked for something that can't be; nothing was changed."""

    exit_code = 2


class CampaignError(UsageError):
    """A campaign file has problems; all of them are in ``problems``.

    Parameters
    ----------
    source : str
        The campaign file, as the user named it.
    problems : iterable of str
        One line for each problem: ``hardware[3].requirements: …``.
    """

    def __init__(self, source: str, problems: Iterable[str], *, hint: str = "") -> None:
        self.source = source
        self.problems = tuple(problems)
        # A text in the file that has several lines must not pass for several problems.
        lines = "\n".join(texts.visible(f"{source}: {problem}") for problem in self.problems)
        super().__init__(lines, hint=hint)


class TwinError(CampaignError):
    """A twin's file has problems; all of them are in ``problems``."""

    def __init__(self, source: str, problems: Iterable[str], hint: str = "") -> None:
        super().__init__(source, problems, hint=hint)


class RenderError(UsageError):
    """A template could not be filled, or a value would break out of its place in the text."""


class InputError(UsageError):
    """A data file is missing, has other bytes than it should, or can't be fetched."""


class PartialError(OsgreproError):
    """Something was understood in part; ``--partial`` takes that part."""


class WorkspaceError(UsageError):
    """The campaign's folder can't be used: it belongs to another campaign, or is locked."""


class DatasetError(OsgreproError):
    """The dataset can't be read or written."""


class RecordError(OsgreproError):
    """A returned result can't become a record; ``reason`` is a stable word for it."""

    def __init__(self, message: str, *, reason: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class PoolError(OsgreproError):
    """No pool, or a pool that does not answer."""


class ImageError(OsgreproError):
    """An image is missing, does not build, or is not what it should be."""


def did_you_mean(word: str, known: Iterable[str], *, most: int = 1, all_known: bool = False) -> str:
    """Return the end of a message about a name that there isn't: the nearest that there are.

    Parameters
    ----------
    word : str
        What was asked for.
    known : iterable of str
        The names that there are.
    most : int
        How many to offer.
    all_known : bool
        Whether to name all where none is near.
    """
    names = {name.casefold(): name for name in known}
    asked = word.casefold()
    close = difflib.get_close_matches(asked, names, n=most)
    close += [name for name in names if len(asked) > 2 and asked in name and name not in close]
    if close:
        return f"; did you mean {' or '.join(repr(names[folded]) for folded in close[:most])}?"
    return f"; known are {', '.join(names.values())}" if all_known else ""
