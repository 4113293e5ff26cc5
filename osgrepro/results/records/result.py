"""The result file: its bytes read strictly, and its content as values.

What a result may hold is the JSON Schema's to say; the models below only give it names. What is
wrong with a file is one ``RecordError`` with a reason of ``rejections.REASONS``.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Annotated, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from osgrepro.common.errors import RecordError
from osgrepro.common.models import Json, Scalar
from osgrepro.results.records import examples, schema

SCHEMA_VERSION = 1
MAX_BYTES = 50_000_000
# Each takes some 100 bytes of memory and more once it is read; an honest result has a few thousand.
MAX_VALUES = 300_000

RunId = Annotated[str, Field(pattern=r"^[0-9a-f]{24}\z")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}\z")]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Timestamp = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)\z")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Open(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", strict=True)


class Failure(_Strict):
    """The exception that ended an attempt."""

    type: str
    message: str
    traceback: str | None


class UsedData(_Strict):
    """A data file that the run read."""

    spec: str
    file: str
    sha256: Sha256
    sample: bool


class Definition(_Strict):
    """What defines the run, as the attempt was told it."""

    campaign: str
    experiment: str
    entry: str
    code_sha256: Sha256
    params: dict[str, Scalar]
    data: list[UsedData]
    software: str
    image_sha256: Sha256 | None
    hardware: str
    seed: Annotated[int, Field(ge=0)]
    threads: Literal["host"] | Annotated[int, Field(ge=1)]
    repeat: Annotated[int, Field(ge=1)]
    # Results of the first version know no variables, and none were set for them.
    environment: dict[str, str] = Field(default_factory=dict)
    # Only where the campaign says them.
    framework: str | None = None
    determinism: str | None = None


class Metric(_Strict):
    """A number twice: for people, and to the last bit (``float.hex``; also ``nan``, ``inf``)."""

    value: Annotated[float, Field(allow_inf_nan=False)] | None
    hex: str


class Fingerprints(_Open):
    """Hashes of what was computed; None where an attempt did not come that far."""

    initial_weights: str | None = None
    final_weights: str | None = None
    predictions: str | None = None
    labels: str | None = None
    losses: dict[str, list[str]] = Field(default_factory=dict)
    gradients: list[dict[str, str]] | None = None
    probe: dict[str, str] | None = None


class Labels(_Strict):
    """Labels, or ranks: the sha256 of their bytes; by zlib, in base64; None where too many."""

    sha256: Sha256
    zlib: str | None


class Examples(_Strict):
    """The label of each test example, and what is left out of it and why."""

    count: int | None
    classes: int | None
    type: Literal["uint8", "uint16", "uint32"] | None
    predicted: Labels | None
    truth: Labels | None
    ranks: Labels | None
    omitted: str | None


class Emulation(_Open):
    """What the slot only pretended to be."""

    emulated: bool
    what: list[str]
    not_emulated: list[str] = Field(default_factory=list)
    simulated_gpu: bool


class Seeding(_Open):
    """Whether random numbers were seeded, as the process that trained had them; None: unknown."""

    python: bool | None = None
    numpy: bool | None = None
    framework: bool | None = None
    name: str | None = None
    seed: int | None = None


class Provenance(_Open):
    """What the attempt ran on, by subject; the payload's reference names the fields."""

    process: Json
    host: Json
    cpu: Json
    threads: Json
    framework: Json
    libraries: list[Json]
    gpus: list[Json]
    image: Json
    data: Json
    environment: Json
    emulation: Emulation
    machine_ad: Json | None
    job_ad: Json | None
    sample_data: bool
    seeding: Seeding = Field(default_factory=Seeding)
    gpu_used: bool | None = None
    notes: list[str] = Field(default_factory=list)


class Timings(_Open):
    """When the attempt ran, and how long each part took."""

    started_at: Timestamp
    ended_at: Timestamp
    wall_s: Seconds
    import_s: Seconds | None = None
    data_s: Seconds | None = None
    fit_s: Seconds | None = None
    evaluate_s: Seconds | None = None


class Payload(_Strict):
    """The program that wrote the result."""

    version: str
    sha256: Sha256 | None


class Result(_Strict):
    """The result of one attempt, schema_version 1."""

    schema_version: Literal[1]
    checksum: str
    run_id: RunId
    attempt: Annotated[int, Field(ge=1)]
    batch: str | None
    cluster: Annotated[int, Field(ge=0)] | None
    proc: Annotated[int, Field(ge=0)] | None
    status: Literal["ok", "failed"]
    exit_code: int
    exception: Failure | None
    definition: Definition
    metrics: dict[str, Metric]
    primary: str
    fingerprints: Fingerprints
    examples: Examples | None = None
    provenance: Provenance
    timings: Timings
    payload: Payload


def parse(data: bytes) -> Result:
    """Read a result file's bytes.

    Raises
    ------
    RecordError
        With the first reason why they are not result.
    """
    content = _load(data)
    version = content.get("schema_version")
    if type(version) is not int or version != SCHEMA_VERSION:
        raise RecordError(f"schema_version is {version!r:.40}, not 1", reason="schema-version")
    schema.check(content)
    try:
        # The schema was stricter, but for integers: to JSON 1.0 is one.
        result = Result.model_validate(content, strict=False)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise RecordError(f"{place}: {fault['msg']}", reason="schema") from None
    if _checksum_or_none(content) != result.checksum:
        raise RecordError("the content was changed after its checksum was made", reason="checksum")
    examples.check(content.get("examples"))
    for name, metric in result.metrics.items():
        if not _agree(metric):
            raise RecordError(
                f"{name}: {metric.value!r} is not {metric.hex!r:.60}", reason="metrics"
            )
    return result


def checksum(content: Json) -> str:
    """Return the checksum of a result's content: over its canonical JSON but for ``checksum``."""
    rest = {key: value for key, value in content.items() if key != "checksum"}
    text = json.dumps(
        rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
    return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"


def _checksum_or_none(content: Json) -> str | None:
    try:
        return checksum(content)
    except RecursionError:  # just shallow enough to be read is still too deep to be written
        return None


def _load(data: bytes) -> Json:
    if len(data) > MAX_BYTES:
        raise RecordError(f"{len(data)} bytes", reason="too-large")
    # Each value but the first stands behind one of these; in texts they count, too.
    if (values := sum(map(data.count, (b",", b"[", b"{")))) > MAX_VALUES:
        raise RecordError(f"about {values} values", reason="too-large")
    try:
        text = data.decode("utf-8")
        content = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        # A text that breaks off is at fault where it ends, or in a string that never ends.
        broken_off = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        reason = "truncated" if broken_off else "not-json"
        raise RecordError(f"{error.msg} at byte {error.pos}", reason=reason) from None
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{type(error).__name__}: {error}"[:200], reason="not-json") from None
    if not isinstance(content, dict):
        raise RecordError("the file is not a JSON object", reason="not-json")
    return content


def _refuse_constant(word: str) -> NoReturn:
    raise RecordError(f"it holds {word}", reason="not-finite")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise RecordError(f"{text[:40]} is not a number that a float can hold", reason="not-finite")
    return number


def _agree(metric: Metric) -> bool:
    try:
        exact = float.fromhex(metric.hex)
    except (ValueError, OverflowError):
        return False
    if not math.isfinite(exact):
        return metric.value is None
    return metric.value == exact
