"""A crate is read: what its metadata promise of its files."""

from __future__ import annotations

import re
import warnings
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from rocrate.rocrate import ROCrate

from osgrepro.common import files
from osgrepro.common.errors import InputError, UsageError
from osgrepro.results.crate.parts import METADATA, Sealed

MAX_METADATA_BYTES = 64_000_000
_LONGEST_NAME = 255


def sealed(folder: Path) -> tuple[Sealed, ...]:
    """Return every file of the crate ``folder`` whose sha256 its metadata tell, by path.

    Raises
    ------
    UsageError
        If there is no such folder, or no crate in it.
    InputError
        If the metadata can't be read, or tell of a file outside of the crate.
    """
    if not folder.is_dir():
        hint = "unpack it first" if folder.is_file() else "name the folder of a crate"
        raise UsageError(f"{folder}: no such folder", hint=hint)
    if not files.is_file(folder / METADATA):
        raise UsageError(
            f"{folder}: not a crate: {METADATA} is missing",
            hint="`osgrepro export CAMPAIGN --ro-crate DIR` makes crates",
        )
    _check_size(folder / METADATA)
    try:
        with warnings.catch_warnings():
            # What it remarks on entities is for those who write crates.
            warnings.simplefilter("ignore")
            entities = ROCrate(folder).data_entities
    except Exception as error:  # the library checks little, and any of its lines may fail
        raise InputError(
            f"{folder / METADATA}: can't be read: {type(error).__name__}: {error}",
            hint="fetch the crate again",
        ) from error
    hashes = {unquote(str(entity.id)): entity.get("sha256") for entity in entities}
    return tuple(
        Sealed(path=_inside(path, folder), sha256=sha256)
        for path, sha256 in sorted(hashes.items())
        if isinstance(sha256, str)
    )


def _check_size(metadata: Path) -> None:
    size = metadata.stat().st_size
    if size > MAX_METADATA_BYTES:
        raise InputError(
            f"{metadata}: {size:,} bytes, more than the metadata of any crate",
            hint="do not trust this crate: osgrepro never writes such a crate",
        )


def _inside(path: str, folder: Path) -> str:
    pure = PurePosixPath(path)
    # A link that leads out is the file's own fault, which `verify` tells with the others.
    if pure.is_absolute() or ".." in pure.parts or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", path):
        wrong = "is outside the crate"
    elif not path.isprintable() or any(len(part) > _LONGEST_NAME for part in pure.parts):
        wrong = "is not the name of a file"
    else:
        return str(pure)
    raise InputError(
        f"{folder / METADATA}: {path!r:.200} {wrong}",
        hint="do not trust this crate: osgrepro never writes such a crate",
    )
