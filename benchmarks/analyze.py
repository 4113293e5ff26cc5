"""How long an analysis takes, and how much memory, by rows; each size three times, in turns.

Synthetic runs: 2 experiments × 5 software × 100 hardware environments, a metric and weights' hashes
that follow vendor and threads, and a tenth of the cells with repeats that disagree.

usage: python benchmarks/analyze.py [ROWS …]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osgrepro.results import dataset
from osgrepro.workflow.results import analyzing

SIZES = (10_000, 100_000, 1_000_000)
REPEATS = 3


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield ``count`` runs, the cells in turns."""
    for number in range(count):
        cell, repeat = number % 1000, number // 1000
        hardware, software, experiment = cell % 100, cell // 100 % 5, cell // 500
        noise = repeat % 7 if hardware % 10 == 9 else 0
        threads, vendor = 16 * (1 + hardware % 8), ("AuthenticAMD", "GenuineIntel")[hardware % 2]
        # Not Python's own hash of a text, which is another one in each process.
        outcome = zlib.crc32(repr((experiment, software, threads, vendor, noise)).encode())
        value = 0.9 + outcome % 1000 / 20_000
        yield {
            "run_id": f"{number:024x}",
            "campaign": "synthetic",
            "experiment": f"experiment-{experiment}",
            "software": f"software-{software}",
            "hardware": f"hardware-{hardware}",
            "repeat": repeat + 1,
            "status": "ok",
            "primary_metric": "accuracy",
            "metrics": [{"name": "accuracy", "value": value, "hex": value.hex()}],
            "final_weights": f"{outcome:064x}",
            "logical_cpus": threads,
            "cpu_vendor": vendor,
            "host": f"host-{number % 5000}",
            "seed": 1,
        }


def measure(path: str) -> None:
    """Analyse one dataset in this process, and print seconds and the peak of memory."""
    start = time.monotonic()
    found = analyzing.analyze(Path(path))
    seconds = time.monotonic() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{found.data.rows:>10,} rows {seconds:8.1f} s {peak_mb:8.0f} MB\n")


def main(sizes: list[int]) -> None:
    """Make the datasets, and measure each in processes of its own."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{size}.parquet" for size in sizes]
        for size, path in zip(sizes, paths, strict=True):
            dataset.write(path, rows(size))
        for _ in range(REPEATS):
            for path in paths:
                subprocess.run([sys.executable, __file__, "--one", str(path)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2])
    else:
        main([int(word) for word in sys.argv[1:]] or list(SIZES))
