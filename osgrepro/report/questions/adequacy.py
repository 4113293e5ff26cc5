"""How far the evidence of an experiment reaches beyond its environments."""

from __future__ import annotations

from osgrepro.analysis.findings import NO, YES, ExperimentFindings, NotAssessable
from osgrepro.report import words
from osgrepro.report.values import Section

_DRAWS = (
    "Each hardware environment counts as one draw from all machines that there are, even where it "
    "ends as another does: how often that happens tells how common an outcome is.",
    "AOAC Appendix D asks more of a collaborative study than 8 laboratories: that they are "
    "independent, five materials or more, duplicate tests, and at most two laboratories in nine "
    "taken out as outliers. Only their number is compared here.",
)


def adequacy(experiment: ExperimentFindings, most: int | None) -> Section:
    """Return how far the evidence of an experiment reaches."""
    rows = [
        (
            reach.software,
            str(reach.hardware),
            str(reach.distinct),
            YES if reach.enough_laboratories else NO,
            *(
                words.NONE if isinstance(value, NotAssessable) else shown(value)
                for value, shown in (
                    (reach.wilks, words.percent),
                    (reach.coverage, words.percent),
                    (reach.chao1, "{:.3g}".format),
                )
            ),
        )
        for reach in experiment.adequacy
    ]
    columns = (
        "software",
        "hardware",
        "classes",
        "8 labs",
        "Wilks",
        "Good-Turing",
        "Chao1",
    )
    asked = [
        (f"{what}, {reach.software}", answer)
        for reach in experiment.adequacy
        for what, answer in (
            ("Wilks", reach.wilks),
            ("Good-Turing", reach.coverage),
            ("Chao1", reach.chao1),
        )
    ]
    lines = (
        *(_DRAWS if rows else ()),
        *(f"{reach.software}: {reach.text}" for reach in experiment.adequacy),
        *words.reasons(asked),
    )
    table = words.table(columns, rows, right=columns[1:3] + columns[4:], most=most)
    return Section(
        name="adequacy", title="How far the evidence reaches", level=2, lines=lines, table=table
    )
