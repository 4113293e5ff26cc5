"""The files that runs are made of: data, code and images, each with its hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFile:
    """One file that an experiment reads.

    ``spec`` is the campaign's own word for it; ``sha256`` is None only while a user's file is
    neither there nor declared; ``sample`` marks what ships with osgrepro to try things out.
    """

    spec: str
    file_name: str
    sha256: str | None
    sample: bool
    path: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """What an experiment executes: the payload's own module, or a user's script at ``path``."""

    entry: str
    sha256: str
    path: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """The SIF file of a software environment, or where an execution point finds it.

    ``location`` is what ``container_image`` gets: a path, ``osdf://…`` or ``docker://…``.
    ``sha256`` is None where this side can't read the file; ``file`` is the file's path on this
    machine, if it is there at all.
    """

    software: str
    location: str
    sha256: str | None
    file: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
