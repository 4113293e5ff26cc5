"""What one experiment's runs say: its outcomes, cells, precision, components and causes.

Called by ``answers``, once for each experiment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.adequacy import adequacy
from osgrepro.analysis.audit.settings import attributed
from osgrepro.analysis.causes.attributes import ATTRIBUTES
from osgrepro.analysis.causes.attribution import attributions, limits
from osgrepro.analysis.causes.environments import Environments, environments
from osgrepro.analysis.causes.majority import majority
from osgrepro.analysis.cells import cells, moving_share
from osgrepro.analysis.components import components
from osgrepro.analysis.examples import LabelReader, examples
from osgrepro.analysis.findings import Confirmation, ExperimentFindings, NotAssessable, Note
from osgrepro.analysis.outcomes import assign, letters
from osgrepro.analysis.precision import metric_precision
from osgrepro.analysis.replication import replays
from osgrepro.analysis.seeds import kinds, profiles


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What one experiment's runs say, and what of it the findings tell of all experiments."""

    experiment: ExperimentFindings
    limits: tuple[Note, ...]
    confirmations: tuple[Confirmation, ...]
    settings: tuple[Note, ...]
    environments: tuple[Environments, ...]


def answers_of(name: str, runs: pd.DataFrame, labels: LabelReader | None) -> Answers:
    """Return what one experiment's runs say; copies of a machine only confirm or refute it."""
    well = frames.ok(runs)
    assigned = assign(well)
    codes, outcome = assigned.codes, letters(assigned.codes, well.index)
    confirmations = _confirmations(well, outcome)
    # Of ten million rows each copy counts, so that none is made without need.
    if (copies := frames.copies(well)).any():
        runs, well = frames.without_copies(runs), well[~copies]
        codes, outcome = codes[~copies], outcome[~copies]
    metrics = frames.metrics(well)
    primary = frames.primary(runs, metrics)
    experiment_cells = cells(runs, codes, primary)
    outcomes = assigned.outcomes
    classes = [] if isinstance(outcomes, NotAssessable) else outcomes.classes
    agreed = majority(well, codes)
    settled = letters(agreed.codes, well.index) if agreed.odd.any() else outcome
    profile, known = profiles(well, settled, [outcome_class.letter for outcome_class in classes])
    places = tuple(environments(well, profile, known, tuple(ATTRIBUTES), agreed.odd))
    # What was not seeded tells of chance, and would be taken for a spread of machines.
    seeded = well[~frames.unseeded(well)]
    experiment = ExperimentFindings(
        name=name,
        primary=primary,
        metrics=metrics,
        outcomes=outcomes,
        cells=experiment_cells,
        precision=metric_precision(seeded, metrics),
        components=tuple(components(seeded, metric) for metric in metrics),
        attribution=attributions(places, known),
        adequacy=adequacy(experiment_cells, kinds(well, codes)),
        moving=moving_share(experiment_cells),
        examples=examples(well, labels),
    )
    return Answers(
        experiment=experiment,
        limits=limits(places),
        confirmations=confirmations,
        settings=attributed(seeded, outcome[seeded.index]),
        environments=places,
    )


def _confirmations(well: pd.DataFrame, outcome: pd.Series[Any]) -> tuple[Confirmation, ...]:
    """Return what emulated runs say of real ones; those that nothing seeded say nothing."""
    stood_in = frames.stood_in(well)
    if not stood_in.any() or stood_in.all():
        return ()
    seeded = ~frames.unseeded(well)
    return replays.confirmations_of(well[seeded], outcome[seeded])
