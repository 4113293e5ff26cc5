"""The last words of a program as a terminal would show them: what was overwritten is gone.

Progress bars return to the beginning of their line thousands of times; what stays is one line.
"""

from __future__ import annotations

import codecs
import collections
import re
from typing import List

_LINES = 40
_COLUMNS = 1_000
# Colours and movements; of them only "erase this line" and "one line up" change what is seen.
_ESCAPE = re.compile(r"\x1b(?:\[([0-9;?]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?]*|\][^\x07\x1b]*)?\Z")
_LONGEST_ESCAPE = 64


class Screen:
    """Takes output as it comes; remembers the last lines, and of each its last columns."""

    def __init__(self) -> None:
        self._lines: collections.deque[str] = collections.deque(maxlen=_LINES)
        self._line: List[str] = []
        self._column = 0
        self._rest = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def feed(self, data: bytes) -> str:
        """Take ``data``; return it as text."""
        text = self._decode(data)
        pending, self._rest = self._rest + text, ""
        unfinished = _UNFINISHED.search(pending)
        if unfinished is not None and len(unfinished.group()) < _LONGEST_ESCAPE:
            self._rest = unfinished.group()
            pending = pending[: unfinished.start()]
        place = 0
        for escape in _ESCAPE.finditer(pending):
            self._write(pending[place : escape.start()])
            self._obey(escape.group(1) or "", escape.group(2) or "")
            place = escape.end()
        self._write(pending[place:])
        return text

    def text(self) -> str:
        """Return the lines that are seen now, the last ones."""
        lines = [*self._lines, "".join(self._line)]
        return "\n".join(line.rstrip() for line in lines).rstrip()

    def _write(self, text: str) -> None:
        for piece in re.split(r"([\n\r\b])", text):
            if piece == "\n":
                self._lines.append("".join(self._line))
                self._line, self._column = [], 0
            elif piece == "\r":
                self._column = 0
            elif piece == "\b":
                self._column = max(self._column - 1, 0)
            elif piece:
                self._line[self._column : self._column + len(piece)] = piece
                self._column += len(piece)
                excess = len(self._line) - _COLUMNS
                if excess > 0:
                    del self._line[:excess]
                    self._column = max(self._column - excess, 0)

    def _obey(self, argument: str, command: str) -> None:
        if command == "K":
            if argument == "2":
                self._line = [" "] * self._column
            elif argument in ("", "0"):
                del self._line[self._column :]
        elif command == "A" and self._lines:
            self._line = list(self._lines.pop())
            self._line += [" "] * (self._column - len(self._line))
