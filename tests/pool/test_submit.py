"""Submission and collection on a real pool: nothing is lost, nothing twice, slots are right."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import trial

from osgrepro.common.models import RunState
from osgrepro.pool import condor, minipool
from osgrepro.results import dataset
from osgrepro.workflow import loading
from osgrepro.workflow.campaign import planning
from osgrepro.workflow.results.collection import collect
from osgrepro.workflow.runs.delivery import due, submit
from osgrepro.workflow.runs.monitoring import usage, watching
from osgrepro.workflow.runs.monitoring.coverage import coverage
from osgrepro.workflow.runs.monitoring.event_logs import read_logs
from osgrepro.workflow.runs.monitoring.status import of_runs
from osgrepro.workflow.runs.monitoring.waiting import wait

pytestmark = [pytest.mark.pool, pytest.mark.timeout(900)]


@contextmanager
def open_folder():
    """A folder that the pool's user may enter, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="osgrepro-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def pool(image):
    with open_folder() as directory:
        yield from running_pool(directory, image)


def running_pool(directory, image, **settings):
    try:
        made = minipool.up(minipool.Settings(directory=directory, memory_mb=2048, **settings))
        made.expose(image.parent)
        yield made
    finally:
        minipool.down(directory)


@pytest.fixture
def schedd(pool):
    return condor.connect(pool.config)


@pytest.fixture
def made(pool):
    with open_folder() as folder:
        opened = trial.opened(folder / "trial.runs")
        pool.expose(opened.root)
        yield opened


def results_of(folder):
    return [found.file for found in folder.returned_files()]


def test_every_run_returns_from_the_hardware_that_it_asked_for(pool, schedd, made, image):
    matrix = trial.expand(repeats=2)
    delivery = trial.delivery(made, schedd, pool.enclosure.user)
    done = submit(matrix, trial.images(image), delivery)
    assert [batch.count for batch in done.batches] == [6, 2]
    assert submit(matrix, trial.images(image), delivery).runs == 0

    tally = wait(made, schedd)
    assert tally.counts == {RunState.RETURNED: 8}
    assert collect(matrix, trial.images(image), made).taken == 8
    rows = dataset.read(made.dataset_file).to_pylist()
    assert {row["hardware"]: row["execution_point"] for row in rows} == {
        name: name for name in trial.EPS
    }
    assert all(row["container"] for row in rows)
    assert all(row["slot"].split("@")[1] == row["hardware"] for row in rows)

    before = made.dataset_file.stat().st_ino
    again = collect(matrix, trial.images(image), made)
    assert (again.taken, dict(again.rejected), again.pending) == (0, {}, 0)
    assert made.dataset_file.stat().st_ino == before
    assert of_runs(matrix, made, schedd).counts == {RunState.DONE: 8}
    assert submit(matrix, trial.images(image), delivery).runs == 0


def test_rows_that_are_materialized_late_keep_their_own_hardware(pool, schedd, made, image):
    matrix = trial.expand(2, options={"max_idle": 1, "max_materialize": 2})
    delivery = trial.delivery(made, trial.LateQueue(schedd), pool.enclosure.user)
    submit(matrix, trial.images(image), delivery)
    waiting = of_runs(matrix, made, schedd).counts
    assert sum(waiting.values()) == waiting[RunState.IDLE] + waiting[RunState.RUNNING] == 8
    assert submit(matrix, trial.images(image), delivery).runs == 0
    assert wait(made, schedd).counts == {RunState.RETURNED: 8}
    assert collect(matrix, trial.images(image), made).taken == 8
    for row in dataset.read(made.dataset_file).to_pylist():
        assert row["execution_point"] == row["hardware"]


@pytest.fixture(scope="module")
def lying_pool(image):
    """One execution point whose machine ad claims a model that /proc/cpuinfo doesn't tell."""
    claims = {"OSGVO_CPU_MODEL": '"AMD EPYC 7302"'}
    with open_folder() as directory:
        eps = (minipool.ExecutionPoint(name="host", attributes=claims),)
        yield from running_pool(directory, image, eps=eps)


