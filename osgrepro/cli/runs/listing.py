"""``osgrepro runs``: every run on its own, for wide and narrow terminals and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Annotated

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import CampaignFile, Json, Only, PoolChoice, Workspace
from osgrepro.cli.console import Table
from osgrepro.cli.runs.status import access_if_any
from osgrepro.common.models import Json as JsonObject
from osgrepro.workflow.loading import load, select
from osgrepro.workflow.runs import workspaces
from osgrepro.workflow.runs.monitoring import listing, status
from osgrepro.workflow.runs.monitoring.listing import RunRow

States = Annotated[
    str | None,
    typer.Option(
        "--state",
        metavar="STATE,…",
        help="Only runs in these states: new, idle, running, held, returned, done, failed, "
        "landed-elsewhere, rejected, lost.",
        show_default=False,
    ),
]

# What tells runs apart; where it is the same for all that are shown, it is said once.
_KEYS: dict[str, Callable[[RunRow], str]] = {
    "experiment": lambda row: row.run.experiment,
    "hardware": lambda row: row.run.hardware,
    "software": lambda row: row.run.software,
    "seed": lambda row: str(row.run.seed),
    "repeat": lambda row: str(row.run.repeat),
}
_BLOCK = ("experiment", "software")
_NUMBERS = ("seed", "repeat", "attempts")
# With fewer columns ids are as short as they can be, and runs stand in blocks.
_NARROW, _SHORTEST = 120, 6


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(runs)


def runs(
    source: CampaignFile,
    only: Only = None,
    state: States = None,
    pool: PoolChoice = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """List runs: where each stands, how often it was tried, and on which machines."""
    states = tuple(state.split(",")) if state else ()
    listing.check(states)
    whole = load(source)
    loaded = select(whole, tuple(only or ()))
    place = workspaces.look(loaded, workspace)
    now = status.of_campaign(loaded, place, access_if_any(pool))
    rows = listing.of_campaign(loaded, place, now, states=states)
    if as_json:
        console.json({"runs": [_as_json(row) for row in rows], "asked": now.asked})
        return
    if rows:
        ids = [run.run_id for run in whole.matrix.runs]
        narrow = console.out.is_terminal and console.out.width < _NARROW
        for part in parts(rows, short(ids) if narrow else None):
            console.show(part) if isinstance(part, Table) else console.say(part)
    counts = Counter(row.state.value for row in rows)
    said = ", ".join(f"{count} {name.replace('-', ' ')}" for name, count in counts.items())
    of = "" if len(rows) == len(whole.matrix.runs) else f" of {len(whole.matrix.runs)}"
    console.say(f"{len(rows)}{of} runs{': ' if said else ''}{said}")


def parts(rows: Sequence[RunRow], digits: int | None = None) -> Iterator[Table | str]:
    """Yield the lines and tables that show ``rows``; narrow ones with ids of so many ``digits``.

    What all runs have in common is said once; in narrow tables also what those of a block have.
    """
    alike = _alike(rows)
    if alike:
        yield ", ".join(f"{key} {value}" for key, value in alike.items())
    said = [key for key in _BLOCK if digits is not None and key not in alike]
    blocks: dict[tuple[str, ...], list[RunRow]] = {}
    for row in rows:
        blocks.setdefault(tuple(_KEYS[key](row) for key in said), []).append(row)
    for block, own in blocks.items():
        if block:
            yield ""
            yield ", ".join(f"{key} {value}" for key, value in zip(said, block, strict=True))
        yield table(own, [key for key in _KEYS if key not in (*alike, *said)], digits)


def table(rows: Iterable[RunRow], keys: Sequence[str], digits: int | None) -> Table:
    """Return a row for each run; a narrow one, with ids of so many ``digits``, or a wide one."""
    right = tuple(name for name in _NUMBERS if name in (*keys, "attempts"))
    machines = "machines" if digits is None else "machine"
    shown = console.table("run", *keys, "state", "attempts", machines, right=right)
    for row in rows:
        shown.add_row(
            row.run.run_id[:digits],
            *(_KEYS[key](row) for key in keys),
            row.state.value,
            str(len(row.attempts) or "·"),
            ", ".join(row.machines) if digits is None else _last(row),
        )
    return shown


def _last(row: RunRow) -> str:
    """Return the last machine, by the first part of its name."""
    return row.attempts[-1].machine.partition(".")[0] if row.attempts else ""


def short(run_ids: Sequence[str]) -> int:
    """Return of how many digits ids have to be to name each run, and no other."""
    ordered = sorted(run_ids)
    alike = (_alike_digits(*pair) for pair in pairwise(ordered))
    return max(_SHORTEST, 1 + max(alike, default=0))


def _alike_digits(first: str, second: str) -> int:
    """Return how many digits two ids have in common at their beginning."""
    pairs = enumerate(zip(first, second, strict=True))
    return next((at for at, (left, right) in pairs if left != right), len(first))


def _alike(rows: Sequence[RunRow]) -> dict[str, str]:
    """Return what is the same for all of several runs, by its name."""
    if len(rows) < 2:
        return {}
    values = {key: {value(row) for row in rows} for key, value in _KEYS.items()}
    return {key: next(iter(same)) for key, same in values.items() if len(same) == 1}


def _as_json(row: RunRow) -> JsonObject:
    run = row.run
    return {
        "run_id": run.run_id,
        "experiment": run.experiment,
        "hardware": run.hardware,
        "software": run.software,
        "seed": run.seed,
        "repeat": run.repeat,
        "state": row.state.value,
        "jobs": list(row.jobs),
        "attempts": [
            {
                "job": tried.job,
                "started_s": tried.attempt.started_s,
                "ended_s": tried.attempt.ended_s,
                "ended_well": tried.attempt.good,
                "machine": tried.machine,
                "site": tried.site,
                "slot": str(tried.attempt.machine.get("Name", "")),
            }
            for tried in row.attempts
        ],
    }
