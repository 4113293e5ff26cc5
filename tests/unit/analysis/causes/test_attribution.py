import csv
import re
from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import STUDY

from osgrepro.analysis import frames
from osgrepro.analysis.causes.attribution import attribute, remarks
from osgrepro.analysis.findings import NotAssessable

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FLAGS = ("cpu_avx2", "cpu_avx512f", "cpu_hypervisor", "cpu_fma")


def runs(rows, classes, repeats=2, software="tf"):
    """Return a frame of ``repeats`` runs for each environment and the letter of each run."""
    frame = pd.DataFrame(
        [
            {"software": software, "hardware": f"h{i:02}"} | row
            for i, row in enumerate(rows)
            for _ in range(repeats)
        ]
    )
    return frame, pd.Series([letter for letter in classes for _ in range(repeats)])


def models(rows):
    """Return machines of which each is of a model of its own, whatever else they share."""
    return [row | {"cpu_model_name": f"model {i}"} for i, row in enumerate(rows)]


def one(frame, outcome, **options):
    (found,) = attribute(frame, outcome, LETTERS, **options)
    return found


def all_flags(names=FLAGS, copies=2):
    """Return every combination of flags, more than once, so that none is an identity."""
    every = [dict(zip(names, values, strict=True)) for values in product([False, True], repeat=4)]
    return every * copies


def sets(found):
    """Return all smallest sets that causes name, themselves or by an alias."""
    every = set()
    for cause in found.causes:
        every.add(frozenset(cause.attributes))
        for member, aliases in cause.aliases.items():
            every |= {frozenset(cause.attributes) - {member} | {alias} for alias in aliases}
    return every


@given(planted=st.sets(st.sampled_from(FLAGS), min_size=1, max_size=3), xor=st.booleans())
def test_planted_causes_are_the_only_smallest_set(planted, xor):
    rows = all_flags()
    values = [[row[name] for name in sorted(planted)] for row in rows]
    classes = [LETTERS[sum(v) % 2 if xor else sum(x << i for i, x in enumerate(v))] for v in values]
    found = one(*runs(rows, classes))
    assert sets(found) == {frozenset(planted)}
    (cause,) = found.causes
    assert set(cause.aliases.values()) == {()}
    assert {name for group in cause.groups for name in group.hardware} == {
        f"h{i:02}" for i in range(len(rows))
    }


@given(
    st.lists(st.tuples(*[st.integers(0, 2)] * 4, st.sampled_from("ABC")), min_size=2, max_size=12)
)
def test_the_sets_found_are_those_that_trying_all_finds(data):
    names = ("cpu_family", "cpu_model", "cpu_stepping", "logical_cpus")
    rows = [dict(zip(names, row, strict=False)) for row in data]
    found = one(*runs(models(rows), [row[-1] for row in data]))
    if isinstance(found.causes, NotAssessable):
        return
    size = min(len(cause.attributes) for cause in found.causes)

    def determines(attributes):
        seen = {}
        return all(
            seen.setdefault(tuple(row[name] for name in attributes), letter) == letter
            for row, (*_, letter) in zip(rows, data, strict=True)
        )

    def shared(attributes):
        return len({tuple(row[name] for name in attributes) for row in rows}) < len(rows)

    every = {
        frozenset(chosen)
        for chosen in product(found.considered, repeat=size)
        if len(set(chosen)) == size and determines(chosen) and shared(chosen)
    }
    smallest = {chosen for chosen in sets(found) if len(chosen) == size}
    assert smallest <= every
    for chosen in every:
        assert any(len(chosen - known) <= 1 for known in smallest)
    for chosen in sets(found) - smallest:
        assert len(chosen) == size + 1
        assert determines(chosen)
        assert shared(chosen)
        assert not any(known <= chosen for known in every)
    refuted = {example.attributes for example in found.counterexamples}
    assert all(((name,) in refuted) != determines([name]) for name in found.considered)


@given(st.permutations(range(32)))
def test_the_order_of_the_runs_does_not_matter(order):
    rows = all_flags()
    classes = ["B" if row["cpu_avx2"] else "A" for row in rows]
    frame, outcome = runs(rows, classes, repeats=1)
    shuffled = one(frame.iloc[order], outcome.iloc[order])
    assert shuffled == one(frame, outcome)


