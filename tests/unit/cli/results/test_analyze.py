"""``analyze`` as a user meets it: the answer first, JSON, Markdown, one message for bad input."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from paths import STUDY

import osgrepro as package
from osgrepro.analysis import findings
from osgrepro.results import dataset


def row(hardware: str, value: float, repeat: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a run as a row of the dataset."""
    metric = {"name": "accuracy", "value": value, "hex": value.hex()}
    return {
        "campaign": "c",
        "run_id": f"{hardware}{repeat}",
        "experiment": "mnist",
        "software": "tf",
        "hardware": hardware,
        "repeat": repeat,
        "status": "ok",
        "primary_metric": "accuracy",
        "metrics": [metric],
        **changes,
    }


@pytest.fixture
def runs(tmp_path: Path) -> str:
    """Return a dataset of two environments that differ."""
    rows = [row(name, value, k) for name, value in (("a", 0.5), ("b", 0.75)) for k in (1, 2)]
    dataset.write(tmp_path / "d.parquet", rows)
    return "d.parquet"


def test_the_answer_comes_first(osgrepro: Any, runs: str) -> None:
    said = osgrepro("analyze", runs)
    assert said.code == 0, said.err
    lines = said.out.split("\n")
    assert lines[1] == "Finding"
    assert lines[2].startswith(
        "The same code of mnist gave accuracy 50.00 to 75.00 % (25.00 points)"
    )
    verdict = lines.index("Verdict")
    assert lines[verdict + 1].startswith("4 runs, 0 of them failed: 1 experiment × 2 hardware × 1")
    # Accuracies alone were recorded, which runs that differ may share.
    assert lines[verdict + 3].split()[:3] == ["repeatability", "not", "assessable"]
    assert ["outcome", "no"] in [line.split()[:2] for line in lines[verdict + 4 :]]
    assert "50.00 to 75.00 %" in said.out


def test_a_claim_of_equivalence_is_put_to_the_test(osgrepro: Any, runs: str) -> None:
    said = osgrepro("analyze", runs, "--claim", "mnist.accuracy = 0.75 +- 0.1")
    assert "mnist.accuracy = 0.75 ± 0.1 (equivalence, α = 0.05): undecided." in said.out
    refused = osgrepro("analyze", runs, "--claim", "mnist.accuracy = 0.75 +- 0")
    assert (refused.code, refused.out) == (2, "")
    assert "the margin 0 is not above 0" in refused.err


@pytest.mark.parametrize(
    ("text", "number", "meant"),
    [("> 99", "99", "0.99"), ("< 60.5", "60.5", "0.605"), ("= 0.75 +- 5", "5", "0.05")],
)
def test_a_claim_in_percents_is_refused_with_the_share(
    osgrepro: Any, runs: str, text: str, number: str, meant: str
) -> None:
    said = osgrepro("analyze", runs, "--claim", f"mnist.accuracy {text}")
    assert (said.code, said.out) == (2, "")
    assert f"accuracy is recorded as a share from 0 to 1, and {number} is none" in said.err
    assert f"for {number} % write {meant}" in said.err


def test_a_claim_that_holds_nowhere_is_no_yes_on_a_terminal(osgrepro: Any, runs: str) -> None:
    said = osgrepro("analyze", runs, "--claim", "mnist.accuracy > 0.9")
    line = next(line for line in said.out.split("\n") if line.startswith("analysis"))
    assert "yes" not in line
    assert "the same answer" in line
    # What was asked is asked again by what is suggested.
    assert f"analyze {runs} --claim 'mnist.accuracy > 0.9' --full" in said.err
    assert f"report {runs} --claim 'mnist.accuracy > 0.9'" in said.err


def test_a_claim_is_put_to_the_test(osgrepro: Any, runs: str) -> None:
    said = osgrepro("analyze", runs, "--claim", "mnist.accuracy > 0.6")
    assert said.code == 0
    # Two runs that tie in an accuracy alone are not exact.
    assert "mnist.accuracy > 0.6: undecided. Holds in 1 of 2 environments." in said.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mnist", "can't be read as a claim"),
        ("cifar.accuracy > 0.5", "claim something of what it has: mnist"),
        ("mnist.accuracy > 1e999", "its number is beyond all numbers"),
        ("mnist.loss > 0.5", "claim something of what it has: accuracy"),
    ],
)
def test_a_claim_about_nothing_is_refused(
    osgrepro: Any, runs: str, text: str, message: str
) -> None:
    said = osgrepro("analyze", runs, "--claim", text)
    assert (said.code, said.out) == (2, "")
    assert message in said.err


