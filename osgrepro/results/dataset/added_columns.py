"""The columns that datasets of the first version lack: they are null there, and no fault.

A table like that of the other columns, which it ends.
"""

from __future__ import annotations

import pyarrow as pa

from osgrepro.results.dataset import values
from osgrepro.results.dataset.column_type import Column, at, made
from osgrepro.results.dataset.values import dump, integer, number, text, truth


def _labels(name: str, field: str, description: str) -> tuple[Column, Column]:
    """Return the column of labels as they are compressed, and that of their hashes."""
    path = f"result.examples.{field}.sha256"
    return (
        made(name, pa.binary(), values.labels(field), f"{description}; by zlib."),
        at(f"{name}_sha256", path, text, f"The sha256 of the bytes of `{name}`, decompressed."),
    )


ADDED: tuple[Column, ...] = (
    at("cpu_cache_kb", "", integer, "The cache size in /proc/cpuinfo; null for collected rows."),
    at("origin", "", text, "The file that the row was imported from; null for collected rows."),
    at(
        "test_set",
        "result.provenance.data.test_set.items",
        integer,
        "How many items were predicted at the end.",
    ),
    at(
        "baseline",
        "result.provenance.data.test_set.most_frequent_share",
        number,
        "The share of the most frequent class among them: what a trivial model reaches.",
    ),
    at(
        "environment_json",
        "result.definition.environment",
        dump,
        "The environment variables that the campaign sets for the run.",
    ),
    at(
        "base_pinned",
        "result.provenance.image.base_pinned",
        truth,
        "Whether the image's base in a registry was named by its digest; null where it has none.",
    ),
    made(
        "filled",
        pa.list_(pa.string()),
        lambda _: None,
        "What an import filled in, and from which file; null for collected rows.",
    ),
    made(
        "seeded",
        pa.bool_(),
        values.seeded,
        "Whether all random numbers were seeded: false where the framework's certainly were not, "
        "null where it is not known.",
    ),
    at(
        "deterministic_ops",
        "result.provenance.framework.op_determinism",
        truth,
        "Whether the framework allowed only deterministic operations, if that is known.",
    ),
    at(
        "gpu_used",
        "result.provenance.gpu_used",
        truth,
        "Whether the training used a GPU; null where that could not be seen.",
    ),
    at(
        "image_sha256_source",
        "result.provenance.image.sha256_source",
        text,
        "`measured` if it is that of the slot's own file, `declared` if the campaign says so.",
    ),
    at(
        "definition",
        "definition",
        text,
        "What the run has in common with those of other seeds, repeats, hardware and software: 12 "
        "hexadecimal digits; null for imported rows.",
    ),
    at(
        "placed_by",
        "placed_by",
        text,
        "Who told where the run was: `event log`, `job ad` (the queue or the history), or `result` "
        "where both were lost; null for imported rows and those of earlier versions.",
    ),
    at("label_count", "result.examples.count", integer, "How many labels were predicted."),
    at("label_classes", "result.examples.classes", integer, "Of how many classes."),
    at(
        "label_type",
        "result.examples.type",
        text,
        "How labels are stored: `uint8`, `uint16` or `uint32`, the lowest byte first.",
    ),
    *_labels("predicted_labels", "predicted", "The predicted label of each example"),
    *_labels("true_labels", "truth", "Its true label, where the run told"),
    *_labels(
        "truth_ranks",
        "ranks",
        "The place of the true label among the scores, `uint8` from 1 to 255 and beyond",
    ),
)
