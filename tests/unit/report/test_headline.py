"""The finding in a few sentences: the effect first, and what it goes with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from osgrepro import report
from osgrepro.analysis import analyze
from osgrepro.common.models import Claim

SOFTWARE = ("tf-old", "tf-new")


def rows(
    experiment: str, value: Callable[[str, str, int], float], **columns: Any
) -> list[dict[str, Any]]:
    """Return three repeats on two CPUs and a GPU; ``value`` is by software, hardware and repeat."""
    return [
        {
            "experiment": experiment,
            "software": software,
            "hardware": hardware,
            "status": "ok",
            "primary_metric": "accuracy",
            "gpu_name": "V100" if hardware == "gpu" else None,
            "metric.accuracy": (accuracy := value(software, hardware, repeat)),
            "metric_hex.accuracy": accuracy.hex(),
            "metric.loss": 1 - accuracy,
            **columns,
        }
        for software in SOFTWARE
        for hardware in ("cpu-a", "cpu-b", "gpu")
        for repeat in range(3)
    ]


def told(runs: list[dict[str, Any]], *claims: Claim) -> tuple[str, ...]:
    """Return the sentences of the finding."""
    finding = report.sections(analyze(pd.DataFrame(runs), claims))[0]
    assert finding.name == "finding"
    return finding.lines


def moving(software: str, hardware: str, repeat: int) -> float:
    """Return an accuracy that depends on the CPU, and on a GPU under the old software on luck."""
    luck = repeat / 32 if (software, hardware) == ("tf-old", "gpu") else 0.0
    return 0.75 + (hardware == "cpu-a") / 128 + luck


def test_the_effect_comes_first_with_where_it_is() -> None:
    assert told(rows("mnist", moving)) == (
        "The same code of mnist gave accuracy 75.00 to 81.25 % (6.25 points) in single runs across "
        "3 hardware and 2 software environments. These are 18 runs, 3 a cell, seed not recorded: "
        "within one image at most 6.25 points on GPUs and 0.78 points on CPUs (both tf-old). "
        "Repeats on gpu with tf-old alone are 6.25 points apart.",
        "Repeats agree to the last bit in their metrics on every CPU.",
        "On gpu, repeats of mnist differ with tf-old, and agree to the last bit in their metrics "
        "with tf-new on the same kind of machine.",
        "Nothing tells whether that is much: what a seed changes was not measured, and no sampling "
        "error of the test set is known.",
    )


def test_why_and_what_next_follow_the_finding() -> None:
    first = [
        (section.title, section.lines)
        for section in report.sections(analyze(pd.DataFrame(rows("mnist", moving))))[:4]
    ]
    assert [title for title, _ in first] == ["Finding", "Why", "What next", "Words"]
    assert first[1][1][0] == (
        "Between hardware environments: each kind of machine has a class of its own, so no "
        "attribute can be singled out: any that tells them apart would explain it."
    )
    assert first[2][1][0].startswith("Say what you conclude: ")
    assert first[2][1][1].startswith("Try tf-new where repeats must agree (new runs): with tf-old")
    assert first[3][1] == (WORDS,)


def apart(**values: float) -> str:
    """Return the first sentence about two images on a CPU and a GPU, cpu_old and so on."""
    runs = rows("mnist", lambda software, hardware, _: values[f"{hardware[:3]}_{software[3:]}"])
    return told([run for run in runs if run["hardware"] != "cpu-b"])[0]


def test_what_an_image_changes_is_no_range_of_machines() -> None:
    line = apart(cpu_old=0.5, cpu_new=0.75, gpu_old=0.5, gpu_new=0.75)
    assert line.endswith(
        "These are 12 runs, 3 a cell, seed not recorded: within one image at most 0 on CPUs and 0 "
        "on GPUs, and more between images."
    )
    line = apart(cpu_old=0.5, cpu_new=0.5, gpu_old=0.5, gpu_new=0.75)
    assert line.endswith("0 on CPUs and 0 on GPUs, and more between CPUs and GPUs.")


def test_each_processor_has_the_image_within_which_it_is_farthest_apart() -> None:
    """One image moves the CPUs and the other the GPU."""

    def value(software: str, hardware: str, repeat: int) -> float:
        if hardware == "gpu":
            return 0.75 + repeat / 64 * (software == "tf-new")
        return 0.75 + (hardware == "cpu-a") / 128 * (software == "tf-old")

    assert (
        "within one image at most 3.12 points on GPUs (tf-new) and 0.78 points on CPUs (tf-old)"
        in told(rows("mnist", value))[0]
    )


def test_an_effect_stands_beside_the_sampling_error() -> None:
    runs = [*rows("mnist", moving, test_set=10_000), *rows("other", moving)]
    (line,) = [one for one in told(runs) if "sampling error" in one]
    assert line == (
        "Beside the test set's sampling error (one standard error, what another test set of its "
        "size would change): the 6.25 points of all runs of mnist are 14 times as much; that of "
        "other is not known."
    )


WORDS = (
    "A hardware environment is a kind of machine, a software environment an image, and an "
    "environment one with the other; a cell is an experiment in one; runs that agree to the last "
    "bit in their metrics are of one outcome class, and letters name the classes, A the largest. "
    "Not all recorded weights or predictions, in which they may differ."
)


def test_the_experiment_that_is_farthest_apart_is_first() -> None:
    small = rows("small", lambda _, hardware, __: 0.5 + (hardware == "gpu") / 1024)
    lines = told([*small, *rows("large", moving)])
    assert [line.split(" gave ")[0] for line in lines[:2]] == ["The same code of large", "small"]


def test_what_is_the_same_everywhere_is_said_to_be() -> None:
    assert told(rows("mnist", lambda *_: 0.5)) == (
        "mnist gave accuracy 50.00 % in every run across 3 hardware and 2 software environments "
        "(18 runs, 3 a cell, seed not recorded).",
        "Repeats agree to the last bit in their metrics in each of 6 cells.",
    )


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_in_every_run(odd: float) -> None:
    def value(software: str, hardware: str, repeat: int) -> float:
        return odd if (software, hardware, repeat) == ("tf-old", "gpu", 1) else 0.5

    assert told(rows("mnist", value))[0] == (
        "mnist gave accuracy 50.00 % in every run that gave a number across 3 hardware and 2 "
        "software environments (18 runs, 3 a cell, seed not recorded). In 1 cell some runs gave no "
        "number (NaN, an infinity or nothing)."
    )
    line = told(rows("mnist", lambda *at: value(*at) + (at[1] == "cpu-a") / 8))[0]
    assert line.endswith(". In 1 cell some runs gave no number (NaN, an infinity or nothing).")


def test_processors_without_a_number_are_not_passed_over() -> None:
    line = told(rows("mnist", lambda s, h, k: moving(s, h, k) if h != "gpu" else float("nan")))[0]
    assert "seed not recorded, numbers on CPUs alone: within one image at most 0.78 points" in line
    assert "all on CPUs" not in line


def test_an_experiment_without_any_number_is_not_passed_over() -> None:
    assert told(rows("mnist", lambda *_: float("nan")))[0] == (
        "mnist has no range of accuracy: in each cell some of its 18 runs gave no number (NaN, an "
        "infinity or nothing)."
    )


def test_an_experiment_without_a_metric_says_so() -> None:
    runs = pd.DataFrame(rows("mnist", moving)).drop(
        columns=["metric.accuracy", "metric_hex.accuracy", "metric.loss", "primary_metric"]
    )
    assert "No metric was recorded." in report.markdown(analyze(runs), "mine")


def test_a_range_over_two_units_is_doubtful_before_it_is_told() -> None:
    mixed = rows("mnist", lambda s, *at: moving(s, *at) * (100 if s == "tf-new" else 1))
    assert told(mixed)[0].startswith("Doubtful: a metric seems to be in two units")


def test_bits_that_an_accuracy_does_not_show_are_spoken_of() -> None:
    runs = rows("mnist", lambda *_: 0.5)
    for run in runs:
        run["final_weights"] = run["hardware"]
    assert "although the runs differ in bits that it does not show" in told(runs)[0]


def deep_beats_wide() -> list[dict[str, Any]]:
    """Return two models of which the old software prefers one and the new one the other."""
    ahead = {"tf-old": 0.0050, "tf-new": -0.0057}
    deep = rows("deep", lambda software, *_: 0.9 + ahead[software])
    return [*deep, *rows("wide", lambda *_: 0.9)]


def test_a_claim_that_one_software_answers_otherwise_is_said_with_its_effect() -> None:
    lines = told(deep_beats_wide(), Claim(name="c", a="deep", b="wide", metric="accuracy"))
    assert lines[0] == (
        "deep.accuracy − wide.accuracy > 0 holds with tf-old (cell means +0.50 points apart) and "
        "not with tf-new (cell means −0.57 points apart), on all hardware."
    )


@pytest.mark.parametrize(
    ("kept", "where"),
    [
        ({"tf-old": ("cpu-a",), "tf-new": ("gpu",)}, "but not on the same hardware, which may be"),
        (
            {"tf-old": ("cpu-a", "gpu"), "tf-new": ("cpu-b", "gpu")},
            "on the 1 hardware of 3 that ran with each",
        ),
        ({"tf-old": ("gpu",), "tf-new": ("gpu",)}, "on the only hardware"),
    ],
)
def test_what_a_claim_goes_with_is_not_all_that_differs(
    kept: dict[str, tuple[str, ...]], where: str
) -> None:
    runs = [run for run in deep_beats_wide() if run["hardware"] in kept[run["software"]]]
    line = told(runs, Claim(name="c", a="deep", b="wide", metric="accuracy"))[0]
    assert "holds with tf-old (cell means +0.50 points apart) and not with tf-new (" in line
    assert f"(cell means −0.57 points apart), {where}" in line
    assert "on all hardware" not in line


def test_a_claim_that_holds_nowhere_is_no_green_yes() -> None:
    claim = Claim(name="c", a="deep", b="wide", metric="accuracy", delta=0.1)
    runs = pd.DataFrame(deep_beats_wide())
    findings = analyze(runs, [claim])
    assert (
        "holds in no environment: cell means −0.57 to +0.50 points apart in 6 of them"
        in told(deep_beats_wide(), claim)[0]
    )
    analysis = next(one for one in findings.verdicts if one.level == "analysis")
    assert (analysis.answer, analysis.says) == (
        "yes",
        "the same answer everywhere: it does not hold",
    )
    page = report.page(findings)
    assert 'class="verdict neutral"' in page
    assert "the same answer everywhere: it does not hold</span>" in page


def test_environments_that_can_not_judge_a_claim_are_not_said_to_hold_it() -> None:
    judged = [row for row in rows("mnist", lambda *_: 0.9) if row["hardware"] == "gpu"]
    for row in (failed := rows("mnist", lambda *_: 0.9)):
        row["status"] = "failed"
    others = [row for row in failed if row["hardware"] != "gpu"]
    claim = Claim(name="c", a="mnist", metric="accuracy", delta=0.5)
    line = told([*judged, *others], claim)[0]
    assert "holds in every environment that can judge it, and 4 can't" in line


def test_a_level_is_told_as_one_and_not_as_a_difference() -> None:
    values = iter([0.91, 0.93, 0.92, 0.92, 0.91, 0.93, 0.93, 0.92, 0.91] * 2)
    claim = Claim(name="c", a="mnist", metric="accuracy", delta=0.915, test="welch")
    line = told(rows("mnist", lambda *_: next(values)), claim)[0]
    assert "on average over 6 environments" in line
    assert "92.00 % (91.58 to 92.42 %)" in line
    assert "+92" not in line


def test_runs_on_both_sides_are_told_where_their_mean_decides() -> None:
    claim = Claim(name="c", a="mnist", metric="accuracy", delta=0.5)
    runs = rows("mnist", lambda _, __, repeat: (0.4, 0.9, 0.8)[repeat])
    assert "by means of runs that in 6 of them are on both sides" in told(runs, claim)[0]
    (found,) = analyze(pd.DataFrame(runs), [claim]).claims
    assert found.divided == 6
    assert "in 6 of them single runs are on both sides, and their mean decides" in found.text
    assert all(cell.divided for cell in found.cells)


def test_only_the_cell_whose_runs_are_on_both_sides_says_so() -> None:
    claim = Claim(name="c", a="mnist", metric="accuracy", delta=0.5)
    odd = ("tf-old", "cpu-b")
    runs = rows("mnist", lambda s, h, k: 0.4 if (s, h, k) == (*odd, 0) else 0.9)
    findings = analyze(pd.DataFrame(runs), [claim])
    cells = report.document(findings)["claims"][0]["cells"]
    assert [(c["software"], c["hardware"]) for c in cells if c["divided"]] == [odd]
    (table,) = (own.table for own in report.sections(findings) if own.name == "claim")
    assert table is not None
    assert {row[:2]: row[-1] for row in table.rows if row[-1] != "yes"} == {
        odd: "yes, by the mean of runs on both sides"
    }
    assert report.page(findings).count("holds by the mean of runs on both sides") == 1


def test_a_claim_that_no_factor_divides_is_said_to_be_so() -> None:
    high = {("tf-old", "cpu-a"), ("tf-new", "cpu-b")}
    mixed = rows("mnist", lambda s, h, _: 0.5 + ((s, h) in high) / 4)
    mixed = [row for row in mixed if row["hardware"] in {"cpu-a", "cpu-b"}]
    line = told(mixed, Claim(name="c", a="mnist", metric="accuracy", delta=0.6))[0]
    assert (
        "holds in 2 of 4 environments, and neither the software nor the hardware alone says where: "
        "cell means of 50.00 to 75.00 %" in line
    )


def test_a_claim_that_one_image_alone_contradicts_is_said_to_be_so() -> None:
    mixed = rows("mnist", lambda s, h, _: 0.75 - ((s, h) == ("tf-old", "cpu-a")) / 4)
    line = told(mixed, Claim(name="c", a="mnist", metric="accuracy", delta=0.6))[0]
    assert (
        "holds with tf-new (a cell mean of 75.00 %) everywhere; with tf-old (cell means of 50.00 "
        "to 75.00 %) on 2 of 3 machines" in line
    )


def test_what_only_stood_in_is_said_before_all_else() -> None:
    assert told(rows("mnist", moving, emulated=True))[0].startswith("Not what they seem: 18 runs")


def test_copies_of_the_machines_are_no_kinds_of_machine() -> None:
    real = rows("mnist", moving, emulated=False)
    lines = told([*real, *rows("mnist", moving, emulated=True)])
    assert lines[0] == (
        "18 further runs on emulated copies of these machines: no further machines, they confirm "
        "or refute what was found and count in nothing else."
    )
    assert "across 3 hardware and 2 software environments." in lines[1]
    assert lines[1:] == told(real)


def test_without_a_result_there_is_no_finding() -> None:
    columns = ["experiment", "software", "hardware", "status"]
    failed = pd.DataFrame([["e", "s", "h", "failed"]], columns=columns)
    assert all(one.name != "finding" for one in report.sections(analyze(failed)))


def test_several_seeds_are_held_against_machines_before_all_else() -> None:
    machines = {"cpu-a": 0.0, "cpu-b": 0.001, "gpu": 0.002}
    seeded = [
        run
        for seed in range(4)
        for run in rows(
            "mnist", lambda _, name, __, seed=seed: seed / 10 + machines[name], seed=seed
        )
    ]
    first, second, *_ = told(seeded)
    assert first == (
        "mnist, accuracy, tf-new: the standard deviation between machines is 0.10, that between "
        "seeds 12.91: 0.0077 times as large (0.0019 to 0.048, 95 % confidence), so that seeds "
        "change more."
    )
    assert second.startswith("mnist, accuracy, tf-old:")


def by_seed(seeds: dict[str, tuple[int, ...]]) -> list[dict[str, Any]]:
    """Return two repeats of hardware with some seeds each, of a result that the seed decides."""
    return [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": hardware,
            "seed": seed,
            "status": "ok",
            "primary_metric": "accuracy",
            "metric.accuracy": 0.5 + seed / 128,
        }
        for hardware, own in seeds.items()
        for seed in own
        for _ in range(2)
    ]


def test_a_range_over_seeds_is_not_said_to_be_of_machines() -> None:
    first, *_, second = told(by_seed({"a": (1,), "b": (2,), "c": (3,)}))
    assert first == (
        "The same code of mnist gave accuracy 50.78 to 52.34 % (1.56 points) in single runs across "
        "3 hardware environments and 1 software environment. These are 6 runs, 2 a cell, with 3 "
        "seeds. No two environments ran with the same seed, so the range may be due to seeds as "
        "much as to machines or software."
    )
    assert "what a seed changes is not told apart from what a machine changes" in second
    first = told(by_seed({"a": (1, 2), "b": (1,), "c": (1, 3)}))[0]
    assert first.endswith(
        "with 3 seeds. Of the 3 seeds only 1 ran in every environment, so part of the range may "
        "be due to seeds."
    )
    assert "due to seeds" not in " ".join(told(by_seed({"a": (1, 2), "b": (1, 2)})))


def test_the_same_seeds_are_asked_for_where_they_were_not() -> None:
    every = report.sections(analyze(pd.DataFrame(by_seed({"a": (1,), "b": (2,)}))))
    (steps,) = (section for section in every if section.name == "next")
    assert any(
        line.startswith("Run the same seeds of mnist on all hardware") for line in steps.lines
    )


def test_what_a_seed_changes_is_part_of_the_range_of_one_machine_with_several() -> None:
    runs = [
        {**row, "seed": seed, "metric.accuracy": 0.75 + seed / 64}
        for seed in (1, 2)
        for row in rows("mnist", moving)
        if (row["software"], row["hardware"]) == ("tf-new", "cpu-a")
    ]
    for row in runs:
        row["metric_hex.accuracy"] = row["metric.accuracy"].hex()
    assert told(runs)[-1] == (
        "Nothing tells whether that is much: what a seed changes is part of it, and no sampling "
        "error of the test set is known."
    )


def one_odd_run(odd: float, runs: int = 5) -> list[dict[str, Any]]:
    """Return repeats on a GPU that are half a point apart, but for one."""
    values = [odd, 0.750, 0.752, 0.754, 0.755][:runs]
    gpus = [run for run in rows("mnist", lambda *_: 0.75, seed=1) if run["hardware"] == "gpu"]
    moved = [
        {**gpus[0], "metric.accuracy": value, "metric_hex.accuracy": value.hex()}
        for value in values
    ]
    return [*moved, *rows("mnist", lambda *_: 0.75, seed=1)[3:6]]


def test_a_range_that_hangs_on_one_run_says_so() -> None:
    first, *_ = told(one_odd_run(0.5))
    assert "50.00 to 75.50 % (25.50 points; 0.50 points but for one run) in single runs" in first
    assert first.endswith(
        "Repeats on gpu with tf-old alone are 25.50 points apart; without one of the 5 runs "
        "(50.00 %) they are 0.50 points apart."
    )
    assert "These are 8 runs, 3 to 5 a cell, all with the same seed:" in first


@pytest.mark.parametrize(("odd", "runs"), [(0.748, 5), (0.5, 3)])
def test_a_range_of_few_runs_or_of_all_hangs_on_none(odd: float, runs: int) -> None:
    assert "one run" not in " ".join(told(one_odd_run(odd, runs)))
    assert "without one" not in " ".join(told(one_odd_run(odd, runs)))


def test_the_first_sentence_is_short_even_where_it_hangs_on_one_run() -> None:
    sentence = told(one_odd_run(0.5))[0].split(". ")[0]
    assert sentence.endswith("2 hardware environments and 1 software environment")
    assert len(sentence.split()) <= 30


def test_what_exceeds_the_sampling_error_by_one_run_says_so() -> None:
    for run in (runs := one_odd_run(0.5)):
        run["test_set"] = 10_000
    assert "are 57 times as much (1.1 times but for one run)" in told(runs)[-1]
