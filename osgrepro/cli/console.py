"""How the command line speaks: results on stdout, everything else on stderr.

The only door to a terminal, and the only module that knows Rich. A text that comes here is a text:
no markup, no emoji code, no control character of it means anything, whoever made it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import orjson
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.live import Live
from rich.markdown import Markdown
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.style import StyleType
from rich.table import Table
from rich.text import Text

from osgrepro.common import models, texts
from osgrepro.common.errors import OsgreproError
from osgrepro.pool.tally import Tally

__all__ = ["Screen", "Table"]


class Screen(Console):
    """A console to which every string is only a string: cells, headings, titles and prompts.

    Rich reads markup in most strings it is given, and writes escape sequences of any as they are.
    Here a style is an object beside the text, never a part of it.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render_str(self, text: str, *, style: StyleType = "", **options: Any) -> Text:
        """Return ``text`` in a style, what can't be seen in it spelled out."""
        layout: Any = {name: options.get(name) for name in ("justify", "overflow")}
        return Text(texts.visible(text), style=style, **layout)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield what is written; the last look at it, whatever it was made of."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(texts.lines(segment.text), segment.style)


out = Screen(soft_wrap=True)
err = Screen(stderr=True, soft_wrap=True)


def speak_safely() -> None:
    """Make the streams spell out what their encoding has no letter for, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # a stream that tests or programs put there
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def say(text: str) -> None:
    """Print one line of a result, exactly as it is."""
    out.print(text)


def styled(text: str, style: str) -> None:
    """Print one line of a result in a style, such as a heading."""
    out.print(text, style=style)


def document(text: str) -> None:
    """Print a text of several lines."""
    for line in text.split("\n"):
        out.print(line)


def raw(text: str) -> None:
    """Print a text of several lines as it is, such as a document that a template made."""
    sys.stdout.write(texts.lines(text))


def page(text: str) -> None:
    """Print a page of our own in Markdown: set for a terminal, as it is for everything else."""
    if out.is_terminal:
        Screen().print(Markdown(text, hyperlinks=False))
    else:
        raw(text)


def note(text: str) -> None:
    """Print one line that is not a result: what happens, what to do next."""
    err.print(text, style="dim")


def warn(text: str) -> None:
    """Print one warning."""
    _marked("warning: ", "yellow", text)


def fail(error: OsgreproError) -> None:
    """Print an expected error: what is wrong, and what to do next."""
    _marked("osgrepro: ", "bold red", error.message)
    if error.hint:
        err.print(Text("  → ", style="bold") + _plain(error.hint))


def _marked(mark: str, style: str, text: str) -> None:
    """Print a text after a mark; its other lines are set in, so that none looks like ours."""
    first, *continued = text.split("\n")
    err.print(Text(mark, style=style) + _plain(first))
    for line in continued:
        err.print(f"  {line}")


def usage(text: str) -> None:
    """Print what Typer says of a command that it can't take."""
    for line in text.rstrip("\n").split("\n"):
        err.print(line)


def confirm(question: str) -> bool:
    """Ask a question that only a clear yes answers; without anybody to answer it is a no."""
    err.print(_plain(f"{question} [y/N] "), end="")
    try:
        answer = input()
    except EOFError:
        err.print("")
        return False
    return answer.strip().lower() in ("y", "yes")


def json(value: object, *, line: bool = False) -> None:
    """Print ``value`` as JSON on stdout, for programs: exact, and harmless on a terminal.

    A ``line`` stands by itself, and is there at once for whoever reads along.
    """
    options = orjson.OPT_APPEND_NEWLINE | (0 if line else orjson.OPT_INDENT_2)
    try:
        text = orjson.dumps(value, option=options)
    except orjson.JSONEncodeError:  # a file name that is not UTF-8
        text = orjson.dumps(texts.unicode(value), option=options)
    sys.stdout.write(texts.in_json(text.decode(), sys.stdout.encoding or "utf-8"))
    sys.stdout.flush()


def word(text: str, style: str = "") -> Text:
    """Return a cell of a table in a style."""
    return Text(texts.visible(text), style=style)


def table(*columns: str, title: str | None = None, right: tuple[str, ...] = ()) -> Table:
    """Return an empty table; the columns named in ``right`` hold numbers."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def show(made: Table, *, result: bool = True) -> None:
    """Print a table, as wide as it is where nobody looks at a screen; on stderr if no result."""
    if result:
        Screen(width=None if out.is_terminal else 160).print(made)
    else:
        err.print(made)


@contextmanager
def progress() -> Iterator[models.Notify]:
    """Yield a ``Notify`` that draws bars on a terminal and prints a line a step elsewhere."""
    if not err.is_terminal:
        yield _Lines()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=28),
        TextColumn("{task.fields[amount]}", markup=False),
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
        TextColumn("runs", markup=False),
        BarColumn(bar_width=40),
        TextColumn("{task.completed:.0f}/{task.total:.0f}", markup=False),
        TextColumn("{task.fields[left]}", markup=False),
        TextColumn("{task.fields[now]}", style="dim", markup=False),
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


@contextmanager
def live() -> Iterator[Callable[[Sequence[Table | str]], None]]:
    """Yield what draws a screen in place of the last; without a terminal, below it."""

    def below(parts: Sequence[Table | str]) -> None:
        for part in parts:
            show(part) if isinstance(part, Table) else say(part)

    if not out.is_terminal:
        yield below
        return
    with Live(console=out, auto_refresh=False) as drawing:
        yield lambda parts: drawing.update(Group(*parts), refresh=True)


def _plain(text: str) -> Text:
    return Text(texts.visible(text))


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
            self._tasks[step.what] = self._bars.add_task(
                texts.visible(step.what), total=None, amount=""
            )
        self._bars.update(
            self._tasks[step.what], completed=step.done, total=step.total, amount=_amount(step)
        )


def _amount(step: models.Progress) -> str:
    if step.total is None and not step.done:
        return ""
    scale, unit = (1e6, "MB") if step.unit == "B" else (1, step.unit)
    total = "" if step.total is None else f"/{step.total / scale:.0f}"
    return f"{step.done / scale:.0f}{total} {unit}".rstrip()
