"""What became of a run, in the order of its jobs and attempts; and which run is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.common.errors import UsageError
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.monitoring import run_logs
from osgrepro.workflow.runs.monitoring.run_logs import RunLog

MATRIX = trial.expand(2, ("host", "threads4"))
LOADED = Loaded(source="trial.toml", path=Path("trial.toml"), matrix=MATRIX)
RUN = MATRIX.runs[1].run_id


class Bench:
    """A run with two jobs: the first was evicted and removed, the second ended."""

    def __init__(self, root: Path) -> None:
        self.place, self.logs, queue = trial.opened(root), FakeLogs(), FakeQueue()
        delivery = trial.delivery(self.place, queue, None, open_log=self.logs.open)
        (first,) = submit(MATRIX, trial.images("/i.sif"), delivery).batches
        queue.set(first.batch, 1, None)
        (second,) = submit(MATRIX, trial.images("/i.sif"), delivery).batches
        for kind in ("SUBMIT", "EXECUTE", "IMAGE_SIZE", "JOB_EVICTED", "EXECUTE", "JOB_ABORTED"):
            self.logs.add(first.batch, kind, 1, 1, Machine="n1")
            self.logs.add(first.batch, kind, 1, 0)
        for kind in ("SUBMIT", "EXECUTE", "JOB_TERMINATED"):
            self.logs.add(second.batch, kind, 2, 0)

    def read(self, name: str = RUN) -> RunLog:
        return run_logs.of_run(LOADED, self.place, name, open_log=self.logs.open)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "trial.runs")


def written(place: Workspace, name: str, content: bytes) -> Path:
    folder = place.logs / RUN[:2]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{RUN}.{name}").write_bytes(content)
    return folder / f"{RUN}.{name}"


def test_jobs_and_attempts_stand_in_their_order(bench: Bench) -> None:
    told = bench.read()
    assert (told.run, [job.name for job in told.jobs]) == (MATRIX.runs[1], ["1.1", "2.0"])
    kinds = [
        [(attempt.number, [event.kind for event in attempt.events]) for attempt in job.attempts]
        for job in told.jobs
    ]
    assert kinds == [
        [(0, ["SUBMIT"]), (1, ["EXECUTE", "JOB_EVICTED"]), (2, ["EXECUTE", "JOB_ABORTED"])],
        [(0, ["SUBMIT"]), (1, ["EXECUTE", "JOB_TERMINATED"])],
    ]


def test_output_is_read_line_by_line_or_from_its_end(bench: Bench) -> None:
    path = written(bench.place, "1.1.out", b"one\n\xfftwo\tx\nthree")
    out, err = bench.read().jobs[0].outputs
    assert (out.stream, out.path) == ("stdout", path)
    assert list(out.lines()) == ["one", "\ufffdtwo    x", "three"]
    assert list(out.lines(2)) == ["\ufffdtwo    x", "three"]
    with pytest.raises(FileNotFoundError):
        list(err.lines())


def test_no_link_is_followed(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("mine")
    folder = written(bench.place, "9.9.out", b"").parent
    (folder / f"{RUN}.1.1.err").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match=r"\.err"):
        list(bench.read().jobs[0].outputs[1].lines())


def test_results_are_those_of_the_job(bench: Bench) -> None:
    folder = bench.place.results / RUN[:2]
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("1.1.10", "1.1.2", "2.0.1", "1.10.1"):
        (folder / f"{RUN}.{name}.json").write_text("{}")
    first, second = bench.read().jobs
    assert [path.name for path in first.results] == [f"{RUN}.1.1.2.json", f"{RUN}.1.1.10.json"]
    assert [path.name for path in second.results] == [f"{RUN}.2.0.1.json"]


def test_a_run_is_named_by_what_no_other_begins_with(bench: Bench) -> None:
    digits = next(
        number
        for number in range(1, 25)
        if sum(run.run_id.startswith(RUN[:number]) for run in MATRIX.runs) == 1
    )
    assert bench.read(RUN[:digits]).run_id == RUN


@pytest.mark.parametrize("name", ["", "zz", RUN[:3] + "z"])
def test_a_run_that_there_is_not_is_a_mistake(bench: Bench, name: str) -> None:
    with pytest.raises(UsageError, match="no such run") as refused:
        bench.read(name)
    assert (RUN in refused.value.message) is name.startswith(RUN[:3])


def test_an_ambiguous_run_is_told_with_the_candidates(bench: Bench) -> None:
    whole = trial.expand(60, ("host",))
    loaded = Loaded(source="trial.toml", path=Path("trial.toml"), matrix=whole)
    firsts = [run.run_id[0] for run in whole.runs]
    common = max(firsts, key=firsts.count)
    with pytest.raises(UsageError, match=f"{common}: .* runs begin so: {common}") as refused:
        run_logs.of_run(loaded, bench.place, common, open_log=bench.logs.open)
    assert "stand-in/host/tf, seed 1, repeat" in refused.value.message
    assert "give more" in refused.value.hint


def test_a_run_of_a_former_definition_is_found_too(bench: Bench) -> None:
    changed = Loaded(
        source="trial.toml", path=Path("trial.toml"), matrix=trial.expand(2, ("host",), sleep_s=1)
    )
    told = run_logs.of_run(changed, bench.place, RUN, open_log=bench.logs.open)
    assert (told.run, len(told.jobs)) == (None, 2)
