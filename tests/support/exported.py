"""A campaign of a user's own with a dataset of made-up runs, for crates to be made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from osgrepro.results import dataset
from osgrepro.runs import workspace

CAMPAIGN = """
[campaign]
name = "mine"
repeats = 2

[[experiment]]
name = "own"
entry = "train.py"
data = ["data/mine.csv"]
metrics = ["accuracy"]
primary = "accuracy"

[[software]]
name = "tensorflow-2.8.0"

[[hardware]]
name = "any"
"""


def row(repeat: int, weights: str = "a", **changes: Any) -> dict[str, Any]:
    """Return a run as a row of the dataset."""
    return {
        "campaign": "mine",
        "run_id": f"{repeat:024x}",
        "experiment": "own",
        "software": "tensorflow-2.8.0",
        "hardware": "any",
        "repeat": repeat,
        "status": "ok",
        "final_weights": weights * 64,
        **changes,
    }


def campaign(home: Path) -> Path:
    """Write the campaign, what it reads and its dataset below ``home``; return the campaign."""
    (home / "data").mkdir(parents=True)
    (home / "data" / "mine.csv").write_text("1,2\n")
    (home / "train.py").write_text("def run(context):\n    print('training')\n")
    file = home / "mine.toml"
    file.write_text(CAMPAIGN)
    place = workspace.open_workspace(home / "mine.runs", "mine", file.name)
    dataset.write(place.dataset_file, [row(1), row(2)])
    return file
