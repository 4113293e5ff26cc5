"""All findings together: what was analysed and everything that was found in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from osgrepro.analysis.findings.causes import Attribution, Confirmation, JointAttribution
from osgrepro.analysis.findings.claims import ClaimFindings, Verdict
from osgrepro.analysis.findings.common import Interval, NotAssessable, Note
from osgrepro.analysis.findings.definitions import Definition
from osgrepro.analysis.findings.examples import UNLABELLED, Examples
from osgrepro.analysis.findings.metrics import is_counted
from osgrepro.analysis.findings.outcomes import Adequacy, Cell, Outcomes
from osgrepro.analysis.findings.precision import Components, MetricPrecision


@dataclass(frozen=True, kw_only=True, slots=True)
class Data:
    """What was analysed, counted; ``labels`` says what of it is not what it seems to be.

    ``labels`` maps ``emulated``, ``simulated_gpu``, ``sample_data`` and ``imported`` to how many
    rows are so; ``repeats`` is the smallest and the largest number of runs of a cell with one seed,
    ``seeds`` how many there are, and ``no_seed`` how many rows record none. ``copies`` are further
    rows, of emulated runs of hardware that is there itself: they count in nothing but the
    confirmations. ``part`` says which part of the dataset this is; empty: all of it. ``options``
    are those of a command that analyses the same rows.
    """

    rows: int
    ok: int
    failed: int
    campaigns: tuple[str, ...]
    experiments: tuple[str, ...]
    software: tuple[str, ...]
    hardware: tuple[str, ...]
    repeats: tuple[int, int]
    labels: Mapping[str, int]
    seeds: int = 1
    part: tuple[str, ...] = ()
    copies: int = 0
    no_seed: int = 0
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentFindings:
    """Everything about one experiment.

    ``moving`` is the interval of the share of cells whose repeats disagree; None: none repeats.
    ``examples`` says what the runs predict, label by label.
    """

    name: str
    primary: str | None
    metrics: tuple[str, ...]
    outcomes: Outcomes | NotAssessable
    cells: tuple[Cell, ...]
    precision: tuple[MetricPrecision, ...]
    components: tuple[Components | NotAssessable, ...]
    attribution: tuple[Attribution, ...]
    adequacy: tuple[Adequacy, ...]
    moving: Interval | None = None
    examples: Examples | NotAssessable = UNLABELLED

    @property
    def only_counts(self) -> bool:
        """Whether counts alone (accuracies, say) tell runs apart, which differing runs may share.

        Whatever says that runs agree to the last bit asks here; it looks at every class.
        """
        known = self.outcomes
        sizes = {own.scale.test_set for own in self.precision}
        test_sets = {size for size in sizes if isinstance(size, int)}
        return isinstance(known, Outcomes) and counted_only(known, self.metrics, test_sets)


def counted_only(
    outcomes: Outcomes, metrics: Collection[str], test_sets: Collection[int] = ()
) -> bool:
    """Whether some class of an experiment is told by nothing but counts of items.

    Parameters
    ----------
    outcomes : Outcomes
        The classes, with the values that each has.
    metrics, test_sets : collection
        As for :func:`is_counted`, of the experiment.
    """
    if outcomes.grade != "O3":
        return False
    classes = outcomes.classes
    fine = [
        metric
        for metric in metrics
        if not is_counted(metric, (own.metrics.get(metric) for own in classes), test_sets)
    ]
    return any(all(own.metrics.get(metric) is None for metric in fine) for own in classes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """All that an analysis found. ``versions`` are those of what computed it.

    ``settings`` says what environment variables decide. ``definitions`` are empty where every run
    is of the one that its experiment has. ``joint`` says what determines the classes of several
    experiments or software environments at once.
    """

    schema_version: int
    versions: Mapping[str, str]
    data: Data
    verdicts: tuple[Verdict, ...]
    experiments: tuple[ExperimentFindings, ...]
    claims: tuple[ClaimFindings, ...]
    confirmations: tuple[Confirmation, ...]
    threads: tuple[Note, ...]
    design: tuple[Note, ...]
    notes: tuple[Note, ...]
    settings: tuple[Note, ...] = ()
    definitions: tuple[Definition, ...] = ()
    joint: tuple[JointAttribution, ...] = ()
