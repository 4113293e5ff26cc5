"""What an analysis found: the values that the reports show, and their JSON.

On the floor of the models, because the analysis makes them, the reports draw them, and neither
imports the other.
"""

from __future__ import annotations

from osgrepro.analysis.findings.causes import (
    Attribution,
    Cause,
    Confirmation,
    Counterexample,
    Group,
    NextRun,
)
from osgrepro.analysis.findings.claims import ClaimCell, ClaimFindings, Verdict
from osgrepro.analysis.findings.common import (
    SCHEMA_VERSION,
    Grade,
    Interval,
    NotAssessable,
    Note,
)
from osgrepro.analysis.findings.compare import Difference, differences
from osgrepro.analysis.findings.definitions import Definition
from osgrepro.analysis.findings.findings import Data, ExperimentFindings, Findings
from osgrepro.analysis.findings.json import from_json, json_schema, to_json
from osgrepro.analysis.findings.outcome_names import (
    AGREE,
    CONFIRMED,
    DIFFERS,
    DISAGREE,
    EMULATION_ANSWERS,
    NO,
    NONDETERMINISTIC,
    NOT_ASSESSABLE,
    NOT_EMULABLE,
    NOT_RECORDED,
    PARTLY,
    REFUTED,
    RERUN_ANSWERS,
    SAME,
    TIED,
    YES,
    Answer,
    DivergenceAnswer,
    EmulationAnswer,
    RepeatAnswer,
    RerunAnswer,
    StageStatus,
    is_share,
    letter,
)
from osgrepro.analysis.findings.outcomes import Adequacy, Cell, GradeClasses, OutcomeClass, Outcomes
from osgrepro.analysis.findings.precision import (
    Component,
    Components,
    MetricPrecision,
    Outlier,
    Precision,
    Scale,
)

__all__ = [
    "AGREE",
    "CONFIRMED",
    "DIFFERS",
    "DISAGREE",
    "EMULATION_ANSWERS",
    "NO",
    "NONDETERMINISTIC",
    "NOT_ASSESSABLE",
    "NOT_EMULABLE",
    "NOT_RECORDED",
    "PARTLY",
    "REFUTED",
    "RERUN_ANSWERS",
    "SAME",
    "SCHEMA_VERSION",
    "TIED",
    "YES",
    "Adequacy",
    "Answer",
    "Attribution",
    "Cause",
    "Cell",
    "ClaimCell",
    "ClaimFindings",
    "Component",
    "Components",
    "Confirmation",
    "Counterexample",
    "Data",
    "Definition",
    "Difference",
    "DivergenceAnswer",
    "EmulationAnswer",
    "ExperimentFindings",
    "Findings",
    "Grade",
    "GradeClasses",
    "Group",
    "Interval",
    "MetricPrecision",
    "NextRun",
    "NotAssessable",
    "Note",
    "OutcomeClass",
    "Outcomes",
    "Outlier",
    "Precision",
    "RepeatAnswer",
    "RerunAnswer",
    "Scale",
    "StageStatus",
    "Verdict",
    "differences",
    "from_json",
    "is_share",
    "json_schema",
    "letter",
    "to_json",
]
