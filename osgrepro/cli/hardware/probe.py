"""The command that tells the numerical classes of a pool: probe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osgrepro.cli import console, tables
from osgrepro.cli.arguments import Ads, Json, PoolChoice, PoolName, Workspace
from osgrepro.cli.console import Table
from osgrepro.cli.runs.acting import named
from osgrepro.common.errors import UsageError
from osgrepro.common.texts import command
from osgrepro.workflow import pools
from osgrepro.workflow.hardware import machines as hardware
from osgrepro.workflow.hardware import probing
from osgrepro.workflow.loading import load
from osgrepro.workflow.results import collecting
from osgrepro.workflow.runs import submitting, workspaces
from osgrepro.workflow.runs.monitoring import status, waiting

if TYPE_CHECKING:
    from osgrepro.analysis import Member, NumericalClass, Probe

# So many differing operations are named in a line; --json names all.
_NAMED = 4


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(probe)


Source = Annotated[
    str,
    typer.Argument(
        metavar="CAMPAIGN|DATASET",
        help="A campaign with the experiment `experiments.probe:run`, such as the shipped one "
        "`probe`; or a dataset: a file *.parquet.",
        show_default=False,
    ),
]
PerClass = Annotated[
    bool,
    typer.Option(
        "--per-class",
        help="Run the probe on each hardware class that the pool has, whatever hardware the "
        "campaign names: writes the campaign CAMPAIGN-classes.toml and goes on with it.",
    ),
]
MostClasses = Annotated[
    int | None,
    typer.Option(
        "--limit",
        metavar="N",
        min=1,
        help="With --per-class: at most N classes, those that differ most.",
    ),
]


def probe(
    source: Source,
    per_class: PerClass = False,
    limit: MostClasses = None,
    ads: Ads = None,
    submit: Annotated[
        bool, typer.Option("--submit", help="Submit the campaign's probe runs first.")
    ] = False,
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Wait until all jobs have ended, and collect."),
    ] = False,
    pool: PoolChoice = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Show the numerical classes of a pool: which slots compute the same, to the last bit."""
    if limit is not None and not per_class:
        raise UsageError("--limit is for --per-class")
    if ads is not None and not per_class:
        raise UsageError("--ads is for --per-class")
    if per_class:
        source = _fan_out(source, limit, ads, pool)
        if not submit and not wait:
            console.note(f"next: {command('osgrepro', 'probe', source)} --submit --wait")
            return
    missing = _run(source, submit, wait, pool, workspace) if submit or wait else 0
    if submit and not wait:
        return
    probes = probing.probe_classes(probing.dataset_of(source, workspace))
    if as_json:
        console.json({"probes": [_as_json(probe_result) for probe_result in probes]})
    else:
        _show(probes)
    if missing:
        console.warn(f"{missing} runs of the probe that were submitted have no result")
        raise typer.Exit(1)


def _fan_out(source: str, limit: int | None, ads: Path | None, pool: PoolName | None) -> str:
    """Write the campaign of a probe for each class, and return its path."""
    if probing.is_dataset(source):
        raise UsageError(f"{source}: a dataset has no hardware to ask for", hint="name a campaign")
    made = probing.fan_out(
        source, lambda: hardware.gather(ads, pool.value if pool else None), limit
    )
    more = f", {made.left_out} left out" if made.left_out else ""
    if made.new:
        console.note(f"wrote {made.path}: {made.classes} hardware classes{more}")
    else:
        console.note(
            f"going on with {made.path}: {made.classes} hardware classes; remove it to ask the "
            "pool again"
        )
    return str(made.path)


def _run(
    source: str, submit: bool, wait: bool, pool: PoolName | None, workspace: Path | None
) -> int:
    """Submit, wait and collect, as asked; return how many submitted probe runs have no result."""
    if probing.is_dataset(source):
        raise UsageError(
            f"{source}: a dataset can't be submitted or waited for", hint="name the campaign"
        )
    loaded = load(source)
    chosen = probing.probe_runs(loaded)
    access = pools.access(pool.value if pool else None)
    place = workspaces.of(loaded, workspace, create=submit)
    if submit:
        with console.progress() as notify:
            done = submitting.submit(chosen, place, access, notify=notify)
        say = console.note if wait else console.say
        say(f"submitted {done.runs} of {len(chosen.matrix.runs)} runs to {access.schedd.name}")
    if not wait:
        console.note(f"next: {command('osgrepro', 'probe', source)} --wait")
        return 0
    with console.countdown() as every:
        waiting.wait(place, access.schedd, every=every)
    with console.progress() as notify:
        harvest = collecting.collect(loaded, place, access, notify=notify)
    now = status.of_campaign(chosen, place, access)
    if harvest.now.held:
        console.show(
            tables.held(harvest.now.held, command(*named(source, workspace))), result=False
        )
    return now.astray


def _show(probes: Iterable[Probe]) -> None:
    for number, result in enumerate(probes):
        if number:
            console.say("")
        count = len(result.classes)
        runs = sum(numerical_class.runs for numerical_class in result.classes)
        console.say(
            f"{result.experiment}, {result.software}: {count} numerical "
            f"class{'es' * (count > 1)} in {runs} runs of {result.operations} operations"
        )
        console.show(_table(result))


def _table(result: Probe) -> Table:
    shown = console.table(
        *("class", "hardware", "machine", "intra-op threads", "CPU, GPU", "label", "runs"),
        *("repeats", "differs from A in"),
        right=("runs",),
    )
    for numerical_class in result.classes:
        shown.add_row(
            numerical_class.letter,
            _joined(numerical_class, lambda member: member.place.hardware),
            _joined(numerical_class, lambda m: m.place.execution_point or m.place.machine),
            _joined(numerical_class, lambda member: member.place.intra_op_threads),
            _joined(numerical_class, _processors),
            _joined(numerical_class, lambda member: " + ".join(member.place.emulation)),
            *(
                str(numerical_class.runs),
                _AGREEMENT[numerical_class.repeats_agree],
                _differs(numerical_class),
            ),
        )
    return shown


_AGREEMENT = {True: "the same", False: "not the same", None: "none"}


def _joined(numerical_class: NumericalClass, said_of: Any) -> str:
    """Return what its members tell, each word once."""
    words = dict.fromkeys(said_of(member) for member in numerical_class.members)
    return ", ".join(str(word) for word in words if word)


def _processors(member: Member) -> str:
    place = member.place
    return " + ".join(name for name in (place.cpu_model_name, place.gpu_name) if name)


def _differs(numerical_class: NumericalClass) -> str:
    more = len(numerical_class.differs) - _NAMED
    rest = f" and {more} more" if more > 0 else ""
    return ", ".join(numerical_class.differs[:_NAMED]) + rest


def _as_json(result: Probe) -> dict[str, Any]:
    document = asdict(result)
    for shown, numerical_class in zip(document["classes"], result.classes, strict=True):
        shown |= {"runs": numerical_class.runs, "repeats_agree": numerical_class.repeats_agree}
    return document
