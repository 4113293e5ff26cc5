"""The tables that several commands print: runs by cell and state, and what the dataset says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osgrepro.analysis import findings
from osgrepro.analysis.findings import NONDETERMINISTIC, NOT_RECORDED, TIED
from osgrepro.cli import console
from osgrepro.cli.console import Table
from osgrepro.common.models import RunState
from osgrepro.pool.condor import Plugin, addressed
from osgrepro.results import dataset
from osgrepro.results.records import ELSEWHERE
from osgrepro.workflow.results import analyzing
from osgrepro.workflow.runs.delivery import MISSING
from osgrepro.workflow.runs.monitoring import usage
from osgrepro.workflow.runs.monitoring.status import Cell, Held, Status
from osgrepro.workflow.runs.monitoring.transfers import Moved

if TYPE_CHECKING:
    from osgrepro.analysis import Preview

# The columns of a table of cells, and the states that each counts.
STATES = {
    "done": (RunState.DONE,),
    "failed": (RunState.FAILED,),
    "returned": (RunState.RETURNED,),
    "running": (RunState.RUNNING,),
    "idle": (RunState.IDLE,),
    "held": (RunState.HELD,),
    "landed elsewhere": (RunState.ELSEWHERE,),
    "missing": tuple(MISSING - {RunState.ELSEWHERE}),
}

NONE = "–"


def totals(now: Status) -> str:
    """Return one line: how many runs stand where."""
    counted = {name: sum(now.counts.get(s, 0) for s in states) for name, states in STATES.items()}
    said = ", ".join(f"{count} {name}" for name, count in counted.items() if count)
    return f"{len(now.states)} runs: {said}"


def cells(run_cells: Iterable[Cell]) -> Table:
    """Return the table of cells by state; states that no run has are left out."""
    rows = list(run_cells)
    used = [
        name
        for name, states in STATES.items()
        if any(cell.counts.get(state) for cell in rows for state in states)
    ]
    shown = console.table("experiment", "hardware", "software", *used, right=tuple(used))
    for cell in rows:
        counts = (sum(cell.counts.get(state, 0) for state in STATES[name]) for name in used)
        shown.add_row(
            *(cell.experiment, cell.hardware, cell.software), *(str(n or "·") for n in counts)
        )
    return shown


def held(jobs_held: Iterable[Held], campaign: str, state: str = "held") -> Table:
    """Return the reasons why jobs are held, or wait again, and what to do about each.

    ``campaign`` are the words that name it in a command.
    """
    shown = console.table(state, "such as job", "reason", "what to do", right=(state,))
    for reason, advice, items in usage.reasons(jobs_held):
        words = next((f"; stderr ends: {i.last_words}" for i in items if i.last_words), "")
        job = f"{items[0].cluster}.{items[0].proc}"
        todo = addressed(
            *(advice, campaign, items[0].code, (item.asks for item in items)), items[0].subcode
        )
        shown.add_row(str(len(items)), job, f"{reason}{words}", todo)
    return shown


def not_seeded(experiment: str, count: int) -> str:
    """Return what is said of runs whose random numbers nobody seeded, and what to do."""
    subject = "1 run was" if count == 1 else f"{count} runs were"
    return (
        f"{experiment}: {subject} not seeded by osgrepro, so that repeats differ wherever they "
        "run: let the script seed its framework, with context.seed or OSGREPRO_SEED"
    )


def refusals(counts: Mapping[str, int], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield for each reason how many files were refused now, and the first of ``rows`` with it."""
    first = {row["reason"]: row for row in reversed(list(rows))}
    for reason, count in Counter(counts).most_common():
        row = first[reason]
        more = f" and {count - 1} more" if count > 1 else ""
        label = "landed elsewhere" if reason == ELSEWHERE else f"not taken ({reason})"
        yield f"{label}: {row['file']}{more}: {row['message']}"


def damaged(clusters: Collection[int]) -> Iterator[str]:
    """Yield what is said of clusters whose event logs are not whole."""
    if clusters:
        numbers = ", ".join(map(str, clusters))
        yield (
            f"the event log of cluster {numbers} is damaged: what it lacks was taken from the job "
            "ads and the results themselves (column placed_by)"
        )


def transfers(moved: Iterable[Moved]) -> Table:
    """Return what was moved for every cluster, and for all of them."""
    numbers = ("jobs", "EPs", "stagings", "staged", "staged again", "jobs received", "jobs sent")
    shown = console.table("cluster", "name", *numbers, right=("cluster", *numbers))
    rows: list[list[int | None]] = []
    for transfer in moved:
        counts = transfer.transfers
        again = None if counts.stagings is None else counts.repeated
        rows.append(
            [
                *(
                    counts.jobs,
                    counts.eps,
                    counts.stagings,
                    counts.staged_bytes,
                    again,
                ),
                *(counts.received_bytes, counts.sent_bytes),
            ]
        )
        shown.add_row(str(counts.cluster), transfer.name, *_amounts(rows[-1]))
    shown.add_section()
    # An execution point may have served several clusters, so there is no sum of them.
    jobs, _eps, *sums = _amounts([_sum(column) for column in zip(*rows, strict=True)])
    shown.add_row("", "all", jobs, "", *sums)
    return shown


