"""What to do next follows from what is open, and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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


def moving(steady: Sequence[str] = ("new",), **changes: object) -> list[str]:
    """Return the steps where repeats differ on two GPUs with each image that is not steady."""
    rows = [
        {
            "experiment": "mnist",
            "software": software,
            "hardware": hardware,
            "seed": 1,
            "repeat": repeat,
            "status": "ok",
            "gpu_name": "A40" if hardware in "ab" else None,
            "metric.accuracy": 0.5 + (hardware in "ab" and software not in steady) * repeat / 8,
            **changes,
        }
        for software in ("old", "new")
        for hardware in "abc"
        for repeat in range(5)
    ]
    section = next_steps(analyze(pd.DataFrame(rows)))
    return list(section.lines) if section else []


def test_an_image_with_which_repeats_agree_comes_first() -> None:
    assert moving()[0] == (
        "Use new on GPUs: with old repeats of mnist differ on a and b; with new they agree there "
        "in 5 runs a cell."
    )
    assert not any(line.startswith("Use") for line in moving(steady=("old", "new")))


def test_where_no_image_repeats_the_difference_is_to_be_found() -> None:
    first = moving(steady=())[0]
    assert first.startswith(
        "Find what differs: repeats of mnist differ on a and b with new and old, so that"
    )
    assert "`osgrepro diverge RUN_A RUN_B --campaign CAMPAIGN`" in first
    # Of an archive there is no result file to compare.
    imported = moving(steady=(), origin="old/tf/cpu/1/a.csv")[0]
    assert "diverge" not in imported
    assert "make its operations deterministic" in imported


def noisy(claim: Claim) -> str:
    """Return the steps after runs of two experiments that scatter by a point."""
    values = iter([0.90, 0.92, 0.91, 0.915, 0.905, 0.91] * 8)
    rows = [
        {
            "experiment": experiment,
            "software": "tf",
            "hardware": hardware,
            "seed": 1,
            "repeat": repeat,
            "status": "ok",
            "metric.accuracy": next(values),
        }
        for experiment in ("deep", "wide")
        for hardware in "ab"
        for repeat in range(5)
    ]
    section = next_steps(analyze(pd.DataFrame(rows), [claim]), Path("my.parquet"))
    assert section is not None
    return "\n".join(section.lines)


def test_an_undecided_equivalence_is_planned_with_its_margin() -> None:
    claim = Claim(name="c", a="deep", b="wide", metric="accuracy", test="equivalence", margin=0.002)
    text = noisy(claim)
    start, rest = "Decide deep.accuracy − wide.accuracy = 0 ± 0.002", ", open in 2 environments: "
    assert start in text
    assert rest in text
    assert "`osgrepro analyze my.parquet --plan margin=0.002`" in text


def test_experiments_of_which_the_same_is_true_share_a_step() -> None:
    text = noisy(Claim(name="c", a="deep", b="wide", metric="accuracy"))
    assert text.count("Find what differs: repeats of deep and wide differ on a and b with tf") == 1


def test_an_undecided_difference_says_what_more_runs_do() -> None:
    text = noisy(Claim(name="c", a="deep", b="wide", metric="accuracy", test="welch"))
    assert "open in 2 environments: four times as many repeats or seeds make" in text


def test_where_items_are_drawn_a_larger_test_set_decides_and_not_more_runs() -> None:
    claim = Claim(name="good", a="mnist", metric="accuracy", delta=0.5, test="proportions")
    text = steps(claims=[claim], test_set=50)
    assert "a test set four times as large makes its intervals half as wide" in text
    assert "four times as many repeats" not in text
