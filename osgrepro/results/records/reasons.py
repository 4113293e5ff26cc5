"""The words for why a result was not taken: stable, so that a script may count them."""

from __future__ import annotations

ELSEWHERE = "landed-elsewhere"

REASONS = {
    "too-large": "larger than 50 MB; it was not read",
    "not-a-file": "a link, folder or device, or a file that can't be read",
    "file-name": "the name is not <run_id>.<cluster>.<proc>.<attempt>.json in its run's folder",
    "no-result": "empty: the program did not come so far as to write one",
    "truncated": "the JSON breaks off",
    "not-json": "the bytes are no JSON object in UTF-8",
    "not-finite": "it holds NaN or Infinity where JSON has numbers",
    "schema-version": "it is of another schema_version",
    "run-id": "its run_id is not valid: 24 lowercase hexadecimal digits",
    "schema": "a field is missing, unknown or of the wrong type",
    "unforeseen": "judging it failed on a value that nobody foresaw",
    "checksum": "the content does not have the checksum that it bears",
    "metrics": "a metric's value and its hexadecimal form differ, or a declared metric is missing",
    "other-run": "it bears another run_id or attempt than its file's name",
    "unknown-run": "no run of the campaign has its run_id",
    "definition": "it was made by another definition of the run",
    "image": "it was made by another image",
    "no-event": "no event log tells of its job's start",
    "machine": "what the job saw of its machine and what the access point recorded differ",
    ELSEWHERE: "it ran on other hardware than its cell's: what it shows instead",
    "duplicate": "another file holds the same attempt",
    "superseded": "another attempt of the run was taken",
}

# Judged again at every collection: the campaign, the images or the event log may have changed.
TRANSIENT = frozenset({"unknown-run", "definition", "image", "no-event", "machine", ELSEWHERE})
