"""``osgrepro pool``: the mini-pool of this machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import Json
from osgrepro.cli.helping import Commands
from osgrepro.common.errors import UsageError
from osgrepro.pool import minipool
from osgrepro.pool.minipool import PoolStatus
from osgrepro.workflow.hardware import twins

app = typer.Typer(
    help="A pool of real HTCondor and real Apptainer on this machine.",
    no_args_is_help=True,
    cls=Commands,
)


def register(parent: typer.Typer) -> None:
    """Add these commands to ``parent``."""
    parent.add_typer(app, name="pool")


@app.command()
def up(
    twin: Annotated[
        str | None,
        typer.Option(
            "--twin",
            metavar="TWIN",
            help="Stand in for the machines of a twin: a file, or a shipped twin (osg-2022).",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="Only this machine of it. May be repeated."),
    ] = None,
    memory_mb: Annotated[
        int | None,
        typer.Option(
            "--memory-mb", min=1, help="Memory of each execution point, instead of a share."
        ),
    ] = None,
) -> None:
    """Start the mini-pool; return when a container job can match."""
    if only and not twin:
        raise UsageError("--only is for --twin", hint="`osgrepro twin check` lists the machines")
    with console.progress() as notify:
        if twin:
            twins.up(twin, only=only or (), memory_mb=memory_mb, notify=notify)
        else:
            minipool.up(minipool.Settings(memory_mb=memory_mb), notify)
    _show(minipool.status())


@app.command()
def status(as_json: Json = False) -> None:
    """Show the state of the mini-pool; exit with 1 if it is not up."""
    pool_status = minipool.status()
    if as_json:
        console.json(
            {
                "state": pool_status.state,
                "directory": str(pool_status.directory),
                "processes": pool_status.processes,
                "eps": [asdict(ep) for ep in pool_status.eps],
                "jobs": dict(pool_status.jobs),
            }
        )
    else:
        _show(pool_status)
    if pool_status.state != "up":
        raise typer.Exit(1)


@app.command()
def down() -> None:
    """Stop the mini-pool: no process, mount or lock is left."""
    with console.progress() as notify:
        minipool.down(notify=notify)
    _show(minipool.status())


@app.command(context_settings={"allow_interspersed_args": False})
def shell(
    command: Annotated[
        list[str] | None, typer.Argument(help="What to run instead of a shell, such as condor_q.")
    ] = None,
) -> None:
    """Open a shell inside the pool, as its user, or run a command there."""
    raise typer.Exit(minipool.shell(argv=tuple(command or ("bash", "-l"))))


@app.command()
def logs(
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=1, help="How many lines of each log.")
    ] = 20,
    daemon: Annotated[
        str | None, typer.Argument(help="Only logs whose name contains this.")
    ] = None,
) -> None:
    """Print the last lines of the daemons' logs, the most recent log last."""
    wanted = [path for path in minipool.logs() if (daemon or "").lower() in path.name.lower()]
    if not wanted:
        raise UsageError("there is no such log", hint="`osgrepro pool status` names the folder")
    for path in wanted:
        console.say(f"==> {path} <==")
        for line in minipool.last_lines(path, lines):
            console.say(line)


def _show(pool_status: PoolStatus) -> None:
    console.say(f"the mini-pool is {pool_status.state}: {pool_status.directory}")
    if pool_status.state == "broken":
        console.note(
            f"{pool_status.processes} processes are running; `osgrepro pool down` ends them, "
            "`osgrepro pool logs` shows what they said"
        )
    if not pool_status.eps:
        return
    shown = console.table(
        "execution point", "answers", "jobs", "MB memory", "emulates", right=("jobs", "MB memory")
    )
    for ep in pool_status.eps:
        answers = "yes" if ep.answers else "no"
        shown.add_row(
            ep.name, answers, str(ep.running), str(ep.memory_mb), ep.emulation or "nothing"
        )
    console.show(shown)
