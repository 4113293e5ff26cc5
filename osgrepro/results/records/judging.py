"""A result against its campaign and its job: whether it becomes a record, and which one counts.

A run may have several attempts; one is its record: the first that is ok in the order of cluster,
proc and attempt, or where none is ok the latest. The order in which files arrive does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from osgrepro.common.errors import RecordError
from osgrepro.common.models import Execution, Image, Json, Matrix, Run, Scalar
from osgrepro.results.records.rejections import ELSEWHERE, OTHER_RUN
from osgrepro.results.records.result import MAX_BYTES, Result, parse

# The labels that a definition of osgrepro gives an image.
_OWN_LABELS = "org.osgrepro."
_RUN = slice(3, 27)  # behind the folder of its first two digits
_FILE_NAME = re.compile(
    r"(?P<folder>[0-9a-f]{2})/"
    r"(?P<run_id>[0-9a-f]{24})\.(?P<cluster>\d{1,10})\.(?P<proc>\d{1,10})\.(?P<attempt>\d{1,6})\.json\Z"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A returned file: its path below the folder of results, size and time of change."""

    file: str
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Key:
    """What a result's file name says, and the order of a run's attempts."""

    run_id: str
    cluster: int
    proc: int
    attempt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A result that holds, with the machine that the access point recorded for it.

    ``placed_by`` is who told where it ran; ``definition`` names what its run and others with other
    seeds and repeats have in common.
    """

    source: Source
    result: Result
    machine: Mapping[str, Scalar]
    placed_by: str | None = None
    definition: str | None = None

    @property
    def key(self) -> Key:
        """The run and the attempt, which the access point told: no slot takes another's place."""
        return source_key(self.source.file)

    @property
    def ok(self) -> bool:
        """Whether the attempt trained to its end."""
        return self.result.status == "ok"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """A returned file that did not become a record, and why (a word of ``REASONS``)."""

    source: Source
    run_id: str | None
    reason: str
    message: str


def run_of(file: str) -> str:
    """Return what stands for the run in a result file's path, also where it is not a result's."""
    return file[_RUN]


def source_key(file: str) -> Key:
    """Return what the path of a result file says.

    Raises
    ------
    RecordError
        If it is no ``<2 digits>/<run_id>.<cluster>.<proc>.<attempt>.json``.
    """
    match = _FILE_NAME.match(file)
    if match is None or match["folder"] != match["run_id"][:2]:
        raise RecordError(f"{file!r:.120} is not the name of a result", reason="file-name")
    return Key(
        run_id=match["run_id"],
        cluster=int(match["cluster"]),
        proc=int(match["proc"]),
        attempt=int(match["attempt"]),
    )


def judge(
    source: Source,
    data: bytes,
    *,
    expected: Mapping[str, Any] | None,
    labels: Mapping[str, str] = MappingProxyType({}),
    metrics: Sequence[str] = (),
    primary: str | None = None,
    executions: Callable[[Result], Sequence[Execution]],
    check_hardware: Callable[[Record], str | None] = lambda _record: None,
) -> Record:
    """Make a record of a returned file.

    Parameters
    ----------
    source, data : Source, bytes
        The file and its content.
    expected : mapping or None
        The run's :func:`definition`; None if the campaign has no such run.
    labels : mapping
        The labels of the image that it must have run in, as far as they are known.
    metrics : sequence of str
        What an attempt that is ok must have measured.
    primary : str or None
        The experiment's primary metric, where it is known.
    executions : callable
        Takes the result and returns its job's starts on slots, all told by the same.
    check_hardware : callable
        Takes the record and returns what it shows instead of its cell's hardware, or None.

    Raises
    ------
    RecordError
        If it can't be one, with the reason.
    """
    result = _read(source, data)
    _check_definition(result, expected)
    _check_labels(result, labels)
    _check_measured(result)
    _check_metrics(result, metrics, primary)
    starts = executions(result)
    machine = join(result, starts)
    _check_attempt(source, result, starts)
    record = Record(source=source, result=result, machine=machine, placed_by=starts[0].told_by)
    if (shown := check_hardware(record)) is not None:
        raise RecordError(shown, reason=ELSEWHERE)
    return record


def _read(source: Source, data: bytes) -> Result:
    """Return the result that a file holds, if it is the one that the file's name says."""
    key = source_key(source.file)
    if source.size_bytes > MAX_BYTES:
        raise RecordError(f"{source.size_bytes} bytes", reason="too-large")
    if source.size_bytes == 0:
        raise RecordError("the program ended before it could write it", reason="no-result")
    result = parse(data)
    inside = Key(
        run_id=result.run_id,
        cluster=result.cluster or 0,
        proc=result.proc or 0,
        attempt=result.attempt,
    )
    if replace(inside, attempt=key.attempt) != key or inside.attempt > key.attempt:
        raise RecordError(f"its content is that of {inside}", reason=OTHER_RUN)
    return result


