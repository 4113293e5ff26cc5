"""In what emulated runs are not of the same thing as remote ones, or were not like them.

Called where runs are paired, and by whoever plans a replay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from osgrepro.analysis.replication.compared import Row

# The facts that have to be the same for two runs to be of the same thing, and their names.
DEFINING = {
    "code_sha256": "code",
    "params_json": "parameters",
    "data_json": "data",
    "seed": "seed",
    "threads_requested": "threads",
    "environment_json": "environment variables",
}
IMAGE = "image_sha256"
ENVIRONMENT = "environment_json"
# What tells of the software where nobody recorded the image.
VERSIONS = {"keras_backend": "backend", "framework_version": "framework"}


def differences(remote: Row, emulated: Row) -> Iterator[str]:
    """Yield the names of what defines the runs, is known of both, and is not the same."""
    for column, name in DEFINING.items():
        theirs, ours = recorded(remote, column), recorded(emulated, column)
        if theirs is None or ours is None or theirs == ours:
            continue
        if column in _ALIKE and _ALIKE[column](json.loads(theirs), json.loads(ours), remote):
            continue
        yield name


def recorded(row: Row, column: str) -> Any:
    """Return what a row says; one from before variables could be set was given none."""
    value = row.get(column)
    collected = row.get("code_sha256") is not None
    return "{}" if column == ENVIRONMENT and value is None and collected else value


def _same_parameters(theirs: Any, ours: Any, remote: Row) -> bool:
    # An import knows neither the code nor all of its parameters, nor does the campaign say those
    # that the experiment has by itself.
    partly = remote.get("code_sha256") is None
    return partly and all(theirs[key] == ours[key] for key in theirs.keys() & ours.keys())


def _same_data(theirs: Any, ours: Any, _remote: Row) -> bool:
    """Whether the bytes are the same, whatever the campaigns call the files."""
    hashes = [[file.get("sha256") for file in files] for files in (theirs, ours)]
    return hashes[0] == hashes[1] and None not in hashes[0]


_ALIKE: dict[str, Callable[[Any, Any, Row], bool]] = {
    "params_json": _same_parameters,
    "data_json": _same_data,
}


def unlike(remote: Sequence[Row], emulated: Sequence[Row]) -> tuple[str, ...]:
    """Return in what emulated runs were not like the remote, as far as anybody knows."""
    unlike: dict[str, None] = {}
    for row in emulated:
        reasons = [str(reason) for reason in row["not_emulated"] or ()]
        if row.get("simulated_gpu") and not any("simulated" in reason for reason in reasons):
            reasons.append("GPU simulated, jobs run on the CPU")
        unlike |= dict.fromkeys([*reasons, *_unknown(remote[0], row)])
    return tuple(unlike)


def _unknown(remote: Row, emulated: Row) -> Iterator[str]:
    # Where neither tells, the names are all there is: a software name stands for one image.
    for column, name in {**DEFINING, IMAGE: "image"}.items():
        theirs, ours = recorded(remote, column), recorded(emulated, column)
        if (theirs is None) != (ours is None):
            yield f"{name} of the {'remote' if theirs is None else 'emulated'} run not recorded"
        elif column == IMAGE and theirs != ours:
            yield "another image"
    if remote.get(IMAGE) is None or emulated.get(IMAGE) is None:
        for column, name in VERSIONS.items():
            theirs, ours = remote.get(column), emulated.get(column)
            if None not in (theirs, ours) and theirs != ours:
                yield f"{name} {ours} instead of {theirs}"
