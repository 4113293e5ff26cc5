"""What to do next: what would settle what is open, first what costs no run.

``dataset`` is what commands call the dataset, so that they can be pasted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from osgrepro.analysis.findings import UNDECIDED, ClaimFindings, Findings, NotAssessable
from osgrepro.common.texts import command
from osgrepro.report import unsteady, words
from osgrepro.report.questions import causes
from osgrepro.report.spreads import confounded
from osgrepro.report.values import DATASET, Section

_MACHINES, _CLAIMS = 4, 2
# A bound that asks for no more repeats; 60 of them give 4.95 %.
_ENOUGH = 0.05


def next_steps(findings: Findings, dataset: Path = DATASET) -> Section | None:
    """Return what would settle what is open; None where nothing was analysed."""
    lines = (
        *unsteady.steps(findings),
        *_claim(findings, dataset),
        *_repeats(findings, dataset),
        *_seeds(findings),
        *_machines(findings),
        *_emulation(findings, dataset),
    )
    if not findings.data.ok or not lines:
        return None
    return Section(title="What next", level=1, lines=lines, name="next")


def _claim(findings: Findings, dataset: Path) -> Iterator[str]:
    if not findings.claims:
        claim_text = "EXPERIMENT.METRIC > NUMBER"
        asked = command("osgrepro", "analyze", dataset, "--claim", claim_text)
        yield (
            f"Say what you conclude: `{asked}`, or [[claim]] in the campaign. It costs no run, "
            "and says where the conclusion holds."
        )
    undecided = [claim for claim in findings.claims if claim.answer == UNDECIDED]
    for claim in undecided[:_CLAIMS]:
        yield _decide(claim, dataset)
    if len(undecided) > _CLAIMS:
        yield f"Decide {words.count(len(undecided) - _CLAIMS, 'more claim')} likewise."


def _decide(claim: ClaimFindings, dataset: Path) -> str:
    """Return what would decide a claim: runs that narrow its intervals, or further machines."""
    open_ = claim.environments - claim.holds - claim.against
    if not open_:
        how = (
            f"it holds in {claim.holds} and not in {claim.against}, which more repeats, seeds or "
            f"machines settle; {_planned(dataset, 'flips=0.1')} says how many machines"
        )
    elif claim.margin is not None:
        planned = _planned(dataset, f"margin={claim.margin:g}")
        how = f"{planned} says how many repeats or seeds it takes"
    elif claim.test in ("proportions", "mcnemar"):
        how = (
            "a test set four times as large makes its intervals half as wide; more repeats or "
            "seeds don't, since what this test takes as drawn are its items"
        )
    else:
        how = "four times as many repeats or seeds make its intervals half as wide"
    where = f", open in {words.count(open_, 'environment')}" if open_ else ""
    return f"Decide {claim.statement}{where}: {how}."


def _planned(dataset: Path, bound: str) -> str:
    return f"`{command('osgrepro', 'analyze', dataset, '--plan', bound)}`"


def _repeats(findings: Findings, dataset: Path) -> Iterator[str]:
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
            f"probability of up to {words.percent(max(bounds))}. "
            f"{_planned(dataset, 'p_upper=0.05')} says how many repeats make that 5 %."
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


def _emulation(findings: Findings, dataset: Path) -> Iterator[str]:
    explained = any(
        cause.attributes
        for experiment in findings.experiments
        for attribution in experiment.attribution
        if not isinstance(attribution.causes, NotAssessable)
        for cause in attribution.causes
    )
    if explained and not findings.confirmations:
        options = ("--replay", "--campaign", "CAMPAIGN", "--twin", "TWIN")
        replay = command("osgrepro", "confirm", dataset, *options)
        yield (
            "Test the explanation: what goes along with the outcome is not yet its cause. "
            f"`{replay}` emulates it here, and says whether the outcome follows."
        )