def _check_attempt(source: Source, result: Result, starts: Sequence[Execution]) -> None:
    """Refuse a result of an attempt before its file's, unless no later one started anything.

    The access point counts what takes care of a job. After its schedd was restarted, or the
    network was cut, another shadow takes care of the same process, which still is of the first
    one's number. Each start on a slot took a number of its own: more starts than the result's
    number mean that a later one had its own process.
    """
    number = source_key(source.file).attempt
    if result.attempt < number and len(starts) > result.attempt:
        raise RecordError(
            f"it is of attempt {result.attempt}, its file of attempt {number}, and its job started "
            f"{len(starts)} times",
            reason=OTHER_RUN,
        )


def expected_definition(matrix: Matrix, run: Run, image: Image | None) -> Json:
    """Return what a result of ``run`` must say that it was made of."""
    return matrix.run_definition(run).recorded(run.repeat, image)


def _check_definition(result: Result, expected: Mapping[str, Any] | None) -> None:
    if expected is None:
        raise RecordError(
            f"run {result.run_id} does not belong to the campaign", reason="unknown-run"
        )
    recorded = result.definition.model_dump()
    differs = [name for name, value in expected.items() if recorded[name] != value]
    if "campaign" in differs:
        differs.remove("campaign")  # it was renamed since: a run is the same under any name
    if expected["image_sha256"] is None and "image_sha256" in differs:
        differs.remove("image_sha256")  # an image that this side can't read has no hash here
    if differs == ["image_sha256"]:
        raise RecordError(
            f"image {result.definition.image_sha256} is not {expected['image_sha256']}",
            reason="image",
        )
    if differs:
        raise RecordError(f"it differs in {', '.join(differs)}", reason="definition")


def _check_metrics(result: Result, metrics: Sequence[str], primary: str | None) -> None:
    """Refuse another primary metric, and a success that did not measure what it should."""
    if primary not in (None, result.primary):
        raise RecordError(
            f"its primary metric is {result.primary!r:.80}, the campaign's {primary}",
            reason="definition",
        )
    missing = [name for name in metrics if name not in result.metrics]
    if result.status == "ok" and missing:
        raise RecordError(f"no {', '.join(missing)}", reason="metrics")


def _check_labels(result: Result, labels: Mapping[str, str]) -> None:
    """Refuse a result whose process saw another image around it than the one it was given."""
    seen = result.provenance.image.get("labels") or {}
    for name, value in sorted(labels.items()):
        if name.startswith(_OWN_LABELS) and seen.get(name) != value:
            raise RecordError(
                f"the image in which it ran has {name} {seen.get(name)!r:.80}, not {value!r:.80}",
                reason="image",
            )


def _check_measured(result: Result) -> None:
    """Refuse a result whose slot had another image than the one that it was given."""
    image, declared = result.provenance.image, result.definition.image_sha256
    measured = image.get("sha256")
    if image.get("sha256_source") == "measured" and declared is not None and measured != declared:
        raise RecordError(
            f"the slot had an image with sha256 {measured!r:.80}, not {declared}", reason="image"
        )


def join(result: Result, executions: Sequence[Execution]) -> Mapping[str, Scalar]:
    """Return the machine that the access point recorded for the slot that the result names.

    Raises
    ------
    RecordError
        If no start of the job is known, none was on that slot, or an attribute differs.
    """
    if not executions:
        raise RecordError("nothing records a start of its job", reason="no-event")
    seen = result.provenance.machine_ad
    if not seen or not isinstance(seen.get("Name"), str):
        raise RecordError("the result has no machine ad", reason="machine")
    machine = next(
        (start.machine for start in reversed(executions) if start.slot == seen["Name"]), None
    )
    if machine is None:
        slots = ", ".join(dict.fromkeys(start.slot for start in executions))
        raise RecordError(
            f"it says that it ran on {seen['Name']!r:.80}, the {executions[0].told_by} {slots}",
            reason="machine",
        )
    for name, value in machine.items():
        if name in seen and not _same(value, seen[name]):
            raise RecordError(
                f"{name} is {seen[name]!r:.80} there and {value!r:.80} here", reason="machine"
            )
    return machine


def _same(recorded: Scalar, seen: Any) -> bool:
    # An expression stays a text in the ad on the slot: then there is nothing to compare.
    if isinstance(seen, str) != isinstance(recorded, str) or seen is None:
        return True
    return bool(recorded == seen)


def preferred(new: Key, new_ok: bool, old: Key, old_ok: bool) -> bool:
    """Whether attempt ``new`` counts for its run rather than ``old``."""
    if new_ok != old_ok:
        return new_ok
    return new < old if new_ok else new > old
