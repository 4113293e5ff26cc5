"""``osgrepro help``: the pages of the documentation; and how commands are listed in their help."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from osgrepro.cli import console
from osgrepro.cli.arguments import Json
from osgrepro.workflow import topics

# Longer than what any command says of itself in its first sentence.
_WHOLE = 500


class Commands(TyperGroup):
    """A group that says of each command the whole first sentence, wherever commands are listed."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; its sentence is made here, as lists would cut it."""
        command = super().get_command(ctx, cmd_name)
        if command is not None and command.short_help is None:
            command.short_help = command.get_short_help_str(_WHOLE)
        return command


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("help")(help_)


def help_(
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="TOPIC", help="A page's name, such as campaign; without one, the list."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print a page of the documentation, such as the keys of a campaign; or list the pages."""
    if topic is not None:
        page_text = topics.find(topic).text()
        console.json({"topic": topic, "text": page_text}) if as_json else console.page(page_text)
        return
    if as_json:
        console.json([{"topic": p.name, "title": p.title} for p in topics.topics().values()])
        return
    shown = console.table("topic", "is about")
    for page in topics.topics().values():
        shown.add_row(page.name, page.title)
    console.show(shown)
    console.note("`osgrepro help TOPIC` prints one; `osgrepro COMMAND --help` is about a command")
