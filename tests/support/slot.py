"""A slot to run the payload on: a scratch folder with the archive, a spec, data and a script.

Runs on Python 3.8 too, like the payload itself; used by the unit tests and by those in images.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema

from osgrepro import payload
from osgrepro.payload import result
from osgrepro.runs import pyz

RUN_ID = "0123456789abcdef01234567"
SCHEMA = json.loads((Path(payload.__file__).parent / "result.schema.json").read_text())


class Slot:
    """A scratch folder as HTCondor would make it.

    ``enter`` turns the payload's command line into the one that runs it elsewhere.
    """

    def __init__(self, folder: Path, archive: Path, enter=list) -> None:
        self.folder, self._enter = folder, enter
        (folder / "payload.pyz").write_bytes(archive.read_bytes())
        self.experiment = {
            "entry": "script.py",
            "code_sha256": "0" * 64,
            "arguments": [],
            "metrics_file": None,
            "params": {},
            "metrics": ["score"],
            "primary": "score",
            "data": [],
        }
        self.spec = {
            "schema_version": 1,
            "campaign": "test",
            "batch": "ab12cd",
            "threads": "host",
            "trace": False,
            "software": {"name": "here", "image": "here.sif", "image_sha256": None},
            "hardware": {"any": {"proves": None, "gpus": 0}},
            "experiments": {"probe": self.experiment},
        }

    def script(self, text: str) -> None:
        """Make ``text`` the experiment."""
        (self.folder / "script.py").write_text(text)
        self.experiment["code_sha256"] = hashlib.sha256(text.encode()).hexdigest()

    def data(self, name: str, content: bytes, sample: bool = False) -> None:
        """Put a data file into the scratch folder and the spec."""
        (self.folder / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        entry = {"file": name, "spec": name, "sha256": digest, "sample": sample}
        self.experiment["data"].append(entry)

    def built_in(self, name: str, data: Path, **params: object) -> None:
        """Make one of the payload's own experiments the experiment."""
        entry = f"experiments.{name}:run"
        self.experiment.update(
            entry=entry,
            code_sha256=pyz.entry_sha256(entry),
            params=params,
            metrics=["test_loss", "test_accuracy"],
            primary="test_accuracy",
            data=[],
        )
        self.data(data.name, data.read_bytes(), sample=True)

    def save(self) -> Path:
        """Write the spec."""
        path = self.folder / "spec.json"
        path.write_text(json.dumps(self.spec))
        return path

    def argv(self, **changes: str) -> list:
        """Return the command line of the run."""
        given = {
            "--spec": "spec.json",
            "--run-id": RUN_ID,
            "--experiment": "probe",
            "--hardware": "any",
            "--seed": "1",
            "--repeat": "1",
        }
        given.update({"--" + name.replace("_", "-"): value for name, value in changes.items()})
        pairs = [text for pair in given.items() for text in pair]
        return self._enter([sys.executable, "payload.pyz", "run", *pairs])

    def start(self, environ: dict | None = None, **changes: str) -> subprocess.Popen:
        """Start the run."""
        self.save()
        return subprocess.Popen(
            self.argv(**changes),
            cwd=self.folder,
            env={**os.environ, **(environ or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, environ: dict | None = None, timeout: float = 60, **changes: str) -> tuple:
        """Do the run; return its exit code, its output, and its result (None without one)."""
        process = self.start(environ, **changes)
        output = process.communicate(timeout=timeout)[0].decode()
        results = self.results()
        return process.returncode, output, results[0] if results else None

    def results(self) -> list:
        """Return all results, each checked against the schema and its checksum."""
        found = [json.loads(p.read_text()) for p in sorted(self.folder.glob("results/*/*.json"))]
        for content in found:
            jsonschema.validate(content, SCHEMA, jsonschema.Draft202012Validator)
            assert content["checksum"] == result.checksum(content)
        return found
