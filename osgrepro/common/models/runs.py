"""Runs, the matrix of a campaign that they are the cells of, and where each stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from osgrepro.common.models.artefacts import Code, DataFile
from osgrepro.common.models.campaign import Campaign
from osgrepro.common.models.run_ids import Definition, RunDefinition


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