@given(st.permutations(FLAGS))
def test_a_planted_alias_is_named_whichever_it_is(names):
    cause, alias, *_ = names
    rows = [row | {alias: row[cause]} for row in all_flags()]
    found = one(*runs(rows, ["AB"[row[cause]] for row in rows]))
    assert sets(found) == {frozenset({cause}), frozenset({alias})}
    assert len(found.causes) == 1


def test_machines_of_one_type_count_once():
    # Twenty machines of two types say no more than two do.
    rows = [{"cpu_vendor": "AMD", "cpu_avx512f": False}, {"cpu_vendor": "Intel", "cpu_avx512f": 1}]
    found = one(*runs(rows * 10, "AB" * 10))
    assert (found.hardware, found.types) == (20, 2)
    assert found.causes.why == (
        "what varies has another value in each of the 2 types of machine: cpu_avx512f, cpu_vendor"
    )


def test_a_kernel_makes_no_type_unless_machines_of_one_type_differ_by_it():
    rows = [{"cpu_avx2": i % 2 == 0, "cpu_fma": i % 4 > 1, "kernel": f"{i % 3}"} for i in range(12)]
    by_instructions = one(*runs(rows, ["AB"[row["cpu_avx2"]] for row in rows]))
    assert by_instructions.types == 4
    by_kernel = one(*runs(rows * 2, ["ABC"[int(row["kernel"])] for row in rows * 2]))
    assert (by_kernel.types, sets(by_kernel)) == (12, {frozenset({"kernel"})})


@given(st.integers(0, 15))
def test_no_cause_is_named_where_none_was_planted(odd):
    # Two machines that are alike in all that is recorded, and differ in their class.
    rows = all_flags()
    found = one(*runs(rows, ["B" if i == odd else "A" for i in range(len(rows))]))
    assert isinstance(found.causes, NotAssessable)
    assert sorted(re.findall(r"h\d\d", found.causes.why)) == [f"h{odd:02}", f"h{odd + 16:02}"]


def test_an_alias_is_named_and_the_next_run_breaks_it():
    rows = [
        {"cpu_avx512f": new, "cpu_avx512_vnni": new, "logical_cpus": cpus, "cpu_avx": True}
        for new, cpus in product([False, True], [32, 64])
    ] * 2
    classes = [LETTERS[2 * row["cpu_avx512f"] + (row["logical_cpus"] == 64)] for row in rows]
    found = one(*runs(models(rows), classes))
    (cause,) = found.causes
    assert cause.attributes == ("logical_cpus", "cpu_avx512f")
    assert cause.aliases == {"logical_cpus": (), "cpu_avx512f": ("cpu_avx512_vnni",)}
    assert cause.groups[0].values == {"logical_cpus": "32", "cpu_avx512f": "no"}
    assert cause.groups[0].letter == "A"
    assert cause.groups[0].hardware == ("h00", "h04")
    assert found.next_run.text == (
        "a machine with avx512f and 32 logical CPUs, but without avx512_vnni"
    )
    assert found.next_run.between == (
        ("logical_cpus", "cpu_avx512f"),
        ("logical_cpus", "cpu_avx512_vnni"),
    )
    assert found.constant == ("cpu_avx", "cpu_model_name")


def test_a_single_attribute_is_refuted_by_two_environments():
    rows = all_flags()
    classes = ["AB"[row["cpu_avx2"] ^ row["cpu_fma"]] for row in rows]
    frame, outcome = runs(rows, classes)
    found = one(frame, outcome)
    assert {example.attributes for example in found.counterexamples} == {(name,) for name in FLAGS}
    for example in found.counterexamples:
        first, second = int(example.first[1:]), int(example.second[1:])
        assert rows[first][example.attributes[0]] == rows[second][example.attributes[0]]
        assert classes[first] != classes[second]


