"""The verb ``probe``: the numerical classes of a pool, known before anybody pays for training.

A campaign's probe runs are submitted, waited for and collected by the verbs that every run goes
through; whoever knows a pool's hardware can write the campaign, and nothing here changes.
"""

from __future__ import annotations

from pathlib import Path

from osgrepro import classes, dataset
from osgrepro.classes import Probe
from osgrepro.errors import UsageError
from osgrepro.workflow.loading import Loaded, load, select
from osgrepro.workflow.workspaces import look

ENTRY = "experiments.probe:run"


def probe_runs(loaded: Loaded) -> Loaded:
    """Return the part of a campaign that probes.

    Raises
    ------
    UsageError
        If none of its experiments is the probe.
    """
    names = [one.name for one in loaded.campaign.experiments if one.entry == ENTRY]
    if not names:
        raise UsageError(
            f"{loaded.source}: no experiment is the probe",
            hint=f'add an experiment with entry = "{ENTRY}", as the shipped campaign `probe` has',
        )
    return select(loaded, tuple(f"experiment={name}" for name in names))


def is_dataset(source: str) -> bool:
    """Whether ``source`` names a Parquet file, and no campaign."""
    return Path(source).suffix == ".parquet"


def dataset_of(source: str, workspace: Path | None = None) -> Path:
    """Return the dataset that ``source`` names: a Parquet file, or that of a campaign's folder.

    Raises
    ------
    UsageError
        If the campaign has no probe.
    WorkspaceError
        If the folder belongs to another campaign.
    """
    if is_dataset(source):
        return Path(source)
    return look(probe_runs(load(source)), workspace).dataset_file


def found(path: Path) -> tuple[Probe, ...]:
    """Return the classes of every probe in the dataset at ``path``.

    Raises
    ------
    DatasetError
        If there is no dataset, or it can't be read.
    UsageError
        If no run in it probed.
    """
    probes = classes.probes(dataset.read(path, list(classes.COLUMNS)).to_pylist())
    if not probes:
        raise UsageError(
            f"{path}: no run of a probe is in it that ended well",
            hint="`osgrepro probe CAMPAIGN --submit --wait` runs the probe; `osgrepro status "
            "CAMPAIGN` says where its runs stand",
        )
    return probes
