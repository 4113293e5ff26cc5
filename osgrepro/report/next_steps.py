"""What to do next: what would settle what is open, in the order of what it costs."""

from __future__ import annotations

from collections.abc import Iterator

from osgrepro.analysis.findings import Findings, NotAssessable
from osgrepro.report import words
from osgrepro.report.questions import causes
from osgrepro.report.spreads import confounded
from osgrepro.report.values import Section

_MACHINES = 4
# A bound that asks for no more repeats; 60 of them give 4.95 %.
_ENOUGH = 0.05


def next_steps(findings: Findings) -> Section | None:
    """Return what would settle what is open; None where nothing was analysed."""
    steps = (_claim, _repeats, _seeds, _machines, _emulation)
    lines = tuple(line for step in steps for line in step(findings))
    if not findings.data.ok or not lines:
        return None
    return Section(title="What next", level=1, lines=lines, name="next")


def _claim(findings: Findings) -> Iterator[str]:
    if not findings.claims:
        yield (
            "Say what you conclude: declare it as [[claim]] in the campaign, or ask with --claim "
            "'EXPERIMENT.METRIC > NUMBER'. It costs no run, and the report then says where the "
            "conclusion holds."
        )


def _repeats(findings: Findings) -> Iterator[str]:
    cells = [cell for experiment in findings.experiments for cell in experiment.cells]
    open_ = [cell for cell in cells if cell.ok and isinstance(cell.repeatability, NotAssessable)]
    unseeded = sum(cell.unseeded > 0 for cell in open_)
    single = sum(not cell.unseeded and cell.ok <= cell.seeds for cell in open_)
    if unseeded:
        yield (
            f"Seed: nothing set the random numbers of runs of {words.count(unseeded, 'cell')}, so "
            "that no run of it repeats another (`seed`, and a script and a framework that use it)."
        )
    if blank := len(open_) - unseeded - single:
        yield (
            f"Record more: repeats of {words.count(blank, 'cell')} have nothing that all of them "
            "recorded and that can be compared: final weights, predictions or a metric."
        )
    bounds = [cell.p_upper for cell in cells if cell.p_upper is not None]
    if single:
        yield (
            f"Repeat: {words.count(single, 'cell')} can't say whether a machine agrees with "
            "itself. A second run of each says it (`repeats`)."
        )
    elif bounds and max(bounds) > _ENOUGH:
        yield (
            "Repeat more: a further run of a cell whose repeats agree may differ with a "
            f"probability of up to {words.percent(max(bounds))}; after 60 that agree it is at "
            "most 5 %."
        )


def _seeds(findings: Findings) -> Iterator[str]:
    if findings.data.seeds == 1:
        yield (
            "Run more than one seed (`seeds = [1, 2, 3]`): with one, nobody can tell whether "
            "machines differ by more than seeds do."
        )
    elif unlike := [own.name for own in findings.experiments if confounded(own)]:
        yield (
            f"Run the same seeds of {words.names(unlike)} on all hardware and software (`seeds` in "
            "the campaign): runs with different seeds compare neither machines nor software."
        )


def _machines(findings: Findings) -> Iterator[str]:
    """Yield each machine that would tell explanations apart, once for all that it would serve."""
    wanted: dict[str, dict[str, None]] = {}
    for experiment in findings.experiments:
        for attribution in causes.own_scopes(experiment.attribution):
            if attribution.next_run is not None:
                served = wanted.setdefault(attribution.next_run.text, {})
                served[experiment.name] = None
    for machine, experiments in list(wanted.items())[:_MACHINES]:
        yield (
            f"Find {machine}: it would tell the explanations of {words.names(list(experiments))} "
            "apart."
        )


def _emulation(findings: Findings) -> Iterator[str]:
    explained = any(
        cause.attributes
        for experiment in findings.experiments
        for attribution in experiment.attribution
        if not isinstance(attribution.causes, NotAssessable)
        for cause in attribution.causes
    )
    if explained and not findings.confirmations:
        yield (
            "Test the explanation: what goes along with the outcome is not yet its cause. "
            "`osgrepro confirm DATASET --replay --campaign CAMPAIGN --twin TWIN` emulates it on "
            "this machine, and says whether the outcome follows."
        )
