"""A small campaign for a real pool, with a stand-in for the payload that needs no TensorFlow.

Also a program: submits the campaign and kills itself at a given moment, as a power cut would.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osgrepro import campaign
from osgrepro.campaign import matrix
from osgrepro.common.files import beside
from osgrepro.common.models import Code, Image, Json, Matrix, Run, User
from osgrepro.pool import condor
from osgrepro.results import records
from osgrepro.runs import workspace
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.delivery import Submitted, submit
from osgrepro.workflow.runs.sending import Delivery

EPS = ("host", "threads4", "threads8", "gpu")

# Trains nothing, and tells the truth about where it ran.
STAND_IN = r"""
import hashlib, json, os, re, sys, time

words = dict(zip(sys.argv[2::2], sys.argv[3::2]))
with open(words["--spec"]) as file:
    spec = json.load(file)

def ad(name):
    found = {}
    for line in open(os.environ[name]):
        key, _, value = line.partition(" = ")
        try:
            found[key] = json.loads(value)
        except ValueError:
            found[key] = value.strip()
    return found

def model_name():
    with open("/proc/cpuinfo") as file:
        return re.search(r"^model name\s*:\s*(.*)$", file.read(), re.M).group(1)

job, machine = ad("_CONDOR_JOB_AD"), ad("_CONDOR_MACHINE_AD")
experiment = spec["experiments"][words["--experiment"]]
params = experiment["params"]
attempt = job["NumShadowStarts"]
if params.get("hole") == machine.get("OsgreproEP"):
    sys.exit(params["hole_code"])
eaten = bytearray(os.urandom(1 << 20)) * params.get("eat_mb", 0)
with open("filling", "wb") as file:
    for _ in range(params.get("fill_mb", 0)):
        file.write(os.urandom(1 << 20))
time.sleep(params.get("sleep_s", 0))
failed = params.get("fail", False)
bad_slot = params.get("bad_slot", False)
if params.get("no_result", False):
    sys.exit(0)
image = {}
if params.get("measure", False):
    inside = os.environ.get("APPTAINER_CONTAINER") or os.environ.get("SINGULARITY_CONTAINER") or ""
    path = os.path.join(os.path.dirname(os.path.abspath(words["--spec"])), os.path.basename(inside))
    with open(path, "rb") as file:
        image = {"sha256": hashlib.sha256(file.read()).hexdigest(), "sha256_source": "measured"}
loss = int(words["--run-id"][:6], 16) / 2**24 if params.get("distinct") else 0.5
now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
sections = ("process", "host", "cpu", "threads", "framework", "image", "data", "environment")
result = {
    "schema_version": 1,
    "run_id": words["--run-id"],
    "attempt": attempt,
    "batch": spec["batch"],
    "cluster": job["ClusterId"],
    "proc": job["ProcId"],
    "status": "failed" if failed or bad_slot else "ok",
    "exit_code": 30 if bad_slot else 10 if failed else 0,
    "exception": {"type": "Asked", "message": "as asked", "traceback": None}
    if failed or bad_slot else None,
    "definition": {
        "campaign": spec["campaign"], "experiment": words["--experiment"],
        "entry": experiment["entry"], "code_sha256": experiment["code_sha256"],
        "params": params, "data": experiment["data"], "software": spec["software"]["name"],
        "image_sha256": spec["software"]["image_sha256"], "hardware": words["--hardware"],
        "seed": int(words["--seed"]), "threads": spec["threads"], "repeat": int(words["--repeat"]),
    },
    "metrics": {} if failed or bad_slot else {"loss": {"value": loss, "hex": loss.hex()}},
    "primary": "loss",
    "fingerprints": {},
    "provenance": {
        **{name: {} for name in sections}, "libraries": [], "gpus": [], "sample_data": False,
        "cpu": {"model_name": model_name()},
        "image": image,
        "emulation": {
            "emulated": False, "what": [],
            "simulated_gpu": machine.get("OsgreproSimulatedGpu") is True,
        },
        "machine_ad": machine,
        "job_ad": {k: v for k, v in job.items() if k in ("WantContainer", "OsgreproHardware")},
    },
    "timings": {"started_at": now, "ended_at": now, "wall_s": 0.0},
    "payload": {"version": "stand-in", "sha256": None},
}
text = json.dumps(result, sort_keys=True, separators=(",", ":"))
result["checksum"] = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
for stray in params.get("strays", "").split():
    os.makedirs(os.path.dirname(stray) or ".", exist_ok=True)
    open(stray, "w").write("not mine")
with open(words["--result"], "w") as file:
    json.dump(result, file)
sys.exit(result["exit_code"])
"""


def build_payload(target: Path) -> str:
    """Write the stand-in where the payload would be, and return its sha256."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py", (2026, 1, 1, 0, 0, 0)), STAND_IN)
    with beside(target) as part:
        part.write_bytes(content.getvalue())
    return hashlib.sha256(content.getvalue()).hexdigest()


