"""Reads a result file: one line for each repeat becomes the columns that it tells."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from osgrepro.common.errors import InputError

METRICS = ("test_loss", "test_accuracy")
PRIMARY = "test_accuracy"
NEEDED = ("date_time", "epochs", *METRICS)


def lines(text: str, path: str) -> list[dict[str, str]]:
    """Return the lines of a result file, by column.

    Raises
    ------
    InputError
        If it is not CSV, lacks a column, or has no line.
    """
    try:
        table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), restval="")
        header = table.fieldnames or []
        twice = sorted({name for name in header if header.count(name) > 1})
        table_lines = list(table)
    except csv.Error as error:
        raise InputError(
            f"{path}: not a valid CSV file: {error}", hint="fix the file, or move it away"
        ) from error
    if not header:
        raise InputError(f"{path}: it is empty", hint="move it away, or fetch it again")
    if twice:
        raise InputError(f"{path}: the column {twice[0]} is there twice", hint="fix its header")
    for number, line in enumerate(table_lines, start=2):
        if None in line:
            raise InputError(
                f"{path}, line {number}: has more fields than the header", hint="fix the line"
            )
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise InputError(
            f"{path}: no column {', '.join(missing)}",
            hint=f"a result file has a header with at least {', '.join(NEEDED)}",
        )
    if not table_lines:
        raise InputError(
            f"{path}: has a header, but no results", hint="move it away, or fetch it again"
        )
    return table_lines


def columns(line: Mapping[str, str]) -> dict[str, Any]:
    """Return the columns that a line tells; one with a fault is a failed run, not a lost one."""
    metrics = {name: _float(line[name]) for name in METRICS}
    epochs = _whole(line["epochs"])
    faults = [
        f"{name}: {line[name]!r} is not a number"
        for name, value in (*metrics.items(), ("epochs", epochs))
        if value is None
    ]
    made = {
        name: {"name": name, "value": value if math.isfinite(value) else None, "hex": value.hex()}
        for name, value in metrics.items()
        if value is not None
    }
    primary = made.get(PRIMARY, {})
    return {
        "status": "failed" if faults else "ok",
        "exception_type": "UnreadableNumber" if faults else None,
        "exception_message": "; ".join(faults) or None,
        "primary_metric": PRIMARY,
        "primary_value": primary.get("value"),
        "primary_hex": primary.get("hex"),
        "metrics": list(made.values()),
        "params_json": json.dumps({} if epochs is None else {"epochs": epochs}),
        "started_at": _moment(line["date_time"]),
        "keras_backend": "tensorflow" if line.get("tensorflow_version") else None,
        "framework_version": line.get("tensorflow_version") or None,
        "python_version": next(iter(line.get("python_version", "").split()), None),
        "payload_version": line.get("script_version") or None,
    }


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    number = _float(text)
    return int(number) if number is not None and number.is_integer() else None


def _moment(text: str) -> datetime | None:
    # The study's programs wrote no time zone; that it was UTC is an assumption.
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
