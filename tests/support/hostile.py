"""Texts that others may send, of every kind that ever did harm, and how a line shows them."""

from __future__ import annotations

# Each within what a cell of a table takes on one line, so that a test can look for the whole.
TEXTS = {
    "closing markup": "[/job:localhost/task:0]",
    "markup": "[red]x[/red][device]",
    "markup that is a link": "[link=file:///e]x[/link]",
    "emoji code": ":smile:",
    "escape sequence": "\x1b[31mred\x1b]0;t",
    "C1 escape": "\x9b31mred",
    "bell": "a\x07bell",
    "carriage return": "99%\rdone",
    "line break": "a\nosgrepro: b",
    "other line breaks": "a\x0b\x0c\x85\u2028\u2029b",
    "override of the direction": "a\u202egnp.exe",
    "isolate": "a\u2066b\u2069",
    "no width": "a\u200bb\ufeff",
    "NUL": "a\x00b",
    "shell": "$(id)`id`'\"; id",
    "page": "<script>a</script>&amp;",
    "table": "a | b || c",
    "template": "{{ 7 * 7 }}{% if %}",
    "format": "{0}%s%(a)s{task}",
    "backslash": "\\x1b\\",
    "a very long one": "x" * 3000,
}


def shown(text: str) -> str:
    """Return what a screen shows of ``text``; written here a second time, to hold the code to."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def harmless(text: str) -> bool:
    """Return whether nothing in ``text`` does more than stand there, line breaks aside."""
    return all(char.isprintable() or char == "\n" for char in text)


def dense(text: str) -> str:
    """Return ``text`` without blanks, whose number depends on where a line is broken."""
    return "".join(text.split())
