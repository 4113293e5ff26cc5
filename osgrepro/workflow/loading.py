"""The first step of every verb: a campaign file becomes its matrix of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from osgrepro import campaign
from osgrepro.common import files, shipped, texts, toml
from osgrepro.common.errors import (
    CampaignError,
    InputError,
    RenderError,
    UsageError,
    did_you_mean,
)
from osgrepro.common.models import Campaign, Code, DataFile, Experiment, Matrix, Run
from osgrepro.pool import condor
from osgrepro.runs import inputs, pyz, render

MAX_CAMPAIGN_BYTES = 16 * 1024 * 1024

Found = TypeVar("Found")
Check = Callable[[Campaign], Iterable[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A campaign file that was read, and all of its runs.

    ``source`` is the file as the user named it; ``path`` is where it lies.
    """

    source: str
    path: Path
    matrix: Matrix

    @property
    def campaign(self) -> Campaign:
        """What the file says."""
        return self.matrix.campaign


def trust(_campaign: Campaign) -> Iterator[str]:
    """Find no fault with what a campaign names: it is the user's own."""
    return iter(())


def load(source: str, *, check: Check = trust) -> Loaded:
    """Read a campaign file, or a shipped campaign by its name, and expand it.

    Parameters
    ----------
    source : str
        The file, its folder, or the name.
    check : callable
        Takes the campaign and yields what is wrong with it; asked before any file is touched that
        the campaign names.

    Raises
    ------
    UsageError
        If there is no such file, or it can't be read.
    CampaignError
        With all problems of its content.
    """
    path = find(source)
    parsed = _parsed(toml.loads(_read(path, source), source), source)
    problems = list(check(parsed))
    if problems:
        raise CampaignError(source, problems)
    code = dict(_by_experiment(parsed, lambda experiment: _code(experiment, path.parent), problems))
    data = dict(_by_experiment(parsed, lambda experiment: _data(experiment, path.parent), problems))
    if problems:
        raise CampaignError(source, problems)
    return Loaded(source=source, path=path, matrix=campaign.expand(parsed, code=code, data=data))


def _parsed(content: Mapping[str, Any], source: str) -> Campaign:
    """Return the campaign; where it has faults, those of its own submit commands among them."""
    try:
        return campaign.parse(content, source, check_expression=condor.check_expression)
    except CampaignError as error:
        submit = content.get("submit")
        given = submit.get("extra") if isinstance(submit, dict) else None
        if not isinstance(given, list) or not all(isinstance(line, str) for line in given):
            raise
        try:
            render.extra_lines(given)
        except RenderError as also:
            more = also.message.splitlines()
            hint = f"{error.hint}; {also.hint}"
            raise CampaignError(source, [*error.problems, *more], hint=hint) from None
        raise


def find(source: str) -> Path:
    """Return the campaign file that ``source`` names: a file, its folder, or a shipped campaign."""
    path = Path(source)
    if path.is_dir() and (path / "campaign.toml").is_file():
        path = path / "campaign.toml"
    if path.exists():
        return files.whole(path)
    known = shipped_campaigns()
    if path.stem in known and path.parent.name in ("", "submit") and path.suffix in ("", ".toml"):
        return shipped.folder("submit") / f"{path.stem}.toml"
    raise UsageError(
        f"{source}: no such campaign file{did_you_mean(source, near(source, known))}",
        hint=f"name a file, or one of the shipped campaigns: {', '.join(known)}; "
        "`osgrepro init DIR` writes a new one",
    )


def shipped_campaigns() -> list[str]:
    """Return the names of the campaigns that osgrepro brings along."""
    return sorted(file.stem for file in shipped.folder("submit").glob("*.toml"))


def near(source: str, known: Sequence[str]) -> list[str]:
    """Return what ``source`` could have meant: shipped campaigns, and the TOML files beside it."""
    folder = Path(source).parent
    try:
        files = [str(path) for path in folder.glob("*.toml")]
    except OSError:
        files = []
    return [*known, *sorted(files)]


