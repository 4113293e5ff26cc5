"""Why results differ, in a sentence: a cause with its chance, or that none is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import worlds

from osgrepro.analysis import analyze
from osgrepro.report.why import why


def said(frame: pd.DataFrame, **columns: Any) -> str:
    """Return what is said of machines and their classes, of which nothing is said else."""
    letters = {letter: number / 8 for number, letter in enumerate("ABCDEFGHIJKLM")}
    runs = worlds.in_tables(frame, 1).assign(**columns)
    runs["metric.loss"] = runs["outcome"].map(letters)
    return " ".join(why(analyze(runs)))


def test_a_cause_is_named_with_its_chance() -> None:
    text = said(worlds.with_cause(np.random.default_rng(1), ["cpu_avx512f"]))
    assert text.startswith(
        "Between hardware environments: mnist on CPUs with s0 goes along with {cpu_avx512f}"
    )
    assert "(by chance in " in text
    assert "some of" not in text


def test_without_a_cause_it_is_said_that_none_can_be_told() -> None:
    random, causes = np.random.default_rng(2), 0
    for _ in range(8):
        text = said(worlds.without_cause(random))
        causes += "goes along with" in text
        assert text.startswith("Between hardware environments: ")
    assert causes <= 2


def test_the_best_of_many_tables_is_no_cause_by_itself() -> None:
    random, causes, nearest = np.random.default_rng(3), 0, 0
    for _ in range(12):
        tables = [
            worlds.in_tables(worlds.without_cause(random), 1).assign(software=f"s{table}")
            for table in range(8)
        ]
        runs = pd.concat(tables, ignore_index=True)
        runs["metric.loss"] = runs["outcome"].map(
            {letter: n / 8 for n, letter in enumerate("ABCDEFGH")}
        )
        text = " ".join(why(analyze(runs)))
        causes += "goes along with" in text
        nearest += "of studies of 8 tables without any cause have one that fits as well" in text
    assert causes <= 1
    assert nearest >= 1


def test_of_machines_that_end_alike_nothing_is_asked() -> None:
    assert not said(worlds.machines().assign(outcome="A"))
    assert said(worlds.machines()[["hardware"]].assign(outcome=list("ABABABABABABA"))).endswith(
        "no recorded attribute tells."
    )


def test_where_each_kind_of_machine_has_a_class_of_its_own_that_is_said() -> None:
    frame = worlds.machines().head(3)[["hardware", "cpu_model", "cpu_vendor"]]
    text = said(frame.assign(outcome=list("ABC")))
    assert "each kind of machine has a class of its own, so no attribute can be singled out" in text
    assert "no recorded attribute tells" not in text


def test_where_the_machines_of_each_site_end_alike_the_site_may_be_why() -> None:
    sites, classes = list("1112222333444"), list("AAABBBBAAABBB")
    frame = worlds.machines().assign(kernel=classes, outcome=classes)
    assert "goes along with {kernel}" in said(frame)
    by_site = said(frame.assign(site=sites))
    assert "can't tell" in by_site
    assert "the machines of each site end alike" in by_site


def repeating(gpu: bool, **columns: Any) -> str:
    """Return what is said of repeats that differ on one machine of three."""
    runs = pd.DataFrame(
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": hardware,
            "status": "ok",
            "gpu_used": gpu,
            "metric.loss": 0.5 + (hardware == "a") * repeat / 8,
            **columns,
        }
        for hardware in "abc"
        for repeat in range(3)
    )
    return " ".join(why(analyze(runs)))


def test_repeats_that_differ_on_gpus_are_not_explained_by_attributes() -> None:
    known = "Between repeats (1 cell, on GPUs): no attribute explains it, for image and machine are"
    assert known in repeating(gpu=True, host="n1")
    assert "not known to be of one machine" in repeating(gpu=True)
    assert "which was not tested here." in repeating(gpu=True)
    assert "Between repeats" not in repeating(gpu=False, host="n1")
