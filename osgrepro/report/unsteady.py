"""What to do where repeats differ: another image, if one is known with which they agree.

Called by the steps to take next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osgrepro.analysis.findings import NONDETERMINISTIC, TIED, Cell, ExperimentFindings, Findings
from osgrepro.report import words
from osgrepro.report.repeats import listed

_MOST = 3


@dataclass(frozen=True, slots=True)
class _Contrast:
    """With which images repeats differ on some machines, and with which they agree there."""

    machines: tuple[str, ...]
    differing: tuple[str, ...]
    agreeing: tuple[str, ...]


def steps(findings: Findings) -> Iterator[str]:
    """Yield what to do where repeats differ; experiments of which the same is true together."""
    experiments: dict[_Contrast, list[str]] = {}
    cells: dict[_Contrast, list[Cell]] = {}
    for experiment in findings.experiments:
        for contrast, own in _contrasts(experiment):
            experiments.setdefault(contrast, []).append(experiment.name)
            cells.setdefault(contrast, []).extend(own)
    ranked = sorted(cells, key=lambda contrast: not contrast.agreeing)
    imported = findings.data.labels.get("imported", 0) == findings.data.rows
    for contrast in ranked[:_MOST]:
        repeats = f"repeats of {listed(experiments[contrast])}"
        yield _step(contrast, repeats, cells[contrast], imported=imported)
    if len(ranked) > _MOST:
        rest = words.count(len(ranked) - _MOST, "more combination")
        yield f"So it is with {rest} of machines and images: see the finding."


def _contrasts(experiment: ExperimentFindings) -> Iterator[tuple[_Contrast, list[Cell]]]:
    """Yield the machines whose repeats differ with the same images, and their cells."""
    by_machine: dict[str, list[Cell]] = {}
    for cell in experiment.cells:
        by_machine.setdefault(cell.hardware, []).append(cell)
    alike: dict[tuple[tuple[str, ...], ...], list[Cell]] = {}
    for own in by_machine.values():
        moving, steady = (
            [cell for cell in own if cell.repeatability == answer]
            for answer in (NONDETERMINISTIC, TIED)
        )
        if moving:
            images = tuple(tuple(cell.software for cell in part) for part in (moving, steady))
            alike.setdefault(images, []).extend([*moving, *steady])
    for (differing, agreeing), cells in alike.items():
        machines = tuple(sorted({cell.hardware for cell in cells}))
        yield _Contrast(machines, differing, agreeing), cells


def _step(contrast: _Contrast, repeats: str, cells: Sequence[Cell], *, imported: bool) -> str:
    where = "GPUs" if all(cell.gpu for cell in cells) else "these machines"
    differ = f"{repeats} differ on {listed(contrast.machines)}"
    if contrast.agreeing:
        runs = min(cell.ok for cell in cells if cell.repeatability == TIED)
        return (
            f"Use {listed(contrast.agreeing)} on {where}: with {listed(contrast.differing)} "
            f"{differ}; with {listed(contrast.agreeing)} they agree there in "
            f"{words.count(runs, 'run')} a cell."
        )
    find = (
        "make its operations deterministic"
        if imported
        else "`osgrepro diverge RUN_A RUN_B --campaign CAMPAIGN` names the first step that does"
    )
    return (
        f"Find what differs: {differ} with {listed(contrast.differing)}, so that one run there "
        f"is one of several results; {find}, or report the mean of several runs."
    )
