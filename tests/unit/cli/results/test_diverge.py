"""``diverge`` as a user meets it: run ids or paths, the first difference, exit codes as cmp's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from divergence_results import digest, result, seal

A, B, C = "aaaa" + "0" * 20, "bbbb" + "0" * 20, "bbbb" + "1" * 20


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Make a campaign's folder with three runs, of which two part at step 2."""
    other = result(run_id=B)
    other["fingerprints"]["gradients"][1]["0:conv2d/kernel"] = digest("another")
    other["provenance"]["threads"]["intra_op_effective"] = 2
    results = tmp_path / "w" / "returned" / "results"
    seal(results / "aa" / f"{A}.1.0.1.json", result(run_id=A))
    seal(results / "bb" / f"{B}.1.1.1.json", other)
    seal(results / "bb" / f"{C}.1.2.1.json", result(run_id=C))
    return tmp_path / "w"


def test_the_first_line_is_the_answer_and_to_part_is_exit_1(osgrepro, shelf: Path) -> None:
    said = osgrepro("diverge", "--workspace", "w", "aaaa", "bbbb0")
    assert (said.code, said.err) == (1, "")
    lines = said.out.splitlines()
    assert lines[0] == (
        "they part at step 2: the gradient of conv2d/kernel, computed by Conv2DBackpropFilter"
    )
    rows = [" ".join(line.split()) for line in lines]
    assert "step 1: gradients same" in rows
    assert "step 2: gradients differs 1 of 4" in rows
    assert "conv2d/kernel differs Conv2DBackpropFilter" in rows
    assert not any(row.startswith("step 3") for row in rows)
    assert "intra-op threads 1 2" in rows


def test_the_same_is_exit_0(osgrepro, shelf: Path) -> None:
    said = osgrepro("diverge", "--workspace", "w", "aaaa", "bbbb1")
    assert (said.code, said.out.splitlines()[0]) == (0, "no divergence in all that was recorded")


def test_nothing_recorded_is_exit_2(osgrepro, tmp_path: Path) -> None:
    bare = result(status="failed", exit_code=40, metrics={})
    bare["exception"] = {"type": "E", "message": "\x1b[31m", "traceback": ""}
    bare["fingerprints"] |= dict.fromkeys(
        ("initial_weights", "final_weights", "predictions", "labels", "gradients")
    )
    bare["fingerprints"]["losses"] = bare["provenance"]["data"] = {}
    seal(tmp_path / "a.json", bare)
    said = osgrepro("diverge", "a.json", "a.json")
    assert (said.code, said.out.splitlines()[0][:14]) == (2, "not assessable")
    assert "A failed (E)" in said.err


def test_json_tells_all(osgrepro, shelf: Path) -> None:
    said = osgrepro("diverge", "--workspace", "w", "aaaa", "bbbb0", "--json")
    found = json.loads(said.out)
    assert said.code == 1
    assert found["answer"] == "differs"
    assert (found["first"]["step"], found["first"]["variable"]) == (2, "conv2d/kernel")
    assert found["first"]["kind"] == "convolution"
    assert {"what": "intra-op threads", "a": "1", "b": "2"} in found["candidates"]
    assert found["file_b"].endswith(f"{B}.1.1.1.json")
    assert [one["status"] for one in found["stages"]].count("differs") == 1


def test_of_several_attempts_the_first_that_ended_well_counts(osgrepro, shelf: Path) -> None:
    folder = shelf / "returned" / "results" / "aa"
    failed: dict[str, Any] = {"status": "failed", "exit_code": 10, "metrics": {}}
    failed["exception"] = {"type": "E", "message": "", "traceback": ""}
    seal(folder / f"{A}.0.0.1.json", result(run_id=A, **failed))
    seal(folder / f"{A}.2.0.1.json", result(run_id=A))
    said = osgrepro("diverge", "--workspace", "w", "aaaa", "aaaa", "--json")
    assert json.loads(said.out)["file_a"].endswith(f"{A}.1.0.1.json")


@pytest.mark.parametrize("shard", [False, True])
def test_a_link_among_what_jobs_returned_is_not_followed(osgrepro, shelf, shard: bool) -> None:
    results = shelf / "returned" / "results"
    place = results / "aa" if shard else results / "aa" / f"{A}.1.0.1.json"
    place.rename(shelf / "elsewhere")
    place.symlink_to(shelf / "elsewhere")
    said = osgrepro("diverge", "--workspace", "w", "aaaa", "bbbb")
    assert said.code == 2
    assert "no run with a result begins with it" in said.err


def test_local_runs_are_found_too_and_a_path_may_stand_beside_a_run_id(osgrepro, shelf) -> None:
    local = seal(shelf / "local" / f"{'c' * 24}.0.0.1.json", result(run_id="c" * 24))
    assert osgrepro("diverge", "--workspace", "w", "cccc", str(local)).code == 0


def test_names_from_a_result_cannot_reach_the_terminal(osgrepro, tmp_path: Path) -> None:
    first, second = result(), result()
    name = "0:\x1b[31mevil/kernel"
    for made in (first, second):
        made["fingerprints"]["gradients"] = [{name: digest(made is first)}]
    seal(tmp_path / "a.json", first)
    seal(tmp_path / "b.json", second)
    said = osgrepro("diverge", "a.json", "b.json")
    assert said.code == 1
    assert "\x1b" not in said.out
    assert "an unknown operation" in said.out


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["nowhere.json", "a.json"], "nowhere.json: no such result"),
        (["a.json", "."], ".: no such result"),
        (["a.json", "abcd"], "name its campaign with --campaign"),
        (["--workspace", "w", "aaa", "aaaa"], "too short"),
        (["--workspace", "w", "aaaa", "bbbb"], "2 run ids begin with it"),
        (["--workspace", "w", "aaaa", "dddd"], "no run with a result begins with it"),
        (["--workspace", "nowhere", "aaaa", "bbbb"], "nowhere: no such folder"),
        (["--workspace", "w", "--campaign", "x", "--campaign", "y", "a", "b"], "several campaigns"),
        (["--campaign", "demo", "--workspace", "none", "aaaa", "bbbb"], "no run with a result"),
        (["--campaign", "nowhere.toml", "aaaa", "bbbb"], "no such campaign file"),
        (["a.json", "text.json"], "not-json"),
        (["a.json", "cut.json"], "truncated"),
        (["a.json", "later.json"], "schema_version is 2"),
        (["a.json", "edited.json"], "checksum"),
        (["a.json", "other.json"], "two experiments"),
    ],
)
def test_mistakes_are_exit_2(osgrepro, shelf, tmp_path: Path, argv, told) -> None:
    text = seal(tmp_path / "a.json", result()).read_text()
    (tmp_path / "text.json").write_text("hello")
    (tmp_path / "cut.json").write_text(text[: len(text) // 2])
    (tmp_path / "edited.json").write_text(text.replace("EPYC 7302", "EPYC 7303"))
    seal(tmp_path / "later.json", result(schema_version=2))
    probe = result()
    probe["definition"] |= {"entry": "experiments.probe:run", "code_sha256": digest("probe")}
    seal(tmp_path / "other.json", probe)
    said = osgrepro("diverge", *argv)
    assert (said.code, said.out) == (2, "")
    assert told in said.err + said.out
    assert "Traceback" not in said.err
