"""What to do next: what would settle what is open, first what costs no run.

What takes new runs says so (``NEW``).

``dataset`` is what commands call the dataset, so that they can be pasted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from osgrepro.analysis.findings import UNDECIDED, ClaimFindings, Findings, NotAssessable
from osgrepro.common.texts import command
from osgrepro.report import commands, unsteady, words
from osgrepro.report.spreads import confounded
from osgrepro.report.values import DATASET, NEW, Section
from osgrepro.report.why import named

_MACHINES, _CLAIMS = 4, 2
# A bound that asks for no more repeats; 60 of them give 4.95 %.
_ENOUGH = 0.05


def next_steps(findings: Findings, dataset: Path = DATASET) -> Section | None:
    """Return what would settle what is open; None where nothing was analysed."""
    lines = (
        *_claim(findings, dataset),
        *unsteady.steps(findings),
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
        asked = commands.again(findings, dataset, "--claim", claim_text)
        yield (
            f"Say what you conclude: `{asked}`, or [[claim]] in the campaign. It costs no run, "
            "and says where the conclusion holds."
        )
    undecided = [claim for claim in findings.claims if claim.answer == UNDECIDED]
    for claim in undecided[:_CLAIMS]:
        yield _decide(claim, findings, dataset)
    if len(undecided) > _CLAIMS:
        yield f"Decide {words.count(len(undecided) - _CLAIMS, 'more claim')} likewise."


def _decide(claim: ClaimFindings, findings: Findings, dataset: Path) -> str:
    """Return what would decide a claim: runs that narrow its intervals, or further machines."""
    open_ = claim.environments - claim.holds - claim.against
    if not open_:
        how = (
            f"it holds in {claim.holds} and not in {claim.against}, which more repeats, seeds or "
            f"machines settle; {_planned(findings, dataset, 'flips=0.1')} says how many machines"
        )
    elif claim.margin is not None:
        planned = _planned(findings, dataset, f"margin={claim.margin:g}")
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


def _planned(findings: Findings, dataset: Path, bound: str) -> str:
    return f"`{commands.again(findings, dataset, '--plan', bound)}`"


def _repeats(findings: Findings, dataset: Path) -> Iterator[str]:
    cells = [cell for experiment in findings.experiments for cell in experiment.cells]
    open_ = [cell for cell in cells if cell.ok and isinstance(cell.repeatability, NotAssessable)]
    unseeded = sum(cell.unseeded > 0 for cell in open_)
    single = sum(not cell.unseeded and cell.ok <= cell.seeds for cell in open_)
    if unseeded:
        yield (
            f"Seed{NEW}: nothing set the random numbers of runs of "
            f"{words.count(unseeded, 'cell')}, so that no run of it repeats another (`seed`, and a "
            "script and a framework that use it)."
        )
    if blank := len(open_) - unseeded - single:
        yield (
            f"Record more{NEW}: repeats of {words.count(blank, 'cell')} have nothing that all of "
            "them recorded and that can be compared: final weights, predictions or a metric."
        )
    bounds = [cell.p_upper for cell in cells if cell.p_upper is not None]
    if single:
        yield (
            f"Repeat{NEW}: {words.count(single, 'cell')} can't say whether a machine agrees with "
            "itself. A second run of each says it (`repeats`)."
        )
    elif bounds and max(bounds) > _ENOUGH:
        yield (
            f"Repeat more{NEW}: a further run of a cell whose repeats agree may differ with a "
            f"probability of up to {words.percent(max(bounds))}. "
            f"{_planned(findings, dataset, 'p_upper=0.05')} says how many repeats make that 5 %."
        )


def _seeds(findings: Findings) -> Iterator[str]:
    if findings.data.seeds == 1:
        of = "no seed is recorded, so that" if findings.data.no_seed else "with one,"
        yield (
            f"Run more than one seed{NEW}: {of} nobody can tell whether machines differ by more "
            "than seeds do (`seeds = [1, 2, 3]`)."
        )
    elif unlike := [own.name for own in findings.experiments if confounded(own)]:
        yield (
            f"Run the same seeds of {words.names(unlike)} on all hardware and software{NEW}: "
            "runs with different seeds compare neither machines nor software (`seeds`)."
        )


def _machines(findings: Findings) -> Iterator[str]:
    """Yield each machine that would tell explanations apart, once for all that it would serve.

    Only of what Why gave as one: of what may be chance nothing is to be told apart.
    """
    wanted: dict[str, dict[str, None]] = {}
    for name, table, _ in named(findings):
        if table.next_run is not None:
            wanted.setdefault(table.next_run.text, {})[name] = None
    for machine, experiments in list(wanted.items())[:_MACHINES]:
        yield (
            f"Find {machine}{NEW}: it would tell the explanations of "
            f"{words.names(list(experiments))} apart."
        )


def _emulation(findings: Findings, dataset: Path) -> Iterator[str]:
    if named(findings) and not findings.confirmations:
        options = ("--replay", "--campaign", "CAMPAIGN", "--twin", "TWIN")
        replay = command("osgrepro", "confirm", dataset, *options)
        yield (
            "Test the explanation: what goes along with the outcome is not yet its cause. "
            f"`{replay}` emulates it here, and says whether the outcome follows."
        )