def test_an_attribute_that_is_another_everywhere_is_no_cause():
    rows = [{"cpu_model": i, "cpu_avx2": i > 1} for i in range(4)]
    frame, outcome = runs(rows, "AABB")
    found = one(frame, outcome)
    assert sets(found) == {frozenset({"cpu_avx2"})}
    assert "cpu_model" in found.constant
    (note,) = remarks(frame, outcome, LETTERS)
    assert (note.kind, note.where) == ("identity", ("cpu_model",))


def test_environments_without_a_shared_value_leave_nothing_to_compare():
    found = one(*runs([{"cpu_model": i} for i in range(3)], "ABC"))
    assert isinstance(found.causes, NotAssessable)
    assert "cpu_model" in found.causes.why


@pytest.mark.parametrize(
    ("rows", "classes", "why"),
    [
        ([{"cpu_avx2": True}], "A", "one environment"),
        ([{"cpu_avx2": True}, {"cpu_avx2": False}], "AA", "one class"),
        ([{"cpu_avx2": True}] * 3, "ABA", "no recorded attribute varies"),
        ([{"cpu_avx2": None}] * 3, "ABA", "no recorded attribute varies"),
        ([{"cpu_avx2": True}, {"cpu_avx2": True}, {"cpu_avx2": False}], "ABA", "h00 and h01"),
        (
            [{"cpu_avx2": v, "cpu_fma": f} for v, f in ((0, 0), (0, 1), (1, 0))],
            "ABC",
            "each of the 3 environments has a class of its own",
        ),
        (
            [{"cpu_avx2": v, "cpu_fma": f} for v, f in ((0, 0), (0, 1), (1, 0), (1, 1))],
            "ABCA",
            "tell all 4 environments apart",
        ),
        (
            [{"gpu_name": n, "cpu_avx2": v} for n, v in (("P", 0), ("Q", 0), ("R", 1), ("S", 1))],
            "ABAA",
            "h00 and h01 have different classes, and differ only in what tells all environments"
            " apart: gpu_name",
        ),
    ],
)
def test_what_cannot_be_said_is_said_with_what_is_missing(rows, classes, why):
    found = one(*runs(rows, classes))
    assert isinstance(found.causes, NotAssessable)
    assert why in found.causes.why
    assert found.causes.missing
    assert found.next_run is None


def test_no_environment_or_no_run_is_no_attribution():
    frame, outcome = runs([{"cpu_avx2": True}], "A")
    assert attribute(frame, outcome.where(outcome != "A"), LETTERS) == ()
    assert attribute(frame.iloc[:0], outcome.iloc[:0], LETTERS) == ()


def test_an_environment_whose_repeats_disagree_is_set_aside_and_named():
    rows = [{"cpu_avx2": i % 2 == 0} for i in range(5)]
    frame, outcome = runs(models(rows), "ABABA")
    outcome.iloc[-1] = "C"
    found = one(frame, outcome)
    assert (found.hardware, found.classes) == (4, 2)
    note, _ = remarks(frame, outcome, LETTERS)
    assert (note.kind, note.where) == ("repeats disagree", ("h04",))


def test_what_nobody_recorded_of_some_machines_is_no_cause():
    rows = [{"cpu_cache_kb": 512.0}, {"cpu_cache_kb": None}] * 2
    frame, outcome = runs(rows, "ABAB")
    found = one(frame, outcome)
    assert "not known in each of the 4 environments: cpu_cache_kb" in found.causes.why
    (note,) = remarks(frame, outcome, LETTERS)
    assert (note.kind, note.where) == ("unknown values", ("cpu_cache_kb",))
    frame["cpu_avx2"] = [True, True, False, False] * 2
    frame["cpu_model_name"] = frame["hardware"]
    found = one(frame, outcome)
    assert sets(found) == {frozenset({"cpu_avx2"})}
    assert (found.considered, found.constant) == (
        ("cpu_avx2",),
        ("cpu_model_name", "cpu_cache_kb"),
    )


def test_two_machines_that_differ_in_what_a_third_lacks_say_so():
    rows = [{"cpu_cache_kb": cache, "cpu_avx2": new} for cache, new in ((1, 0), (2, 0), (None, 1))]
    found = one(*runs([*rows, rows[0]], "ABAA"))
    assert found.causes.why == (
        "h00 and h01 have different classes, and differ only in what is not known of every"
        " environment: cpu_cache_kb"
    )


