"""What a crate is made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# Where a crate keeps what every crate has.
CAMPAIGN = "campaign.toml"
DATASET = "dataset.parquet"
FINDINGS = "findings.json"
README = "README.md"
METADATA = "ro-crate-metadata.json"

Role = Literal["campaign", "input", "result", "finding", "about"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One file of a crate.

    Parameters
    ----------
    path : str
        Where it lies in the crate, relative, with ``/`` between folders.
    content : bytes or Path
        What it holds, or the file to copy.
    name : str
        What it is, in words.
    media_type : str
        Its MIME type.
    role : str
        ``campaign`` for the workflow itself, ``input`` for what the runs used, ``result`` for what
        they returned, ``finding`` for what the analysis made of it, ``about`` for the guide.
    like : Path or None
        The file whose rights ``content`` gets, where it is bytes made of that file.
    """

    path: str
    content: bytes | Path
    name: str
    media_type: str
    role: Role
    like: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Who made a crate: a name, and an ORCID (or another URL) where it is told."""

    name: str
    url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """What the crate's metadata say besides its files.

    ``started`` and ``ended`` (ISO 8601) are of the first and the last run, None where no run says;
    ``license`` is a URL or an SPDX identifier, None where the user states none.
    """

    name: str
    text: str
    version: str
    published: str
    started: str | None
    ended: str | None
    license: str | None
    authors: tuple[Author, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed:
    """A file that a crate's metadata promise: its place in the crate and its sha256."""

    path: str
    sha256: str
