"""The finest thing that runs of both sides recorded, and what of it each ended in.

Called where runs are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# From the finest grade to the coarser ones; behind them come the metrics.
HASHES = {"final_weights": "final weights", "predictions": "predictions", "labels": "labels"}
# A run as ``pairs`` describes it.
Row = Mapping[str, Any]
# What was compared (a hash's name, or metrics), and its bits.
Outcome = tuple[str, str]


def compared_outcomes(
    remote: Sequence[Row], emulated: Sequence[Row]
) -> tuple[str | None, list[Outcome], list[Outcome]]:
    """Return the finest thing that all runs recorded, and both sides' outcomes by row.

    Where nothing is common to both sides, the remote's outcomes are told by what it has alone.
    """
    both = [*remote, *emulated]
    for column, what in HASHES.items():
        if all(row[column] is not None for row in both):
            outcomes = [(what, str(row[column])) for row in both]
            return what, outcomes[: len(remote)], outcomes[len(remote) :]
    names = common_metrics(both)
    if not names:
        return None, compared_outcomes(remote, ())[1] if emulated else [], []
    what = f"metrics {', '.join(names)}" if len(names) > 1 else names[0]
    bits_by_row = map(bits_of, both)
    outcomes = [(what, " ".join(bits[name] for name in names)) for bits in bits_by_row]
    return what, outcomes[: len(remote)], outcomes[len(remote) :]


def bits_of(row: Row) -> dict[str, str]:
    """Return the bits of the metrics that are numbers: what is none tells nothing."""
    recorded_bits = {metric["name"]: metric["hex"] for metric in row["metrics"] or ()}
    return {
        name: bits for name, bits in recorded_bits.items() if bits and "nan" not in bits.lower()
    }


def common_metrics(rows: Sequence[Row]) -> list[str]:
    """Return the metrics that all of ``rows`` recorded as numbers, sorted."""
    first, *rest = map(bits_of, rows)
    return [name for name in sorted(first) if all(name in bits for bits in rest)]
