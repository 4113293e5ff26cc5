"""The verb ``report``: findings as a file to hand on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import orjson

from osgrepro import report
from osgrepro.analysis.findings import Findings
from osgrepro.common import files
from osgrepro.common.errors import UsageError
from osgrepro.report import Figure, PaperTable
from osgrepro.results.dataset import files_of
from osgrepro.runs.workspace import Workspace, write

_PICTURES: tuple[Literal["svg", "pdf", "png"], ...] = ("svg", "pdf", "png")
SUFFIXES = {"html": ".html", "markdown": ".md", "json": ".json"}


def as_json(analysed: Findings, _title: str = "", dataset: Path = report.DATASET) -> str:
    """Return findings as JSON, indented."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(report.document(analysed, dataset), option=options).decode()


_TEXTS: Mapping[str, Callable[[Findings, str, Path], str]] = {
    "markdown": report.markdown,
    "json": as_json,
}


def target(dataset: Path, format_: str) -> Path:
    """Return where a report goes by default: beside its dataset."""
    return dataset.with_name(f"{dataset.stem}-report{SUFFIXES[format_]}")


def save(
    analysed: Findings,
    title: str,
    path: Path,
    format_: str = "html",
    *,
    dataset: Path | None = None,
    force: bool = False,
) -> None:
    """Write findings to ``path`` as ``html``, ``markdown`` or ``json``, whole or not at all.

    A page leads to the result files that lie where ``dataset`` has been collected.

    Raises
    ------
    UsageError
        As of :func:`check`.
    """
    check(path, force)
    # Its folder is nobody's business to whom the report is handed.
    name = report.DATASET if dataset is None else Path(dataset.name)
    if format_ == "html":
        links = _links(analysed, dataset, path) if dataset else None
        text = report.page(analysed, title, links, name)
    else:
        text = _TEXTS[format_](analysed, title, name)
    write(path, text.encode())


def _links(analysed: Findings, dataset: Path, page: Path) -> dict[str, str]:
    """Return where the result files of the runs are that a page names, as links from it."""
    named = [
        run_id
        for experiment in analysed.experiments
        for cell in experiment.cells
        for run_id in cell.run_ids
    ]
    results = Workspace(dataset.parent).results
    if not results.is_dir():
        return {}
    links: dict[str, str] = {}
    for run_id, name in files_of(dataset, named).items():
        file = results / name
        if files.is_file(file) and files.outside(results, name) is None:
            links[run_id] = quote(os.path.relpath(file.resolve(), page.parent.resolve()))
    return links


def save_figures(analysed: Findings, folder: Path, *, force: bool = False) -> tuple[Figure, ...]:
    """Write each figure to ``folder`` as SVG, PDF and PNG, its numbers as CSV; return them.

    The files are NAME.svg and so on; the PNG has 300 dots an inch.

    Raises
    ------
    UsageError
        If one of the files already exists and no ``force``, or the folder can't be made.
    """
    drawn = report.figures(analysed)
    names = [f"{figure.name}.{suffix}" for figure in drawn for suffix in (*_PICTURES, "csv")]
    _prepare("--figures", folder, names, force)
    for figure in drawn:
        for format_ in _PICTURES:
            write(folder / f"{figure.name}.{format_}", figure.encoded(format_))
        write(folder / f"{figure.name}.csv", figure.csv.encode())
    return drawn


def save_tables(analysed: Findings, folder: Path, *, force: bool = False) -> tuple[PaperTable, ...]:
    """Write each table for a paper to ``folder`` as LaTeX and Markdown; return them.

    The files are NAME.tex and NAME.md.

    Raises
    ------
    UsageError
        As of :func:`save_figures`.
    """
    made = report.tables(analysed)
    names = [f"{table.name}.{suffix}" for table in made for suffix in ("tex", "md")]
    _prepare("--tables", folder, names, force)
    for table in made:
        write(folder / f"{table.name}.tex", table.latex.encode())
        write(folder / f"{table.name}.md", table.markdown.encode())
    return made


def _prepare(option: str, folder: Path, names: Iterable[str], force: bool) -> None:
    """Make a folder for files, none of which may be there unless by ``force``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{option} {folder}: is no folder, and can't be made one: {error.strerror}",
            hint="name a folder in one that you may write to; it is made if it is not there",
        ) from error
    there = [name for name in names if (folder / name).exists()]
    if there and not force:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise UsageError(
            f"{option} {folder}: {there[0]}{more} already exists",
            hint="name another folder, or add --force to replace what is there",
        )
    for name in there:
        check(folder / name, force)


def check(path: Path, force: bool) -> None:
    """Refuse a file that can't be written, or must not.

    Raises
    ------
    UsageError
        If there is such a file and no ``force``, or no folder for it; if it holds data, always.
    """
    if path.is_dir() or not path.parent.is_dir():
        fault = "is a folder" if path.is_dir() else f"{path.parent} is not a folder"
        raise UsageError(f"{path}: {fault}", hint="name a file in a folder that exists")
    if path.is_file() and _begin(path) == b"PAR1":
        raise UsageError(
            f"{path}: is a Parquet file, which no report replaces", hint="choose another name"
        )
    if path.exists() and not force:
        raise UsageError(f"{path}: already exists", hint="choose another name, or add --force")


def _begin(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)
