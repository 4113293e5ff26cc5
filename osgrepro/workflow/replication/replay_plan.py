"""What a replay will run: the affordable outcome classes of a remote dataset, and why not the rest.

Planned from the dataset and the campaign alone; ``replaying`` runs it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from osgrepro.analysis import replication
from osgrepro.analysis.replication import Cell, Counterpart, Row
from osgrepro.common.models import Image, Matrix, Run
from osgrepro.common.texts import command
from osgrepro.hardware.twin import Verdict
from osgrepro.workflow.hardware import twins
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.replication import confirming, matching
from osgrepro.workflow.replication.confirming import Rows
from osgrepro.workflow.replication.replay_rows import (
    Cells,
    _seed,
    by_cell,
    experiments_of,
    planned_row,
    runs_by_cell,
)
from osgrepro.workflow.replication.stand_ins import on_machines
from osgrepro.workflow.runs import workspaces
from osgrepro.workflow.software import images

Images = Mapping[str, Image | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """A run on the twin, and the remote cells of one outcome class that it stands for."""

    run: Run
    remote: tuple[Cell, ...]
    remote_class: str
    emulation: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a replay will run, the cheapest first, and why not the rest.

    ``loaded`` is the campaign on the twin's machines, all of its runs; ``rows`` the remote runs and
    the emulated ones that were there before.
    """

    source: str
    loaded: Loaded
    folder: Path
    verdicts: tuple[Verdict, ...]
    rows: Rows
    replays: tuple[Replay, ...]
    counterparts: Mapping[Cell, Counterpart]

    @property
    def left_out(self) -> dict[tuple[str, ...], tuple[Cell, ...]]:
        """The remote cells that are not replayed, by the reasons."""
        by_reasons: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
        for cell, counterpart in self.counterparts.items():
            if counterpart.why_none:
                by_reasons[counterpart.why_none].append(cell)
        return {reasons: tuple(cells) for reasons, cells in by_reasons.items()}


_LIMITED = ("left out by --limit: a larger one includes it",)


def plan(
    loaded: Loaded,
    remote: Path,
    source: str,
    *,
    emulated: Sequence[Path] = (),
    names: Sequence[str] = (),
    limit: int | None = None,
    folder: Path | None = None,
) -> Plan:
    """Return which remote outcome classes can be replayed here, one run for each and emulation.

    Parameters
    ----------
    loaded, remote : Loaded, Path
        The campaign, whose hardware is the twin's; the dataset of the remote runs.
    source : str
        A twin's file, or a shipped twin by its name.
    emulated, names
        As for ``confirming.confirm``.
    limit, folder : int, Path, optional
        At most so many runs; where the replay keeps its state, by default
        ``CAMPAIGN.TWIN.replay`` beside the campaign.

    Raises
    ------
    UsageError
        If a file, the twin or a name isn't there.
    InputError
        If a file is not a dataset.
    """
    twin = twins.load(source)
    verdicts = twins.check(twin)
    rows = confirming.remote_rows(remote) + confirming.emulated_rows(emulated)
    rows = confirming.placed(rows, verdicts)
    everywhere = on_machines(loaded, twin.twin.name, verdicts)
    cells = by_cell(rows, loaded.campaign.seeds)
    matched = _matched(rows, cells, everywhere, _images(loaded), verdicts, names)
    replays, beyond = _chosen(matched, cells, everywhere.matrix, verdicts, limit)
    matched |= {cell: replace(matched[cell], lacking=_LIMITED) for cell in beyond}
    beside = workspaces.folder(loaded).with_name(f"{loaded.path.stem}.{twin.twin.name}.replay")
    return Plan(
        source=source,
        loaded=everywhere,
        folder=folder or beside,
        verdicts=verdicts,
        rows=rows,
        replays=replays,
        counterparts=matched,
    )


def _matched(
    rows: Rows,
    cells: Cells,
    everywhere: Loaded,
    pictures: Images,
    verdicts: Sequence[Verdict],
    names: Sequence[str],
) -> dict[Cell, Counterpart]:
    """Return what each remote cell is here, with every obstacle to replaying it."""
    known: matching.Known = {
        matching.EXPERIMENT: experiments_of(everywhere.matrix),
        matching.SOFTWARE: {
            name: image.sha256 if image else None for name, image in pictures.items()
        },
    }
    matched = dict(matching.find(rows, known, verdicts, names))
    for cell, counterpart in matched.items():
        if not counterpart.why_none:
            faults = tuple(_faults(counterpart.cells[0], cells[cell], everywhere, pictures))
            matched[cell] = replace(counterpart, lacking=faults)
    return matched


def _images(loaded: Loaded) -> Images:
    """Return the image of each software environment; None where it isn't there."""
    states = images.states(loaded.campaign, loaded.path.parent)
    return {name: state.image for name, state in states.items()}


def _faults(own: Cell, rows: Sequence[Row], everything: Loaded, pictures: Images) -> Iterator[str]:
    """Yield why the campaign can't run what a remote cell ran."""
    experiment, software, _ = own
    image = pictures[software]
    if image is None:
        build = command("osgrepro", "build", everything.source)
        yield f"the image of {software} is not there: `{build}`"
    lacking = [
        data_file.spec
        for data_file in everything.matrix.data[experiment]
        if data_file.sha256 is None
    ]
    if lacking:
        yield f"missing data: {', '.join(lacking)}; put it there, and run the same command again"
        return
    run = runs_by_cell(everything.matrix)[own, _seed(rows, everything.campaign.seeds)]
    planned = planned_row(everything.matrix, run, image)
    differing = [tuple(replication.differences(row, planned)) for row in rows]
    if all(differing):
        what = ", ".join(dict.fromkeys(differing[0]))
        yield f"the campaign's runs have other {what}; --campaign names one that has the same"


def _chosen(
    matched: Mapping[Cell, Counterpart],
    cells: Cells,
    everything: Matrix,
    verdicts: Sequence[Verdict],
    limit: int | None,
) -> tuple[tuple[Replay, ...], tuple[Cell, ...]]:
    """Return a run for each outcome class and emulation, and the cells beyond the limit."""
    by_name = {verdict.machine.name: verdict for verdict in verdicts}
    groups: dict[tuple[str, str, str, int, tuple[str, ...]], list[Cell]] = defaultdict(list)
    for cell, counterpart in matched.items():
        if not counterpart.why_none:
            experiment, software, hardware = counterpart.cells[0]
            class_ = replication.remote_class(cells[cell])
            seed = _seed(cells[cell], everything.campaign.seeds)
            groups[experiment, software, class_, seed, by_name[hardware].emulated].append(cell)
    runs, replays = runs_by_cell(everything), []
    for (_, _, class_, seed, emulation), remote in groups.items():
        # Many threads on few cores are slow, and nothing else is known of what a run costs.
        machine = min(matched[cell].cells[0] for cell in remote)
        replays.append(
            Replay(
                run=runs[machine, seed],
                remote=tuple(sorted(remote)),
                remote_class=class_,
                emulation=emulation,
            )
        )
    cost = {name: verdict.machine.logical_cpus for name, verdict in by_name.items()}
    replays.sort(
        key=lambda replay: (cost[replay.run.hardware], replay.run.cell, replay.remote_class)
    )
    kept = set(list(dict.fromkeys(replay.run.run_id for replay in replays))[:limit])
    beyond = [cell for replay in replays if replay.run.run_id not in kept for cell in replay.remote]
    return tuple(replay for replay in replays if replay.run.run_id in kept), tuple(beyond)
