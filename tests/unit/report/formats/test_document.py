"""Findings as JSON: the sentences of the first screen beside the findings themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from osgrepro import report
from osgrepro.analysis import analyze
from osgrepro.analysis.findings import from_json, json_schema, to_json


def test_the_document_says_what_the_first_screen_says() -> None:
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": hardware,
            "status": "ok",
            "metric.accuracy": 0.5 + (hardware == "a") / 8,
        }
        for hardware in "abcd"
        for _ in (0, 1)
    ]
    findings = analyze(pd.DataFrame(rows))
    mine = Path("my.parquet")
    document = report.document(findings, mine)
    said = {section.name: list(section.lines) for section in report.first(findings, mine)}
    assert {key: document[key] for key in ("finding", "why", "next")} == said
    assert any("my.parquet" in line for line in document["next"])
    # It is read back as the findings that it was made of, and its schema knows the sentences.
    assert to_json(from_json(json.dumps(document), "d")) == to_json(findings)
    assert json_schema()["properties"].keys() >= document.keys()


def test_without_a_result_there_are_no_sentences() -> None:
    columns = ["experiment", "software", "hardware", "status"]
    failed = analyze(pd.DataFrame([["e", "s", "h", "failed"]], columns=columns))
    document = report.document(failed)
    assert (document["finding"], document["why"], document["next"]) == ([], [], [])
