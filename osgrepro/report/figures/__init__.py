"""The figures of a report: findings in, pictures as SVG with their numbers as CSV out.

A figure whose question the data can't answer is not drawn; the page says why. One file a figure;
each takes what it draws and the part of its name that is unique, and returns it or nothing.
Of many experiments only the first have figures of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from osgrepro.analysis.findings import ExperimentFindings, Findings
from osgrepro.report.figures.adequacy import adequacy
from osgrepro.report.figures.attribution import attribution
from osgrepro.report.figures.canvas.figure import Figure, Section
from osgrepro.report.figures.canvas.fonts import lacking
from osgrepro.report.figures.canvas.words import slugs
from osgrepro.report.figures.claims import flips
from osgrepro.report.figures.classes import class_map
from osgrepro.report.figures.components import components
from osgrepro.report.figures.confirmation import confirmation
from osgrepro.report.figures.overview import overview
from osgrepro.report.figures.precision import precision
from osgrepro.report.figures.repeatability import repeatability

__all__ = ["MOST_EXPERIMENTS", "Figure", "Section", "figures", "remarks"]

# A page of more takes no mail, and nobody looks through a folder of more.
MOST_EXPERIMENTS = 24
# Letters that are named where no font has them.
_LETTERS = 12

_EXPERIMENT: tuple[Callable[[ExperimentFindings, str], Figure | None], ...] = (
    class_map,
    repeatability,
    precision,
    components,
    attribution,
    adequacy,
)


def figures(findings: Findings) -> tuple[Figure, ...]:
    """Return the figures of all that was found: the overview, then those of each experiment.

    Of many experiments the first :data:`MOST_EXPERIMENTS` have their own; :func:`remarks` says so.
    """
    shown = findings.experiments[:MOST_EXPERIMENTS]
    names = slugs(experiment.name for experiment in findings.experiments)
    drawn = [overview(findings)]
    drawn += [
        draw(experiment, names[experiment.name]) for experiment in shown for draw in _EXPERIMENT
    ]
    drawn += [confirmation(findings.confirmations, own.name, names[own.name]) for own in shown]
    claims = slugs(claim.name for claim in findings.claims)
    drawn += [flips(claim, findings.experiments, claims[claim.name]) for claim in findings.claims]
    return tuple(figure for figure in drawn if figure)


def remarks(findings: Findings, drawn: tuple[Figure, ...]) -> Iterator[str]:
    """Yield what these figures of findings do not show, and what to do about it."""
    more = len(findings.experiments) - MOST_EXPERIMENTS
    if more > 0:
        yield (
            f"figures are of the overview and the first {MOST_EXPERIMENTS} experiments, and not of "
            f"{more:,} more: --only experiment=NAME draws those of one"
        )
    texts = [text for figure in drawn for row in figure.rows for text in row]
    titles = [figure.title for figure in drawn]
    if letters := lacking([*titles, *(text for text in texts if isinstance(text, str))]):
        yield (
            f"no font here has {letters[:_LETTERS]}{'…' * (len(letters) > _LETTERS)}: PDF and PNG "
            "show boxes for these, and SVG is right; install such a font, for Chinese, Japanese "
            "and Korean Noto Sans CJK, and draw them again"
        )
