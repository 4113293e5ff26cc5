"""The part of a campaign that probes, and the classes in a real dataset."""

from __future__ import annotations

from pathlib import Path

import pytest
import trial

from osgrepro.common.errors import DatasetError, UsageError
from osgrepro.results import dataset, records
from osgrepro.workflow.hardware import probing
from osgrepro.workflow.loading import load

MIXED = """
[campaign]
name = "mixed"
repeats = 2
[[experiment]]
name = "training"
entry = "experiments.mnist_convnet:run"
metrics = ["test_loss"]
primary = "test_loss"
[[experiment]]
name = "numerics"
entry = "experiments.probe:run"
metrics = ["digest"]
primary = "digest"
[[software]]
name = "tensorflow-2.8.0"
[[hardware]]
name = "any"
"""


def written(path: Path, *hashes: dict[str, str] | None) -> Path:
    """Write a dataset with a run for each of ``hashes``."""
    matrix = trial.expand(len(hashes), ("host",))
    content = [
        trial.result(matrix, run, "ab", cluster=1, proc=proc, fingerprints={"probe": probe})
        for proc, (run, probe) in enumerate(zip(matrix.runs, hashes, strict=True))
    ]
    dataset.update(
        path,
        [
            records.Record(
                source=trial.source(one),
                result=records.Result.model_validate(one),
                machine={"Name": "slot1@host", "Machine": "here"},
            )
            for one in content
        ],
    )
    return path


def test_only_the_probe_of_a_mixed_campaign_is_run(tmp_path: Path) -> None:
    (tmp_path / "mixed.toml").write_text(MIXED)
    chosen = probing.probe_runs(load(str(tmp_path / "mixed.toml")))
    assert {run.experiment for run in chosen.matrix.runs} == {"numerics"}
    assert len(chosen.matrix.runs) == 2


def test_a_campaign_without_a_probe_is_refused_with_what_to_add() -> None:
    with pytest.raises(UsageError, match="demo: none of its experiments is the probe") as caught:
        probing.probe_runs(load("demo"))
    assert probing.ENTRY in caught.value.hint


def test_the_shipped_probe_reaches_every_execution_point() -> None:
    chosen = probing.probe_runs(load("probe"))
    assert tuple(one.name for one in chosen.campaign.hardware) == trial.EPS


def test_a_campaign_stands_for_its_own_dataset(tmp_path: Path) -> None:
    (tmp_path / "mixed.toml").write_text(MIXED)
    path = probing.dataset_of(str(tmp_path / "mixed.toml"))
    assert path == tmp_path / "mixed.runs" / "dataset.parquet"
    assert probing.dataset_of("some/where.parquet") == Path("some/where.parquet")


def test_classes_are_read_from_the_dataset(tmp_path: Path) -> None:
    one, other = {"sum": "1" * 64}, {"sum": "2" * 64}
    (probe,) = probing.probe_classes(written(tmp_path / "d.parquet", one, one, other))
    assert [found.runs for found in probe.classes] == [2, 1]
    assert [found.repeats_agree for found in probe.classes] == [False, False]
    assert probe.classes[0].members[0].place.machine == "here"


def test_a_dataset_without_a_probe_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "d.parquet", None)
    with pytest.raises(UsageError, match="no run of a probe"):
        probing.probe_classes(path)


def test_no_dataset_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no dataset yet"):
        probing.probe_classes(tmp_path / "d.parquet")
