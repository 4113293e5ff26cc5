"""The metrics of an experiment: the declared ones must be numbers, others may stay away.

A finished training is not thrown away for a history or a text beside its numbers. Called by
``scripts`` for every kind of experiment.
"""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, Mapping, Tuple

from .. import fingerprint
from ..faults import TrainingError
from ..spec import Experiment

# More digits than a float can have before its point; Python itself refuses to read 4,300.
_LONGEST_INTEGER = 320
_LARGEST_FILE = 50_000_000
_MOST_UNDECLARED = 200
_LONGEST_NAME = 200
_SHOWN = 12


class TooLarge:
    """A number of a file that no float can hold; it is shown, and is not a number."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return f"{self._text[:12]}… ({len(self._text)} digits)"


def read(path: str) -> Any:
    """Return what a program left at ``path``.

    Raises
    ------
    TrainingError
        If there is no file, or no JSON in it.
    """
    name = os.path.basename(path)
    try:
        if os.path.getsize(path) > _LARGEST_FILE:
            raise TrainingError(f"{name}: more than {_LARGEST_FILE} bytes")
        with open(path, encoding="utf-8-sig") as file:
            return json.load(file, parse_int=_integer)
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise TrainingError(f"{name}: metrics can't be read: {reason}") from error


def _integer(text: str) -> Any:
    return int(text) if len(text) <= _LONGEST_INTEGER else TooLarge(text)


def checked(metrics: Any, experiment: Experiment) -> Tuple[Dict[str, Any], List[str]]:
    """Return the metrics as results show them, and what was left out, in sentences.

    Raises
    ------
    TrainingError
        Naming every declared metric that is missing or no number.
    """
    if not isinstance(metrics, Mapping):
        raise TrainingError(
            f"metrics: should be a mapping of numbers, not {type(metrics).__name__}"
        )
    problems, taken, left = [], {}, []
    for name in experiment.metrics:
        if name not in metrics:
            problems.append(f"metrics.{name}: declared, but the experiment did not return it")
            continue
        try:
            taken[name] = _number(metrics[name])
        except Exception as error:
            problems.append(f"metrics.{name}: not a number: {_shown(metrics[name], error)}")
    if problems:
        raise TrainingError("\n".join(problems))
    for key, value in metrics.items():
        name = str(key)
        if name in taken:
            continue
        try:
            number = _number(value)
        except Exception:
            left.append(name)
            continue
        if len(taken) < len(experiment.metrics) + _MOST_UNDECLARED and len(name) <= _LONGEST_NAME:
            taken[name] = number
        else:
            left.append(name)
    return taken, _notes(left)


def _number(value: Any) -> Dict[str, Any]:
    """Return a number's two forms; a text is none, also where it could be read as one."""
    if value is None or isinstance(value, (str, bytes, bytearray, Mapping, list, tuple)):
        raise TypeError(type(value).__name__)
    return fingerprint.metric(value)


def _shown(value: Any, error: Exception) -> str:
    try:
        text = f"{value!r:.80}"
    except Exception:  # an object's own words may fail, or be longer than Python lets them be
        text = type(value).__name__
    return f"{text}: too large for a float" if isinstance(error, OverflowError) else text


def _notes(left: List[str]) -> List[str]:
    if not left:
        return []
    names = ", ".join(name[:_LONGEST_NAME] for name in left[:_SHOWN])
    more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    return [f"metrics: left out, since they are neither declared nor numbers: {names}{more}"]
