"""Texts of others, made fit for a line: nothing in them moves a cursor or turns the writing.

What a job, a machine ad, a campaign or a file name says may be hostile, or only odd. The doors to
a screen and to a page (`cli.console`, `render`, `report.figures`) pass everything through here.
"""

from __future__ import annotations

import codecs
import os
import re
import shlex
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

# What may have to be spelled out; str.isprintable decides: controls, surrogates, marks that turn
# the direction of writing or have no width, separators other than the space. Line breaks are left.
_ODD = re.compile(r"[^\x20-\x7e\n]")


def visible(text: str) -> str:
    r"""Return ``text`` as one line, what can't be seen in it spelled out: ``\x1b``, ``\u202e``."""
    return text if text.isprintable() else lines(text).replace("\n", "\\n")


def lines(text: str) -> str:
    """Return a text of several lines of our own making, each of them :func:`visible`."""
    return _spelled(text, lambda char: ascii(char)[1:-1])


def in_json(text: str, encoding: str = "utf-8") -> str:
    r"""Return a JSON text that says the same and can be shown: ``\u202e`` for what is not seen.

    What ``encoding`` has no letter for is escaped, too.
    """

    def escaped(char: str) -> str:
        units = char.encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))

    # Between JSON's strings stands nothing but line breaks that can't be seen.
    shown = _spelled(text, escaped)
    try:
        shown.encode(encoding)
    except UnicodeEncodeError:
        return _ODD.sub(lambda match: escaped(match[0]), shown)
    return shown


def unicode(value: Any) -> Any:
    r"""Return ``value`` with what no Unicode text has spelled out, as ``\udcff``.

    Python makes such halves of characters of file names that are not UTF-8, and of JSON's escapes.
    """
    if isinstance(value, str):
        return _HALVES.sub(lambda match: ascii(match[0])[1:-1], value)
    if isinstance(value, dict):
        return {unicode(key): unicode(item) for key, item in value.items()}
    return [unicode(item) for item in value] if isinstance(value, (list, tuple)) else value


_HALVES = re.compile("[\ud800-\udfff]")
# A mark at the beginning says the encoding. That of UTF-32 begins as that of UTF-16 does.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def utf8(content: bytes) -> bytes:
    """Return a text file's content as UTF-8 without a byte-order mark; Windows writes both others.

    Raises
    ------
    UnicodeDecodeError
        If it is not what its mark says.
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding).encode()
    return content


def decoded(content: bytes) -> str:
    """Return the text of a file, with a byte-order mark or without.

    Raises
    ------
    UnicodeDecodeError
        If it is neither UTF-8 nor what its mark says.
    """
    return utf8(content).decode()


def counted(number: int, single: str, many: str = "") -> str:
    """Return a number with its noun, of which ``many`` is the plural if no -s makes it."""
    return f"{number} {single if number == 1 else many or single + 's'}"


def among(part: int | str, whole: int, single: str) -> str:
    """Return how many of how many, such as ``1 of 1 run`` and ``none of 3 cells``."""
    return f"{part} of {counted(whole, single)}"


def each_of(number: int, single: str) -> str:
    """Return all of so many, such as ``each of 6 cells``; of a single one there is no each."""
    return counted(number, single) if number == 1 else f"each of {counted(number, single)}"


def alternatives(value: str, known: Collection[str]) -> list[str]:
    """Return what a value names: itself if it is known, else what stands between its commas."""
    return [value] if value in known else value.split(",")


def command(*words: str | Path) -> str:
    """Return a command for a shell, to be pasted as it is, whatever its words are."""
    return " ".join(map(quoted, words))


def quoted(word: str | Path) -> str:
    """Return one word of a command, quoted for a shell where it has to be."""
    text = str(word)
    if isinstance(word, Path) and text.startswith("-"):
        text = f"./{text}"  # a file, whatever it looks like
    if text.isprintable():
        return shlex.quote(text)
    # Octal, because a hexadecimal number would swallow the digits that follow.
    plain = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{_spelled(plain, _octal).replace(chr(10), _octal(chr(10)))}'"


def _octal(char: str) -> str:
    try:
        return "".join(f"\\{byte:03o}" for byte in os.fsencode(char))
    except UnicodeEncodeError:  # half of a character: no file name has it
        return ascii(char)[1:-1]


def _spelled(text: str, spell: Callable[[str], str]) -> str:
    return _ODD.sub(lambda match: c if (c := match[0]).isprintable() else spell(c), text)
