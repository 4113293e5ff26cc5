"""``collect`` and ``status`` of runs whose jobs and results say hostile things."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hostile
import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.cli.runs import runs
from osgrepro.cli.runs import status as status_command
from osgrepro.common.models import RunState
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.results import collecting, collection
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.monitoring import coverage
from osgrepro.workflow.runs.monitoring.status import of_runs

MATRIX = trial.expand(4, ("host",), proves='cpu_model_name == "honest"')
IMAGES = trial.images("/images/tf.sif")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Submit four runs; return what ends them as a test wants, and let the commands find them."""
    made = trial.opened(tmp_path / "trial.runs")
    queue, logs = FakeQueue(), FakeLogs()
    delivery = trial.delivery(made, queue, None, open_log=logs.open)
    (batch,) = submit(MATRIX, IMAGES, delivery).batches

    def put(proc: int, content: Any = None, name: str = "", **changes: Any) -> None:
        run = MATRIX.runs[proc]
        if content is None:
            content = trial.result(MATRIX, run, batch.batch, cluster=1, proc=proc, **changes)
        file = made.results / run.run_id[:2] / (name or f"{run.run_id}.1.{proc}.1.json")
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        logs.add(batch.batch, "EXECUTE", 1, proc, Name="slot1@host")
        logs.add(batch.batch, "JOB_TERMINATED", 1, proc)
        queue.set(batch.batch, proc, None)

    def harvest(loaded: Any, place: Any, access: Any, *, notify: Any) -> collecting.Harvest:
        collected = collection.collect(
            MATRIX, IMAGES, made, open_log=logs.open, clock=lambda: 2e9, notify=notify
        )
        return collecting.Harvest(
            collected=collected,
            now=of_runs(MATRIX, made, queue),
            in_dataset=collected.taken,
            dataset=made.dataset_file,
            rejected=made.rejected_file,
        )

    loaded = Loaded(source="trial.toml", path=tmp_path / "trial.toml", matrix=MATRIX)
    for command in (runs, status_command):
        monkeypatch.setattr(command, "load", lambda _source: loaded)
    monkeypatch.setattr(runs.workspaces, "of", lambda *_args, **_options: made)
    access = SimpleNamespace(schedd=queue, pool=None)
    monkeypatch.setattr(runs.pools, "access", lambda _choice: access)
    monkeypatch.setattr(coverage.feasibility, "slots", lambda _matrix, _access: ())
    monkeypatch.setattr(runs.collecting, "collect", harvest)
    return SimpleNamespace(put=put, queue=queue, batch=batch.batch)


@pytest.mark.parametrize("text", hostile.TEXTS.values(), ids=list(hostile.TEXTS))
def test_it_is_shown_and_never_obeyed(osgrepro: Any, shelf: Any, text: str) -> None:
    honest = trial.result(MATRIX, MATRIX.runs[0], shelf.batch, cluster=1, proc=0)["provenance"]
    honest["cpu"] = {"model_name": "honest"}
    failed = {"type": text, "message": f"first\n{text}", "traceback": text}
    shelf.put(0, status="failed", exit_code=10, metrics={}, exception=failed, provenance=honest)
    shelf.put(1, provenance={**honest, "cpu": {"model_name": text}})
    shelf.put(
        2,
        b'{"' + text.encode() + b'"',
        name=f"{text[:40]}.json".replace("/", "|").replace("\x00", ""),
    )
    shelf.queue.set(shelf.batch, 3, RunState.HELD, hold_reason=text, hold_code=12)
    part = hostile.dense(hostile.shown(text))[:20]
    for argv in (("collect", "trial"), ("status", "trial"), ("status", "trial", "--coverage")):
        said = osgrepro(*argv)
        assert said.code == 0, said.err
        assert "Traceback" not in said.err
        assert hostile.harmless(said.out)
        assert hostile.harmless(said.err)
        assert part in hostile.dense(said.out + said.err)
        assert not any(line.startswith("osgrepro: ") for line in said.err.splitlines())
    told = osgrepro("status", "trial", "--json")
    assert hostile.harmless(told.out)
    assert json.loads(told.out)["held"][0]["reason"] == text
