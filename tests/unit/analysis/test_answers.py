"""The whole way from a frame to findings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import worlds

from osgrepro import analysis, report
from osgrepro.analysis import analyze
from osgrepro.analysis.definitions import Part
from osgrepro.analysis.findings import NotAssessable, from_json, to_json
from osgrepro.common.errors import InputError
from osgrepro.common.models import Claim
from osgrepro.results.dataset.columns import COLUMNS


def answers(findings):
    return {verdict.level: verdict.answer for verdict in findings.verdicts}


def test_the_same_everywhere_is_repeatable_and_reproducible(frame):
    runs = frame({("tf", "a"): [1] * 3, ("tf", "b"): [1] * 3}, metric="loss")
    found = analyze(runs)
    assert answers(found) == {
        "repeatability": "yes",
        "outcome": "yes",
        "analysis": "not assessable",
        "interpretation": "not assessable",
    }
    assert "at most 77.6 % (95 % confidence)" in found.verdicts[0].text


def test_accuracies_that_agree_are_no_proof_that_outcomes_do(frame):
    same = analyze(frame({("tf", "a"): [1] * 3, ("tf", "b"): [1] * 3}))
    assert answers(same)["outcome"] == "not assessable"
    assert "runs that differ may have the same accuracy" in same.verdicts[1].text
    assert "accuracies only" in {note.kind for note in same.design}
    other = analyze(frame({("tf", "a"): [1] * 3, ("tf", "b"): [0] * 3}))
    assert answers(other)["outcome"] == "no"


@pytest.mark.parametrize("name", ["experiment", "software", "hardware", "status"])
def test_rows_without_a_name_are_refused(frame, name):
    runs = frame({("tf", "a"): [1] * 2, ("tf", "b"): [1] * 2})
    runs.loc[1, name] = None
    with pytest.raises(InputError, match=f"1 of 4 rows has no {name}"):
        analyze(runs)


def test_a_row_that_stands_twice_is_one_run(frame):
    runs = frame({("tf", "a"): [1] * 2, ("tf", "b"): [1] * 2})
    runs["run_id"] = [f"r{number}" for number in range(4)]
    assert analyze(pd.concat([runs, runs.iloc[[1, 2, 2]]])) == analyze(runs)
    other = runs.iloc[[1]].assign(**{"metric.accuracy": 0.5, "metric_hex.accuracy": (0.5).hex()})
    found = analyze(pd.concat([runs, other]))
    assert found.data.rows == 5
    assert "duplicated runs" in {note.kind for note in found.design}


def test_what_stood_in_for_a_machine_is_no_repeat_of_it(frame):
    remote = frame({("tf", "a"): [0.9] * 3, ("tf", "b"): [0.8] * 3}, emulated=False)
    emulated = frame({("tf", "a"): [0.7] * 3, ("tf", "b"): [0.8] * 3}, emulated=True)
    found = analyze(pd.concat([remote, emulated]))
    (one,) = found.experiments
    told = {cell.hardware: (cell.repeatability, cell.ok, cell.emulated) for cell in one.cells}
    assert told == {
        "a": ("tied", 3, False),
        "b": ("tied", 3, False),
    }
    assert {one.remote: one.answer for one in found.confirmations} == {
        ("a",): "refuted",
        ("b",): "not emulable",  # equal accuracies tell nothing
    }
    both = pd.concat([remote, emulated])
    hashed = analyze(both.assign(final_weights=both["metric.accuracy"].astype(str)))
    assert {one.remote: one.answer for one in hashed.confirmations} == {
        ("a",): "refuted",
        ("b",): "confirmed",
    }
    assert "missing cells" not in {note.kind for note in found.design}


def with_copies(random, agree=True):
    """Return a world of thirteen real machines, and the same with an emulated copy of each."""
    real = worlds.without_cause(random)
    value = real["outcome"].map({letter: n / 8 for n, letter in enumerate("ABCDEFG")})
    real = real.assign(experiment="mnist", status="ok", emulated=False, **{"metric.loss": value})
    real = pd.concat([real, real], ignore_index=True)
    copy = real.assign(emulated=True)
    copy["metric.loss"] += 0 if agree else 100
    return real, pd.concat([real, copy], ignore_index=True)


@pytest.mark.parametrize("agree", [True, False])
def test_an_emulated_copy_is_no_further_machine(agree):
    random = np.random.default_rng(31)
    for _ in range(5):
        real, both = with_copies(random, agree)
        alone, found = analyze(real, [CLAIM]), analyze(both, [CLAIM])
        assert len(found.confirmations) == 13
        assert {one.answer for one in found.confirmations} == {"confirmed" if agree else "refuted"}
        assert all(one.emulated_class for one in found.confirmations)
        assert found.data.copies == len(real)
        data = replace(found.data, copies=0)
        assert replace(found, confirmations=(), data=data) == alone


CLAIM = Claim(name="small", a="mnist", metric="loss", below=True, delta=0.4)


def test_copies_are_all_that_there_is_of_an_experiment_without_a_real_run(frame):
    real = frame({("tf", "a"): [0.9] * 3, ("tf", "b"): [0.8] * 3}, emulated=False)
    copy = real.assign(experiment="imdb", emulated=True)
    imdb, mnist = analyze(pd.concat([real, copy])).experiments
    assert [cell.emulated for cell in (*imdb.cells, *mnist.cells)] == [True, True, False, False]


def test_an_emulated_environment_without_a_real_one_of_its_name_counts(frame):
    real = frame({("tf", "host"): [0.9] * 3}, emulated=False)
    other = frame({("tf", "threads4"): [0.8] * 3}, emulated=True)
    (one,) = analyze(pd.concat([real, other])).experiments
    assert [cell.hardware for cell in one.cells] == ["host", "threads4"]


def test_copies_do_not_decide_what_the_real_runs_are_compared_by(frame):
    real = frame({("tf", "a"): [0.9] * 3, ("tf", "b"): [0.9] * 3}, emulated=False, metric="loss")
    copy = real.assign(emulated=True, final_weights=["w1", "w2"] * 3)
    (one,) = analyze(pd.concat([real, copy])).experiments
    assert (one.outcomes.grade, one.outcomes.unplaced, len(one.outcomes.classes)) == ("O3", 0, 1)
    assert {tuple(cell.classes) for cell in one.cells} == {("A",)}


def test_tied_cells_that_differ_are_repeatable_only(frame):
    found = answers(analyze(frame({("tf", "a"): [1] * 3, ("tf", "b"): [2] * 3}, metric="loss")))
    assert (found["repeatability"], found["outcome"]) == ("yes", "no")


def test_accuracies_that_agree_say_nothing_of_repeatability(frame):
    """Runs that differ may have the same accuracy, as they may in the outcome."""
    runs = frame({("tf", "a"): [0.5] * 3, ("tf", "b"): [0.75] * 3})
    found = analyze(runs)
    assert answers(found)["repeatability"] == "not assessable"
    assert "Only accuracies were recorded" in found.verdicts[0].text
    assert answers(analyze(runs.assign(predictions="p")))["repeatability"] == "yes"
    moving = analyze(frame({("tf", "a"): [0.5] * 3, ("tf", "b"): [0.75, 0.5]}))
    assert answers(moving)["repeatability"] == "no"
    assert "some since only accuracies were recorded" in moving.verdicts[0].text
    both = pd.concat([runs, runs.assign(experiment="imdb", predictions="p")])
    assert answers(analyze(both))["repeatability"] == "partly"
    sections = {section.name: section.lines for section in report.sections(found)}
    assert "Cells with the same letter have the same accuracy." in sections["cells"]
    assert "Repeats have the same accuracy in each of 2 cells." in sections["finding"]
    words = [line for lines in sections.values() for line in lines]
    assert not any("to the last bit" in line for line in words)


def test_the_share_of_cells_that_move_stands_beside_its_interval(frame):
    cells = {("tf", f"h{n}"): [n, n + (n == 0)] for n in range(4)}
    (text, *_) = (own.text for own in analyze(frame(cells, metric="loss")).verdicts)
    assert "in 3 of 4 cells, and differ in 1 (25 %; among all such cells 0.631 to 80.6 %)" in text


def test_the_same_labels_from_other_weights_are_partly_reproducible(frame):
    runs = frame({("tf", "a"): [1] * 3, ("tf", "b"): [1] * 3})
    runs["final_weights"] = runs["hardware"]
    assert answers(analyze(runs))["outcome"] == "partly"


def test_one_cell_and_one_repeat_pass_nothing(frame):
    found = answers(analyze(frame({("tf", "a"): [1]})))
    assert set(found.values()) == {"not assessable"}


def test_a_cell_that_can_not_be_judged_keeps_repeatability_from_a_full_yes(frame):
    found = analyze(frame({("tf", "a"): [1] * 3, ("tf", "b"): [1]}, metric="loss"))
    assert answers(found)["repeatability"] == "partly"
    assert "1 cell can't be judged" in found.verdicts[0].text


def test_an_empty_frame_has_findings_without_an_answer():
    found = analyze(pd.DataFrame(columns=["experiment", "software", "hardware", "status"]))
    assert (found.data.rows, found.data.repeats, found.experiments) == (0, (0, 0), ())
    assert set(answers(found).values()) == {"not assessable"}


def test_only_failed_runs_are_counted_and_answer_nothing(frame):
    runs = frame({("tf", "a"): [1, 1], ("tf", "b"): [1, 1]})
    runs["status"] = "failed"
    found = analyze(runs)
    assert (found.data.ok, found.data.failed) == (0, 4)
    assert isinstance(found.experiments[0].outcomes, NotAssessable)
    assert set(answers(found).values()) == {"not assessable"}


def test_the_data_say_what_they_are_not(frame):
    runs = frame({("tf", "a"): [1, 1], ("jax", "b"): [1]}, campaign="demo")
    runs["emulated"], runs["origin"] = [True, True, None], [None, None, "study"]
    data = analyze(runs).data
    assert data.labels == {"emulated": 2, "simulated_gpu": 0, "sample_data": 0, "imported": 1}
    assert (data.campaigns, data.software, data.repeats) == (("demo",), ("jax", "tf"), (1, 2))


def test_the_primary_metric_is_the_one_that_the_runs_name(frame):
    runs = frame({("tf", "a"): [1, 1]})
    runs["metric.loss"] = [0.5, 0.25]
    assert analyze(runs).experiments[0].primary is None
    runs["primary_metric"] = "loss"
    found = analyze(runs).experiments[0]
    assert (found.primary, found.cells[0].mean) == ("loss", 0.375)


def test_findings_go_through_json_unchanged(frame):
    found = to_json(analyze(frame({("tf", "a"): [1, 2], ("tf", "b"): [1, float("nan")]})))
    assert found["experiments"][0]["cells"][1]["mean"] is None


def test_a_frame_without_its_first_columns_says_which_it_lacks():
    with pytest.raises(InputError, match="hardware, status"):
        analyze(pd.DataFrame({"experiment": ["a"], "software": ["b"]}))


def test_a_hundred_thousand_runs_have_a_cell_for_each_environment():
    number = np.arange(100_000)
    runs = pd.DataFrame(
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": "h" + pd.Series(number % 500).astype(str),
            "status": "ok",
            "metric.loss": (number % 7) / 7,
        }
    )
    (found,) = analyze(runs).experiments
    assert len(found.cells) == 500
    assert len(found.outcomes.classes) == 7


@pytest.mark.shared
def test_the_studys_findings_survive_json(study):
    found = analyze(study)
    assert answers(found)["outcome"] == "no"
    assert from_json(json.dumps(to_json(found)), "study") == found


def test_no_question_is_about_what_an_analysis_does_not_read():
    sources = [
        path.read_text()
        for path in Path(analysis.__file__).parent.rglob("*.py")
        if path.name != "__init__.py" and path.parent.name not in {"divergence", "findings"}
    ]
    known = {column.name for column in COLUMNS}
    for name in analysis.UNUSED:
        assert name in known
        assert not any(f'"{name}"' in source for source in sources), name


def test_the_order_of_the_rows_changes_nothing(frame):
    runs = frame({(s, h): [0.5, 0.5 + (h == "b")] for s in ("z", "a") for h in ("c", "b")})
    other = runs.assign(experiment="another")
    both = pd.concat([runs, other], ignore_index=True)
    names = ["experiment", "software", "hardware", "status"]
    whole = both.astype(dict.fromkeys(names, "category"))
    turned = both.iloc[::-1].reset_index(drop=True).astype(dict.fromkeys(names, "category"))
    for name in names:  # as the dataset's own frame has them: in the order of the rows
        for one in (whole, turned):
            one[name] = one[name].cat.reorder_categories(list(dict.fromkeys(one[name])))
    assert analyze(whole) == analyze(turned) == analyze(both)


def with_mixed_cell(frame):
    """Return two repeats on three CPUs, of which v is the CPU of a GPU's machine, and on two GPUs.

    A failed run says nothing of what it trained on.
    """
    runs = frame(
        {("tf", name): [value] * 2 for name, value in {"a": 8, "b": 7, "v": 5, "w": 6}.items()}
    )
    more = frame({("tf", "v"): [9, 9]}).assign(gpu_used=True)
    runs["gpu_used"] = runs["hardware"] == "w"
    failed = more.head(1).assign(status="failed", gpu_used=None)
    return pd.concat([runs, more, failed], ignore_index=True)


def ends(cells):
    return min(cell.minimum for cell in cells), max(cell.maximum for cell in cells)


def test_runs_on_a_cpu_are_the_same_whether_asked_for_or_told_apart(frame):
    runs = with_mixed_cell(frame)
    (whole,) = analyze(runs).experiments
    for processor, on_gpu in (("CPU", False), ("GPU", True)):
        (part,) = analyze(runs, part=Part(processor=processor)).experiments
        told = [cell for cell in whole.cells if cell.gpu is on_gpu]
        asked = [cell for cell in part.cells if cell.ok]
        assert ends(told) == ends(asked)
        assert {cell.repeatability for cell in told} == {"tied"}
        scopes = {one.scope: one.hardware for one in whole.attribution}
        assert scopes[processor] == len(told)


def test_a_cell_on_both_processors_is_noted_and_found_by_its_name(frame):
    found = analyze(with_mixed_cell(frame))
    (text,) = [note.text for note in found.design if note.kind == "CPU beside GPU"]
    assert text.endswith("named (on its CPU): v: 2 runs.")
    assert "missing cells" not in {note.kind for note in found.design}
    part = analyze(with_mixed_cell(frame), part=Part(only={"hardware": ["v"]}))
    assert part.data.hardware == ("v", "v (on its CPU)")


def test_hardware_that_one_image_uses_by_its_cpu_alone_is_not_parted(frame):
    runs = frame({("old", "v"): [1, 1], ("new", "v"): [2, 2], ("new", "a"): [3, 3]})
    runs["gpu_used"] = runs["software"] == "old"
    assert analyze(runs).data.hardware == ("a", "v")
