"""The verb ``probe``: the numerical classes of a pool, known before anybody pays for training.

A campaign's probe runs are submitted, waited for and collected by the verbs that every run goes
through; whoever knows a pool's hardware can write the campaign, and nothing here changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tomli_w

from osgrepro import analysis, hardware
from osgrepro.common import texts, toml
from osgrepro.common.errors import UsageError
from osgrepro.hardware import HardwareClass
from osgrepro.results import dataset
from osgrepro.runs.workspace import write
from osgrepro.workflow.loading import Loaded, load, select
from osgrepro.workflow.results import analyzing
from osgrepro.workflow.runs.workspaces import folder, look

if TYPE_CHECKING:
    from osgrepro.analysis import Probe

ENTRY = "experiments.probe:run"


def probe_runs(loaded: Loaded) -> Loaded:
    """Return the part of a campaign that probes.

    Raises
    ------
    UsageError
        If none of its experiments is the probe.
    """
    names = [
        experiment.name for experiment in loaded.campaign.experiments if experiment.entry == ENTRY
    ]
    if not names:
        raise UsageError(
            f"{loaded.source}: none of its experiments is the probe",
            hint=f'add an experiment with entry = "{ENTRY}", as the shipped campaign `probe` has',
        )
    return select(loaded, tuple(f"experiment={name}" for name in names))


@dataclass(frozen=True, kw_only=True, slots=True)
class FannedOut:
    """The campaign of a probe for each hardware class: its file, and whether it is a new one."""

    path: Path
    classes: int
    left_out: int
    new: bool


def fan_out(
    source: str, find_classes: Callable[[], Sequence[HardwareClass]], limit: int | None = None
) -> FannedOut:
    """Write the campaign that runs the probe of ``source`` once for each hardware class of a pool.

    It is ``NAME-classes.toml`` beside the campaign file, or here if the campaign ships with
    osgrepro. If it already exists it stays: its runs are the ones to go on with.

    Parameters
    ----------
    source : str
        A campaign with a probe.
    find_classes : callable
        Returns the pool's hardware classes; called only for a new file.
    limit : int, optional
        At most so many classes, as different ones as there are.

    Raises
    ------
    UsageError
        If none of the campaign's experiments is the probe, or the file can't be written.
    PoolError
        If the pool does not answer, or knows no machine.
    """
    loaded = probe_runs(load(source))
    path = folder(loaded).with_name(f"{loaded.path.stem}-classes.toml")
    if path.exists():
        written = load(str(path))
        return FannedOut(path=path, classes=len(written.campaign.hardware), left_out=0, new=False)
    classes = find_classes()
    chosen = hardware.propose(classes, limit or len(classes)).chosen
    content = toml.loads(texts.decoded(loaded.path.read_bytes()), source)
    name = f"{loaded.campaign.name[:56]}-classes"
    content["campaign"] = {**content["campaign"], "name": name}
    content["experiment"] = [
        table for table in content["experiment"] if table.get("entry") == ENTRY
    ]
    content["hardware"] = [hardware.environment(hardware_class) for hardware_class in chosen]
    content.pop("claim", None)
    write(path, f"{_HEADER}\n\n{tomli_w.dumps(content, multiline_strings=False)}".encode())
    return FannedOut(path=path, classes=len(chosen), left_out=len(classes) - len(chosen), new=True)


_HEADER = "# The probe on each hardware class that the pool had; remove this file to ask it again."


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


def probe_classes(path: Path) -> tuple[Probe, ...]:
    """Return the classes of every probe in the dataset at ``path``.

    Raises
    ------
    DatasetError
        If there is no dataset, or it can't be read.
    UsageError
        If no run in it probed.
    """
    rows = dataset.read(path, list(analysis.PROBE_COLUMNS)).to_pylist()
    of_now = zip(rows, analyzing.of_now(path), strict=True)
    probes = analysis.probes(row for row, kept in of_now if kept)
    if not probes:
        raise UsageError(
            f"{path}: it has no run of a probe that ended well",
            hint="`osgrepro probe CAMPAIGN --submit --wait` runs the probe; `osgrepro status "
            "CAMPAIGN` says where its runs stand",
        )
    return probes
