"""What runs are made of, and the ids that follow from it: ``run_id``, and a definition's name.

Whatever changes a run's numbers is hashed into its ids here; no other module makes one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from osgrepro.common.models.artefacts import Code, DataFile, Image
from osgrepro.common.models.campaign import Experiment
from osgrepro.common.models.progress import Json

RUN_ID_DIGITS = 24  # 96 bits: a million runs collide with a chance below 1e-17
DEFINITION_DIGITS = 12  # of one experiment: people type the first of them


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """What an experiment is in one software environment: what all runs of both have in common.

    Every place that tells what a run is made of tells it from here: its id, what travels to the
    slot, and what its result must say. A field that is added here belongs into each of them.
    """

    campaign: str
    experiment: Experiment
    code: Code
    data: tuple[DataFile, ...]
    software: str
    environment: Mapping[str, str]
    threads: str | int

    @property
    def id(self) -> str:
        """The definition's name: what a run_id hashes, less what tells its runs apart.

        Those are hardware, software, seed and repeat; software counts by what is set for it alone.
        """
        return hashlib.sha256(_canonical(self.hashed())).hexdigest()[:DEFINITION_DIGITS]

    @property
    def entry(self) -> str:
        """The entry as the slot knows it: of a script, the file alone."""
        return self.code.path.name if self.code.path else self.experiment.entry

    def hashed(self) -> dict[str, object]:
        """Return what a definition's name hashes.

        A file whose bytes are not known yet counts by its name, so that ids exist before the data
        do; they change once the file is there. Without variables the environment is not part of it,
        nor is a framework that is not named.
        """
        return {
            "experiment": self.experiment.name,
            "entry": self.experiment.entry,
            "arguments": self.experiment.arguments,
            "code": self.code.sha256,
            "params": dict(self.experiment.params),
            "data": [file.sha256 or f"unknown:{file.spec}" for file in self.data],
            "threads": self.threads,
            **({"environment": self.environment} if self.environment else {}),
            **self.experiment.chosen,
        }

    def files(self) -> list[Json]:
        """Return the data files as the payload and its results tell them."""
        return [
            {
                "spec": file.spec,
                "file": file.file_name,
                "sha256": file.sha256,
                "sample": file.sample,
            }
            for file in self.data
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunDefinition:
    """What one run is made of: its experiment's definition, and what tells it from the others."""

    shared: Definition
    hardware: str
    seed: int

    def run_ids(self, repeats: int) -> Iterator[str]:
        """Yield the run_id of each repeat, from the first to ``repeats``."""
        shared = hashlib.sha256(_canonical(self.hashed()))
        for repeat in range(1, repeats + 1):
            digest = shared.copy()
            digest.update(b"#%d" % repeat)
            yield digest.hexdigest()[:RUN_ID_DIGITS]

    def hashed(self) -> dict[str, object]:
        """Return what the id of a run hashes, with its repeat."""
        return {
            **self.shared.hashed(),
            "hardware": self.hardware,
            "software": self.shared.software,
            "seed": self.seed,
        }

    def recorded(self, repeat: int, image: Image | None) -> Json:
        """Return what a result must say that it was made of."""
        shared = self.shared
        return {
            "campaign": shared.campaign,
            "experiment": shared.experiment.name,
            "entry": shared.entry,
            "code_sha256": shared.code.sha256,
            "params": dict(shared.experiment.params),
            "data": shared.files(),
            "software": shared.software,
            "image_sha256": image.sha256 if image else None,
            "hardware": self.hardware,
            "seed": self.seed,
            "threads": shared.threads,
            "environment": dict(shared.environment),
            "framework": shared.experiment.framework,
            "determinism": shared.experiment.determinism,
            "repeat": repeat,
        }


def _canonical(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
