"""Seeds that were not set, and seeds that a script seems to ignore.

Runs that were not seeded are no repeats of each other: that they differ says nothing about
machines. Runs whose seeds all end alike are no evidence of seeds that agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.findings import ExperimentFindings, Note, Outcomes, counted_only

UNSEEDED, IGNORED = "not seeded", "seed ignored"


def notes(runs: pd.DataFrame, experiments: Sequence[ExperimentFindings]) -> Iterator[Note]:
    """Yield what is to be said of the seeds of all runs, and of the experiments made of them."""
    yield from unseeded(frames.ok(runs))
    for experiment in experiments:
        if isinstance(experiment.outcomes, Outcomes):
            yield from ignored(experiment.name, experiment.outcomes, experiment.metrics)


def unseeded(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield for each experiment how many of its runs that ended well were not seeded."""
    loose = frames.unseeded(runs)
    if not loose.any():
        return
    for name, own in runs[loose].groupby("experiment", sort=True, observed=True):
        frameworks = frames.levels(own, "keras_backend") or frames.levels(own, "framework")
        framework = f" (framework {', '.join(frameworks)})" if frameworks else ""
        lone = len(own) == 1
        yield Note(
            kind=UNSEEDED,
            text=f"{len(own):,} {'run' if lone else 'runs'} of {name} "
            f"{'was' if lone else 'were'} not seeded{framework}: "
            f"{'its difference says' if lone else 'their differences say'} nothing about machines, "
            f"and {'it is' if lone else 'they are'} in no outcome class.",
            where=tuple(sorted(own["software"].astype(str).unique())),
        )


def ignored(experiment: str, outcomes: Outcomes, metrics: tuple[str, ...]) -> Iterator[Note]:
    """Yield that the seed of an experiment makes no difference, where it doesn't."""
    if not outcomes.seed_ignored:
        return
    coarse = counted_only(outcomes, metrics)
    rest = ", or the metric is too coarse to show it" if coarse else ""
    alike = "with the same metrics" if coarse else "in the same bits"
    yield Note(
        kind=IGNORED,
        text=f"All seeds of {experiment} end {alike} in every cell that ran with several "
        f"({', '.join(outcomes.seed_ignored)}): the script seems to ignore the seed{rest}. That is "
        "no agreement of seeds.",
        where=outcomes.seed_ignored,
    )
