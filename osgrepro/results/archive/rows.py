"""Joins results and descriptions into rows: names the hardware, fills gaps, counts the repeats."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from osgrepro.results.archive import machines, results, yamls
from osgrepro.results.archive.layout import DESCRIPTION, ResultFile, passed_over, result_files
from osgrepro.results.archive.machines import Facts

Row = Mapping[str, Any]
Read = Callable[[str], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """What an archive holds.

    Parameters
    ----------
    rows : tuple of mapping
        One for each line of a CSV file; keys are columns of the dataset.
    gaps : tuple of (str, str)
        A result file, and what was filled for all its rows, and from where.
    passed_over : tuple of (str, str)
        A file that is not part of it, or of which rows are not, and why.
    """

    rows: tuple[Row, ...]
    gaps: tuple[tuple[str, str], ...]
    passed_over: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Machine:
    """The facts of the machine that a result file came from, and what of them was filled."""

    facts: Facts
    filled: tuple[str, ...]


def read_archive(name: str, paths: Iterable[str], read: Read) -> Archive:
    """Return the rows of an archive.

    Parameters
    ----------
    name : str
        The archive's; it becomes the rows' campaign and the beginning of their origin.
    paths : iterable of str
        All files, relative to the archive's folder, with ``/`` between folders.
    read : callable
        Returns the text of one of them; each is asked for once.

    Raises
    ------
    InputError
        If there are no results, or a file can't be understood; the message names it.
    """
    known = set(paths)
    files = result_files(known)
    described = _described(files, known, read)
    left = tuple(passed_over(known, files))
    files = tuple(_with_kind(file, described) for file in files)
    around = {file.path: _machine(file, described) for file in files}
    hardware = _hardware(files, {path: machine.facts for path, machine in around.items()})
    rows: list[Row] = []
    copies = _Copies()
    gaps: list[tuple[str, str]] = []
    repeats: Counter[tuple[str, str, str]] = Counter()
    for file in files:
        machine, (kind, notes) = around[file.path], hardware[file.path]
        filled = [*machine.filled, *notes]
        gaps += [(file.path, gap) for gap in filled]
        common = _common(name, file, machine.facts, kind, filled)
        cell = (file.experiment, kind, file.software)
        for number, line in enumerate(results.lines(read(file.path), file.path), start=1):
            if copies.known(line, machine.facts, file.path):
                continue
            repeats[cell] += 1
            made = {"run_id": _run_id(f"{name}/{file.path}", number), "repeat": repeats[cell]}
            rows.append({**common, **results.columns(line), **made})
    return Archive(rows=tuple(rows), gaps=tuple(gaps), passed_over=(*left, *copies.notes()))


def _common(name: str, file: ResultFile, facts: Facts, hardware: str, filled: list[str]) -> Row:
    """Return what all rows of a result file have in common."""
    return {
        **facts,
        "campaign": name,
        "experiment": file.experiment,
        "hardware": hardware,
        "software": file.software,
        "cluster": file.cluster,
        "proc": file.proc,
        "origin": f"{name}/{file.path}",
        "filled": filled,
    }


class _Copies:
    """The lines that were met, and those that stand in a second file: nobody ran those again.

    Two runs of one machine may end alike to the last bit, but not begin in the same moment too.
    """

    def __init__(self) -> None:
        self._first: dict[tuple[object, ...], str] = {}
        self._again: Counter[tuple[str, str]] = Counter()

    def known(self, line: Mapping[str, str], facts: Facts, path: str) -> bool:
        """Whether a line of the file at ``path`` stands in an earlier file."""
        if not line["date_time"].strip():
            return False
        machine = (f"{name}={value!r}" for name, value in facts.items() if value is not None)
        key = (*sorted(line.items()), *sorted(machine))
        first = self._first.setdefault(key, path)
        self._again[path, first] += first != path
        return first != path

    def notes(self) -> Iterator[tuple[str, str]]:
        """Yield each file with lines that an earlier one has, and which."""
        for (path, first), count in self._again.items():
            if count:
                copies = f"{count} row{'s' if count > 1 else ''} identical to rows of {first}"
                yield path, f"has {copies}, from the same machine: a copy is not a repeat"


def _run_id(origin: str, number: int) -> str:
    return hashlib.sha256(f"{origin}\0{number}".encode()).hexdigest()[:24]


def _described(
    files: Iterable[ResultFile], known: set[str], read: Read
) -> dict[str, dict[str, Facts]]:
    # By folder and file. Descriptions without a result of their own may tell of the folder too.
    kinds = {file.folder: file.kind for file in files}
    made: dict[str, dict[str, Facts]] = defaultdict(dict)
    for path in sorted(known):
        folder = path.rpartition("/")[0]
        if folder in kinds and path.endswith(DESCRIPTION):
            made[folder][path] = machines.facts(yamls.load(read(path), path), kinds[folder])
    return made


def _with_kind(file: ResultFile, described: Mapping[str, Mapping[str, Facts]]) -> ResultFile:
    """Return ``file`` with its kind, which a description tells where the path doesn't."""
    gpus = [facts["gpus"] for facts in described.get(file.folder, {}).values()]
    if file.kind is not None or not gpus:
        return file
    return replace(file, kind="gpu" if any(gpus) else "cpu")


def _machine(file: ResultFile, described: Mapping[str, Mapping[str, Facts]]) -> _Machine:
    beside = dict(described.get(file.folder, {}))
    own = beside.pop(file.description, None)
    facts: Facts = dict(own or {})
    names = dict.fromkeys(
        name for described_facts in (facts, *beside.values()) for name in described_facts
    )
    taken: dict[str, list[str]] = defaultdict(list)
    for path, facts_beside in beside.items():
        # Another host in the same folder was another machine: it tells nothing of this one.
        if facts.get("host") not in (None, facts_beside["host"]):
            continue
        for name in names:
            if facts.get(name) is None and facts_beside[name] is not None:
                facts[name] = facts_beside[name]
                taken[path].append(name)
    if own is None:
        notes = [f"all of the machine, from {path}: no description" for path in taken]
        return _Machine(facts, tuple(notes))
    return _Machine(facts, tuple(f"{', '.join(names)}, from {p}" for p, names in taken.items()))


def _hardware(
    files: Iterable[ResultFile], facts: Mapping[str, Facts]
) -> dict[str, tuple[str, list[str]]]:
    # A GPU's name alone is enough where each software met it on one kind of host only; that it is
    # the same in all software is what makes cells comparable.
    hosts: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for file in files:
        gpu = _gpu(file, facts[file.path])
        if gpu:
            hosts[gpu, file.software].add(machines.gpu_and_host_name(facts[file.path]))
    many = {gpu for (gpu, _), names in hosts.items() if len(names) > 1}
    named: dict[str, tuple[str, list[str]]] = {}
    for file in files:
        machine_facts = facts[file.path]
        gpu = _gpu(file, machine_facts)
        name = machines.gpu_and_host_name(machine_facts) if gpu in many else gpu
        if file.kind == "cpu":
            name = machines.cpu_name(machine_facts)
        named[file.path] = (name, []) if name else _by_folder(file)
    return named


def _gpu(file: ResultFile, machine_facts: Facts) -> str | None:
    return machines.gpu_name(machine_facts) if file.kind == "gpu" else None


def _by_folder(file: ResultFile) -> tuple[str, list[str]]:
    name = "-".join(file.folder.split("/")[1:3])
    return name, ["the hardware's name, from the folder: no description tells it"]
