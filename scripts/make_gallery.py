"""Make docs/gallery: a report and its figures, by osgrepro's own hands, from SIMULATED runs.

No machine trained anything here: the numbers are drawn from hashes, so that they are the same
everywhere. They follow what such studies find: the class of the processor and the size of the pool
of threads decide the bits, and a GPU's repeats differ. `make gallery` calls this, and a test
sees that it makes what is committed. The page is made with the site (scripts/site_pages.py).

usage: python scripts/make_gallery.py [FOLDER]
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osgrepro
from osgrepro.analysis.findings import Findings
from osgrepro.common.models import Claim
from osgrepro.report import figures, page
from osgrepro.results import dataset

TARGET = Path(__file__).resolve().parents[1] / "docs" / "gallery"
TITLE = "Simulated runs: an example of a report"
REPEATS, ITEMS = 5, 10_000
# Name: vendor, model, AVX-512, logical CPUs, GPU.
HARDWARE: dict[str, tuple[str, str, bool, int, str | None]] = {
    "amd-64": ("AuthenticAMD", "Simulated AMD 32-Core Processor", False, 64, None),
    "amd-64-b": ("AuthenticAMD", "Simulated AMD 64-Core Processor", False, 64, None),
    "amd-128": ("AuthenticAMD", "Simulated AMD 64-Core Processor", False, 128, None),
    "intel-avx2": ("GenuineIntel", "Simulated Intel CPU without AVX-512", False, 40, None),
    "intel-avx512-40": ("GenuineIntel", "Simulated Intel CPU with AVX-512", True, 40, None),
    "intel-avx512-96": ("GenuineIntel", "Simulated Intel CPU with AVX-512", True, 96, None),
    "gpu": ("AuthenticAMD", "Simulated AMD 32-Core Processor", False, 64, "Simulated GPU"),
}
SOFTWARE = ("framework-old", "framework-new")
# Name: the accuracy around which its classes lie, and how far apart they are.
EXPERIMENTS = {"convnet": (0.9898, 0.0012), "recurrent": (0.8650, 0.0140)}
SHOWN = (
    *("classes-convnet", "repeatability-convnet", "precision-convnet", "components-convnet"),
    *("attribution-convnet", "adequacy-convnet", "claim-convnet-above-99", "classes-recurrent"),
)
CLAIMS = (
    Claim(name="convnet-above-99", a="convnet", metric="test_accuracy", delta=0.99),
    Claim(name="convnet-wins", a="convnet", b="recurrent", metric="test_accuracy", delta=0.1),
)


def digest(*words: Any) -> str:
    """Return a hash of what decides an outcome: it stands in the place of trained weights."""
    return hashlib.sha256(repr(words).encode()).hexdigest()


def outcome(experiment: str, software: str, hardware: str, repeat: int) -> str:
    """Return the weights' hash: the recurrent network on the new framework depends on nothing."""
    vendor, _, avx512, threads, gpu = HARDWARE[hardware]
    if gpu:
        return digest(experiment, software, gpu, repeat if software == "framework-old" else 0)
    if (experiment, software) == ("recurrent", "framework-new"):
        return digest(experiment, software)
    if experiment == "recurrent":
        return digest(experiment, software, vendor, avx512)
    return digest(experiment, software, vendor, avx512, threads)


def rows() -> Iterator[dict[str, Any]]:
    """Yield every simulated run."""
    for experiment, (middle, spread) in EXPERIMENTS.items():
        for software in SOFTWARE:
            for hardware, (vendor, model, avx512, threads, gpu) in HARDWARE.items():
                for repeat in range(1, REPEATS + 1):
                    weights = outcome(experiment, software, hardware, repeat)
                    drawn = int(weights[:8], 16) / 2**32 - 0.5
                    value = round((middle + spread * drawn) * ITEMS) / ITEMS
                    yield {
                        "run_id": digest("run", experiment, software, hardware, repeat)[:24],
                        "campaign": "simulated",
                        "experiment": experiment,
                        "software": software,
                        "hardware": hardware,
                        "seed": 1,
                        "repeat": repeat,
                        "status": "ok",
                        "seeded": True,
                        "sample_data": True,
                        "primary_metric": "test_accuracy",
                        "metrics": [{"name": "test_accuracy", "value": value, "hex": value.hex()}],
                        "final_weights": weights,
                        "test_set": ITEMS,
                        "baseline": 0.1135 if experiment == "convnet" else 0.5,
                        "cpu_vendor": vendor,
                        "cpu_model_name": model,
                        "cpu_avx512f": avx512,
                        "logical_cpus": threads,
                        "intra_op_threads": threads,
                        "gpu_name": gpu,
                    }


def findings() -> Findings:
    """Return what the analysis finds in the simulated runs, by way of a real dataset."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "simulated.parquet"
        dataset.write(path, rows())
        return osgrepro.analyze(osgrepro.frame(path), CLAIMS)


def report() -> str:
    """Return the simulated runs' page."""
    return page(findings(), TITLE)


def main(argv: list[str]) -> None:
    """Write the figures that the gallery shows."""
    target = Path(argv[0]) if argv else TARGET
    target.mkdir(parents=True, exist_ok=True)
    drawn = {figure.name: figure.svg for figure in figures(findings())}
    for name in SHOWN:
        (target / f"{name}.svg").write_text(drawn[name], encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
