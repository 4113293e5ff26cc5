import pandas as pd

from osgrepro.analysis.audit.threads import disagreements


def frame(**columns):
    n = max(len(values) for values in columns.values())
    return pd.DataFrame({"software": ["tf"] * n, "hardware": ["epyc"] * n} | columns)


def test_nothing_is_said_where_all_agree():
    runs = frame(
        threads_requested=["host", "4"],
        intra_op_threads=[64, 4],
        usable_cpus=[64, 64],
        provisioned_cpus=[64, 4],
    )
    assert disagreements(runs) == ()


def test_a_number_that_the_pool_does_not_have_is_one_note_with_counts():
    runs = frame(threads_requested=["4", "4", "4"], intra_op_threads=[64, 64, 4])
    (note,) = disagreements(runs)
    assert note.kind == "threads requested"
    assert note.where == ("tf", "epyc")
    assert note.text == "tf on epyc: 4 threads were requested, 64 computed (2 of 3 runs)."


def test_a_pool_smaller_than_the_affinity_mask_is_said_for_host():
    runs = frame(threads_requested=["host"], intra_op_threads=[8], usable_cpus=[16])
    (note,) = disagreements(runs)
    assert note.kind == "threads of the host"
    assert "(16)" in note.text
    assert "8 computed" in note.text


def test_logical_cpus_stand_in_for_an_unknown_affinity_mask():
    runs = frame(
        threads_requested=["host"], intra_op_threads=[8], usable_cpus=[None], logical_cpus=[16]
    )
    assert [note.kind for note in disagreements(runs)] == ["threads of the host"]


def test_a_pool_larger_than_the_slot_is_said():
    runs = frame(
        threads_requested=["host"],
        intra_op_threads=[64],
        usable_cpus=[64],
        provisioned_cpus=pd.array([1], dtype="Int64"),
    )
    (note,) = disagreements(runs)
    assert note.kind == "threads provisioned"
    assert "64 threads computed in a slot of 1 provisioned CPU " in note.text


def test_each_environment_has_its_own_note():
    runs = frame(threads_requested=["2"] * 4, intra_op_threads=[1] * 4)
    runs["hardware"] = ["a", "b", "b", "a"]
    assert [note.where for note in disagreements(runs)] == [("tf", "a"), ("tf", "b")]


def test_unknown_numbers_and_absent_columns_are_no_disagreement():
    (note,) = disagreements(frame(threads_requested=["4"], intra_op_threads=[None]))
    assert note.kind == "threads not measured"
    assert disagreements(frame(cpu_vendor=["AMD"])) == ()
    assert disagreements(frame(threads_requested=[]).iloc[:0]) == ()


def test_a_frame_put_together_of_two_is_read_as_one():
    runs = frame(threads_requested=["2"], intra_op_threads=pd.array([1], dtype="Int64"))
    (note,) = disagreements(pd.concat([runs, runs]))
    assert "(2 of 2 runs)" in note.text


def test_threads_that_nobody_measured_compare_nothing() -> None:
    rows = [
        {
            "software": "torch",
            "hardware": name,
            "threads_requested": "host",
            "intra_op_threads": None,
            "emulated": name == "threads8",
        }
        for name in ("host", "threads8")
        for _ in range(2)
    ]
    (note,) = disagreements(pd.DataFrame(rows))
    assert note.kind == "threads not measured"
    assert note.where == ("torch", "host", "threads8")
    assert "(4 of 4 runs, 2 of them on slots that emulate other machines)" in note.text
    assert "says nothing about thread counts" in note.text


def test_an_archive_that_tells_of_no_threads_is_not_asked() -> None:
    row = {"software": "tf", "hardware": "a", "threads_requested": "host", "origin": "a.csv"}
    assert disagreements(pd.DataFrame([row])) == ()
