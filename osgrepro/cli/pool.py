"""``osgrepro pool``: the mini-pool of this machine, up and down."""

from __future__ import annotations

import typer

from osgrepro import minipool
from osgrepro.cli import console

app = typer.Typer(
    help="A pool of real HTCondor and real Apptainer on this machine.", no_args_is_help=True
)


@app.command()
def up() -> None:
    """Start the mini-pool, and return when a container job can match."""
    with console.progress() as notify:
        pool = minipool.up(minipool.Settings(), notify)
    console.say(f"the mini-pool is up: {len(pool.eps)} execution points, {pool.directory}")


@app.command()
def down() -> None:
    """Stop the mini-pool: no process, mount or lock is left."""
    with console.progress() as notify:
        minipool.down(minipool.default_directory(), notify)
    console.say("the mini-pool is down")
