"""Results as the payload seals them, for the tests of where two runs part."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

from osgrepro.payload import result as writer

RUN_ID = "0123456789abcdef01234567"
VARIABLES = ("conv2d/kernel", "conv2d/bias", "dense/kernel", "dense/bias")
_SECTIONS = ("process", "host", "cpu", "threads", "framework", "image", "data", "environment")


def digest(*words: Any) -> str:
    """Return a hash that stands for ``words``."""
    return hashlib.sha256(repr(words).encode()).hexdigest()


def result(**changes: Any) -> dict[str, Any]:
    """Return a traced result; ``changes`` replace its sections."""
    provenance: dict[str, Any] = {name: {} for name in _SECTIONS}
    provenance |= {
        "cpu": {"model_name": "AMD EPYC 7302", "flags": ["sse", "avx2", "hypervisor"]},
        "threads": {"intra_op_effective": 1},
        "libraries": [{"path": "/lib/libm.so.6", "sha256": digest("libm"), "source": "file"}],
        "gpus": [],
        "emulation": {"emulated": False, "what": [], "not_emulated": [], "simulated_gpu": False},
        "machine_ad": None,
        "job_ad": None,
        "sample_data": False,
        "errors": {},
        "data": {
            "prepared": {"x_train": digest("x"), "y_train": digest("y")},
            "first_batches": [digest("batch", step) for step in range(3)],
            "first_outputs": [digest("outputs", step) for step in range(3)],
            "first_weights": [digest("weights", step) for step in range(3)],
        },
    }
    made: dict[str, Any] = {
        "schema_version": 1,
        "run_id": RUN_ID,
        "attempt": 1,
        "batch": None,
        "cluster": None,
        "proc": None,
        "status": "ok",
        "exit_code": 0,
        "exception": None,
        "definition": {
            "campaign": "c",
            "experiment": "mnist",
            "entry": "experiments.mnist_convnet:run",
            "code_sha256": digest("code"),
            "params": {"epochs": 2},
            "data": [{"spec": "sample:d", "file": "d.npz", "sha256": digest("d"), "sample": True}],
            "software": "tf",
            "image_sha256": None,
            "hardware": "epyc",
            "seed": 1,
            "threads": "host",
            "repeat": 1,
        },
        "metrics": {"test_loss": {"value": 0.5, "hex": (0.5).hex()}},
        "primary": "test_loss",
        "fingerprints": {
            **{
                name: digest(name)
                for name in ("initial_weights", "final_weights", "predictions", "labels")
            },
            "losses": {"loss": [(0.75).hex(), (0.5).hex()], "val_loss": [(1.0).hex()] * 2},
            "gradients": [
                {f"{n}:{name}": digest(name, step) for n, name in enumerate(VARIABLES)}
                for step in range(3)
            ],
            "probe": None,
        },
        "provenance": provenance,
        "timings": {
            **dict.fromkeys(("started_at", "ended_at"), "2026-11-23T05:00:00+00:00"),
            "wall_s": 9.5,
            **dict.fromkeys(("import_s", "data_s", "fit_s", "evaluate_s")),
        },
        "payload": {"version": "0.1.0", "sha256": None},
    }
    return copy.deepcopy(made | changes)


def seal(path: Path, content: dict[str, Any]) -> Path:
    """Write ``content`` as a result."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**content, "checksum": writer.checksum(content)}))
    return path
