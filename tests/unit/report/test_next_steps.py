"""What to do next follows from what is open, and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import worlds

from osgrepro.analysis import analyze
from osgrepro.common.models import Claim
from osgrepro.report.next_steps import next_steps
from osgrepro.report.why import why


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
    assert "Repeat (new runs): 4 cells can't say" in steps(repeats=1)
    assert "Repeat more (new runs): " in (few := steps(repeats=5))
    assert "up to 52.7 %" in few
    assert "Repeat" not in steps(repeats=60)


def test_runs_that_nothing_seeded_ask_for_a_seed_and_not_for_a_second_run() -> None:
    told = steps(repeats=3, seeded=False)
    assert "Seed (new runs): nothing set the random numbers of runs of 4 cells" in told
    assert "Repeat" not in told


def test_repeats_that_recorded_nothing_ask_for_a_record() -> None:
    told = steps(**{"metric.accuracy": None})
    assert "Record more (new runs): repeats of 4 cells have nothing" in told
    assert "Repeat" not in told


def test_one_seed_asks_for_more() -> None:
    assert "Run more than one seed" in steps()
    assert "Run more than one seed" not in steps(seeds=(1, 2))


def caused(frame: pd.DataFrame) -> str:
    """Return the steps after runs on thirteen machines of known classes."""
    letters = {letter: number / 8 for number, letter in enumerate("ABCDEFGHIJKLM")}
    runs = worlds.in_tables(frame, 1)
    runs["metric.loss"] = runs["outcome"].map(letters)
    section = next_steps(analyze(runs))
    return "\n".join(section.lines) if section else ""


def test_explanations_are_tested_and_told_apart_where_why_gave_some() -> None:
    frame = worlds.with_cause(np.random.default_rng(1), ["cpu_avx512f"])
    told = caused(frame.assign(cpu_vnni_copy=frame["cpu_avx512f"]))
    assert "Test the explanation" in told
    # What fits four machines fits them by chance.
    assert "explanation" not in steps()


def test_a_machine_to_find_serves_only_explanations_that_why_gave() -> None:
    random = np.random.default_rng(5)
    frames = [worlds.without_cause(random) for _ in range(6)]
    for frame in frames:
        letters = {letter: number / 8 for number, letter in enumerate("ABCDEFGHIJKLM")}
        runs = worlds.in_tables(frame, 1)
        runs["metric.loss"] = runs["outcome"].map(letters)
        findings = analyze(runs)
        section = next_steps(findings)
        assert section is not None
        asked = any("the explanation" in line for line in section.lines)
        assert not asked or any("goes along with" in line for line in why(findings))


def test_nothing_follows_from_nothing() -> None:
    assert steps(status="failed") == ""


def moving(
    steady: Sequence[str] = ("new",), elsewhere: str = "", shifted: str = "", **changes: object
) -> list[str]:
    """Return the steps where repeats differ on two GPUs with each image that is not steady.

    With the new image, hardware ``elsewhere`` was another machine, and ``shifted`` ends otherwise.
    """
    if elsewhere:
        changes |= {"host": "n1"}
    rows = [
        {
            "experiment": "mnist",
            "software": software,
            "hardware": hardware,
            "seed": 1,
            "repeat": repeat,
            "status": "ok",
            "gpu_name": "A40" if hardware in "ab" else None,
            "metric.accuracy": 0.25 * (hardware == shifted)
            + 0.5
            + (hardware in "ab" and software not in steady) * repeat / 16,
            **changes,
            **({"host": "n2"} if (hardware, software) == (elsewhere, "new") else {}),
        }
        for software in ("old", "new")
        for hardware in "abc"
        for repeat in range(5)
    ]
    section = next_steps(analyze(pd.DataFrame(rows)))
    return list(section.lines) if section else []


def test_an_image_with_which_repeats_agree_is_no_more_than_that() -> None:
    start = (
        "Try new where repeats must agree (new runs): with old repeats of mnist differ on a and b; "
        "with new they agree in 5 runs a cell, "
    )
    assert f"{start}though not known to be on the same machine. That is of repeats alone." in (
        moving()
    )
    assert f"{start}on the same machine. That is of repeats alone." in moving(host="n1")
    assert not any(line.startswith("Try") for line in moving(steady=("old", "new")))


def test_the_machines_on_which_an_image_was_compared_are_named() -> None:
    line = next(line for line in moving(elsewhere="b") if line.startswith("Try"))
    assert "though on the same machine only on a. That" in line


def test_an_image_with_which_machines_differ_mends_no_difference_of_machines() -> None:
    line = next(line for line in moving(shifted="b") if line.startswith("Try"))
    assert line.endswith("alone; machines still differ from each other with new.")


def test_where_no_image_repeats_the_difference_is_to_be_found() -> None:
    first = moving(steady=())[1]
    assert first.startswith(
        "Find what differs: repeats of mnist differ on a and b with new and old, so that"
    )
    assert "`osgrepro diverge RUN_A RUN_B --campaign CAMPAIGN`" in first
    # Of an archive there is no result file to compare.
    imported = moving(steady=(), origin="old/tf/cpu/1/a.csv")[1]
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