def plugins(ways: Mapping[str, Plugin]) -> Table:
    """Return the bytes by the way that they went: cedar is HTCondor itself."""
    numbers = ("staged", "jobs received", "jobs sent")
    shown = console.table("by", *numbers, right=numbers)
    for way, plugin in ways.items():
        staged = NOT_RECORDED if plugin.staged_bytes is None else size(plugin.staged_bytes)
        moved = (staged, size(plugin.received_bytes), size(plugin.sent_bytes))
        shown.add_row(way, *moved)
    return shown


def gaps(moved: Iterable[Moved]) -> Iterator[str]:
    """Yield what the access point's records do not tell."""
    clusters_sent = [transfer.transfers for transfer in moved]
    if jobs := sum(sent.unrecorded_jobs for sent in clusters_sent):
        yield (
            f"the history no longer has {jobs} of {sum(sent.jobs for sent in clusters_sent)} jobs: "
            "what they moved is missing above"
        )
    if clusters := [str(sent.cluster) for sent in clusters_sent if sent.stagings is None]:
        yield f"stagings are not recorded for cluster {', '.join(clusters)}"
    for sent in clusters_sent:
        if sent.stagings is not None and sent.unrecorded_eps:
            yield (
                f"cluster {sent.cluster}: stagings to {sent.unrecorded_eps} of {sent.eps} "
                "execution points are no longer recorded"
            )


def size(count: int) -> str:
    """Return a number of bytes with a unit that suits it."""
    for factor, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"


def _amounts(values: Iterable[int | None]) -> list[str]:
    """Return a row of the table of transfers: counts, and bytes where the column has bytes."""
    written: tuple[Callable[[int], str], ...] = (str, str, str, size, str, size, size)
    return [
        NOT_RECORDED if value is None else text(value)
        for value, text in zip(values, written, strict=True)
    ]


def _sum(values: Iterable[int | None]) -> int | None:
    """Return the sum; None where a part of it is not known."""
    known = list(values)
    return None if None in known else sum(value or 0 for value in known)


def outcomes(preview: Preview) -> Table:
    """Return the primary metric of every cell, and which cells of an experiment agree bitwise.

    Those that share a letter do; the letters are those of ``analyze``.
    """
    shown = console.table(
        *("experiment", "software", "hardware", "metric", "value", "outcome", "repeats", "label"),
        right=("value",),
    )
    for row in preview.cells:
        cell = row.cell
        shown.add_row(
            *(
                row.experiment,
                cell.software,
                cell.hardware,
                row.metric or NONE,
                _values(cell),
            ),
            *(
                " ".join(sorted(cell.classes)) or NONE,
                _agreement(cell, only_counts=row.only_counts),
                ", ".join(row.labels),
            ),
        )
    return shown


def failures(path: Path, wanted: Container[str] | None = None) -> Table:
    """Return the exceptions that ended failed runs, most frequent first, with one run of each.

    Only runs that are in ``wanted`` count; None takes all.
    """
    columns = ["run_id", "experiment", "status", "exception_type", "exception_message"]
    every = zip(dataset.read(path, columns).to_pylist(), analyzing.of_now(path), strict=True)
    failed = [row for row, kept in every if kept and row["status"] != "ok"]
    rows = [row for row in failed if wanted is None or row["run_id"] in wanted]
    kinds: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        lines = str(row["exception_message"] or "").strip().splitlines()
        key = (row["experiment"], str(row["exception_type"]), lines[-1] if lines else "")
        kinds.setdefault(key, []).append(row["run_id"])
    shown = console.table("failed", "experiment", "exception", "such as run", right=("failed",))
    for (experiment, kind, said), runs in sorted(kinds.items(), key=lambda item: -len(item[1])):
        shown.add_row(str(len(runs)), experiment, f"{kind}: {said}", runs[0])
    return shown


def _values(cell: findings.Cell) -> str:
    low, high = cell.minimum, cell.maximum
    if low is None or high is None:
        return NONE
    return f"{low:.6f}" if low == high else f"{low:.6f} … {high:.6f}"


def _agreement(cell: findings.Cell, *, only_counts: bool) -> str:
    """Say how many runs a cell has, and whether those with the same seed agree."""
    parts = [str(cell.ok)]
    if cell.seeds > 1:
        parts.append(f"{cell.seeds} seeds")
    if cell.unseeded:
        parts.append("not seeded" if cell.unseeded == cell.ok else f"{cell.unseeded} not seeded")
    if isinstance(cell.repeatability, str):
        coarse = only_counts and cell.repeatability == TIED
        parts.append("the same metrics" if coarse else _REPEATS[cell.repeatability])
    return ", ".join(parts)


_REPEATS = {TIED: "bitwise the same", NONDETERMINISTIC: "not the same"}
