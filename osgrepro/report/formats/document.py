"""Findings as one JSON document: everything that was found, and its first screen in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from osgrepro.analysis.findings import Findings, to_json
from osgrepro.report.headline import headline, reasons
from osgrepro.report.next_steps import next_steps
from osgrepro.report.values import DATASET


def document(findings: Findings, dataset: Path = DATASET) -> dict[str, Any]:
    """Return findings as what JSON can hold, with the sentences ``finding``, ``why`` and ``next``.

    ``dataset`` is what the commands of ``next`` call the dataset.
    """
    said = {
        "finding": headline(findings),
        "why": reasons(findings),
        "next": next_steps(findings, dataset),
    }
    sentences = {key: list(section.lines) if section else [] for key, section in said.items()}
    return {**to_json(findings), **sentences}
