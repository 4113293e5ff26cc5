"""What an analysis found: the values that the reports show, and their JSON.

On the floor of the models, because the analysis makes them, the reports draw them, and neither
imports the other.
"""

from __future__ import annotations

from osgrepro.findings.basics import SCHEMA_VERSION, Answer, Grade, Interval, NotAssessable, Note
from osgrepro.findings.causes import (
    Attribution,
    Cause,
    Confirmation,
    Counterexample,
    Group,
    NextRun,
)
from osgrepro.findings.claims import ClaimCell, ClaimFindings, Verdict
from osgrepro.findings.compare import Difference, differences
from osgrepro.findings.definitions import Definition
from osgrepro.findings.letters import is_share, letter
from osgrepro.findings.outcomes import Adequacy, Cell, GradeClasses, OutcomeClass, Outcomes
from osgrepro.findings.precision import (
    Component,
    Components,
    MetricPrecision,
    Outlier,
    Precision,
    Scale,
)
from osgrepro.findings.whole import Data, ExperimentFindings, Findings
from osgrepro.findings.wire import from_json, json_schema, to_json

__all__ = [
    "SCHEMA_VERSION",
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
    "Scale",
    "Verdict",
    "differences",
    "from_json",
    "is_share",
    "json_schema",
    "letter",
    "to_json",
]
