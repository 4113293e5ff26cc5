"""A campaign ten times as large as the largest: its dataset is read and analysed on one machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from osgrepro.results.dataset import COLUMNS
from osgrepro.results.dataset.column_type import METRIC, schema
from osgrepro.results.dataset.reading import FORMAT

CHUNK, CHUNKS = 1_000_000, 10
# On 64-bit Linux; it needed more than 13 GB when whole tables were read.
MOST_KB = 6_000_000
MEASURED = """
import resource, sys
from osgrepro import cli
try:
    cli.main()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def chunk(number: int) -> Any:
    """Return a million runs on 100 machines; whether a machine has AVX-512 decides its result."""
    row = np.arange(CHUNK)
    hardware = row % 100
    kind = hardware % 2
    values = np.where(kind == 0, 0.875, 0.75)
    metrics = pa.StructArray.from_arrays(
        [
            pa.array(["accuracy"] * CHUNK),
            pa.array(values),
            pa.array([float.hex(0.875), float.hex(0.75)]).take(pa.array(kind)),
        ],
        fields=list(METRIC),
    )
    told: dict[str, Any] = {
        "campaign": ["large"] * CHUNK,
        "run_id": [f"{number * CHUNK + one:024x}" for one in range(CHUNK)],
        "experiment": ["mnist"] * CHUNK,
        "software": ["tf"] * CHUNK,
        "hardware": pa.array([f"h{one:02}" for one in range(100)]).take(pa.array(hardware)),
        "repeat": row // 100 + 1 + number * (CHUNK // 100),
        "status": ["ok"] * CHUNK,
        "primary_metric": ["accuracy"] * CHUNK,
        "metrics": pa.ListArray.from_arrays(np.arange(CHUNK + 1, dtype=np.int32), metrics),
        "seed": np.ones(CHUNK, dtype=np.int64),
        "cpu_model_name": pa.array([f"model {one}" for one in range(100)]).take(pa.array(hardware)),
        "cpu_avx512f": kind == 0,
        "host": pa.array([f"n{one}" for one in range(5000)]).take(pa.array(row % 5000)),
    }
    wanted = schema(COLUMNS).with_metadata(FORMAT)
    arrays = [
        pa.array(told[field.name], field.type)
        if field.name in told
        else pa.nulls(CHUNK, field.type)
        for field in wanted
    ]
    return pa.Table.from_arrays(arrays, schema=wanted)


def test_ten_million_rows_are_analysed_in_a_laptops_memory(tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    with pq.ParquetWriter(
        path, schema(COLUMNS).with_metadata(FORMAT), compression="zstd"
    ) as writer:
        for number in range(CHUNKS):
            writer.write_table(chunk(number), row_group_size=100_000)
    said = subprocess.run(
        [sys.executable, "-c", MEASURED, "analyze", str(path), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert found["data"]["rows"] == CHUNK * CHUNKS
    (experiment,) = found["experiments"]
    assert [one["runs"] for one in experiment["outcomes"]["classes"]] == [CHUNK * CHUNKS // 2] * 2
    assert experiment["attribution"][0]["causes"][0]["attributes"] == ["cpu_avx512f"]
    assert int(said.stderr.split()[-1]) < MOST_KB
