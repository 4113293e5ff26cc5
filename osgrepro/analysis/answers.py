"""Puts the answers together: a frame of runs in, findings out."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
import pandas as pd
import scipy

import osgrepro
from osgrepro.analysis import frames
from osgrepro.analysis.audit import seeding, units
from osgrepro.analysis.audit.design import audit
from osgrepro.analysis.audit.threads import disagreements
from osgrepro.analysis.causes.joint import Table, joint_attributions
from osgrepro.analysis.claims import claims as claims_of
from osgrepro.analysis.definitions import Part, choose, select
from osgrepro.analysis.examples import LabelReader
from osgrepro.analysis.experiments import Answers, answers_of
from osgrepro.analysis.findings import SCHEMA_VERSION, Cell, Data, Findings, Note
from osgrepro.analysis.seeds import seed_codes
from osgrepro.analysis.verdicts.verdicts import verdicts
from osgrepro.common.models import Claim, Definitions

# Experiments that a note names.
_SHOWN = 4


def analyze(
    frame: pd.DataFrame,
    claims: Sequence[Claim] = (),
    *,
    current: Definitions | None = None,
    definitions: Sequence[str] = (),
    part: Part | None = None,
    labels: LabelReader | None = None,
) -> Findings:
    """Return what a frame of runs says about its experiments.

    Parameters
    ----------
    frame : DataFrame
        A row for each run, in the dataset's columns; the first four must be there: experiment,
        software, hardware, and status (``ok`` or ``failed``).
    claims : sequence of Claim
        What to put to the test in every environment.
    current, definitions : Definitions, sequence of str
        As for :func:`osgrepro.analysis.definitions.choose`: which runs are analysed.
    part : Part, optional
        Which of these are looked at; by default all. Letters are given within the part.
    labels : callable, optional
        Reads labels by their hash, ``partial(dataset.labels, path)`` say; without it nothing is
        said of single examples.

    Raises
    ------
    InputError, UsageError
        If one of the four columns is absent, there is no such definition, or no run in the part.
    """
    chosen, part = choose(frame, current, definitions), part or Part()
    runs = select(frames.apart(chosen.runs), part)
    by_experiment = runs.groupby("experiment", sort=True, observed=True)
    answers = [
        answers_of(str(name), group.reset_index(drop=True), labels) for name, group in by_experiment
    ]
    findings = _together(runs, answers, claims, part, labels)
    options = [word for term in definitions for word in ("--definition", term)]
    return replace(
        findings,
        definitions=chosen.definitions,
        data=replace(findings.data, options=(*options, *part.options)),
    )


def _together(
    runs: pd.DataFrame,
    answers: Sequence[Answers],
    claims: Sequence[Claim],
    part: Part,
    labels: LabelReader | None,
) -> Findings:
    """Return what all experiments say, and what only they say together."""
    experiments = tuple(answer.experiment for answer in answers)
    with_copies, runs = runs, frames.without_copies(runs)
    if len(runs) < len(with_copies):
        runs = runs.reset_index(drop=True)
    judged = claims_of(runs, experiments, claims, labels)
    design = (
        *units.claimed(claims, runs),
        *seeding.notes(runs, experiments),
        *audit(runs),
    )
    doubt = units.DOUBT if any(note.kind == units.KIND for note in design) else None
    return Findings(
        schema_version=SCHEMA_VERSION,
        versions=_versions(),
        data=replace(
            _data(runs, [cell for experiment in experiments for cell in experiment.cells], part),
            copies=len(with_copies) - len(runs),
        ),
        verdicts=verdicts(experiments, judged, doubt),
        experiments=experiments,
        claims=judged,
        confirmations=tuple(chain.from_iterable(answer.confirmations for answer in answers)),
        threads=disagreements(frames.ok(with_copies)),
        design=design,
        notes=tuple(_noted_once((answer.experiment.name, answer.limits) for answer in answers)),
        settings=tuple(
            _noted_once((answer.experiment.name, answer.settings) for answer in answers)
        ),
        joint=tuple(joint_attributions(_tables(answers))),
    )


def _tables(answers: Sequence[Answers]) -> list[Table]:
    """Return the environments of each experiment in each software environment and scope."""
    return [
        Table(experiment=answer.experiment.name, environments=place)
        for answer in answers
        for place in answer.environments
    ]


def _noted_once(noted: Iterable[tuple[str, Sequence[Note]]]) -> Iterator[Note]:
    """Yield each note once, with the experiments that it is about."""
    about: dict[Note, list[str]] = {}
    for experiment, notes in noted:
        for note in notes:
            about.setdefault(note, []).append(experiment)
    for note, names in about.items():
        shown = ", ".join(names[:_SHOWN])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield replace(note, text=f"{shown}{more}, {note.text}")


def _data(runs: pd.DataFrame, all_cells: list[Cell], part: Part) -> Data:
    counts = [-(-(cell.ok + cell.failed) // cell.seeds) for cell in all_cells]
    well = len(frames.ok(runs))
    origin = frames.column(runs, "origin")
    return Data(
        rows=len(runs),
        ok=well,
        failed=len(runs) - well,
        campaigns=frames.levels(runs, "campaign"),
        experiments=frames.levels(runs, "experiment"),
        software=frames.levels(runs, "software"),
        hardware=frames.levels(runs, "hardware"),
        repeats=(min(counts, default=0), max(counts, default=0)),
        labels={
            **{
                name: int(frames.true(runs, name).sum())
                for name in ("emulated", "simulated_gpu", "sample_data")
            },
            "imported": int(origin.notna().sum()),
        },
        seeds=seed_codes(runs)[1],
        part=part.words,
        no_seed=int(frames.column(runs, "seed").isna().sum()),
    )


def _versions() -> dict[str, str]:
    return {
        "osgrepro": osgrepro.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "scipy": scipy.__version__,
    }
