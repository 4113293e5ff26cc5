"""The figures of a report: findings in, pictures as SVG with their numbers as CSV out.

A figure whose question the data can't answer is not drawn; the page says why. One file a figure;
each takes what it draws and the part of its name that is unique, and returns it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from osgrepro.analysis.findings import ExperimentFindings, Findings
from osgrepro.report.figures.adequacy import adequacy
from osgrepro.report.figures.attribution import attribution
from osgrepro.report.figures.canvas.figure import Figure, Section
from osgrepro.report.figures.canvas.words import slugs
from osgrepro.report.figures.claims import flips
from osgrepro.report.figures.classes import class_map
from osgrepro.report.figures.components import components
from osgrepro.report.figures.confirmation import confirmation
from osgrepro.report.figures.overview import overview
from osgrepro.report.figures.precision import precision
from osgrepro.report.figures.repeatability import repeatability

__all__ = ["Figure", "Section", "figures"]

_EXPERIMENT: tuple[Callable[[ExperimentFindings, str], Figure | None], ...] = (
    class_map,
    repeatability,
    precision,
    components,
    attribution,
    adequacy,
)


def figures(findings: Findings) -> tuple[Figure, ...]:
    """Return the figures of all that was found: the overview, then those of each experiment."""
    names = slugs(experiment.name for experiment in findings.experiments)
    drawn = [overview(findings)]
    drawn += [
        draw(experiment, names[experiment.name])
        for experiment in findings.experiments
        for draw in _EXPERIMENT
    ]
    drawn += [confirmation(findings.confirmations, name, slug) for name, slug in names.items()]
    claims = slugs(claim.name for claim in findings.claims)
    drawn += [flips(claim, findings.experiments, claims[claim.name]) for claim in findings.claims]
    return tuple(figure for figure in drawn if figure)