@pytest.mark.parametrize(
    "columns",
    [{"gpu_used": [True, False]}, {"gpus": [1, 0]}, {"gpu_name": ["A40", None]}],
)
def test_cpus_and_gpus_are_told_apart_as_everywhere_else(columns):
    rows = [{"cpu_avx2": i % 2 == 0, "gpu_name": None} for i in range(4)]
    rows = [
        row | {key: value[i // 2] for key, value in columns.items()} for i, row in enumerate(rows)
    ]
    frame, outcome = runs(rows, "ABAB")
    found = attribute(frame, outcome, LETTERS)
    assert [(f.scope, f.hardware) for f in found] == [("CPU", 2), ("GPU", 2), ("all", 4)]
    assert frames.with_gpu(frame).tolist() == [True] * 4 + [False] * 4


def test_on_a_simulated_gpu_nothing_trains() -> None:
    slots = {"gpus": [1, 1, 1], "simulated_gpu": [True, None, True], "gpu_used": [None, None, True]}
    assert frames.with_gpu(pd.DataFrame(slots)).tolist() == [False, True, True]


def test_a_gpu_that_was_not_used_makes_no_gpu_run():
    rows = [{"cpu_avx2": i % 2 == 0, "gpu_name": "A40", "gpu_used": False} for i in range(4)]
    assert [f.scope for f in attribute(*runs(rows, "ABAB"), LETTERS)] == ["CPU"]


def test_a_machine_without_a_gpu_has_none_of_its_attributes_unknown():
    rows = [{"gpu_name": name, "gpu_driver": name and "5"} for name in (None, None, "A40", "A40")]
    *_, every = attribute(*runs(models(rows), "AABB"), LETTERS)
    (cause,) = every.causes
    assert [group.values["gpu_name"] for group in cause.groups] == ["none", "A40"]


def test_gpus_are_a_scope_of_their_own_and_all_is_both():
    rows = [{"cpu_avx2": i % 2 == 0, "gpu_name": None} for i in range(4)]
    rows += [
        {"cpu_avx2": True, "gpu_name": name, "gpu_memory_mb": size}
        for size in (16, 32)
        for name in ("A40", "V100")
    ]
    found = attribute(*runs(models(rows), "ABABCDCD"), LETTERS)
    assert [(f.scope, f.hardware, f.classes) for f in found] == [
        ("CPU", 4, 2),
        ("GPU", 4, 2),
        ("all", 8, 4),
    ]
    assert "gpu_name" in found[0].constant
    assert sets(found[1]) == {frozenset({"gpu_name"})}
    assert sets(found[2]) == {frozenset({"cpu_avx2", "gpu_name"})}


def test_each_software_environment_is_judged_alone():
    rows = [{"cpu_avx2": i % 2 == 0} for i in range(4)]
    first, classes = runs(models(rows), "ABAB")
    second, same = runs(models(rows), "CCCC", software="jax")
    found = attribute(pd.concat([first, second]), pd.concat([classes, same]), LETTERS)
    assert [f.software for f in found] == ["jax", "tf"]
    assert isinstance(found[0].causes, NotAssessable)
    assert sets(found[1]) == {frozenset({"cpu_avx2"})}


def test_impossible_machines_are_not_asked_for():
    rows = [{"cpu_vendor": v, "cpu_family": f} for v, f in (("AMD", 23), ("Intel", 6)) * 2]
    found = one(*runs(models(rows), "ABAB"))
    assert found.causes[0].aliases == {"cpu_vendor": ("cpu_family",)}
    assert found.next_run is None


def test_a_model_with_other_instructions_than_its_own_is_not_asked_for():
    values = ((1, 0, 512), (1, 0, 512), (0, 0, 25600), (0, 0, 25600), (0, 1, 28160), (0, 1, 28160))
    rows = [
        {"cpu_vendor": "AMD" if amd else "Intel", "cpu_avx512f": new, "cpu_cache_kb": cache}
        for amd, new, cache in values
    ]
    found = one(*runs(models(rows), "AABBCC"))
    assert any("cpu_cache_kb" in cause.attributes for cause in found.causes)
    # No CPU with 28160 KB lacks avx512f, nor has AMD one with 25600.
    assert found.next_run is None


def facts(folder):
    """Return the CPU of a cluster, from the first of its system files, by a few expressions."""
    text = next(iter(sorted(folder.glob("*_system_info.yaml")))).read_text()
    block = text[: text.index("\ndatetime:")]
    first = re.split(r"\n- ", block)[1]
    flags = set(re.search(r"\n  flags: (.*?)\n  [a-z]", first, re.S)[1].split())
    return {
        "logical_cpus": len(re.findall(r"\n- ", block)),
        "cpu_vendor": re.search(r"vendor_id: (\w+)", first)[1],
        "cpu_model_name": re.search(r"model name: (.+)", first)[1],
        "cpu_cache_kb": int(re.search(r"cache size: (\d+)", first)[1]),
    } | {f"cpu_{flag}": flag in flags for flag in ("avx512f", "avx512_vnni", "avx2", "fma")}


def of_2022(software, experiment):
    """Return the CPU runs of one experiment and the letter of each: its loss's and accuracy's."""
    rows = []
    for file in sorted(STUDY.glob(f"{software}/cpu/*/{experiment}.csv")):
        here = {"software": software, "hardware": file.parent.name} | facts(file.parent)
        with file.open(newline="") as lines:
            for row in csv.DictReader(lines):
                rows.append(here | {"bits": (row["test_loss"], row["test_accuracy"])})
    frame = pd.DataFrame(rows)
    letters = {bits: LETTERS[i] for i, bits in enumerate(dict.fromkeys(frame["bits"]))}
    return frame, frame["bits"].map(letters)


needs_2022 = pytest.mark.skipif(
    not STUDY.is_dir(), reason="the 2022 results are not beside the checkout"
)
both_images = pytest.mark.parametrize("software", ["dockerhub-2.8.0", "ngc-22.03"])


@pytest.mark.shared
@needs_2022
@both_images
@pytest.mark.parametrize("experiment", ["mnist_convnet", "imbalanced_classification"])
def test_threads_and_one_of_four_aliases_decided_in_2022(software, experiment):
    found = one(*of_2022(software, experiment))
    assert found.classes == 7
    (cause,) = found.causes
    assert cause.attributes == ("logical_cpus", "cpu_avx512f")
    assert cause.aliases["logical_cpus"] == ()
    others = {"cpu_avx512_vnni", "cpu_vendor", "cpu_cache_kb"}
    assert set(cause.aliases["cpu_avx512f"]) == others
    assert found.next_run.text == (
        "a machine with avx512f and 64 logical CPUs, but without avx512_vnni"
    )


@pytest.mark.shared
@needs_2022
@both_images
def test_vendor_and_avx512f_decided_the_lstm_in_2022_and_so_does_the_cache_size(software):
    frame, letters = of_2022(software, "bidirectional_lstm_imdb")
    found = one(frame, letters)
    # Four sizes in ten environments: alone it divides them more finely than the three classes are.
    both = ("cpu_avx512f", "cpu_vendor")
    assert [cause.attributes for cause in found.causes] == [both, ("cpu_cache_kb",)]
    assert [len(cause.groups) for cause in found.causes] == [3, 4]
    found = one(frame.drop(columns="cpu_cache_kb"), letters)
    assert found.classes == 3
    first, second = found.causes
    assert first.attributes == ("cpu_avx512f", "cpu_vendor")
    assert [(group.letter, len(group.hardware)) for group in first.groups] == [
        ("A", 6),
        ("B", 2),
        ("C", 2),
    ]
    # The thread counts divide these ten environments so finely that they may stand for either.
    assert first.aliases == {"cpu_avx512f": ("logical_cpus",), "cpu_vendor": ("logical_cpus",)}
    assert second.attributes == ("logical_cpus", "cpu_avx512_vnni")
