"""What a terminal shows first: few words, and no number without what it needs beside it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd

from osgrepro import report
from osgrepro.analysis import Part, analyze
from osgrepro.analysis.findings import Findings
from osgrepro.common.models import Claim
from osgrepro.report import words
from osgrepro.report.questions import claims


def runs(value: Callable[[str, int, int], float], seeds: int = 3) -> pd.DataFrame:
    """Return runs on four machines; ``value`` is by hardware, seed and repeat."""
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": hardware,
            "seed": seed,
            "status": "ok",
            "primary_metric": "accuracy",
            "metric.accuracy": value(hardware, seed, repeat),
        }
        for hardware in "abcd"
        for seed in range(seeds)
        for repeat in (0, 1)
    ]
    return pd.DataFrame(rows)


def findings(value: Callable[[str, int, int], float], seeds: int = 3) -> Findings:
    """Return the findings of such runs."""
    return analyze(runs(value, seeds))


def lines(found: Findings) -> list[str]:
    return [line for section in report.brief(found) for line in section.lines]


def test_the_seeds_part_of_the_variance_is_said() -> None:
    told = lines(findings(lambda hardware, seed, _: 0.5 + seed / 8 + (hardware == "a") / 100))
    assert any("3 seeds, 2 runs a cell and seed." in line for line in told)
    (line,) = [line for line in told if line.startswith("Of the variance")]
    # s² of the seeds is 1/64, of the machines 1/40,000, and there is nothing else.
    assert line == "Of the variance: seed 99.8 %, hardware 0.16 %."


def test_one_seed_is_not_spoken_of() -> None:
    told = lines(findings(lambda hardware, seed, _: 0.5 + (hardware == "a") / 100, seeds=1))
    spoken = [line for line in told if "seed" in line or "Of the variance" in line]
    # Only of what a second one would say.
    count, first, second = spoken
    assert "all with the same seed" in count
    assert first.startswith("Nothing tells whether that is much: what a seed changes")
    assert second.startswith("Run more than one seed")


def test_environments_that_move_are_told_from_those_that_do_not() -> None:
    told = lines(
        findings(lambda hardware, _, repeat: 0.5 + (hardware == "a") * repeat / 10, seeds=1)
    )
    (line,) = [line for line in told if "whose repeats disagree it is" in line]
    # One of four has s² = 0.005: 3.54 points over all four, 7.07 in the one.
    assert line.endswith(
        "s_r 3.54 is over all 4 hardware environments; over the only one whose repeats "
        "disagree it is 7.07."
    )


def test_a_spread_without_its_sampling_error_says_why() -> None:
    told = lines(findings(lambda hardware, *_: 0.5 + (hardware == "a") / 100))
    (line,) = [line for line in told if line.startswith("mnist: sampling errors are not")]
    assert "import FOLDER --test-set" not in line
    assert "context.predictions(values, truth)" in line


def test_of_an_archive_the_import_tells_the_test_set() -> None:
    made = runs(lambda hardware, *_: 0.5 + (hardware == "a") / 100)
    told = lines(analyze(made.assign(origin="old/tf/cpu/1/a.csv")))
    (line,) = [line for line in told if line.startswith("mnist: sampling errors are not")]
    assert "`osgrepro import FOLDER --test-set EXPERIMENT=ITEMS`" in line


def test_all_runs_are_not_told_of_where_they_are_those_on_cpus() -> None:
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": hardware,
            "status": "ok",
            "cpu_model_name": f"model {hardware}",
            "cpu_avx512f": hardware in "ab",
            "gpu_name": "A40" if hardware == "g" else None,
            "metric.accuracy": (hardware in "ab") + (hardware == "g") * (repeat + 1) / 8,
        }
        for hardware in "abcdg"
        for repeat in (0, 1)
    ]
    found = analyze(pd.DataFrame(rows))
    assert [one.scope for one in found.experiments[0].attribution] == ["CPU", "GPU", "all"]
    told = report.markdown(found)
    assert "tf, CPU runs: 2 classes in 4 hardware environments" in told
    assert "tf, GPU runs: not assessable" in told
    assert "tf, all runs" not in told


def test_the_first_table_has_every_experiment_and_software_environment() -> None:
    rows = [
        {
            "experiment": experiment,
            "software": software,
            "hardware": hardware,
            "status": "ok",
            "metric.accuracy": 0.5 + (hardware == "a") / 8 + (experiment == "b") / 4,
        }
        for experiment in "ab"
        for software in ("s", "t")
        for hardware in "abcd"
        for _ in (0, 1)
    ]
    told = {one.name: one for one in report.sections(analyze(pd.DataFrame(rows)))}
    table = told["glance"].table
    assert table is not None
    assert [row[:3] for row in table.rows] == [
        ("a", "s", "50.00 to 62.50 %"),
        ("a", "t", "50.00 to 62.50 %"),
        ("b", "s", "75.00 to 87.50 %"),
        ("b", "t", "75.00 to 87.50 %"),
    ]
    assert list(told)[:4] == ["finding", "why", "next", "words"]


def test_a_note_on_several_experiments_is_one_note() -> None:
    rows = [
        {
            "experiment": experiment,
            "software": "tf",
            "hardware": hardware,
            "status": "ok",
            "cpu_model_name": f"model {hardware}",
            "metric.accuracy": hardware in "ab",
        }
        for experiment in "xyz"
        for hardware in "abcd"
    ]
    notes = [one for one in analyze(pd.DataFrame(rows)).notes if "cpu_model_name" in one.text]
    assert len(notes) == len({one.text for one in notes})
    assert all(one.text.startswith("x, y, z, tf, ") for one in notes)


def claimed(values: str, *claims: Claim) -> report.Section:
    """Return the section of the last claim about one run on each machine: 1 holds, 0 does not."""
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": f"h{number}",
            "status": "ok",
            "metric.accuracy": 0.5 + float(value) / 8,
        }
        for number, value in enumerate(values)
    ]
    found = analyze(pd.DataFrame(rows), claims)
    return [one for one in report.sections(found) if one.name == "claim"][-1]


ABOVE = Claim(name="c", a="mnist", metric="accuracy", delta=0.6)


def test_a_claim_tells_its_flips_first_and_how_far_they_reach() -> None:
    told = claimed("00100", ABOVE)
    assert told.table is not None
    assert told.table.columns == ("software", "hardware", "value, %", "holds")
    assert told.table.rows[0] == ("tf", "h2", "62.5", "yes")
    # Clopper-Pearson of 1 in 5; 2·0.2·0.8; ln 0.05 / ln 0.8 = 13.4.
    assert told.lines[1] == (
        "1 of 5 contradicts the others, which say no: 20 % (0.505 % to 71.6 %, 95 % confidence, "
        "Clopper-Pearson, 5 hardware environments). Two laboratories disagree with a probability "
        "of 32 %; to see it with 95 % takes 14 environments."
    )


def test_of_as_many_on_both_sides_none_are_the_others() -> None:
    told = claimed("01", ABOVE)
    assert told.lines[1].startswith("As many say yes as no, 1 of 2 each: 50 % (")


def test_a_claim_without_flips_says_how_many_there_may_be() -> None:
    told = claimed("1" * 13, ABOVE)
    assert told.lines[1] == (
        "None of 13 contradicts the others; on up to 24.7 % of all machines like these it may be "
        "otherwise (95 % confidence, Clopper-Pearson, 13 hardware environments)."
    )


def scattered(values: dict[str, float], claim: Claim) -> report.Section:
    """Return the section of a claim about machines whose three runs scatter by 0.01."""
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": name,
            "status": "ok",
            "metric.accuracy": value + step,
        }
        for name, value in values.items()
        for step in (0.0, 0.01, -0.01)
    ]
    found = analyze(pd.DataFrame(rows), [claim])
    return next(one for one in report.sections(found) if one.name == "claim")


def test_of_equivalence_the_interval_and_the_margin_are_told() -> None:
    claim = Claim(
        name="same", a="mnist", metric="accuracy", delta=0.8, test="equivalence", margin=0.05
    )
    told = scattered({"a": 0.8, "b": 0.81}, claim)
    assert told.lines[0] == (
        "mnist.accuracy = 0.8 ± 0.05 (equivalence, α = 0.05): yes. Holds in 2 of 2 environments."
    )
    assert any("the whole interval is between 75 % and 85 %" in line for line in told.lines)
    assert told.table is not None
    assert told.table.columns[3:] == ("interval, %", "p", "p, Holm", "holds")
    assert told.table.rows[0][3] == "78.31 to 81.69"


def test_environments_that_nothing_shows_to_differ_answer_together() -> None:
    claim = Claim(name="c", a="mnist", metric="accuracy", delta=0.79, test="welch")
    told = scattered({"a": 0.8, "b": 0.803, "c": 0.801}, claim)
    assert (
        "0 of 3 environments, none contradicts it, and 3 are undecided; on average over all it"
        in (told.lines[0])
    )
    (together,) = [line for line in told.lines if line.startswith("Nothing shows")]
    # Q = 0.14 with v = 0.01²/3; F = 0.07/(1 + 2/8·3·(2/3)²/2) = 0.06 of 2 and 4, (1 + 0.03)^−2.
    assert "Cochran's Q with Welch's correction = 0.14, 2 degrees of freedom, p = 0.94" in together
    assert "on average it is 80.13 % (" in together
    assert together.endswith("for which the claim holds.")
    assert any("among the 3 tests of all environments" in line for line in told.lines)


def test_where_all_effects_together_show_no_difference_those_that_disagree_do() -> None:
    holds, contradicts = (
        SimpleNamespace(p=0.01, holds=side, contradicts=not side, difference=0.1)
        for side in (True, False)
    )
    tested = SimpleNamespace(cells=(holds, contradicts))
    said = claims._although(cast(Any, tested), "value")
    assert said == ", but of one value environments could not be significant on both sides"
    exact = SimpleNamespace(cells=(SimpleNamespace(p=None, difference=0.1),))
    assert "leave no doubt" in claims._although(cast(Any, exact), "value")


def test_effects_that_differ_are_said_to() -> None:
    claim = Claim(name="c", a="mnist", metric="accuracy", delta=0.8, test="welch")
    told = scattered({"a": 0.7, "b": 0.9}, claim)
    assert ": partly. Holds in 1 of 2" in told.lines[0]
    assert any("The value is not the same in every environment" in line for line in told.lines)


def test_a_comparison_has_both_sides() -> None:
    runs = pd.DataFrame(
        [
            {
                "experiment": name,
                "software": "tf",
                "hardware": f"h{number}",
                "status": "ok",
                "metric.accuracy": 0.5 + number / 8,
            }
            for name in ("mnist", "cifar")
            for number in range(2)
        ]
    )
    found = analyze(runs, [ABOVE.model_copy(update={"b": "cifar", "delta": 0.0})])
    told = [section for section in report.sections(found) if section.name == "claim"][-1]
    assert told.table is not None
    assert told.table.columns == ("software", "hardware", "a, %", "b, %", "a − b, points", "holds")
    assert told.table.rows[0] == ("tf", "h0", "50", "50", "0", "no")


def test_a_range_of_one_number_is_that_number() -> None:
    assert words.ends(0.91201, 0.91203) == "0.912"
    assert words.ends(-0.0, float("inf")) == "0 to ∞"
    assert words.ends(0.1, 0.25) == "0.1 to 0.25"
    share = words.unit("accuracy")
    assert share.extent(0.91201, 0.91203) == "91.20 %"
    assert share.value(-0.00001) == "0.00 %"
    assert words.unit("loss").value(-0.0) == "0"


def grid(experiments: int) -> pd.DataFrame:
    """Return runs of so many experiments, each on two machines."""
    rows = [
        {
            "experiment": f"e {number:03}",
            "software": "tf",
            "hardware": hardware,
            "status": "ok",
            "metric.loss": number + value,
        }
        for number in range(experiments)
        for hardware, value in (("a", 0.5), ("a", 0.5), ("b", 0.25))
    ]
    return pd.DataFrame(rows)


def many(experiments: int) -> Findings:
    """Return the findings of them."""
    return analyze(grid(experiments))


def test_of_many_experiments_the_first_are_told_and_drawn_and_what_is_left_out_is_said() -> None:
    found = many(43)
    page, told = report.page(found), lines(found)
    assert "The first 24 of 43 experiments are told of" in page
    assert "--only &#39;experiment=e 024&#39;" in page
    for number, shown in ((23, True), (24, False)):
        assert (f'download="classes-e-{number:03}.svg"' in page) == shown
    (line,) = [line for line in told if "experiments are told of" in line]
    assert line.startswith("The first 40 of 43 experiments")
    alone = "Any one of them alone: `osgrepro analyze DATASET --only 'experiment=e 040'`."
    assert line.endswith(alone)
    part = Part(only={"experiment": [f"e {n:03}" for n in range(42)], "hardware": ["a", "b"]})
    (line,) = [
        text for text in lines(analyze(grid(43), part=part)) if "experiments are told of" in text
    ]
    assert line.endswith("DATASET --only hardware=a,b --only 'experiment=e 040'`.")
    every = [section.title for section in report.sections(found)]
    assert "e 042" in every
    assert "Experiments shown" not in every
    assert "experiments are told of" not in report.markdown(found)
    assert "experiments are told of" not in report.page(many(24))
