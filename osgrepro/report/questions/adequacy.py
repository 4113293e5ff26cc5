"""How far the evidence of an experiment reaches beyond its environments."""

from __future__ import annotations

from osgrepro.analysis.findings import NO, YES, ExperimentFindings, NotAssessable
from osgrepro.report import words
from osgrepro.report.values import Section

_DRAWS = (
    "Each hardware environment is one draw from the machines that there are, also where it ends as "
    "another one does: how often that happens tells how common an outcome is.",
    "AOAC Appendix D asks more of a collaborative study than 8 laboratories: that they are "
    "independent, five materials or more, duplicate tests, and at most two laboratories in nine "
    "taken out as outliers. Only their number is compared here.",
)


def adequacy(experiment: ExperimentFindings, most: int | None) -> Section:
    """Return how far the evidence of an experiment reaches."""
    rows = [
        (
            one.software,
            str(one.hardware),
            str(one.distinct),
            YES if one.enough_laboratories else NO,
            *(
                words.NONE if isinstance(value, NotAssessable) else shown(value)
                for value, shown in (
                    (one.wilks, words.percent),
                    (one.coverage, words.percent),
                    (one.chao1, "{:.3g}".format),
                )
            ),
        )
        for one in experiment.adequacy
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
        (f"{what}, {one.software}", answer)
        for one in experiment.adequacy
        for what, answer in (
            ("Wilks", one.wilks),
            ("Good-Turing", one.coverage),
            ("Chao1", one.chao1),
        )
    ]
    lines = (
        *(_DRAWS if rows else ()),
        *(f"{one.software}: {one.text}" for one in experiment.adequacy),
        *words.reasons(asked),
    )
    table = words.table(columns, rows, right=columns[1:3] + columns[4:], most=most)
    return Section(
        name="adequacy", title="How far the evidence reaches", level=2, lines=lines, table=table
    )