def expand(
    repeats: int = 12,
    hardware: tuple[str, ...] = EPS,
    options: Mapping[str, int] | None = None,
    requirements: str | None = None,
    proves: str | None = None,
    **params: Any,
) -> Matrix:
    """Return a campaign that asks for each of the mini-pool's execution points by its name."""
    content = {
        "campaign": {"name": "trial", "repeats": repeats},
        "experiment": [
            {
                "name": "stand-in",
                "entry": "experiments.mnist_convnet:run",
                "params": params,
                "metrics": ["loss"],
                "primary": "loss",
            }
        ],
        "software": [{"name": "tf"}],
        "submit": dict(options or {}),
        "hardware": [
            {
                "name": name,
                "requirements": requirements or f'TARGET.OsgreproEP == "{name}"',
                "request_memory_mb": 256,
                "request_disk_mb": 1024,
            }
            | ({"gpus": {"count": 1, "device": "A100"}} if name == "gpu" else {})
            | ({"proves": proves} if proves else {})
            for name in hardware
        ],
    }
    parsed = campaign.parse(content, "trial.toml")
    code = {"stand-in": Code(entry=parsed.experiments[0].entry, sha256="c" * 64)}
    return matrix.expand(parsed, code=code, data={"stand-in": ()})


def images(location: Path | str) -> dict[str, Image]:
    """Return the campaign's one image."""
    return {"tf": Image(software="tf", location=str(location), sha256=None)}


def result(
    matrix_: Matrix, run: Run, batch: str, *, cluster: int, proc: int, **changes: Any
) -> Json:
    """Return what the stand-in would return for a run, sealed."""
    sections = ("process", "host", "cpu", "threads", "framework", "image", "data", "environment")
    content = {
        "schema_version": 1,
        "run_id": run.run_id,
        "attempt": 1,
        "batch": batch,
        "cluster": cluster,
        "proc": proc,
        "status": "ok",
        "exit_code": 0,
        "exception": None,
        "definition": records.expected_definition(matrix_, run, None),
        "metrics": {"loss": {"value": 0.5, "hex": (0.5).hex()}},
        "primary": "loss",
        "fingerprints": {},
        "provenance": {name: {} for name in sections}
        | {
            "libraries": [],
            "gpus": [],
            "emulation": {"emulated": False, "what": [], "simulated_gpu": run.hardware == "gpu"},
            "machine_ad": {"Name": f"slot1@{run.hardware}"},
            "job_ad": None,
            "sample_data": False,
        },
        "timings": {
            "started_at": "2026-11-23T05:00:00Z",
            "ended_at": "2026-11-23T05:00:01Z",
            "wall_s": 1.0,
        },
        "payload": {"version": "stand-in", "sha256": None},
    } | changes
    if content["status"] == "failed" and content["exception"] is None:
        content["exception"] = {"type": "Asked", "message": "as asked", "traceback": None}
    return content | {"checksum": records.checksum(content)}


def source(content: Json) -> records.Source:
    """Return the file in which such a result comes back."""
    name = ".".join(str(content[part]) for part in ("run_id", "cluster", "proc", "attempt"))
    return records.Source(file=f"{name[:2]}/{name}.json", size_bytes=1, modified_ns=1)


def opened(root: Path) -> Workspace:
    """Return the campaign's folder."""
    return workspace.open_workspace(root, "trial", "trial.toml")


def delivery(made: Workspace, queue: Any, owner: User | None, **changes: Any) -> Delivery:
    """Return how the campaign is delivered: nothing to stage, the stand-in for the payload."""
    given: dict[str, Any] = {
        "workspace": made,
        "queue": queue,
        "stage": lambda _matrix, _folder: None,
        "build_payload": build_payload,
        "owner": owner,
        "patience_s": 5,
        "common_files": True,
    }
    return Delivery(**(given | changes))


def die() -> None:
    """End this process as nothing can catch."""
    os.kill(os.getpid(), 9)


class _OnTheWay:
    """Answers as the access point behind it, but for what a subclass changes."""

    def __init__(self, queue: condor.Schedd) -> None:
        self.queue = queue

    def __getattr__(self, name: str) -> Any:
        return getattr(self.queue, name)


class LateQueue(_OnTheWay):
    """An access point that doesn't stage common files, so that clusters are materialized late."""

    takes_common_input = False


class DyingQueue(_OnTheWay):
    """An access point whose user dies before or after the ``number``-th submission from here on."""

    def __init__(self, queue: condor.Schedd, moment: str, number: int) -> None:
        super().__init__(queue)
        self.moment, self.left = moment, number

    def submit(self, description: str, count: int) -> int:
        """Submit, or die before or after it."""
        self.left -= 1
        if self.left == 0 and self.moment == "before-submit":
            die()
        cluster = self.queue.submit(description, count)
        if self.left == 0 and self.moment == "after-submit":
            die()
        return cluster


class DyingWorkspace(Workspace):
    """A folder whose user dies in the middle of writing a commit."""

    def note(self, entry: Any) -> None:
        """Append an entry, or half of it."""
        if entry["event"] == "commit":
            with self.journal_file.open("ab") as file:
                file.write(b'{"event":"comm')
            die()
        super().note(entry)


def main(argv: list[str]) -> Submitted:
    """Submit to the pool of the configuration, and die at the moment."""
    config, root, image, uid, gid, repeats, moment, number = argv
    schedd = condor.connect(Path(config))
    made = opened(Path(root))
    if moment == "half-commit":
        made = DyingWorkspace(made.root)
    owner = User(name="pool", uid=int(uid), gid=int(gid))
    queue = DyingQueue(schedd, moment, int(number))
    stage = (lambda _matrix, _folder: die()) if moment == "stage" else lambda _matrix, _folder: None
    return submit(expand(int(repeats)), images(image), delivery(made, queue, owner, stage=stage))


if __name__ == "__main__":
    main(sys.argv[1:])
