"""What a result recorded of its training, whatever is missing or of a strange type left out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NUMBERED = re.compile(r"(\d{1,9}):(.*)\Z", re.DOTALL)

Hashes = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What was traced of one step: hashes; None or nothing where it is not recorded.

    ``gradients`` are (variable, hash) in the order of the model's variables.
    """

    batch: str | None
    outputs: str | None
    gradients: tuple[tuple[str, str], ...]
    weights: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What a result recorded, as far as two can be compared by it."""

    entry: str
    code: str
    settings: Hashes
    data: Hashes
    prepared: Hashes
    seed: str
    initial_weights: str | None
    steps: tuple[Step, ...]
    losses: Mapping[str, tuple[str, ...]]
    final_weights: str | None
    probe: Hashes
    predictions: str | None
    labels: str | None
    metrics: Hashes


def read(result: Mapping[str, Any]) -> Recorded:
    """Return what ``result``, parsed and validated, recorded."""
    definition, prints = result["definition"], result["fingerprints"]
    data = result["provenance"]["data"]
    return Recorded(
        entry=definition["entry"],
        code=definition["code_sha256"],
        settings={name: json.dumps(value) for name, value in definition["params"].items()},
        data={file["file"]: file["sha256"] for file in definition["data"]},
        prepared=_texts(data.get("prepared")),
        seed=str(definition["seed"]),
        initial_weights=prints.get("initial_weights"),
        steps=_steps(prints.get("gradients"), data),
        losses={name: tuple(series) for name, series in prints.get("losses", {}).items()},
        final_weights=prints.get("final_weights"),
        probe=_texts(prints.get("probe")),
        predictions=prints.get("predictions"),
        labels=prints.get("labels"),
        metrics={name: metric["hex"] for name, metric in result["metrics"].items()},
    )


def _steps(gradients: Any, data: Mapping[str, Any]) -> tuple[Step, ...]:
    hashes = [_list(data.get(name)) for name in ("first_batches", "first_outputs", "first_weights")]
    steps = _list(gradients)
    count = max(map(len, (*hashes, steps)))
    batches, outputs, weights, gradients_by_step = (
        [*some, *[None] * (count - len(some))] for some in (*hashes, steps)
    )
    return tuple(
        Step(
            batch=_text(batch),
            outputs=_text(output),
            gradients=_ordered(step),
            weights=_text(after),
        )
        for batch, output, after, step in zip(
            batches, outputs, weights, gradients_by_step, strict=True
        )
    )


def _ordered(step: Any) -> tuple[tuple[str, str], ...]:
    """Return a step's gradients in the order of the variables, which their numbers tell."""
    numbered = []
    for place, (name, value) in enumerate(_texts(step).items()):
        match = _NUMBERED.match(name)
        number, variable = (int(match[1]), match[2]) if match else (place, name)
        numbered.append((number, variable, value))
    return tuple((variable, value) for _, variable, value in sorted(numbered))


def _texts(value: Any) -> dict[str, str]:
    pairs = value.items() if isinstance(value, Mapping) else ()
    return {str(name): text for name, text in pairs if isinstance(text, str)}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