def test_a_machine_that_lies_about_its_model_is_not_counted_for_the_cell(lying_pool, image):
    requirements = 'regexp("EPYC 7302", OSGVO_CPU_MODEL)'
    proves = 'regexp("EPYC 7302", cpu_model_name)'
    (told,) = re.findall(r"(?m)^model name\s*: (.*)$(?s:.*)", Path("/proc/cpuinfo").read_text())
    if "EPYC 7302" in told:
        pytest.skip("this machine is the very model that the execution point claims to be")
    schedd = condor.connect(lying_pool.config)
    matrix = trial.expand(2, ("host",), requirements=requirements, proves=proves)
    with open_folder() as folder:
        made = trial.opened(folder / "trial.runs")
        lying_pool.expose(made.root)
        delivery = trial.delivery(made, schedd, lying_pool.enclosure.user)
        submit(matrix, trial.images(image), delivery)
        assert wait(made, schedd).counts == {RunState.RETURNED: 2}
        collected = collect(matrix, trial.images(image), made)
        assert (collected.taken, dict(collected.rejected)) == (0, {"landed-elsewhere": 2})
        rows = dataset.rejected(made.rejected_file)
        assert {row["message"] for row in rows} == {f'cpu_model_name = "{told}": not host'}
        assert of_runs(matrix, made, schedd).counts == {RunState.ELSEWHERE: 2}

        # Due again; and told what the machine really is, the cell is proved by what came before.
        assert submit(matrix, trial.images(image), delivery).runs == 2
        wait(made, schedd)
        proves = f'cpu_model_name == "{told}"'
        honest = trial.expand(2, ("host",), requirements=requirements, proves=proves)
        assert collect(honest, trial.images(image), made).taken == 2
        assert of_runs(honest, made, schedd).counts == {RunState.DONE: 2}


def test_a_job_that_no_slot_matches_starves_its_cell(pool, schedd, made, image):
    matrix = trial.expand(2, ("host",), requirements='OsgreproEP == "nowhere"')
    delivery = trial.delivery(made, schedd, pool.enclosure.user)
    done = submit(matrix, trial.images(image), delivery)
    now = of_runs(matrix, made, schedd)
    later_s = time.time() + 31 * 3600
    (cell,) = coverage(matrix, made, now, now_s=later_s)
    assert cell.counts == {"starved": 2}
    assert cell.why == ("starved: no slot matched for 31 h",)
    (cell,) = coverage(matrix, made, now, now_s=later_s, starved_after_h=48)
    assert cell.counts == {"idle": 2}
    schedd.remove([batch.cluster for batch in done.batches], "test")
    until_gone(schedd, done.batches[0].batch)


def until_gone(schedd, batch):
    deadline_s = time.monotonic() + 300
    while schedd.live([batch]):
        assert time.monotonic() < deadline_s, "its jobs are still in the queue"
        time.sleep(0.5)


def killed_submit(pool, made, image, moment, repeats):
    user = pool.enclosure.user
    argv = [pool.config, made.root, image, user.uid, user.gid, repeats, moment, 1]
    return subprocess.run(
        [sys.executable, trial.__file__, *map(str, argv)],
        check=False,
        capture_output=True,
        text=True,
    )


def test_killed_at_any_moment_no_run_is_lost_and_none_runs_twice(pool, schedd, made, image):
    # The last one dies while it settles what the one before it left.
    for moment in ("stage", "before-submit", "after-submit", "half-commit"):
        done = killed_submit(pool, made, image, moment, 3)
        assert done.returncode == -9, done.stderr

    matrix = trial.expand(3)
    last = submit(matrix, trial.images(image), trial.delivery(made, schedd, pool.enclosure.user))
    assert [batch.count for batch in last.recovered] == [9]
    assert last.runs == 3

    assert wait(made, schedd).counts == {RunState.RETURNED: 12}
    files = results_of(made)
    assert len(files) == 12
    assert set(Counter(file[3:27] for file in files).values()) == {1}
    assert collect(matrix, trial.images(image), made).taken == 12
    assert len(dataset.taken(made.dataset_file)) == 12


