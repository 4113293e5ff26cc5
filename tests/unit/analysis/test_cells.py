"""Whether repeats agree."""

from __future__ import annotations

import pytest
from precision_worlds import wrong_bounds

from osgrepro.analysis.cells import cells, moving_share
from osgrepro.analysis.findings import NotAssessable
from osgrepro.analysis.outcomes import assign
from osgrepro.analysis.statistics.ties import p_upper


def found(runs, primary="accuracy"):
    return cells(runs, assign(runs[runs["status"] == "ok"]).codes, primary)


@pytest.mark.parametrize(("repeats", "bound"), [(5, 0.45), (59, 0.05)])
def test_the_bound_of_tied_repeats_is_the_known_one(repeats, bound):
    assert p_upper(repeats) == pytest.approx(bound, abs=0.005)


def test_a_cell_whose_repeats_agree_is_tied_and_bounded(frame):
    (cell,) = found(frame({("tf", "old"): [0.1] * 5}))
    assert (cell.repeatability, cell.ok, cell.classes) == ("tied", 5, {"A": 5})
    assert (cell.p_upper, cell.mean, cell.sd) == (p_upper(4), 0.1, 0.0)


def test_a_cell_whose_repeats_disagree_is_nondeterministic_and_has_no_bound(frame):
    (cell,) = found(frame({("tf", "old"): [1, 2, 3]}))
    assert (cell.repeatability, cell.p_upper) == ("nondeterministic", None)
    assert (cell.mean, cell.minimum, cell.maximum, cell.sd) == (2, 1, 3, 1)


def test_one_repeat_says_nothing_about_repeatability(frame):
    (cell,) = found(frame({("tf", "old"): [1]}))
    assert isinstance(cell.repeatability, NotAssessable)
    assert (cell.p_upper, cell.sd) == (None, None)


def test_a_cell_where_every_run_failed_stays_in_the_table(frame):
    runs = frame({("tf", "new"): [1, 1], ("tf", "old"): [1, 1]})
    runs.loc[2:, "status"] = "failed"
    _, cell = found(runs)
    assert (cell.hardware, cell.ok, cell.failed, cell.mean) == ("old", 0, 2, None)
    assert isinstance(cell.repeatability, NotAssessable)


def test_nan_repeats_are_tied_and_have_no_mean(frame):
    (cell,) = found(frame({("tf", "old"): [float("nan")] * 3}))
    assert (cell.repeatability, cell.mean, cell.sd) == ("tied", None, None)


def test_infinite_repeats_that_differ_have_no_spread(frame):
    (cell,) = found(frame({("tf", "old"): [float("inf"), 1.0]}))
    assert (cell.repeatability, cell.sd) == ("nondeterministic", None)


def test_a_cell_says_that_it_was_emulated(frame):
    runs = frame({("tf", "new"): [1, 1], ("tf", "old"): [1, 1]})
    runs["emulated"] = [None, False, None, True]
    assert [cell.emulated for cell in found(runs)] == [False, True]


@pytest.mark.shared
def test_the_study_disagrees_with_itself_on_three_gpus_only(study):
    lstm = study[study["experiment"] == "bidirectional_lstm_imdb"]
    wrong = [cell for cell in found(lstm, "test_accuracy") if cell.repeatability != "tied"]
    assert [(cell.software, cell.hardware[:3]) for cell in wrong] == [
        ("dockerhub-2.8.0", "gpu")
    ] * 3
    others = study[study["experiment"] != "bidirectional_lstm_imdb"]
    for _, runs in others.groupby("experiment"):
        assert {cell.repeatability for cell in found(runs)} == {"tied"}


@pytest.mark.parametrize("repeats", [2, 3, 5])
def test_the_bound_of_a_tie_is_wrong_in_at_most_5_of_100_cells(repeats):
    """Of k runs that agree, k − 1 were held against a class that was known before them."""
    wrong = [wrong_bounds(repeats, repeats - 1, classes, 20_000) for classes in range(2, 40)]
    assert 0 < max(wrong) < 0.055


def test_all_runs_taken_for_trials_would_make_it_wrong_in_20_of_100_cells_with_two_repeats():
    wrong = [wrong_bounds(2, 2, classes, 20_000) for classes in range(2, 40)]
    assert 0.18 < max(wrong) < 0.22


def test_the_share_of_cells_that_move_has_the_exact_interval(frame):
    values = {("tf", f"h{n}"): [1, 1] for n in range(9)}
    interval = moving_share(found(frame({**values, ("tf", "odd"): [1, 2]})))
    assert (interval.low, interval.high) == pytest.approx((0.00253, 0.44502), abs=1e-5)
    assert moving_share(found(frame({("tf", "old"): [1]}))) is None


def test_cells_of_one_machine_are_one_draw(frame):
    values = {(software, f"h{n}"): [1, 1] for n in range(10) for software in "st"}
    values |= {(software, "h0"): [1, 2] for software in "st"}
    interval = moving_share(found(frame(values)))
    assert (interval.low, interval.high) == pytest.approx((0.00253, 0.44502), abs=1e-5)


def test_a_cell_names_its_first_runs(frame):
    made = frame({("tf", "a"): [0.5] * 12, ("tf", "b"): [0.5] * 2})
    made["run_id"] = [*(f"r{number}" for number in range(13)), None]
    named = {cell.hardware: cell.run_ids for cell in found(made)}
    assert named == {"a": tuple(f"r{number}" for number in range(10)), "b": ("r12",)}


def test_a_cell_numbers_its_hosts_and_kinds_of_machine(frame):
    runs = frame({("tf", "a"): [1] * 3, ("tf", "b"): [1] * 3, ("tf", "c"): [1] * 12})
    runs["host"] = [*["n1", "n1", "n2"], *["n2", "n1", None], *[f"m{i}" for i in range(12)]]
    runs["cpu_model_name"] = [*["x"] * 3, *["x"] * 3, *[None] * 12]
    runs["logical_cpus"] = [*[8] * 3, *[16, 8, 8], *[None] * 12]
    first, second, third = found(runs)
    assert (len(first.hosts), len(first.kinds)) == (2, 1)
    # A run without a host is on none that is known; of more than ten hosts none is named.
    assert second.hosts == first.hosts
    assert set(second.kinds) > set(first.kinds)
    assert (third.hosts, third.kinds) == ((), ())
