"""Whole things that are right become wrong in a few places: for properties and fuzzing.

What is drawn is where and how, so a fuzzer that changes a byte changes one place of a whole thing.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import hostile
from hypothesis import strategies as st

# Stands in a text for nesting that no writer of JSON or TOML would make.
DEEP = "@deep@"
_DEPTH = 3000
_NUMBERS = (0, -1, 1, 2, 30, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64 + 1, 10**400)
_FLOATS = (0.5, 1.0, -0.0, 1e-320, 1e300, 1.7976931348623157e308, *map(float, ("inf", "nan")))
_TEXTS = (
    *("", " ", "a", "host", "ok", "failed", "nan", "0x1.0p", "0x1p9999", "a" * 64, "a" * 63 + "\n"),
    *("2026-06-30T23:59:60Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"),
    *("\u0662026", "\ud800", "\udfff\ud800", "\x00", "é" * 300, "x" * 70_000, DEEP),
    *("../../../etc/passwd", "/dev/zero", "/proc/self/mem", "file:///etc/passwd", "=1+1", "NaN"),
    *hostile.TEXTS.values(),
)

ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, False]),
    st.sampled_from(_TEXTS),
    st.sampled_from(_NUMBERS),
    st.sampled_from(_FLOATS),
    st.sampled_from([[], {}, [None], [[]], {"": None}, {"a": {"a": {}}}, ["a", 1, {}], [0] * 300]),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=6),
)
_ACTS = ("set", "drop", "add", "rename", "double", "move", "wrap")


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything inside of lists and mappings."""
    if way:
        yield way
    if isinstance(value, dict):
        inner: list[tuple[Any, Any]] = list(value.items())
    else:
        inner = list(enumerate(value)) if isinstance(value, list) else []
    for key, item in inner:
        yield from places(item, (*way, key))


@st.composite
def mutated(draw: st.DrawFn, content: dict[str, Any], most: int = 3) -> dict[str, Any]:
    """Draw ``content`` with up to so many changes, of values or of keys."""
    made = copy.deepcopy(content)
    for _ in range(draw(st.integers(0, most))):
        ways = list(places(made))
        if not ways:
            break
        way = draw(st.sampled_from(ways))
        _change(made, way, draw(st.sampled_from(_ACTS)), draw(ODD), ways)
    return made


def _change(made: Any, way: tuple[Any, ...], act: str, value: Any, ways: list[Any]) -> None:
    inner, last = _at(made, way[:-1]), way[-1]
    named = isinstance(inner, dict)
    if act == "set":
        inner[last] = copy.deepcopy(value)
    elif act == "drop":
        del inner[last]
    elif act == "wrap":
        inner[last] = [inner[last]]
    elif act == "move":  # what stands somewhere else, too
        inner[last] = copy.deepcopy(_at(made, ways[len(repr(value)) % len(ways)]))
    elif act == "double":
        if named:
            inner[f"{last}2"] = copy.deepcopy(inner[last])
        else:
            inner.insert(last, copy.deepcopy(inner[last]))
    elif named:
        key = value if isinstance(value, str) else repr(value)
        inner[key[:300]] = inner.pop(last) if act == "rename" else copy.deepcopy(value)
    else:
        inner.append(copy.deepcopy(value))


def _at(value: Any, way: tuple[Any, ...]) -> Any:
    for step in way:
        value = value[step]
    return value


def as_json(content: Any) -> bytes:
    """Return ``content`` as JSON, also where that is none: NaN, lone surrogates, deep nesting."""
    return deepened(json.dumps(content).encode(), b"[")


def deepened(text: bytes, opening: bytes) -> bytes:
    """Return ``text`` with deep nesting where ``DEEP`` stands for it."""
    closing = {b"[": b"]", b"{a = ": b"}", b"(": b")"}[opening]
    return text.replace(b'"%s"' % DEEP.encode(), opening * _DEPTH + b"1" + closing * _DEPTH)


@st.composite
def garbled(draw: st.DrawFn, text: bytes, most: int = 2) -> bytes:
    """Draw ``text`` with up to so many changes of its bytes."""
    for _ in range(draw(st.integers(0, most))):
        first, second = sorted(draw(st.integers(0, len(text))) for _ in range(2))
        part = text[first:second]
        act = draw(st.sampled_from(["cut", "drop", "double", "put", "zeros", "line"]))
        put = draw(st.sampled_from(_BYTES))
        if act == "line":  # a line that is there twice: a key, an event, a row
            begin = text.rfind(b"\n", 0, first) + 1
            end = (text.find(b"\n", first) + 1) or len(text)
            text = text[:end] + text[begin:end] + text[end:]
            continue
        within = {"drop": b"", "double": part * 2, "zeros": bytes(len(part))}.get(act, put)
        text = text[:first] if act == "cut" else text[:first] + within + text[second:]
    return text


_BYTES = (
    *(b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"NaN", b"-Infinity", b"1e999", b"1" * 5000),
    *(b"[" * _DEPTH, b"{" * _DEPTH, b'{"a":' * _DEPTH, b'"', b"\\", b"\n...\n", b"\r", b"\n\n"),
    *(b"\xef\xbb\xbf", b",", b"}", b"]", b"&a *a", b"!!python/name:os.system", b'"status": null,'),
)
