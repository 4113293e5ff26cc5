"""What is said of repeats is said of the machines that show it, and of no other."""

from __future__ import annotations

from typing import Any

import pandas as pd

from osgrepro.analysis import analyze
from osgrepro.report.headline import headline
from osgrepro.report.repeats import repeats

# By machine and software whether repeats differ; what is not here did not run.
Moves = dict[tuple[str, str], bool]


def told(
    moves: Moves, counts: dict[str, int] | None = None, **columns: dict[tuple[str, str], Any]
) -> list[str]:
    """Return the sentences of runs on machines, three a cell unless ``counts`` says otherwise."""
    return list(repeats(analyze(runs(moves, counts, **columns)).experiments))


def runs(
    moves: Moves, counts: dict[str, int] | None = None, **columns: dict[tuple[str, str], Any]
) -> pd.DataFrame:
    rows = [
        {
            "experiment": "imdb",
            "hardware": hardware,
            "software": software,
            "status": "ok",
            "metric.loss": 0.5 + differ * repeat / 8,
            "gpu_used": hardware.startswith("g"),
            **{name: values.get((hardware, software)) for name, values in columns.items()},
        }
        for (hardware, software), differ in moves.items()
        for repeat in range((counts or {}).get(hardware, 3))
    ]
    return pd.DataFrame(rows)


def test_machines_are_not_crossed_with_software() -> None:
    moves = {("g1", "x"): True, ("g1", "y"): False, ("g2", "x"): False, ("g2", "y"): True}
    assert told(moves, host={cell: cell[0] for cell in moves}) == [
        "On g1, repeats of imdb differ with x, and agree to the last bit in their metrics with y "
        "on the same machine.",
        "On g2, repeats of imdb differ with y, and agree to the last bit in their metrics with x "
        "on the same machine.",
    ]
    both = {("g1", "x"): True, ("g2", "x"): True}
    assert told(both) == ["On g1 and g2, repeats of imdb differ with x."]


def test_software_is_the_difference_only_on_the_same_machine() -> None:
    moves = {("g1", "x"): True, ("g1", "y"): False}
    start = (
        "On g1, repeats of imdb differ with x, and agree to the last bit in their metrics with y"
    )
    same, other = dict.fromkeys(moves, "A40"), {("g1", "x"): "A40", ("g1", "y"): "V100"}
    hosts = {("g1", "x"): "n1", ("g1", "y"): "n2"}
    assert told(moves, host=same) == [f"{start} on the same machine."]
    assert told(moves, host=hosts, gpu_name=same) == [f"{start} on the same kind of machine."]
    elsewhere = [f"{start}, but on another machine of this name."]
    assert told(moves, host=hosts) == told(moves, host=hosts, gpu_name=other) == elsewhere
    assert told(moves) == [f"{start}, but which machine that was is not recorded."]


def test_a_cpu_without_repeats_is_none_on_which_they_agree() -> None:
    moves = {("g1", "x"): True, ("c1", "x"): False, ("c2", "x"): False}
    assert told(moves)[0] == "Repeats agree to the last bit in their metrics on every CPU."
    assert told(moves, {"c2": 1})[0] == (
        "Repeats agree to the last bit in their metrics on every CPU that has repeats (1 of 2 "
        "cells)."
    )
    del moves["g1", "x"]
    assert told(moves, {"c2": 1}) == [
        "Repeats agree to the last bit in their metrics in 1 cell; 1 more has none to compare."
    ]


def test_runs_that_nothing_seeded_are_no_repeats() -> None:
    moves = {("c1", "x"): True, ("c2", "x"): True}
    unseeded = dict.fromkeys(moves, False)
    assert told(moves, seeded=unseeded) == [
        "No run was seeded, and such runs repeat nothing, so whether a machine agrees with itself "
        "is not known."
    ]
    some = told(moves, {"c1": 1}, seeded={("c1", "x"): True, ("c2", "x"): False})
    assert some[0].startswith("3 of 4 runs were not seeded, and such runs repeat nothing, so")
    line = headline(analyze(runs(moves, seeded=unseeded))).lines[0]
    assert "Runs on c1 with x that nothing seeded are 0.250 apart" in line
    assert "repeats on" not in line


def test_what_can_not_be_compared_is_not_called_unrepeated() -> None:
    moves = {("c1", "x"): False}
    assert told(moves, {"c1": 1})[0].startswith("No run was repeated")
    blank = runs(moves).drop(columns="metric.loss")
    (line,) = repeats(analyze(blank).experiments)
    assert line.startswith("No two runs of a cell recorded what can be compared")


def many(moves: Moves, experiments: int) -> list[str]:
    """Return the sentences of so many experiments whose repeats do the same."""
    names = [f"e{number:02}" for number in range(experiments)]
    frames = [runs(moves).assign(experiment=name) for name in names]
    return list(repeats(analyze(pd.concat(frames, ignore_index=True)).experiments))


def test_experiments_of_which_the_same_is_true_share_a_sentence() -> None:
    (line,) = many({("g1", "x"): True, ("g2", "x"): True}, 6)
    assert line == "On g1 and g2, repeats of e00, e01, e02, e03 and 2 more differ with x."


def test_what_has_no_sentence_is_counted_over_all_experiments() -> None:
    # Six kinds of machine that do each something else.
    images = "uvwxyz"
    moves = {
        (f"g{number}", image): place <= number
        for number in range(6)
        for place, image in enumerate(images)
    }
    told_of = many(moves, 6)
    assert len(told_of) == 5
    assert told_of[-1].startswith("Elsewhere they differ, too: those of e00, e01, e02, e03 and 2")
    assert " on 2 kinds of machine, which " in told_of[-1]