def test_json_is_whole_findings(osgrepro: Any, runs: str) -> None:
    said = osgrepro("analyze", runs, "--json", "--claim", "mnist.accuracy > 0.6")
    found = findings.from_json(said.out, "stdout")
    assert found.claims[0].flips == 1
    assert json.loads(said.out)["finding"][0].startswith("mnist.accuracy > 0.6 is undecided: of")
    assert said.err == ""


def test_markdown_has_the_same_figures(osgrepro: Any, runs: str) -> None:
    said = osgrepro("analyze", runs, "--markdown")
    assert said.out.startswith("# d.parquet\n")
    assert "| repeatability | not assessable |" in said.out
    assert "50.00 to 75.00 %" in said.out
    assert "## Methods" in said.out


def test_all_of_it_can_be_printed(osgrepro: Any, runs: str) -> None:
    said = osgrepro("analyze", runs, "--full")
    for title in (
        "Outcome classes",
        "Precision",
        "Variance components",
        "What goes along with the class",
    ):
        assert f"\n{title}\n" in said.out


def test_two_formats_at_once_are_refused(osgrepro: Any, runs: str) -> None:
    assert osgrepro("analyze", runs, "--json", "--markdown").code == 2


def test_what_is_no_dataset_is_refused(osgrepro: Any, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("no")
    for name in ("none.parquet", "x.parquet", "."):
        said = osgrepro("analyze", name)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("osgrepro: ")


NAN, INF = float("nan"), float("inf")
CASES = {
    "no rows": [],
    "one environment": [row("a", 0.5, k) for k in (1, 2)],
    "one repeat": [row(name, 0.5) for name in "ab"],
    "all failed": [row(name, 0.5, status="failed", metrics=[]) for name in "ab"],
    "constant": [row(name, 0.5, k) for name in "abc" for k in (1, 2)],
    "NaN": [row(name, NAN, k) for name in "ab" for k in (1, 2)],
    "infinite": [row("a", INF, 1), row("a", 0.5, 2), row("b", -INF, 1), row("b", 0.5, 2)],
    "missing metrics": [row("a", 0.5, 1), row("a", 0.5, 2, metrics=[]), row("b", 0.5, 1)],
    "no metrics": [row(name, 0.5, metrics=[], primary_metric=None) for name in "ab"],
    "unbalanced": [row("a", 0.5, k) for k in range(1, 9)] + [row("b", 0.25)],
    "duplicated": [row("a", 0.5)] * 3 + [row("b", 0.25)] * 2,
    "odd names": [
        row(name, 0.5, k)
        for name in ("<script>alert(1)</script>", "=1+1", "a|b", "\x1b[31m", "x" * 300)
        for k in (1, 2)
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_odd_data_give_sensible_output(osgrepro: Any, tmp_path: Path, name: str) -> None:
    dataset.write(tmp_path / "d.parquet", CASES[name])
    for how in ((), ("--full",), ("--markdown",), ("--json",)):
        said = osgrepro("analyze", "d.parquet", *how)
        assert said.code == 0, said.err
        assert "\x1b[31m" not in said.out
        assert not re.search(r"\b(nan|inf)\b", said.out)
    told = json.loads(said.out)
    assert len(told["verdicts"]) == 4
    if name in ("no rows", "all failed", "no metrics"):
        assert {one["answer"] for one in told["verdicts"]} == {"not assessable"}


def test_hostile_names_do_not_break_out_of_markdown(osgrepro: Any, tmp_path: Path) -> None:
    dataset.write(tmp_path / "d.parquet", CASES["odd names"])
    text = osgrepro("analyze", "d.parquet", "--markdown").out
    assert "\\<script\\>" in text
    assert "a\\|b" in text
    assert not any(line.count("<script") > line.count("\\<script") for line in text.split("\n"))


def test_the_study_of_2022_gives_its_figures(osgrepro: Any) -> None:
    if not STUDY.is_dir():
        pytest.skip(f"needs the study's raw data, which are not at {STUDY}")
    osgrepro("import", str(STUDY), "-o", "s.parquet")
    said = osgrepro("analyze", "s.parquet")
    words = [" ".join(line.split()) for line in said.out.split("\n")]
    # Without the interval of s_R.
    lines = [re.sub(r" [\d.]+ to [\d.]+ –", "", line) for line in words]
    for line in (
        "dockerhub-2.8.0 78.84 to 86.91 % 8.07 0.95 1.20 18 3 6 of 13 3 of 13",
        "ngc-22.03 85.20 to 86.58 % 1.38 tied (p ≤ 52.7 %) 0.38 6 3 6 of 13 0 of 13",
        "dockerhub-2.8.0 99.06 to 99.88 % 0.81 tied (p ≤ 52.7 %) 0.26 10 7 10 of 13 0 of 13",
        "ngc-22.03 93.26 to 99.67 % 6.41 tied (p ≤ 52.7 %) 2.27 10 7 10 of 13 0 of 13",
        "dockerhub-2.8.0 99.15 to 99.22 % 0.070 tied (p ≤ 52.7 %) 0.023 10 7 10 of 13 0 of 13",
        "ngc-22.03 99.17 to 99.21 % 0.040 tied (p ≤ 52.7 %) 0.017 10 7 10 of 13 0 of 13",
    ):
        assert line in lines
    for text in (
        "consistent with {cpu_cache_kb (or the CPU's cpu_model)}; were the classes dealt out",
        "{cpu_avx512f, cpu_vendor} fits, too, as some pair of attributes would in 37.8 %.",
        "78.84 to 86.91 % (8.07 points; 2.65 points but for one run) in single runs across 13",
        "without one of the 5 runs (78.84 %) they are 1.14 points apart",
        "none of 11 tables can tell",
        "What the outcome class of GPU runs goes along with can't be told everywhere",
        "s_r 0.95 is over all 13 hardware environments; over the 3 whose repeats disagree it is "
        "1.98.",
        "within one image at most 8.07 points on GPUs and 1.91 points on CPUs (both dockerhub-",
        "with ngc-22.03 they agree in 5 runs a cell, though on the same machine only on a40. That "
        "is of repeats alone; machines still differ from each other with ngc-22.03.",
        "dockerhub-2.8.0, CPU runs: cpu_microcode was searched, too, which with ngc-22.03 could",
        "Origin: 390 runs imported from an archive.",
        "mnist_convnet: sampling errors are not assessable",
        "2 versions of the archive's scripts: 1.2.0; 1.2.1.",
    ):
        assert any(text in line for line in words), text
    assert "determined" not in said.out
    assert "Not what they seem" not in said.out
    # A number of the dataset's own would be a claim that holds by how it was chosen.
    assert "--claim 'bidirectional_lstm_imdb.test_accuracy > NUMBER'" in said.err


def test_python_finds_the_same(osgrepro: Any, runs: str, tmp_path: Path) -> None:
    told = findings.from_json(osgrepro("analyze", runs, "--json").out, "stdout")
    assert package.analyze(package.frame(str(tmp_path / runs))) == told


def test_what_is_suggested_can_be_pasted_whatever_a_dataset_is_called(
    osgrepro: Any, runs: str, tmp_path: Path
) -> None:
    (tmp_path / runs).rename(tmp_path / "it's; mine.parquet")
    said = osgrepro("analyze", "it's; mine.parquet")
    line = next(line for line in said.err.split("\n") if line.startswith("a conclusion: "))
    assert shlex.split(line.removeprefix("a conclusion: "))[:3] == [
        "osgrepro",
        "analyze",
        "it's; mine.parquet",
    ]


def test_a_folder_is_no_dataset(osgrepro: Any, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    said = osgrepro("analyze", "d")
    assert (said.code, "d: is a folder" in said.err) == (2, True)


def test_several_values_of_a_part_may_stand_in_one_term(osgrepro: Any, tmp_path: Path) -> None:
    rows = [row(name, 0.5, k) for name in ("a", "b", "c", "d,e") for k in (1, 2)]
    dataset.write(tmp_path / "d.parquet", rows)
    said = osgrepro("analyze", "d.parquet", "--only", "hardware=a,b", "--only", "hardware=d,e")
    assert said.code == 0, said.err
    assert said.out.split("\n")[2] == "Only a part of the dataset: hardware a, b, d,e."
    said = osgrepro("analyze", "d.parquet", "--only", "hardware=a,z")
    assert (said.code, "--only hardware=z: no run has this hardware" in said.err) == (2, True)


def test_a_part_is_told_as_one_and_stays_in_the_suggested_commands(
    osgrepro: Any, runs: str
) -> None:
    said = osgrepro("analyze", runs, "--only", "hardware=a", "--cpus")
    assert said.code == 0, said.err
    assert said.out.split("\n")[2] == "Only a part of the dataset: runs on CPUs; hardware a."
    assert "gave accuracy 50.00 % in every run" in said.out
    assert f"analyze {runs} --only hardware=a --cpus --full" in said.err


def test_what_is_suggested_speaks_of_the_rows_of_the_call(osgrepro: Any, tmp_path: Path) -> None:
    rows = [row(name, 0.5, k, spec_sha256="7" * 64) for name in ("a", "b,c") for k in (1, 2)]
    dataset.write(tmp_path / "d.parquet", rows)
    chosen = ("--definition", "all", "--only", "hardware=b,c", "--only", "repeat=1,2", "--cpus")
    first = json.loads(osgrepro("analyze", "d.parquet", *chosen, "--json").out)
    commands = re.findall(r"`osgrepro (analyze .*?)`", "\n".join(first["next"]))
    assert [shlex.split(command)[-2] for command in commands] == ["--claim", "--plan"]
    for command in commands:
        assert shlex.split(command)[2:-2] == list(chosen)
        again = osgrepro(*shlex.split(command)[:-2], "--json")
        assert json.loads(again.out)["data"] == first["data"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--cpus", "--gpus"), "--cpus and --gpus: no run is of both"),
        (("--only", "colour=red"), "--only colour=red: should be KEY=VALUE, KEY one of experiment"),
        (("--only", "hardwar=a"), "did you mean 'hardware'?"),
        (("--only", "a"), "such as --only experiment=NAME"),
        (("--only", "seed=2"), "leave it out: no run has a seed recorded"),
        (("--only", "hardware=c"), "name one that there is: a, b"),
        (("--cpus", "--gpus"), "choose one of the two"),
        (("--gpus", "--only", "hardware=a"), "leave out --only hardware or --gpus"),
        (("--only", "hardware=c"), "--only hardware=c: no run has this hardware"),
        (("--gpus",), "no run is left: none of 4 is of this part (runs on GPUs)"),
    ],
)
def test_a_part_that_can_be_none_is_refused(
    osgrepro: Any, runs: str, words: tuple[str, ...], message: str
) -> None:
    said = osgrepro("analyze", runs, *words)
    assert (said.code, said.out) == (2, "")
    assert message in said.err


def test_a_claim_about_what_the_part_leaves_out_is_refused(osgrepro: Any, tmp_path: Path) -> None:
    rows = [
        row("a", 0.5, experiment=name, run_id=name, metrics=row("a", 0.5)["metrics"])
        for name in ("mnist", "imdb")
    ]
    dataset.write(tmp_path / "d.parquet", rows)
    said = osgrepro(
        *("analyze", "d.parquet", "--only", "experiment=mnist", "--claim", "imdb.accuracy > 0.1")
    )
    assert (said.code, said.out) == (2, "")
    assert "imdb is not in the part that is analysed" in said.err
    assert "--only experiment=imdb" in said.err


def test_a_single_repeat_leaves_the_range_and_says_why_the_rest_is_not_known(
    osgrepro: Any, runs: str
) -> None:
    said = osgrepro("analyze", runs, "--only", "repeat=1").out
    assert "s_r and s_R, tf: not assessable: one repeat in each cell" in said
    (row,) = [line.split() for line in said.splitlines() if line.startswith("tf ")]
    assert " ".join(row) == "tf 50.00 to 75.00 % 25.00 – – – – 2 2 2 of 2 not assessable"


def test_what_a_table_cannot_say_is_not_printed(osgrepro: Any, tmp_path: Path) -> None:
    rows = [row(name, value, gpu_name="A40") for name, value in (("a", 0.5), ("b", 0.75))]
    dataset.write(tmp_path / "d.parquet", rows)
    assert "GPU runs: not assessable" not in osgrepro("analyze", "d.parquet").out
    assert "GPU runs: not assessable" in osgrepro("analyze", "d.parquet", "--full").out


def test_a_plan_says_how_many_runs_a_bound_takes(osgrepro: Any, runs: str) -> None:
    said = osgrepro("analyze", runs, "--plan", "p_upper=0.05", "--plan", "flips=0.1")
    assert said.code == 0, said.err
    rows = [line.split()[:4] for line in said.out.splitlines()]
    assert ["p_upper=0.05", "60", "2", "no"] in rows
    assert ["flips=0.1", "29", "2", "no"] in rows
    told = json.loads(osgrepro("analyze", runs, "--plan", "p_upper=0.96", "--json").out)
    assert [(one["needed"], one["present"], one["enough"]) for one in told] == [(2, 2, True)]


@pytest.mark.parametrize("wrong", [("--plan", "p=1"), ("--plan", "s_R=2", "--full")])
def test_a_plan_that_can_not_be_made_is_a_users_mistake(
    osgrepro: Any, runs: str, wrong: tuple[str, ...]
) -> None:
    said = osgrepro("analyze", runs, *wrong)
    assert (said.code, said.out) == (2, "")
    assert "--plan" in said.err


def test_what_can_not_go_together_is_said_with_what_to_leave_out(osgrepro: Any, runs: str) -> None:
    plan = osgrepro("analyze", runs, "--plan", "s_R=2", "--full", "--claim", "mnist.accuracy > 0")
    assert "--plan and --claim, --full: a plan has only numbers" in plan.err
    assert "leave out --claim and --full" in plan.err
    assert "leave one of the two out" in osgrepro("analyze", runs, "--json", "--markdown").err
