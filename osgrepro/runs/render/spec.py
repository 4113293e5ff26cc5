"""The content of ``spec.json``, which tells the payload what its run is made of.

One for each cluster; the run itself (experiment, hardware, seed and repeat) comes as arguments.
"""

from __future__ import annotations

from collections.abc import Sequence

from osgrepro.common.models import Experiment, Hardware, Image, Json, Matrix


def spec_content(
    matrix: Matrix,
    *,
    software: str,
    image: Image,
    experiments: Sequence[Experiment],
    hardware: Sequence[Hardware],
    batch: str | None,
) -> Json:
    """Return what ``spec.json`` says about these experiments and hardware environments."""
    campaign = matrix.campaign
    return {
        "schema_version": 1,
        "campaign": campaign.name,
        "batch": batch,
        "threads": campaign.threads,
        "trace": campaign.trace,
        "software": {
            "name": software,
            "image": image.location,
            "image_sha256": image.sha256,
        },
        "hardware": {
            item.name: {"proves": item.proves, "gpus": item.gpus.count if item.gpus else 0}
            for item in hardware
        },
        "experiments": {item.name: _experiment(matrix, item, software) for item in experiments},
    }


def _experiment(matrix: Matrix, experiment: Experiment, software: str) -> Json:
    made = matrix.definition(experiment.name, software)
    return {
        "entry": made.entry,
        "code_sha256": made.code.sha256,
        "arguments": list(experiment.arguments),
        "metrics_file": experiment.metrics_file,
        "params": dict(experiment.params),
        "environment": dict(made.environment),
        "metrics": list(experiment.metrics),
        "primary": experiment.primary,
        "data": made.files(),
        **experiment.chosen,
    }