def test_a_cluster_that_ended_unnoticed_is_found_in_its_log(pool, schedd, made, image):
    matrix = trial.expand(1)
    killed_submit(pool, made, image, "after-submit", 1)
    intent = made.journal()[-1]
    assert intent["event"] == "intent"
    until_gone(schedd, intent["batch"])
    done = submit(matrix, trial.images(image), trial.delivery(made, schedd, pool.enclosure.user))
    assert [batch.count for batch in done.recovered] == [3]
    assert done.runs == 1
    schedd.remove([batch.cluster for batch in done.batches], "test")


def test_a_bad_slot_is_tried_elsewhere_and_given_up_where_there_is_none(pool, schedd, made, image):
    matrix = trial.expand(1, ("host",), bad_slot=True)
    submit(matrix, trial.images(image), trial.delivery(made, schedd, pool.enclosure.user))
    tally = wait(made, schedd)
    assert tally.counts == {RunState.LOST: 1}
    assert collect(matrix, trial.images(image), made).taken == 1
    assert of_runs(matrix, made, schedd).counts == {RunState.FAILED: 1}


ANYWHERE = {"hardware": ("any",), "requirements": 'TARGET.OsgreproEP =!= ""'}


@pytest.mark.parametrize(("code", "state"), [(1, "not begun"), (137, "killed")])
def test_a_machine_that_fails_everything_costs_no_run(pool, schedd, made, image, code, state):
    matrix = trial.expand(8, **ANYWHERE, hole="threads4", hole_code=code)
    queue, user = trial.LateQueue(schedd), pool.enclosure.user
    # The other three may all be busy for a while.
    delivery = trial.delivery(made, queue, user, patience_s=120)
    (batch,) = submit(matrix, trial.images(image), delivery).batches
    assert wait(made, schedd).counts == {RunState.RETURNED: 8}, state
    assert collect(matrix, trial.images(image), made).taken == 8
    rows = dataset.read(made.dataset_file).to_pylist()
    assert "threads4" not in {row["execution_point"] for row in rows}
    logs = read_logs(made, condor.EventReader)
    starts = [logs.executions(batch.batch, batch.cluster, proc) for proc in range(8)]
    places = Counter(start.machine["OsgreproEP"] for run in starts for start in run)
    assert 1 <= places["threads4"] <= 5
    used = {place.site: (place.good, place.bad) for place in usage.places(logs)}
    assert used["threads4"] == (0, places["threads4"])
    assert sum(good for good, _ in used.values()) == 8
    told = {machine.machine for machine in usage.failing(logs)}
    assert told == ({"threads4"} if places["threads4"] >= usage.FAILS_EVERYTHING else set())


def test_watching_shows_runs_on_their_way_and_ends_with_the_last(pool, schedd, made, image):
    matrix = trial.expand(2, ("host", "threads4"), sleep_s=2)
    submit(matrix, trial.images(image), trial.delivery(made, schedd, pool.enclosure.user))
    seen = [now for now, _ in watching.looks(made, lambda: of_runs(matrix, made, schedd))]
    assert any(now.counts.get(RunState.RUNNING) for now in seen)
    assert seen[-1].counts == {RunState.RETURNED: 4}
    assert {job.phase for now in seen for job in now.jobs.values()} <= {
        None,
        "transferring",
        "blocked",
    }


def test_a_training_that_fails_at_once_fails_on_two_machines(pool, schedd, made, image):
    matrix = trial.expand(2, **ANYWHERE, fail=True)
    delivery = trial.delivery(made, trial.LateQueue(schedd), pool.enclosure.user)
    (batch,) = submit(matrix, trial.images(image), delivery).batches
    assert wait(made, schedd).counts == {RunState.RETURNED: 2}
    collect(matrix, trial.images(image), made)
    assert of_runs(matrix, made, schedd).counts == {RunState.FAILED: 2}
    logs = read_logs(made, condor.EventReader)
    for proc in range(2):
        starts = logs.executions(batch.batch, batch.cluster, proc)
        assert len({start.machine["OsgreproEP"] for start in starts}) == len(starts) == 2