def select(loaded: Loaded, only: tuple[str, ...] = (), limit: int | None = None) -> Loaded:
    """Return the part of a campaign that ``--only`` and ``--limit`` name.

    Each of ``only`` is ``key=value`` with key experiment, hardware, software, seed or repeat;
    values of one key, which may stand in one term with commas between them, are alternatives,
    different keys narrow each other down.
    """
    wanted: dict[str, list[str]] = {}
    for key, values in terms(only, tuple(_SELECTABLE)).items():
        known = _SELECTABLE[key](loaded.campaign)
        wanted[key] = [name for value in values for name in texts.alternatives(value, known)]
        for value in wanted[key]:
            if value not in known:
                raise UsageError(
                    f"--only {key}={value}: no such {key}"
                    f"{'' if value.isdigit() else did_you_mean(value, known)}",
                    hint=f"name one that there is: {listed(known)}",
                )

    def keep(run: Run) -> bool:
        return all(str(getattr(run, key)) in values for key, values in wanted.items())

    return replace(loaded, matrix=campaign.select(loaded.matrix, keep, limit))


def terms(only: Sequence[str], keys: Sequence[str]) -> dict[str, list[str]]:
    """Read the terms of ``--only``, each KEY=VALUE: the values of each key, in their order.

    Raises
    ------
    UsageError
        If a term is none, or its key is not one of ``keys``.
    """
    values: dict[str, list[str]] = {}
    for term in only:
        key, separator, value = term.partition("=")
        if not separator or key not in keys:
            raise UsageError(
                f"--only {term}: should be KEY=VALUE, KEY one of {', '.join(keys)}"
                f"{did_you_mean(key, keys)}",
                hint=f"write the key, = and a value, such as --only {keys[0]}=NAME",
            )
        values.setdefault(key, []).append(value)
    return values


_SELECTABLE: dict[str, Callable[[Campaign], list[str]]] = {
    "experiment": lambda parsed: [entry.name for entry in parsed.experiments],
    "hardware": lambda parsed: [entry.name for entry in parsed.hardware],
    "software": lambda parsed: [entry.name for entry in parsed.software],
    "seed": lambda parsed: [str(number) for number in parsed.seeds],
    "repeat": lambda parsed: [str(number) for number in range(1, parsed.repeats + 1)],
}


def listed(names: Sequence[object], most: int = 12) -> str:
    """Return names for a message: all of them, or the first and how many more there are."""
    shown = ", ".join(map(str, names[:most]))
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def missing_data(loaded: Loaded) -> list[DataFile]:
    """Return the data files that are needed and whose bytes nobody knows yet, each once."""
    files = {file.spec: file for files in loaded.matrix.data.values() for file in files}
    return [file for file in files.values() if file.sha256 is None]


def _read(path: Path, source: str) -> str:
    if path.exists() and not path.is_file():
        raise UsageError(
            f"{source}: is not a file", hint="a folder counts if it has a campaign.toml"
        )
    try:
        if path.stat().st_size > MAX_CAMPAIGN_BYTES:
            raise UsageError(
                f"{source}: larger than any campaign (16 MiB)", hint="name the campaign's TOML file"
            )
        return texts.decoded(path.read_bytes())
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{source}: not UTF-8 text: {error.reason} at byte {error.start}",
            hint="name a campaign's TOML file, saved as UTF-8",
        ) from None
    except OSError as error:
        raise UsageError(
            f"{source}: {error.strerror}", hint="check the path and who may read it"
        ) from None


def _by_experiment(
    parsed: Campaign, find_one: Callable[[Experiment], Found], problems: list[str]
) -> Iterator[tuple[str, Found]]:
    for index, experiment in enumerate(parsed.experiments):
        try:
            yield experiment.name, find_one(experiment)
        except InputError as error:
            hint = f" ({error.hint})" if error.hint else ""
            problems.append(f"experiment[{index}] ({experiment.name}): {error.message}{hint}")


def _code(experiment: Experiment, folder: Path) -> Code:
    script = None if ":" in experiment.entry else pyz.entry_path(experiment.entry, folder)
    digest = pyz.entry_sha256(experiment.entry, folder)
    return Code(entry=experiment.entry, sha256=digest, path=script)


def _data(experiment: Experiment, folder: Path) -> tuple[DataFile, ...]:
    return tuple(inputs.describe(spec, folder) for spec in experiment.data)
