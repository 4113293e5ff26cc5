"""A whole campaign during which something goes wrong every few seconds, drawn by a printed seed.

``OSGREPRO_FAULT_RUNS`` says how many runs it has, 780 as the study of 2022 by default, and
``OSGREPRO_FAULT_SEED`` which faults are drawn. All of them have tests of their own; here they meet.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import htcondor2
import pytest
import trial

from osgrepro.common.errors import OsgreproError
from osgrepro.common.models import RunState
from osgrepro.results import dataset

pytestmark = [pytest.mark.pool, pytest.mark.slow, pytest.mark.timeout(5400)]

RUNS = int(os.environ.get("OSGREPRO_FAULT_RUNS", "780"))
SEED = int(os.environ.get("OSGREPRO_FAULT_SEED", str(random.SystemRandom().randrange(10_000))))
PARTS = (
    *("condor_starter", "condor_shadow", "condor_startd"),
    *("condor_schedd", "condor_negotiator", "condor_collector"),
)
# Between two faults a pool comes to itself; a schedd that is killed again and again backs off.
_PAUSE_S = (4.0, 20.0)
# What is kept of a run in the dataset whatever happened on its way.
_KEPT = ("experiment", "hardware", "software", "seed", "repeat", "status", "primary_value")


class Faults:
    """What may go wrong beside the death of a daemon; ``draw`` chooses where."""

    def __init__(self, bench, draw: random.Random) -> None:
        self.bench, self.draw, self.workspace = bench, draw, bench.workspace

    def journal_lost(self) -> None:
        self.workspace.journal_file.unlink(missing_ok=True)

    def dataset_lost(self) -> None:
        self.workspace.dataset_file.unlink(missing_ok=True)

    def cache_garbled(self) -> None:
        for cache in self.workspace.root.glob("cache/*"):
            cache.write_bytes(self.draw.randbytes(100))

    def result_halved(self) -> None:
        files = [self.workspace.results / known.file for known in self.workspace.returned_files()]
        if files:
            chosen = self.draw.choice(files)
            content = chosen.read_bytes()
            chosen.write_bytes(content[: len(content) // 2])

    def event_log_lost(self) -> None:
        self.workspace.event_log(self.draw.choice(self.workspace.event_batches())).unlink()

    def submitted_twice_at_once(self) -> None:
        def send(_number: int) -> None:
            with contextlib.suppress(OsgreproError):  # one of them finds the folder locked
                self.bench.send()

        with ThreadPoolExecutor(2) as both:
            list(both.map(send, range(2)))

    def all_held_and_released(self) -> None:
        self.bench.act(htcondor2.JobAction.Hold)
        time.sleep(1)
        self.bench.act(htcondor2.JobAction.Release)

    def all_vacated(self) -> None:
        self.bench.act(htcondor2.JobAction.Vacate)

    def a_tenth_removed(self) -> None:
        self.bench.remove_some(self.draw.randrange(10))

    def by_name(self) -> dict[str, Callable[[], object]]:
        """Return each fault with its name."""
        names = [name for name in vars(Faults) if not name.startswith("_") and name != "by_name"]
        return {
            **{name.replace("_", " "): getattr(self, name) for name in names},
            **{f"{part} killed": partial(self.bench.kill_now, part) for part in PARTS},
        }


def test_a_campaign_comes_out_whole_whatever_happens(bench, ended):
    say = logging.getLogger(__name__).warning  # with -o log_cli=true as it happens
    say("OSGREPRO_FAULT_RUNS=%s OSGREPRO_FAULT_SEED=%s", RUNS, SEED)
    draw = random.Random(SEED)
    bench.matrix = trial.expand(RUNS // len(trial.EPS), distinct=True)
    assert bench.send() == len(bench.matrix.runs)
    bench.fault()
    happened, faults = [], sorted(Faults(bench, draw).by_name().items())
    while not bench.nearly_done(0.95):
        name, fault = draw.choice(faults)
        say("%s", name)
        with contextlib.suppress(OsgreproError, htcondor2.HTCondorException):
            fault()
            happened.append(name)
        time.sleep(draw.uniform(*_PAUSE_S))
    bench.let_go()
    kinds = len(set(happened))
    ended(f"{len(happened)} faults of {kinds} kinds at random, seed {SEED}", f"{RUNS} runs return")

    rows = dataset.read(bench.workspace.dataset_file, ["run_id", *_KEPT]).to_pylist()
    undisturbed = {
        run.run_id: (*run.cell, run.seed, run.repeat, "ok", int(run.run_id[:6], 16) / 2**24)
        for run in bench.matrix.runs
    }
    assert len(rows) == len(undisturbed)
    assert {row["run_id"]: tuple(row[name] for name in _KEPT) for row in rows} == undisturbed
    assert bench.status().counts == {RunState.DONE: len(bench.matrix.runs)}
