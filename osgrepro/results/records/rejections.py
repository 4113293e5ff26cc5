"""The words for why a result was not taken: stable, so that a script may count them."""

from __future__ import annotations

ELSEWHERE = "landed-elsewhere"
OTHER_RUN = "other-run"

REASONS = {
    "too-large": "larger than 50 MB; it was not read",
    "not-a-file": "a link, folder or device, or a file that can't be read",
    "file-name": "the name is not <run_id>.<cluster>.<proc>.<attempt>.json in its run's folder",
    "no-result": "empty: the program ended before it could write one",
    "truncated": "the JSON is cut off",
    "not-json": "not a JSON object in UTF-8",
    "not-finite": "it holds NaN or Infinity where JSON has numbers",
    "schema-version": "it is of another schema_version",
    "run-id": "its run_id is not valid: 24 lowercase hexadecimal digits",
    "schema": "a field is missing, unknown or of the wrong type",
    "unforeseen": "checking it failed on an unforeseen value",
    "checksum": "the content does not match its checksum",
    "metrics": "a metric's value and its hexadecimal form differ, or a declared metric is missing",
    "examples": "its labels, example by example, do not match their sha256, count or classes",
    OTHER_RUN: "its run_id, job or attempt is not the one in its file's name",
    "unknown-run": "no run of the campaign has its run_id",
    "definition": "it comes from another definition of the run",
    "image": "it comes from another image",
    "no-event": "neither event log nor job ad records a start of its job, and the log is whole",
    "machine": "what the job saw of its machine and what the access point recorded differ",
    ELSEWHERE: "it ran on hardware other than its cell's: the message says what",
    "duplicate": "another file holds the same attempt",
    "superseded": "another attempt of the run was used",
}

# Judged again at every collection: the campaign, the images or the event log may have changed.
TRANSIENT = frozenset(
    {OTHER_RUN, "unknown-run", "definition", "image", "no-event", "machine", ELSEWHERE}
)
