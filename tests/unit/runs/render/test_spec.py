"""What a spec says is what the payload reads, and what the collector wants of a result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osgrepro import campaign
from osgrepro.campaign import matrix
from osgrepro.common.models import Code, DataFile, Image
from osgrepro.payload.spec import Task, read_task
from osgrepro.runs import render

BATCH = "0123456789abcdef0123456789abcdef"
IMAGE = Image(software="tf-2.8", location="/images/tf-2.8.sif", sha256="e" * 64)
CAMPAIGN = {
    "campaign": {"name": "demo", "repeats": 2, "threads": 3, "trace": True},
    "experiment": [
        {
            "name": "digits",
            "entry": "experiments.mnist_convnet:run",
            "data": ["sample:digits", "data/more.npz"],
            "params": {"epochs": 2, "rate": 0.5},
            "metrics": ["test_accuracy", "loss"],
            "primary": "test_accuracy",
        },
        {
            "name": "mine",
            "entry": "scripts/train.py",
            "arguments": ["--epochs", "2"],
            "metrics_file": "metrics.json",
            "metrics": ["accuracy"],
            "primary": "accuracy",
            "environment": {"DEPTH": "2"},
        },
    ],
    "software": [{"name": "tf-2.8", "image": IMAGE.location, "environment": {"BLOCK": "yes"}}],
    "hardware": [{"name": "epyc"}, {"name": "a100", "gpus": {"count": 2}}],
}
DATA = (
    DataFile(spec="sample:digits", file_name="digits.npz", sha256="d" * 64, sample=True),
    DataFile(spec="data/more.npz", file_name="more.npz", sha256="b" * 64, sample=False),
)


@pytest.fixture
def submissions() -> tuple[render.Submission, ...]:
    code = {
        "digits": Code(entry="experiments.mnist_convnet:run", sha256="c" * 64, path=None),
        "mine": Code(entry="scripts/train.py", sha256="a" * 64, path=Path("/ada/train.py")),
    }
    parsed = campaign.parse(CAMPAIGN, "demo.toml")
    made = matrix.expand(parsed, code=code, data={"digits": DATA, "mine": ()})
    return render.submissions(made, {"tf-2.8": IMAGE})


def tasks(submission: render.Submission, folder: Path) -> list[Task]:
    """Return the runs as their slots read them."""
    file = folder / f"{submission.name}.json"
    file.write_text(json.dumps(submission.spec(BATCH)))
    return [
        read_task(
            str(file),
            run_id=run.run_id,
            experiment=run.experiment,
            hardware=run.hardware,
            seed=run.seed,
            repeat=run.repeat,
            scratch="scratch",
            out="out",
        )
        for run in submission.runs
    ]


def test_the_payload_records_the_definition_that_the_collector_wants(
    submissions: tuple[render.Submission, ...], tmp_path: Path
) -> None:
    for submission in submissions:
        for run, task in zip(submission.runs, tasks(submission, tmp_path), strict=True):
            wanted = submission.matrix.run_definition(run).recorded(run.repeat, IMAGE)
            unsaid = dict.fromkeys(("framework", "determinism"))
            assert unsaid | task.definition() == wanted


def test_the_payload_runs_each_experiment_as_the_campaign_says(
    submissions: tuple[render.Submission, ...], tmp_path: Path
) -> None:
    for submission in submissions:
        for run, task in zip(submission.runs, tasks(submission, tmp_path), strict=True):
            (wanted,) = [one for one in submission.experiments if one.name == run.experiment]
            assert task.experiment.arguments == wanted.arguments
            assert task.experiment.metrics_file == wanted.metrics_file
            assert task.experiment.metrics == wanted.metrics
            assert task.experiment.primary == wanted.primary
            assert task.gpus == {"epyc": 0, "a100": 2}[run.hardware]
            assert (task.batch, task.trace, task.image) == (BATCH, True, IMAGE.location)
