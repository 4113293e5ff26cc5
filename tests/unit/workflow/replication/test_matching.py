"""Remote names are matched with those here by what rows prove, then by name, then by the user."""

from __future__ import annotations

from typing import Any

import pytest

from osgrepro.analysis.replication.pairs import COLUMNS, Counterpart
from osgrepro.analysis.replication.rows import MACHINE
from osgrepro.common.errors import UsageError
from osgrepro.hardware.twin import Here, Machine, Verdict, compare
from osgrepro.workflow.replication.matching import find

FACTS: dict[str, Any] = {
    "vendor": "AuthenticAMD",
    "family": 23,
    "model": 49,
    "model_name": "EPYC 7302",
    "logical_cpus": 64,
    "isa": ("avx2",),
    "l1d_kib": 32,
    "l2_kib": 512,
}
HERE = Here(vendor="AuthenticAMD", flags=frozenset({"avx2"}), l1d_kib=32, l2_kib=512, l3_kib=None)
KNOWN = {"experiment": {"mnist": None}, "software": {"tf": "x"}}


def verdict(name: str = "epyc-7302", **changes: Any) -> Verdict:
    return compare(Machine(name=name, **{**FACTS, **changes}), HERE)


def run(**changes: Any) -> dict[str, Any]:
    """Return a remote run on an EPYC 7302, as an import has it."""
    machine = {
        "cpu_vendor": "AuthenticAMD",
        "cpu_family": 23,
        "cpu_model": 49,
        "cpu_model_name": "EPYC 7302",
        "cpu_avx2": True,
        "logical_cpus": 64,
    }
    cell = {"experiment": "mnist", "software": "tf", "hardware": "epyc-7302-64", "status": "ok"}
    return dict.fromkeys((*COLUMNS, *MACHINE)) | cell | machine | changes


def match(*rows: dict[str, Any], names: tuple[str, ...] = (), known: Any = KNOWN) -> Counterpart:
    verdicts = [verdict(), verdict("epyc-7402", model_name="EPYC 7402", logical_cpus=96)]
    (found,) = find(rows, known, verdicts, names).values()
    return found


def test_cpu_model_and_threads_say_which_machine_of_the_twin_it_was() -> None:
    found = match(run())
    assert found.cells == (("mnist", "tf", "epyc-7302"),)
    assert found.how == ("epyc-7302-64 is epyc-7302 by CPU model and threads",)
    assert found.why_none == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"cpu_model_name": "EPYC 7502"},
        {"logical_cpus": 32},
        {"usable_cpus": 8},
        {"intra_op_threads": 8},
        {"cpu_family": 25},
        {"cpu_avx512f": True},
        {"gpu_name": "A40"},
    ],
)
def test_a_machine_that_is_another_in_one_thing_is_not_matched(changes: dict[str, Any]) -> None:
    assert match(run(**changes)).cells == ()
    equal = match(run(hardware="epyc-7302", **changes))
    assert equal.cells == ()
    assert "no machine of the twin is " in equal.why_none[0]
    assert ", and its epyc-7302 is EPYC 7302 with 64 threads" in equal.why_none[0]


def test_a_pinned_pool_is_not_the_machines() -> None:
    assert match(run(threads_requested="4", intra_op_threads=4)).cells
    assert not match(run(threads_requested="host", intra_op_threads=4)).cells


def test_where_the_rows_do_not_tell_the_name_does() -> None:
    unknown = {"cpu_model_name": None, "logical_cpus": None}
    assert match(run(hardware="epyc-7302", **unknown)).cells == (("mnist", "tf", "epyc-7302"),)
    found = match(run(**unknown))
    assert found.lacking == (
        "the twin has no machine epyc-7302-64, and the runs do not say which one they were on",
    )


def test_runs_on_several_machines_are_no_machine() -> None:
    found = match(run(), run(cpu_model_name="EPYC 7402", logical_cpus=96))
    assert found.lacking == (
        "the runs were on several machines: EPYC 7302 with 64 threads, EPYC 7402 with 96 threads",
    )


def test_two_machines_alike_are_told_apart_by_the_user() -> None:
    verdicts = [verdict("one"), verdict("two")]
    (found,) = find([run()], KNOWN, verdicts).values()
    assert "one and two of the twin are EPYC 7302 with 64 threads" in found.lacking[0]
    assert "`--as epyc-7302-64=NAME`" in found.lacking[0]
    (found,) = find([run()], KNOWN, verdicts, ["epyc-7302-64=two"]).values()
    assert found.cells[0] == ("mnist", "tf", "two")
    assert found.how == ("epyc-7302-64 is two as told",)


def test_the_users_word_against_the_rows_can_refute_nothing() -> None:
    found = match(run(), names=("epyc-7302-64=epyc-7402",))
    assert found.cells[0][2] == "epyc-7402"
    assert found.remarks == ("ran on EPYC 7302 with 64 threads",)


def test_a_machine_emulated_the_same_way_may_serve_and_its_cache_is_told() -> None:
    verdicts = [verdict(l3_kib=16384), verdict("epyc-7443", model_name="7443")]
    (found,) = find([run()], KNOWN, verdicts).values()
    assert [cell[2] for cell in found.cells] == ["epyc-7302", "epyc-7443"]
    assert found.borrowed == ("L3 cache 16384 KiB, here unknown",)


def test_software_is_the_same_image_and_no_version() -> None:
    known = {"experiment": {}, "software": {"a": "x", "b": "y", "c": None}}
    found = match(run(image_sha256="y"), known=known)
    assert (found.cells[0][1], found.how[0]) == ("b", "tf is b by image")
    unknown = match(run(framework_version="2.8.0"), known=known)
    assert unknown.lacking == (
        "no software here is called tf, but a, b, c; `--as tf=NAME` says which one it is",
    )
    twice = match(run(image_sha256="x"), known={"software": {"a": "x", "b": "x"}})
    assert "a and b have the same image" in twice.lacking[0]
    assert match(run(), known=known, names=("tf=c",)).cells[0][1] == "c"


def test_an_experiment_is_its_code_parameters_and_data() -> None:
    proof = ("c", "{}", "[]")
    own = dict(zip(("code_sha256", "params_json", "data_json"), proof, strict=True))
    found = match(run(**own), known={"experiment": {"digits": proof, "other": None}})
    assert found.cells[0][0] == "digits"


def test_what_cannot_be_emulated_is_an_obstacle() -> None:
    (found,) = find([run()], KNOWN, [verdict(l1d_kib=48)]).values()
    assert found.obstacles == ("L1d cache 48 KiB, here 32 KiB",)


@pytest.mark.parametrize(
    ("term", "told"),
    [
        ("tf", "should be REMOTE=HERE"),
        ("=tf", "should be REMOTE=HERE"),
        ("jax=tf", "the remote runs have no jax"),
        ("tf=jax", "no software here is jax"),
        ("epyc-7302-64=mnist", "no hardware here is mnist"),
    ],
)
def test_mistakes_are_explained(term: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        match(run(), names=(term,))


def test_a_name_that_may_mean_two_things_is_refused_and_so_are_two_meanings() -> None:
    known = {"experiment": {"x": None, "y": None}, "software": {"x": None}}
    with pytest.raises(UsageError, match="may mean experiment or software"):
        match(run(experiment="both", software="both"), known=known, names=("both=x",))
    with pytest.raises(UsageError, match="mnist is already x"):
        match(run(), known=known, names=("mnist=x", "mnist=y"))