def test_an_image_that_begins_nowhere_is_held_once_no_machine_is_left(
    pool, schedd, made, tiny_image
):
    pool.expose(tiny_image.parent)
    matrix = trial.expand(1, ("host",))
    delivery = trial.delivery(made, trial.LateQueue(schedd), pool.enclosure.user)
    (batch,) = submit(matrix, trial.images(tiny_image), delivery).batches
    deadline_s = time.monotonic() + 120
    while not (held := of_runs(matrix, made, schedd).held):
        assert time.monotonic() < deadline_s, "the job is not held"
        time.sleep(1)
    assert "the program did not begin (exit code 127)" in held[0].reason
    assert "needs python3" in held[0].advice
    schedd.remove([batch.cluster], "test")


@pytest.fixture(scope="module")
def returned(pool, image):
    """A campaign whose runs have all returned, and its event log as it is then."""
    matrix = trial.expand(4, ("host",))
    with open_folder() as folder:
        made = trial.opened(folder / "trial.runs")
        pool.expose(made.root)
        delivery = trial.delivery(made, condor.connect(pool.config), pool.enclosure.user)
        (batch,) = submit(matrix, trial.images(image), delivery).batches
        assert wait(made, delivery.queue).counts == {RunState.RETURNED: 4}
        log = made.event_log(batch.batch)
        yield matrix, made, log, log.read_bytes()


@pytest.mark.parametrize("damage", ["deleted", "halved", "zeros", "begun-anew"])
def test_an_event_log_is_not_the_only_one_who_knows(returned, schedd, image, damage):
    matrix, made, log, content = returned
    made.dataset_file.unlink(missing_ok=True)
    half = len(content) // 2
    if damage == "deleted":
        log.unlink()
    else:
        log.write_bytes(
            {
                "halved": content[:half],
                "zeros": content[:half] + b"\0" * 4096 + content[half + 4096 :],
                "begun-anew": b"",
            }[damage]
        )
    shutil.rmtree(made.root / "cache", ignore_errors=True)
    job_ads = partial(condor.starts, schedd)
    # By a log that lacks their ends, jobs may still be writing what is so fresh.
    later = partial(collect, matrix, trial.images(image), made, clock=lambda: time.time() + 600)
    assert later(job_ads=job_ads).taken == 4
    placed_by = Counter(row["placed_by"] for row in dataset.read(made.dataset_file).to_pylist())
    assert placed_by["job ad"] >= 1
    assert placed_by["job ad"] + placed_by["event log"] == 4
    assert of_runs(matrix, made, schedd).counts == {RunState.DONE: 4}

    # The history is gone, too.
    made.dataset_file.unlink()
    assert later().taken == 4
    assert of_runs(matrix, made, None).counts == {RunState.DONE: 4}


def test_a_job_that_wrote_no_result_is_told_of_as_such(pool, schedd, made, image):
    matrix = trial.expand(1, ("host",), no_result=True)
    submit(matrix, trial.images(image), trial.delivery(made, schedd, pool.enclosure.user))
    assert wait(made, schedd).counts == {RunState.RETURNED: 1}
    assert dict(collect(matrix, trial.images(image), made).rejected) == {"no-result": 1}
    assert of_runs(matrix, made, schedd).counts == {RunState.REJECTED: 1}


