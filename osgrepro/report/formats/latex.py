"""A table of words as LaTeX. Whatever stands in it is text: no name can be a command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from osgrepro.common.texts import visible
from osgrepro.report.figures.canvas.words import text_width
from osgrepro.report.values import Table
from osgrepro.runs import render

# More rows than a page has lines.
_PAGE = 40
# The \\textwidth of LaTeX's article class in its usual size, in points: what is wider is printed
# into the margin and beyond the paper, with no more than a warning in a log.
_TEXT_WIDTH = 345.0
# Computer Modern is narrower than the letters of figures, whose widths are estimated.
_NARROWER = 0.86
_MARKS = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐ"
_SPECIAL = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\texttt{\char34}",  # in every encoding of fonts
        # After the end of a row these would be a distance, and a command.
        "[": "{[}",
        "*": "{*}",
        # pdfLaTeX would stop at these, or set something else.
        "–": r"\textendash{}",
        "…": r"\ldots{}",
        "−": "$-$",
        "≤": r"$\leq$",
        "≥": r"$\geq$",
        "×": r"$\times$",
        "∞": r"$\infty$",
        "√": r"$\surd$",
        "²": "$^2$",
        "κ": r"$\kappa$",
        "χ": r"$\chi$",
        **{mark: f"$^{{{letter}}}$" for mark, letter in zip(_MARKS, "abcdefghijklm", strict=True)},
    }
)
# What fonts set as one sign: a dash, quotation marks, ¿ and ¡.
_LIGATURE = re.compile(r"([-`',])(?=\1)|[?!](?=`)")
# The symbols of the field: s_R is a formula, test_accuracy a name.
_SYMBOL = re.compile(r"\b([sp])\\_(r|R|L|upper)\b")


def escaped(text: str) -> str:
    """Return ``text`` so that LaTeX prints it, on one line; nothing in it hides or turns it."""
    plain = " ".join(visible(text).split()).translate(_SPECIAL)
    plain = _LIGATURE.sub(r"\g<0>{}", plain)
    return _SYMBOL.sub(r"$\1_{\\mathrm{\2}}$", plain).replace(" \\%", r"\,\%")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layout:
    """A table as it is laid out: its size of letters, and the words on its lines.

    A line of one word in a table of several columns is a heading over all of them. ``notes`` are
    what marks stand for, with their marks.
    """

    columns: tuple[tuple[str, ...], ...]  # the lines of its head
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    notes: tuple[str, ...] = ()
    size: str = "footnotesize"
    points: float = 8.0
    gap: float = 4.0  # points on both sides of a column
    indent: bool = False

    def width(self, places: Sequence[int] = ()) -> float:
        """Estimate how many points these columns take, by default all."""
        kept = places or range(len(self.right))
        lines = [line for line in (*self.columns, *self.rows) if len(line) == len(self.right)]
        widest = [max(text_width(line[place], self.points) for line in lines) for place in kept]
        return sum(widest) * _NARROWER + 2 * self.gap * len(kept) + self.points * self.indent

    @property
    def fits(self) -> bool:
        """Whether it is as wide as the text at most."""
        return self.width() <= _TEXT_WIDTH


def table(content: Table, *, caption: str, label: str) -> str:
    r"""Return a table with rules of booktabs; one longer than a page is a longtable.

    What is wider than the text of an article becomes narrower, step by step until it fits: remarks
    in brackets become notes in the caption, a name that repeats becomes a heading over its rows,
    the letters become smaller, and at last the columns are divided among several tables.

    Parameters
    ----------
    content : Table
        Its words; columns in ``right`` are set to the right.
    caption, label : str
        Its caption, and what ``\ref`` finds it by.
    """
    layout = _Layout(
        columns=(content.columns,),
        rows=content.rows,
        right=tuple(name in content.right for name in content.columns),
    )
    for step in (_noted, _headed, _headed, _smaller):
        if not layout.fits:
            layout = step(layout)
    parts = list(_parts(layout))
    return render.text(
        "report/table.tex.j2",
        long=len(layout.rows) * len(parts) > _PAGE,
        size=layout.size,
        gap=f"{layout.gap:g}pt",
        parts=[_lines(layout, places) for places in parts],
        caption=escaped(" ".join((caption, *layout.notes))),
        label=label,
    )


def _noted(layout: _Layout) -> _Layout:
    """Put what stands in brackets behind words, mostly the same in many cells, into notes."""
    marks: dict[str, str] = {}

    def short(words: str) -> str:
        start, bracket, rest = words.partition(" (")
        if not bracket or not rest.endswith(")") or not start[-1:].isalpha():
            return words
        remark = rest.removesuffix(")")
        return f"{start}{marks.setdefault(remark, _MARKS[len(marks) : len(marks) + 1])}"

    rows = tuple((row[0], *map(short, row[1:])) for row in layout.rows)
    if len(marks) > len(_MARKS):
        return layout
    notes = tuple(f"{mark} {remark}." for remark, mark in marks.items())
    return replace(layout, rows=rows, notes=notes)


def _headed(layout: _Layout) -> _Layout:
    """Make the words of the first column, where they repeat, headings over the rows.

    The second time it adds those of the next column to the headings, where these have one each.
    """
    lines = [row for row in layout.rows if len(row) == len(layout.right)]
    if layout.indent:
        return _joined(layout)
    if len({row[0] for row in lines}) == len(lines) or len(layout.right) < 3:
        return layout
    rows: list[tuple[str, ...]] = []
    for name, own in groupby(lines, key=itemgetter(0)):
        rows += [(name,), *(row[1:] for row in own)]
    ((first, *names),) = layout.columns
    return replace(
        layout,
        columns=((first,), tuple(names)),
        rows=tuple(rows),
        right=layout.right[1:],
        indent=True,
    )


def _joined(layout: _Layout) -> _Layout:
    """Add the first column to the headings, where it says the same of all rows below one."""
    grouped: list[tuple[str, list[tuple[str, ...]]]] = []
    for row in layout.rows:
        if len(row) == 1:
            grouped.append((row[0], []))
        else:
            grouped[-1][1].append(row)
    if len(layout.right) < 3 or any(len({row[0] for row in own}) > 1 for _, own in grouped):
        return layout
    rows: list[tuple[str, ...]] = []
    for heading, own in grouped:
        rows += [(f"{heading}, {own[0][0]}",), *(row[1:] for row in own)]
    (heading,), names = layout.columns
    return replace(
        layout,
        columns=((f"{heading}, {names[0]}",), names[1:]),
        rows=tuple(rows),
        right=layout.right[1:],
    )


def _smaller(layout: _Layout) -> _Layout:
    # Of 7 points, but Computer Modern is wider in proportion the smaller it is.
    return replace(layout, size="scriptsize", points=7.6, gap=3.0)


def _parts(layout: _Layout) -> Iterator[tuple[int, ...]]:
    """Yield the places of the columns of each part: the first, and as many more as fit."""
    part: tuple[int, ...] = (0,)
    for place in range(1, len(layout.right)):
        if len(part) > 1 and layout.width((*part, place)) > _TEXT_WIDTH:
            yield part
            part = (0,)
        part = (*part, place)
    yield part


def _lines(layout: _Layout, places: Sequence[int]) -> dict[str, object]:
    """Return the head and the rows of a part as LaTeX, and how its columns are set."""

    def line(words: tuple[str, ...]) -> str:
        if len(words) < len(layout.right):
            return f"\\multicolumn{{{len(places)}}}{{l}}{{{escaped(words[0])}}}"
        start = r"\quad " if layout.indent else ""
        return start + " & ".join(escaped(words[place]) for place in places)

    return {
        "align": "".join("r" if layout.right[place] else "l" for place in places),
        "head": [line(words) for words in layout.columns],
        "rows": [line(words) for words in layout.rows],
    }
