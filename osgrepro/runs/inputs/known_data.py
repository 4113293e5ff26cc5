"""The words for data in a campaign: ``keras:…``, ``sample:…``, or a path with an optional hash."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common.errors import InputError, did_you_mean
from osgrepro.common.models import DataFile
from osgrepro.runs.inputs.files import sha256_of

_KERAS_ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

# Names that the job itself has in its scratch folder.
_TAKEN = {"payload.pyz", "spec.json", "result.json"}
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WORDS = ("keras:", "sample:")


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A file that osgrepro knows by name: its pinned hash, and its address (none: it is made)."""

    file_name: str
    sha256: str
    address: str = ""


# The hashes are those in keras.datasets' own source.
KERAS = {
    "keras:mnist": Known(
        file_name="mnist.npz",
        sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        address=_KERAS_ADDRESS + "mnist.npz",
    ),
    "keras:imdb": Known(
        file_name="imdb.npz",
        sha256="69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
        address=_KERAS_ADDRESS + "imdb.npz",
    ),
}

# Small, made from what ships with osgrepro or from a seeded generator, the same everywhere.
SAMPLES = {
    "sample:digits": Known(
        file_name="digits.npz",
        sha256="acc74397f82d2f880320d59dd0377876bb66af3da73bbf50c2a206157b389a2f",
    ),
    "sample:reviews": Known(
        file_name="reviews.npz",
        sha256="b8041fd927d0536db707f51b3183c8390bc02e125273f753c17c2cce94e9902b",
    ),
    "sample:transactions": Known(
        file_name="transactions.csv",
        sha256="27ef760649336dcdcca10235a444a8800b876cbdded344426ff26a233ba341b7",
    ),
}


def describe(spec: str, base: Path) -> DataFile:
    """Return name and sha256 of the file that ``spec`` means; no network is used.

    Parameters
    ----------
    spec : str
        ``keras:mnist``, ``keras:imdb``, ``sample:digits``, ``sample:reviews``,
        ``sample:transactions``, or a path, optionally with ``#sha256=<hex>`` behind it.
    base : Path
        The campaign file's folder, from which a relative path counts.

    Raises
    ------
    InputError
        If there is no such word, or the path's name or hash can't be used. A file that is not
        there yet is not an error here, but has no sha256 unless one was declared.
    """
    known = KERAS.get(spec) or SAMPLES.get(spec)
    if known is not None:
        sample = spec in SAMPLES
        return DataFile(spec=spec, file_name=known.file_name, sha256=known.sha256, sample=sample)
    if spec.startswith(_WORDS):
        words = [*KERAS, *SAMPLES]
        raise InputError(
            f"data: there is no {spec!r}{did_you_mean(spec, words)}",
            hint=f"There are {', '.join(words)}, and paths.",
        )
    return _user_file(spec, base)


def path_in(spec: str) -> str | None:
    """Return the path that ``spec`` is, without its hash; None where it is a word."""
    return None if spec.startswith(_WORDS) else spec.partition("#sha256=")[0]


def _user_file(spec: str, base: Path) -> DataFile:
    text, mark, declared = spec.partition("#sha256=")
    try:
        path = Path(base, Path(text).expanduser()).absolute()
        exists = "\0" not in text and path.exists()
    except (OSError, RuntimeError, ValueError) as error:  # a NUL, too long, nobody's home
        raise InputError(f"data: {spec!r:.200}: is not a valid path: {error}") from None
    if mark and not _SHA256.fullmatch(declared):
        raise InputError(f"data: {spec}: a sha256 has 64 lowercase hexadecimal digits")
    if not text or "\0" in text or path.name in _TAKEN or not _FILE_NAME.fullmatch(path.name):
        raise InputError(
            f"data: {spec!r:.200}: a file with this name can't be sent with a job",
            hint="Use letters, digits, '.', '_', '+' and '-'.",
        )
    if exists and not path.is_file():
        raise InputError(f"data: {path} is not a file", hint="Name the files one by one.")
    sha256 = declared or (sha256_of(path) if exists else None)
    return DataFile(spec=spec, file_name=path.name, sha256=sha256, sample=False, path=path)
