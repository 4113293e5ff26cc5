"""What to do next follows from what is open, and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from osgrepro.analysis import analyze
from osgrepro.common.models import Claim
from osgrepro.report.next_steps import next_steps


def steps(
    repeats: int = 2, seeds: Sequence[int] = (1,), claims: Sequence[Claim] = (), **changes: object
) -> str:
    """Return the steps after runs on four machines, two of which agree."""
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": hardware,
            "seed": seed,
            "repeat": repeat,
            "status": "ok",
            "cpu_vendor": "AMD" if hardware in "ab" else "Intel",
            "cpu_model_name": f"model {hardware}",
            "cpu_avx512f": hardware in "cd",
            "metric.accuracy": 0.5 + (hardware in "ab") / 8 + seed / 64,
            **changes,
        }
        for hardware in "abcd"
        for seed in seeds
        for repeat in range(repeats)
    ]
    section = next_steps(analyze(pd.DataFrame(rows), claims))
    return "\n".join(section.lines) if section else ""


def test_a_conclusion_is_asked_for_until_there_is_one() -> None:
    claim = Claim(name="good", a="mnist", metric="accuracy", delta=0.1)
    assert "Say what you conclude" in steps()
    assert "Say what you conclude" not in steps(claims=[claim])


def test_repeats_are_asked_for_by_what_they_would_say() -> None:
    assert "Repeat: 4 cells can't say" in steps(repeats=1)
    assert "Repeat more: " in (few := steps(repeats=5))
    assert "up to 52.7 %" in few
    assert "Repeat" not in steps(repeats=60)


def test_runs_that_nothing_seeded_ask_for_a_seed_and_not_for_a_second_run() -> None:
    told = steps(repeats=3, seeded=False)
    assert "Seed: nothing set the random numbers of runs of 4 cells" in told
    assert "Repeat" not in told


def test_repeats_that_recorded_nothing_ask_for_a_record() -> None:
    told = steps(**{"metric.accuracy": None})
    assert "Record more: repeats of 4 cells have nothing" in told
    assert "Repeat" not in told


def test_one_seed_asks_for_more() -> None:
    assert "Run more than one seed" in steps()
    assert "Run more than one seed" not in steps(seeds=(1, 2))


def test_two_explanations_ask_for_the_machine_that_tells_them_apart() -> None:
    told = steps()
    assert "Find a machine with" in told
    assert "it would tell the explanations of mnist apart." in told
    assert "Test the explanation" in told


def test_nothing_follows_from_nothing() -> None:
    assert steps(status="failed") == ""
