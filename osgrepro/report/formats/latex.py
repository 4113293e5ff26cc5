"""A table of words as LaTeX. Whatever stands in it is text: no name can be a command."""

from __future__ import annotations

import re

from osgrepro.common.texts import visible
from osgrepro.report.values import Table
from osgrepro.runs import render

# More rows than a page has lines.
_PAGE = 40
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


def table(content: Table, *, caption: str, label: str) -> str:
    r"""Return a table with rules of booktabs; one longer than a page is a longtable.

    Parameters
    ----------
    content : Table
        Its words; columns in ``right`` are set to the right.
    caption, label : str
        Its caption, and what ``\ref`` finds it by.
    """
    return render.text(
        "report/table.tex.j2",
        long=len(content.rows) > _PAGE,
        columns=[escaped(name) for name in content.columns],
        align="".join("r" if name in content.right else "l" for name in content.columns),
        rows=[[escaped(word) for word in row] for row in content.rows],
        caption=escaped(caption),
        label=label,
    )
