"""What slots return is cut, forged or doubled before it is collected: none of it becomes a row."""

from __future__ import annotations

import json
import os

import pytest
from real_pool import until

from osgrepro.common.models import RunState
from osgrepro.results import dataset, records

pytestmark = [pytest.mark.pool, pytest.mark.timeout(600), pytest.mark.slow]


def forged(path, **changes):
    """Change a result as a slot could that knows how results are sealed."""
    content = json.loads(path.read_bytes()) | changes
    path.write_text(json.dumps(content | {"checksum": records.checksum(content)}))


def halved(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def with_nan(path):
    path.write_text(path.read_text().replace('"wall_s": 0.0', '"wall_s": NaN'))


def deep(path):
    path.write_text('{"schema_version": 1, "metrics": ' + "[" * 10_000 + "]" * 10_000 + "}")


def with_escapes(path):
    path.write_text(json.dumps({"schema_version": "\x1b[31m\x1b]0;title\x07"}))


def elsewhere(path):
    provenance = json.loads(path.read_bytes())["provenance"]
    machine = provenance["machine_ad"] | {"Name": "slot1_1@supercomputer"}
    forged(path, provenance=provenance | {"machine_ad": machine})


FORGERIES = {
    "truncated": halved,
    "not-finite": with_nan,
    "too-large": lambda path: os.truncate(path, 200_000_000),
    "not-json": deep,
    "schema-version": with_escapes,
    "checksum": lambda path: path.write_text(
        path.read_text().replace('"attempt": ', '"attempt":  1')
    ),
    "machine": elsewhere,
    "other-run": lambda path: forged(path, attempt=7),
    "definition": lambda path: forged(
        path, definition=json.loads(path.read_bytes())["definition"] | {"seed": 77}
    ),
}


def returned(bench):
    """Wait until all runs have returned; return the paths of their results."""
    bench.send()
    until(lambda: set(bench.status().counts) == {RunState.RETURNED}, "not all return", 300)
    return [bench.workspace.results / found.file for found in bench.workspace.returned_files()]


def test_results_are_forged(bench, ended):
    paths = dict(zip(FORGERIES, returned(bench), strict=False))
    bench.fault()
    for reason, path in paths.items():
        FORGERIES[reason](path)
    assert ended("nine results forged", "each is refused, and due again").did == "osgrepro submit"
    reasons = {
        row["file"]: row["reason"] for row in dataset.rejected(bench.workspace.rejected_file)
    }
    assert {reasons[f"{path.parent.name}/{path.name}"] for path in paths.values()} == set(FORGERIES)


def test_results_are_copied_into_each_others_places(bench, ended):
    first, second, third, *_rest = returned(bench)
    bench.fault()
    second.write_bytes(first.read_bytes())
    third.with_name(third.name.replace(".1.json", ".2.json")).write_bytes(third.read_bytes())
    assert ended("results doubled", "one a run is taken").did == "osgrepro submit"
    reasons = [row["reason"] for row in dataset.rejected(bench.workspace.rejected_file)]
    assert sorted(reasons) == ["other-run", "superseded"]


def test_the_clock_of_an_execution_point_is_a_day_off(bench, ended):
    paths = returned(bench)
    bench.fault()
    for path, day in zip(paths, (26, 28), strict=False):
        times = {"started_at": f"2031-02-{day}T00:00:00Z", "ended_at": f"2001-02-{day}T00:00:00Z"}
        forged(path, timings=times | {"wall_s": 1.0})
    assert ended("clocks are years off", "the results are taken").did == "nothing"
