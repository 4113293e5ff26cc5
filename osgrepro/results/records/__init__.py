"""What a job returned, judged: bytes → ``Result`` → ``Record``, or a reason why not.

Pure: the bytes, the campaign and the job's starts are passed in. Called by the collection; the
dataset takes what comes out.
"""

from __future__ import annotations

from osgrepro.results.records.examples import RANKS, Labels, decoded
from osgrepro.results.records.hardware import check_hardware
from osgrepro.results.records.judging import (
    Key,
    Record,
    Rejected,
    Source,
    expected_definition,
    join,
    judge,
    preferred,
    run_of,
    source_key,
)
from osgrepro.results.records.rejections import ELSEWHERE, REASONS, TRANSIENT
from osgrepro.results.records.result import MAX_BYTES, Result, checksum, parse

__all__ = [
    "ELSEWHERE",
    "MAX_BYTES",
    "RANKS",
    "REASONS",
    "TRANSIENT",
    "Key",
    "Labels",
    "Record",
    "Rejected",
    "Result",
    "Source",
    "check_hardware",
    "checksum",
    "decoded",
    "expected_definition",
    "join",
    "judge",
    "parse",
    "preferred",
    "run_of",
    "source_key",
]
