"""Which files are results: ``<software>/[<cpu|gpu>/]<cluster>[/…]/<experiment>.csv``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from osgrepro.common.errors import InputError
from osgrepro.common.models import NAME_PATTERN

DESCRIPTION = "_system_info.yaml"
_KINDS = ("cpu", "gpu")
_TELLING = (".csv", DESCRIPTION)
# What lies beside results and holds none.
_COMPANIONS = ("README", "LICENSE", "CITATION", "CHANGELOG")


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultFile:
    """One CSV file, and what its path says.

    Parameters
    ----------
    path, folder : str
        The file and its folder, below the archive's.
    software, experiment : str
        Names that a campaign could have.
    kind : str or None
        ``cpu`` or ``gpu``; None where the path doesn't say.
    cluster, proc : int or None
        The job, where the folders are numbers.
    """

    path: str
    folder: str
    software: str
    kind: str | None
    cluster: int | None
    proc: int | None
    experiment: str

    @property
    def description(self) -> str:
        """The file that describes the machine."""
        return f"{self.path.removesuffix('.csv')}{DESCRIPTION}"


def result_files(paths: Iterable[str]) -> tuple[ResultFile, ...]:
    """Return the result files among ``paths``, sorted; :func:`passed_over` tells of the others.

    Raises
    ------
    InputError
        If there is none, a software or an experiment has a name that no campaign could use, or
        the folder is one of a software's and not the archive's.
    """
    files = tuple(file for path in sorted(paths) if (file := _result_file(path)) is not None)
    if not files:
        raise InputError(
            "no result file: none is named SOFTWARE/[cpu/ or gpu/]CLUSTER/EXPERIMENT.csv",
            hint="name the folder that holds one folder for each software environment",
        )
    if kinds := sorted({file.software for file in files if file.software in _KINDS}):
        raise InputError(
            f"{' and '.join(kinds)} would be the software: these are folders inside "
            "that of one software, one level too deep",
            hint="name the folder above, which holds a folder for each software environment",
        )
    problems = [problem for file in files for problem in _problems(file)]
    if problems:
        raise InputError(
            "\n".join(dict.fromkeys(problems)),
            hint="rename it: letters, digits, and . _ - between them, 64 at most",
        )
    return files


def passed_over(paths: Iterable[str], files: Iterable[ResultFile]) -> Iterator[tuple[str, str]]:
    """Yield every file among ``paths`` that is not part of the archive, and why, sorted."""
    results = {file.path for file in files}
    folders = {file.folder for file in files}
    for path in sorted(paths):
        folder, _, name = path.rpartition("/")
        if path in results:
            continue
        if name.upper().partition(".")[0] in _COMPANIONS and not name.endswith(_TELLING):
            continue
        if name.endswith(DESCRIPTION):
            if folder not in folders:
                yield path, "describes a machine that no result file came from"
        elif name.endswith(".csv"):
            yield path, "is not SOFTWARE/[cpu/ or gpu/]CLUSTER/EXPERIMENT.csv, CLUSTER a number"
        else:
            yield path, "is neither a result file nor the description of a machine"


def _result_file(path: str) -> ResultFile | None:
    *folders, file = path.split("/")
    if len(folders) < 2 or not file.endswith(".csv"):
        return None
    kind = folders[1] if folders[1] in _KINDS else None
    jobs = folders[2:4] if kind else folders[1:3]
    if not jobs or _number(jobs[0]) is None:
        return None
    numbers = [*map(_number, jobs), None]
    return ResultFile(
        path=path,
        folder="/".join(folders),
        software=folders[0],
        kind=kind,
        cluster=numbers[0],
        proc=numbers[1],
        experiment=file.removesuffix(".csv"),
    )


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def _problems(file: ResultFile) -> list[str]:
    names = {"software": file.software, "experiment": file.experiment}
    return [
        f"{file.path}: {name!r} can't be the name of {role}"
        for role, name in names.items()
        if not re.fullmatch(NAME_PATTERN, name)
    ]
