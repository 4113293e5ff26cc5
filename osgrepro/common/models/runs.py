"""Runs: what each is made of, the image that it has, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from osgrepro.common.models.campaign import Campaign, Experiment
from osgrepro.common.models.progress import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFile:
    """One file that an experiment reads.

    ``spec`` is the campaign's own word for it; ``sha256`` is None only while a user's file is
    neither there nor declared; ``sample`` marks what ships with osgrepro to try things out.
    """

    spec: str
    file_name: str
    sha256: str | None
    sample: bool
    path: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """What an experiment executes: the payload's own module, or a user's script at ``path``."""

    entry: str
    sha256: str
    path: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One cell of the matrix, one seed and one repeat (counted from 1)."""

    run_id: str
    experiment: str
    software: str
    hardware: str
    seed: int
    repeat: int

    @property
    def cell(self) -> tuple[str, str, str]:
        """Experiment, hardware and software, in the order in which they are shown."""
        return (self.experiment, self.hardware, self.software)


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """The SIF file of a software environment, or where an execution point finds it.

    ``location`` is what ``container_image`` gets: a path, ``osdf://…`` or ``docker://…``.
    ``sha256`` is None where this side can't read the file; ``file`` is the file's path on this
    machine, if it is there at all.
    """

    software: str
    location: str
    sha256: str | None
    file: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


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
    def entry(self) -> str:
        """The entry as the slot knows it: of a script, the file alone."""
        return self.code.path.name if self.code.path else self.experiment.entry

    def hashed(self) -> dict[str, object]:
        """Return what a definition's name hashes.

        A file whose bytes are not known yet counts by its name, so that ids exist before the data
        do; they change once the file is there. Without variables the environment is not part of it.
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
            "repeat": repeat,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix:
    """All runs of a campaign, with the code and data that their ids stand for."""

    campaign: Campaign
    runs: tuple[Run, ...]
    code: Mapping[str, Code]
    data: Mapping[str, tuple[DataFile, ...]]

    def definition(self, experiment: str, software: str) -> Definition:
        """Return what ``experiment`` is in ``software``."""
        (script,) = (entry for entry in self.campaign.experiments if entry.name == experiment)
        return Definition(
            campaign=self.campaign.name,
            experiment=script,
            code=self.code[experiment],
            data=self.data[experiment],
            software=software,
            environment=self.campaign.environment(experiment, software),
            threads=self.campaign.threads,
        )

    def run_definition(self, run: Run) -> RunDefinition:
        """Return what ``run`` is made of."""
        shared = self.definition(run.experiment, run.software)
        return RunDefinition(shared=shared, hardware=run.hardware, seed=run.seed)


class RunState(str, Enum):
    """Where a run stands; the value is what is printed."""

    NEW = "new"
    IDLE = "idle"
    RUNNING = "running"
    HELD = "held"
    RETURNED = "returned"
    DONE = "done"
    FAILED = "failed"
    ELSEWHERE = "landed-elsewhere"
    REJECTED = "rejected"
    LOST = "lost"
