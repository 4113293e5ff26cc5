"""Returned bytes become records, or are refused with a stable word for why."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro import campaign
from osgrepro.campaign import matrix
from osgrepro.common.errors import RecordError
from osgrepro.common.models import Code, DataFile, Execution, Image, Matrix
from osgrepro.payload import result as writer
from osgrepro.results import records

CAMPAIGN: dict[str, Any] = {
    "campaign": {"name": "demo", "repeats": 2},
    "experiment": [
        {
            "name": "digits",
            "entry": "experiments.mnist_convnet:run",
            "data": ["sample:digits"],
            "params": {"epochs": 2},
            "metrics": ["test_loss"],
            "primary": "test_loss",
        }
    ],
    "software": [{"name": "tf"}],
    "hardware": [{"name": "epyc"}],
}
IMAGE = Image(software="tf", location="/images/tf.sif", sha256="e" * 64)


def expand() -> Matrix:
    file = DataFile(spec="sample:digits", file_name="digits.npz", sha256="d" * 64, sample=True)
    return matrix.expand(
        campaign.parse(CAMPAIGN, "demo.toml"),
        code={"digits": Code(entry="experiments.mnist_convnet:run", sha256="c" * 64)},
        data={"digits": (file,)},
    )


MATRIX = expand()
RUN = MATRIX.runs[0]
EXPECTED = records.expected_definition(MATRIX, RUN, IMAGE)
START = Execution(started_s=1.0, machine={"Name": "slot1_1@epyc", "CpuFamily": 23, "Cpus": 1})
FILE = f"{RUN.run_id[:2]}/{RUN.run_id}.7.0.1.json"


def content(**changes: Any) -> dict[str, Any]:
    """A result as the payload seals it."""
    sections = ("process", "host", "cpu", "threads", "framework", "image", "data", "environment")
    made: dict[str, Any] = {
        "schema_version": 1,
        "run_id": RUN.run_id,
        "attempt": 1,
        "batch": "ab",
        "cluster": 7,
        "proc": 0,
        "status": "ok",
        "exit_code": 0,
        "exception": None,
        "definition": EXPECTED,
        "metrics": {"test_loss": {"value": 0.1, "hex": (0.1).hex()}},
        "primary": "test_loss",
        "fingerprints": {"final_weights": "f" * 64, "losses": {"loss": [(0.5).hex()]}},
        "provenance": {name: {} for name in sections}
        | {
            "libraries": [],
            "gpus": [],
            "emulation": {"emulated": False, "what": [], "simulated_gpu": False},
            "machine_ad": {"Name": "slot1_1@epyc", "CpuFamily": 23, "Cpus": 1},
            "job_ad": {"WantContainer": True},
            "sample_data": True,
        },
        "timings": {
            "started_at": "2026-11-23T05:00:00+00:00",
            "ended_at": "2026-11-23T05:00:09.5+00:00",
            "wall_s": 9.5,
        },
        "payload": {"version": "0.1.0", "sha256": None},
    }
    return made | changes


def sealed(**changes: Any) -> bytes:
    made = content(**changes)
    return json.dumps({**made, "checksum": writer.checksum(made)}).encode()


def judge(data: bytes, **changes: Any) -> records.Record:
    source = records.Source(file=FILE, size_bytes=len(data), modified_ns=1)
    given: dict[str, Any] = {
        "expected": EXPECTED,
        "metrics": ["test_loss"],
        "primary": "test_loss",
        "executions": [START],
    }
    given |= changes
    starts = given.pop("executions")
    return records.judge(source, data, executions=lambda _result: starts, **given)


def reason_of(data: bytes, **changes: Any) -> str:
    with pytest.raises(RecordError) as caught:
        judge(data, **changes)
    assert caught.value.reason in records.REASONS
    assert caught.value.message
    return caught.value.reason


def test_a_sound_result_becomes_a_record_with_its_machine() -> None:
    record = judge(sealed())
    assert record.ok
    assert record.machine == START.machine
    assert record.key == records.source_key(FILE)


def test_a_metric_that_is_no_number_is_kept_to_the_bit() -> None:
    record = judge(sealed(metrics={"test_loss": {"value": None, "hex": "nan"}}))
    assert math.isnan(float.fromhex(record.result.metrics["test_loss"].hex))


def test_both_sides_compute_one_checksum() -> None:
    made = content()
    assert records.checksum(made) == writer.checksum(made)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no-result"),
        (sealed()[:-1], "truncated"),
        (sealed()[:500], "truncated"),
        (b"[]", "not-json"),
        (b"\xff\xfe{}", "not-json"),
        (b"{" * 100_000, "not-json"),
        (b'{"a":' * 100_000, "not-json"),
        (b'{"a": ' + b"1" * 10_000 + b"}", "not-json"),
        (b"{} {}", "not-json"),
        (sealed().replace(b'"wall_s": 9.5', b'"wall_s": NaN'), "not-finite"),
        (sealed().replace(b'"wall_s": 9.5', b'"wall_s": -Infinity'), "not-finite"),
        (sealed().replace(b'"wall_s": 9.5', b'"wall_s": 1e999'), "not-finite"),
        (sealed(schema_version=2), "schema-version"),
        (sealed(schema_version=True), "schema-version"),
        (b"{}", "schema-version"),
        (sealed(run_id="../../../../etc/passwd00"), "run-id"),
        (sealed(run_id=RUN.run_id.upper() + "\n"), "run-id"),
        (sealed(attempt="1"), "schema"),
        (sealed(surprise=1), "schema"),
        (sealed(timings={"wall_s": 1.0}), "schema"),
        (sealed().replace(b'"value": 0.1', b'"value": 0.2'), "checksum"),
        (sealed(metrics={"test_loss": {"value": 0.2, "hex": (0.1).hex()}}), "metrics"),
        (sealed(metrics={"test_loss": {"value": 0.2, "hex": "0x"}}), "schema"),
        (sealed(metrics={"test_loss": {"value": 0.2, "hex": "inf"}}), "metrics"),
        (sealed(metrics={}), "schema"),
        (sealed(metrics={"other": {"value": 0.5, "hex": "0x1.0000000000000p-1"}}), "metrics"),
        (sealed(primary="other"), "definition"),
        (sealed(run_id="0" * 24), "other-run"),
        (sealed(attempt=2), "other-run"),
        (sealed(cluster=8), "other-run"),
        (sealed(definition=EXPECTED | {"seed": 2}), "definition"),
        (sealed(definition=EXPECTED | {"image_sha256": "0" * 64}), "image"),
        (sealed(provenance=content()["provenance"] | {"machine_ad": None}), "machine"),
    ],
)
def test_what_is_no_result_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    assert reason_of(data) == reason


def test_the_variables_are_those_of_the_campaign() -> None:
    older = {key: value for key, value in EXPECTED.items() if key != "environment"}
    assert judge(sealed(definition=older)).result.definition.environment == {}
    other = EXPECTED | {"environment": {"X": "1"}}
    assert reason_of(sealed(definition=other)) == "definition"
    assert reason_of(sealed(definition=older), expected=other) == "definition"
    assert judge(sealed(definition=other), expected=other).result.definition == (
        records.parse(sealed(definition=other)).definition
    )


def test_a_run_of_no_campaign_is_refused() -> None:
    assert reason_of(sealed(), expected=None) == "unknown-run"


def test_a_job_of_which_no_log_tells_is_refused() -> None:
    assert reason_of(sealed(), executions=[]) == "no-event"


@pytest.mark.parametrize(
    "machine",
    [
        {"Name": "slot1_1@xeon"},
        {"Name": "slot1_1@epyc", "CpuFamily": 6},
        {"Name": "slot1_1@epyc", "Cpus": 2},
    ],
)
def test_a_machine_that_is_told_differently_is_refused(machine: dict[str, Any]) -> None:
    assert reason_of(sealed(), executions=[Execution(started_s=1, machine=machine)]) == "machine"


def test_the_machine_is_the_last_one_of_that_name() -> None:
    later = replace(START, started_s=2.0, machine={**START.machine, "GLIDEIN_Site": "B"})
    other = Execution(started_s=3.0, machine={"Name": "slot1_1@xeon"})
    assert judge(sealed(), executions=[START, later, other]).machine["GLIDEIN_Site"] == "B"


RECONNECTED = FILE.replace(".1.json", ".3.json")
NEXT = replace(START, started_s=9.0)


def returned_as(file: str, data: bytes, *starts: Execution) -> records.Record:
    source = records.Source(file=file, size_bytes=len(data), modified_ns=1)
    return records.judge(source, data, expected=EXPECTED, executions=lambda _result: starts)


@pytest.mark.parametrize(
    ("attempt", "starts"),
    [
        (1, [START]),
        # The first shadow started nothing, the second one the process, a third took it over.
        (2, [START]),
        (2, [START, NEXT]),
    ],
)
def test_a_process_that_a_later_shadow_took_over_returns_under_its_number(
    attempt: int, starts: list[Execution]
) -> None:
    record = returned_as(RECONNECTED, sealed(attempt=attempt), *starts)
    assert record.key == records.source_key(RECONNECTED)
    assert record.result.attempt == attempt


@pytest.mark.parametrize(
    ("file", "changes", "starts"),
    [
        # What a slot writes to take the place of an attempt before it, or after it.
        (RECONNECTED, {"attempt": 1}, [START, NEXT]),
        (RECONNECTED, {"attempt": 2}, [START, START, NEXT]),
        (RECONNECTED, {"attempt": 4}, [START]),
        (RECONNECTED, {"attempt": 10**9}, [START]),
        # Another job's process, or another run's, whatever its number.
        (RECONNECTED, {"attempt": 1, "cluster": 8}, [START]),
        (RECONNECTED, {"attempt": 1, "proc": 1}, [START]),
        (RECONNECTED, {"attempt": 1, "run_id": "0" * 24}, [START]),
    ],
)
def test_a_slot_does_not_choose_which_attempt_its_result_is_of(
    file: str, changes: dict[str, Any], starts: list[Execution]
) -> None:
    with pytest.raises(RecordError) as caught:
        returned_as(file, sealed(**changes), *starts)
    assert caught.value.reason == "other-run"


def test_a_forged_attempt_chooses_no_machine() -> None:
    other = replace(NEXT, machine={**START.machine, "Name": "slot1_1@other"})
    with pytest.raises(RecordError) as caught:
        returned_as(RECONNECTED, sealed(attempt=1), other)
    assert caught.value.reason == "machine"


def test_an_image_that_this_side_cannot_read_is_not_compared() -> None:
    unread = records.expected_definition(MATRIX, RUN, None)
    assert judge(sealed(), expected=unread).ok


@pytest.mark.parametrize(
    ("declared", "found", "source", "reason"),
    [
        ("e" * 64, "0" * 64, "measured", "image"),
        ("e" * 64, None, "measured", "image"),
        ("e" * 64, "e" * 64, "measured", None),
        # Only what the slot measured tells another image; what is declared is told elsewhere.
        ("e" * 64, "0" * 64, "declared", None),
        # An image without a sha256 of its own is not compared with the one on the slot.
        (None, "0" * 64, "measured", None),
    ],
)
def test_the_image_on_the_slot_is_the_declared_one(
    declared: str | None, found: str | None, source: str, reason: str | None
) -> None:
    seen = content()["provenance"] | {"image": {"sha256": found, "sha256_source": source}}
    definition = EXPECTED | {"image_sha256": declared}
    data = sealed(provenance=seen, definition=definition)
    if reason is None:
        assert judge(data, expected=definition).ok
    else:
        assert reason_of(data, expected=definition) == reason


LABELS = {"org.osgrepro.lock-sha256": "1" * 64, "org.label-schema.build-arch": "amd64"}


@pytest.mark.parametrize(
    "labels", [None, {}, {"org.osgrepro.lock-sha256": "2" * 64, "org.label-schema.build-arch": "x"}]
)
def test_an_image_that_is_another_one_from_inside_is_refused(labels: Any) -> None:
    seen = content()["provenance"] | {"image": {"labels": labels}}
    assert reason_of(sealed(provenance=seen), labels=LABELS) == "image"
    assert judge(sealed(provenance=seen), labels={}).ok


def test_only_the_labels_of_osgrepro_are_compared() -> None:
    seen = content()["provenance"] | {"image": {"labels": {"org.osgrepro.lock-sha256": "1" * 64}}}
    assert judge(sealed(provenance=seen), labels=LABELS).ok


def test_a_file_whose_values_would_fill_the_memory_is_refused_before_it_is_read() -> None:
    full = json.dumps({"a": [[]] * 400_000}).encode()
    assert len(full) < records.MAX_BYTES
    with pytest.raises(RecordError) as caught:
        records.parse(full)
    assert caught.value.reason == "too-large"


def test_a_large_file_is_refused_by_its_size_alone() -> None:
    source = records.Source(file=FILE, size_bytes=200_000_000, modified_ns=1)
    with pytest.raises(RecordError) as caught:
        records.judge(source, b"", expected=EXPECTED, executions=lambda _result: [START])
    assert caught.value.reason == "too-large"


@pytest.mark.parametrize(
    "file",
    [
        f"00/{RUN.run_id}.7.0.1.json" if RUN.run_id[:2] != "00" else f"11/{RUN.run_id}.7.0.1.json",
        f"{RUN.run_id}.7.0.1.json",
        f"{RUN.run_id[:2]}/{RUN.run_id}.7.0.json",
        f"{RUN.run_id[:2]}/{RUN.run_id}.7.0.1.json.part",
        f"{RUN.run_id[:2]}/../{RUN.run_id}.7.0.1.json",
        f"{RUN.run_id[:2]}/{RUN.run_id}.7.0.-1.json",
    ],
)
def test_a_file_of_another_name_is_refused(file: str) -> None:
    with pytest.raises(RecordError) as caught:
        records.source_key(file)
    assert caught.value.reason == "file-name"


def test_the_attempt_that_counts_does_not_depend_on_the_order() -> None:
    attempts = [("ok", 2, 1), ("ok", 3, 1), ("failed", 1, 1), ("failed", 4, 1)]

    def key(cluster: int, attempt: int) -> Any:
        return records.source_key(f"{RUN.run_id[:2]}/{RUN.run_id}.{cluster}.0.{attempt}.json")

    def winner(order: Any) -> Any:
        best, *rest = order
        for new in rest:
            if records.preferred(key(*new[1:]), new[0] == "ok", key(*best[1:]), best[0] == "ok"):
                best = new
        return best

    assert {winner(order) for order in permutations(attempts)} == {("ok", 2, 1)}
    assert {winner(order) for order in permutations(attempts[2:])} == {("failed", 4, 1)}


@given(st.integers(0, 4000), st.binary(max_size=4))
def test_no_bytes_raise_anything_but_a_record_error(place: int, other: bytes) -> None:
    data = sealed()
    place %= len(data)
    changed = data[:place] + other + data[place + len(other) :]
    try:
        record = records.parse(changed)
    except RecordError as error:
        assert error.reason in records.REASONS
    else:
        assert record.checksum == json.loads(data)["checksum"]
