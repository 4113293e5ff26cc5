"""The verb ``analyze``: what a dataset says about its experiments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from osgrepro import analysis
from osgrepro.analysis.findings import Definition, Findings, Requirement
from osgrepro.campaign import read_claim
from osgrepro.common.errors import DatasetError, InputError, UsageError, did_you_mean
from osgrepro.common.models import Claim
from osgrepro.common.texts import alternatives, command
from osgrepro.results import dataset
from osgrepro.workflow import loading

if TYPE_CHECKING:
    import pandas as pd

    from osgrepro.analysis import Part, Preview


def claims(texts: Sequence[str]) -> list[Claim]:
    """Read claims as they are typed.

    Raises
    ------
    UsageError
        If one can't be read.
    """
    return [read_claim(text) for text in texts]


def part(only: Sequence[str] = (), *, cpus: bool = False, gpus: bool = False) -> Part:
    """Return which part of a dataset is looked at, as it is typed.

    Raises
    ------
    UsageError
        If a term of ``only`` is not KEY=VALUE, or both processors are asked for.
    """
    if cpus and gpus:
        raise UsageError(
            "--cpus and --gpus: no run is of both",
            hint="choose one of the two; without them all runs are analysed",
        )
    processor: Literal["CPU", "GPU"] | None = "CPU" if cpus else "GPU" if gpus else None
    return analysis.Part(only=loading.terms(only, analysis.KEYS), processor=processor)


def analyze(
    path: Path,
    claims: Sequence[Claim] = (),
    definitions: Sequence[str] = (),
    part: Part | None = None,
) -> Findings:
    """Return what the dataset ``path`` says, with ``claims`` put to the test besides its own.

    Parameters
    ----------
    path : Path
        The dataset. Only its runs of the campaign's current definitions count.
    claims : sequence of Claim
        Further claims.
    definitions : sequence of str
        Which definitions to analyse instead; ``all`` compares them.
    part : Part, optional
        Which part of the runs to look at, by default all. The campaign's claims about others are
        left out.

    Raises
    ------
    UsageError
        If there is no such file or definition, no run in the part, or a claim names what is not
        in it.
    InputError
        If it is not a dataset.
    """
    frame, declared = _frame(path), _declared(path)
    part = part and _separated(part, frame)
    if part is not None and (kept := part.only.get("experiment")):
        declared = tuple(claim for claim in declared if {claim.a, claim.b} <= {*kept, None})
    findings = analysis.analyze(
        frame, [*declared, *claims], definitions=definitions, part=part, labels=_labels(path)
    )
    _check(claims, frame, [experiment.name for experiment in findings.experiments], path)
    _check_part(claims, part)
    return findings


def requirements(
    path: Path,
    wants: Sequence[str],
    definitions: Sequence[str] = (),
    part: Part | None = None,
) -> tuple[Requirement, ...]:
    """Return how many repeats, environments or seeds what is wanted takes, and how many there are.

    Parameters
    ----------
    path, definitions, part
        As for :func:`analyze`.
    wants : sequence of str
        Bounds, as :func:`osgrepro.analysis.requirements` has them.

    Raises
    ------
    UsageError, InputError
        As :func:`analyze` does, and if a bound can't be read.
    """
    asked = [analysis.wanted(want) for want in wants]
    return analysis.requirements(analyze(path, (), definitions, part), asked)


def definitions(path: Path) -> tuple[Definition, ...]:
    """Return every definition that the rows of a dataset are of, the current ones first.

    Raises
    ------
    UsageError
        If there is no such file.
    InputError
        If it is not a dataset.
    """
    return analysis.every_definition(_frame(path))


def preview(path: Path) -> Preview:
    """Return what a dataset shows at once, cell by cell, with the letters of ``analyze``.

    Raises
    ------
    DatasetError
        If there is no dataset, or it can't be read.
    """
    return analysis.preview(dataset.frame(path, empty=False, without=analysis.UNUSED))


def of_now(path: Path) -> Sequence[bool]:
    """Return for each row of a dataset whether it is of the campaign's current definitions.

    Raises
    ------
    DatasetError
        If there is no dataset, or it can't be read.
    """
    frame = dataset.frame(path, empty=False, without=analysis.UNUSED)
    return [bool(current) for current in analysis.current_rows(frame)]


def _separated(part: Part, frame: pd.DataFrame) -> Part:
    """Return a part with each of its values by itself, also those with commas between them."""

    def separated(key: str, values: Sequence[str]) -> list[str]:
        known = set(map(str, frame[key].dropna().unique())) if key in frame else set()
        return [name for value in values for name in alternatives(value, known)]

    return replace(part, only={key: separated(key, values) for key, values in part.only.items()})


def _frame(path: Path) -> pd.DataFrame:
    if not path.is_file():
        fault = "is a folder" if path.is_dir() else "no such file"
        raise UsageError(
            f"{path}: {fault}",
            hint="name a dataset, a file *.parquet: `osgrepro collect` or `import` writes one",
        )
    try:
        return dataset.frame(path, empty=False, without=analysis.UNUSED)
    except DatasetError as error:
        raise InputError(error.message, hint=error.hint) from error


def _labels(path: Path) -> Callable[[Collection[str], str], Mapping[str, Any]]:
    """Return what reads a dataset's labels when the analysis asks for them."""

    def read(hashes: Collection[str], column: str) -> Mapping[str, Any]:
        try:
            return dataset.labels(path, hashes, column)
        except DatasetError as error:
            raise InputError(error.message, hint=error.hint) from error

    return read


def _declared(path: Path) -> tuple[Claim, ...]:
    try:
        return dataset.claims(path)
    except DatasetError as error:
        raise InputError(error.message, hint=error.hint) from error


def _check(
    claims: Sequence[Claim], frame: pd.DataFrame, analysed: Sequence[str], path: Path
) -> None:
    """Refuse a claim about an experiment or a metric that no run has."""
    known = sorted({*map(str, frame["experiment"].unique()), *analysed})
    metrics = [name.removeprefix("metric.") for name in frame.columns if name.startswith("metric.")]
    for claim in claims:
        for name in (claim.a, claim.b):
            if name is not None and name not in known:
                raise UsageError(
                    f"{path}: no experiment is named {name!r}{did_you_mean(name, known)}",
                    hint=f"claim something of what it has: {loading.listed(known) or 'no runs'}",
                )
        if claim.metric not in metrics:
            raise UsageError(
                f"{path}: no run has a metric {claim.metric!r}"
                f"{did_you_mean(claim.metric, metrics)}",
                hint=f"claim something of what it has: {loading.listed(metrics) or 'no metric'}",
            )
        _check_unit(claim, frame)


def _check_unit(claim: Claim, frame: pd.DataFrame) -> None:
    """Refuse a claim in percents about a metric that is recorded as a share."""
    if (meant := analysis.as_share(claim, frame)) is None:
        return
    given, meant_number = claim.delta, meant.delta
    if given == meant_number and claim.margin and meant.margin:
        given, meant_number = claim.margin, meant.margin
    raise UsageError(
        f"--claim: {claim.metric} is recorded as a share from 0 to 1, and {given:g} is none",
        hint=f"for {given:g} % write {meant_number:g}",
    )


def _check_part(claims: Sequence[Claim], part: Part | None) -> None:
    """Refuse a claim about an experiment that the part leaves out."""
    kept = part.only.get("experiment") if part else None
    for claim in claims:
        for name in (claim.a, claim.b):
            if kept and name is not None and name not in kept:
                raise UsageError(
                    f"--claim: {name} is not in the part that is analysed",
                    hint=f"add --only {command('experiment=' + name)}",
                )
