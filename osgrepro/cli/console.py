"""How the command line speaks: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from osgrepro import models
from osgrepro.errors import OsgreproError
from osgrepro.progress import Tally

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def clean(text: str) -> str:
    """Return ``text`` with its control characters visible: it may come from a job."""
    return "".join(
        char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text
    )


def say(text: str) -> None:
    """Print one line of a result, exactly as it is."""
    out.print(Text(clean(text)))


def styled(text: str, style: str) -> None:
    """Print one line of a result in a style, such as a heading."""
    out.print(Text(clean(text), style=style))


def raw(text: str) -> None:
    """Print a whole document on stdout, to the letter."""
    sys.stdout.write(text)


def note(text: str) -> None:
    """Print one line that is no result: what happens, what to do next."""
    err.print(Text(clean(text), style="dim"))


def warn(text: str) -> None:
    """Print one warning."""
    err.print(Text("warning: ", style="yellow") + Text(clean(text)))


def fail(error: OsgreproError) -> None:
    """Print an expected error: what is wrong, and what to do next."""
    err.print(Text("osgrepro: ", style="bold red") + Text(clean(error.message)))
    if error.hint:
        err.print(Text("  → ", style="bold") + Text(clean(error.hint)))


def json(value: object) -> None:
    """Print ``value`` as JSON on stdout, for programs."""
    sys.stdout.write(
        orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    )


def table(*columns: str, title: str | None = None, right: tuple[str, ...] = ()) -> Table:
    """Return an empty table; the columns named in ``right`` hold numbers."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def show(made: Table) -> None:
    """Print a table, as wide as it is where nobody looks at a screen."""
    wide = Console(highlight=False, width=None if out.is_terminal else 160)
    wide.print(made)


@contextmanager
def progress() -> Iterator[models.Notify]:
    """Yield a ``Notify`` that draws bars on a terminal and prints a line a step elsewhere."""
    if not err.is_terminal:
        yield _Lines()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TextColumn("{task.fields[amount]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bars:
        yield _Bars(bars)


@contextmanager
def countdown() -> Iterator[Callable[[Tally], None]]:
    """Yield what draws a tally of jobs: how many have ended, and the time left."""
    if not err.is_terminal:
        yield _CountdownLines()
        return
    columns = (
        TextColumn("runs"),
        BarColumn(bar_width=40),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TextColumn("{task.fields[left]}"),
        TextColumn("{task.fields[now]}", style="dim"),
    )
    with Progress(*columns, console=err, transient=True) as bars:
        task = bars.add_task("runs", total=1, left="", now="")

        def draw(tally: Tally) -> None:
            bars.update(
                task,
                completed=tally.ended,
                total=tally.total,
                left=_left(tally),
                now=_moving(tally),
            )

        yield draw


def _left(tally: Tally) -> str:
    if tally.left_s is None:
        return "time left not known yet"
    minutes, seconds = divmod(round(tally.left_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"about {hours}:{minutes:02}:{seconds:02} left"


def _moving(tally: Tally) -> str:
    states = (models.RunState.RUNNING, models.RunState.IDLE, models.RunState.HELD)
    counted = ((tally.counts.get(state, 0), state.value) for state in states)
    return ", ".join(f"{count} {name}" for count, name in counted if count)


class _CountdownLines:
    """The countdown for a log file: one line for each tenth of the way."""

    def __init__(self) -> None:
        self._tenth = -1

    def __call__(self, tally: Tally) -> None:
        tenth = 10 * tally.ended // max(tally.total, 1)
        if tenth > self._tenth:
            self._tenth = tenth
            note(f"{tally.ended} of {tally.total} runs have ended, {_left(tally)}")


class _Lines:
    """Progress for a log file: each step once, when it begins."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, step: models.Progress, /) -> None:
        if step.what not in self._said:
            self._said.add(step.what)
            note(step.what)


class _Bars:
    """Progress for a terminal: one bar a step."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: models.Progress, /) -> None:
        if step.what not in self._tasks:
            self._tasks[step.what] = self._bars.add_task(step.what, total=None, amount="")
        self._bars.update(
            self._tasks[step.what], completed=step.done, total=step.total, amount=_amount(step)
        )


def _amount(step: models.Progress) -> str:
    if step.total is None and not step.done:
        return ""
    scale, unit = (1e6, "MB") if step.unit == "B" else (1, step.unit)
    total = "" if step.total is None else f"/{step.total / scale:.0f}"
    return f"{step.done / scale:.0f}{total} {unit}".rstrip()
