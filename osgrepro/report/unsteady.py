"""What to do where repeats differ: another image, if one is known with which they agree.

Called by the steps to take next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osgrepro.analysis.findings import NONDETERMINISTIC, TIED, Cell, ExperimentFindings, Findings
from osgrepro.report import words
from osgrepro.report.repeats import listed
from osgrepro.report.values import NEW

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
        if contrast.agreeing:
            names = experiments[contrast]
            concerned = [own for own in findings.experiments if own.name in names]
            yield _other_image(contrast, repeats, cells[contrast], concerned)
        else:
            yield _find(contrast, repeats, imported=imported)
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


def _other_image(
    contrast: _Contrast,
    repeats: str,
    cells: Sequence[Cell],
    experiments: Sequence[ExperimentFindings],
) -> str:
    """Return with which image repeats agree, on which machines, and what that does not mend."""
    image = listed(contrast.agreeing)
    runs = min(cell.ok for cell in cells if cell.repeatability == TIED)
    apart = any(
        reach.software in contrast.agreeing and (reach.different or 0) > 1
        for experiment in experiments
        for reach in experiment.adequacy
    )
    still = f"; machines still differ from each other with {image}" if apart else ""
    return (
        f"Try {image} where repeats must agree{NEW}: with {listed(contrast.differing)} {repeats} "
        f"differ on {listed(contrast.machines)}; with {image} they agree in "
        f"{words.count(runs, 'run')} a cell, {_same_machine(contrast, experiments)}. That is of "
        f"repeats alone{still}."
    )


def _same_machine(contrast: _Contrast, experiments: Sequence[ExperimentFindings]) -> str:
    """Return on which of the machines all runs of all images are known to be of one machine."""
    images = {*contrast.differing, *contrast.agreeing}
    hosts: dict[str, set[tuple[str, tuple[int, ...]]]] = {}
    for experiment in experiments:
        for cell in experiment.cells:
            if cell.software in images:
                hosts.setdefault(cell.hardware, set()).add((experiment.name, cell.hosts))
    same = [
        name
        for name in contrast.machines
        # Hosts have a number in each experiment.
        if len(hosts[name]) == len(experiments) and all(len(own) == 1 for _, own in hosts[name])
    ]
    if len(same) == len(contrast.machines):
        return "on the same machine"
    if same:
        return f"though on the same machine only on {listed(same)}"
    return "though not known to be on the same machine"


def _find(contrast: _Contrast, repeats: str, *, imported: bool) -> str:
    """Return how to find why repeats differ with every image."""
    find = (
        "make its operations deterministic"
        if imported
        else "`osgrepro diverge RUN_A RUN_B --campaign CAMPAIGN` names the first step that does"
    )
    return (
        f"Find what differs{NEW if imported else ''}: {repeats} differ on "
        f"{listed(contrast.machines)} with {listed(contrast.differing)}, so that one run there is "
        f"one of several results; {find}, or report the mean of several runs."
    )