def test_an_image_without_python_is_held_for_good_and_says_why(pool, schedd, made, tiny_image):
    pool.expose(tiny_image.parent)
    matrix = trial.expand(1, ("host",))
    delivery = trial.delivery(made, schedd, pool.enclosure.user)
    done = submit(matrix, trial.images(tiny_image), delivery)
    assert wait(made, schedd).counts == {RunState.HELD: 1}
    (held,) = of_runs(matrix, made, schedd).held
    assert (held.code, "(exit code 127)" in held.reason) == (3, True)
    assert "needs python3" in held.advice
    # What the advice says: the job is removed, and the run is due again.
    schedd.remove([batch.cluster for batch in done.batches], "test")
    until_gone(schedd, done.batches[0].batch)
    assert dict(collect(matrix, trial.images(tiny_image), made).rejected) == {"no-result": 1}
    assert due(matrix, of_runs(matrix, made, schedd)).runs == matrix.runs


@pytest.mark.parametrize(
    ("takes", "reason", "command"),
    [
        ("eat_mb", "memory usage exceeded", "retry JOBS --memory"),
        ("fill_mb", "disk usage exceeded", "retry JOBS --disk"),
    ],
)
def test_a_run_that_takes_more_than_it_asked_for_is_held(
    pool, schedd, made, image, takes, reason, command
):
    matrix = trial.expand(1, ("host",), sleep_s=60, **{takes: 1500})
    delivery = trial.delivery(made, schedd, pool.enclosure.user)
    (batch,) = submit(matrix, trial.images(image), delivery).batches
    assert wait(made, schedd).counts == {RunState.HELD: 1}
    (held,) = of_runs(matrix, made, schedd).held
    assert reason in held.reason
    assert command in held.advice
    schedd.remove([batch.cluster], "test")


def test_a_run_that_takes_more_memory_gets_what_the_campaign_grants(pool, schedd, made, image):
    matrix = trial.expand(1, ("host",), {"retry_request_memory_mb": 2048}, sleep_s=15, eat_mb=1000)
    delivery = trial.delivery(made, trial.LateQueue(schedd), pool.enclosure.user)
    submit(matrix, trial.images(image), delivery)
    assert wait(made, schedd).counts == {RunState.RETURNED: 1}
    assert collect(matrix, trial.images(image), made).taken == 1


def test_what_a_job_leaves_beside_its_result_lands_nowhere(pool, schedd, made, image):
    other = trial.expand(2, ("host",)).runs[1].run_id
    strays = f"results/{other[:2]}/{other}.1.0.1.json ../results/x.json stray.json"
    matrix = trial.expand(1, ("host",), strays=strays)
    submit(matrix, trial.images(image), trial.delivery(made, schedd, pool.enclosure.user))
    wait(made, schedd)
    (run,) = matrix.runs
    assert [file[3:27] for file in results_of(made)] == [run.run_id]
    assert list(made.landing.iterdir()) == []
    assert collect(matrix, trial.images(image), made).taken == 1


def test_collecting_while_jobs_return_takes_each_once(pool, schedd, made, image):
    matrix = trial.expand(4, ("host", "threads4"), sleep_s=1)
    submit(matrix, trial.images(image), trial.delivery(made, schedd, pool.enclosure.user))
    taken = []
    wait(made, schedd, every=lambda _: taken.append(collect(matrix, trial.images(image), made)))
    taken.append(collect(matrix, trial.images(image), made))
    assert sum(one.taken for one in taken) == 8
    assert not any(one.rejected for one in taken)


def test_the_study_is_accepted_by_condor_submit(pool):
    with open_folder() as folder:
        assert dry_run_procs(pool, folder) == 780


def dry_run_procs(pool, folder):
    planned = planning.plan(loading.load("osg-2022"))
    planning.write(planned, folder / "out")
    subprocess.run(["chmod", "-R", "a+rwX", str(folder)], check=True)
    procs = 0
    for description in sorted((folder / "out" / "submit").glob("*/*.sub")):
        argv = ["condor_submit", "-dry-run", "/dev/null", description.name]
        command = pool.enclosure.command(argv, binds=[folder], cwd=description.parent)
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        procs += int(done.stdout.split(" job(s) dry-run")[0].split()[-1])
    return procs
