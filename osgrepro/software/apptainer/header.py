"""Reads the header of a SIF image, and takes out of it what no two builds have in common.

The layout is that of SIF version 1 (https://github.com/apptainer/sif): a header of 128 bytes, then
descriptors of 585 bytes each. Called by the build and through the room's door.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from osgrepro.common.errors import ImageError

MAGIC = b"SIF_MAGIC\0"
ARCHITECTURES = {
    b"01": "386",
    b"02": "amd64",
    b"03": "arm",
    b"04": "arm64",
    b"05": "ppc64",
    b"06": "ppc64le",
    b"11": "s390x",
    b"12": "riscv64",
}
# launch line, magic, version, architecture, id, created, modified, then the table's place and size
_HEADER = struct.Struct("<32s10s3s3s16sqqqqqqqq")
# type, used, three ids, offset, size, padded size, created, modified, uid, gid, name, extra
_DESCRIPTOR = struct.Struct("<iBIIIqqqqqqq128s384s")
_PARTITION = 0x4004
_PRIMARY = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What is read of an image: its architecture, and where its file system begins (bytes)."""

    architecture: str
    file_system_offset: int


def is_sif(path: Path) -> bool:
    """Whether the file ``path`` begins as a SIF image does."""
    with path.open("rb") as file:
        return file.read(_HEADER.size)[32:42] == MAGIC


def read(path: Path) -> Header:
    """Return the header of the image at ``path``.

    Raises
    ------
    ImageError
        If it is not an image with a file system.
    """
    with _opened(path, "rb") as file:
        fields = _header(file)
        for number in range(fields[8]):
            descriptor = _descriptor(file, fields, number)
            if descriptor[1] and descriptor[0] == _PARTITION and descriptor[13][4] == _PRIMARY:
                code = bytes(descriptor[13][8:10])
                return Header(
                    architecture=ARCHITECTURES.get(code, f"unknown ({code!r})"),
                    file_system_offset=descriptor[5],
                )
    raise ImageError(f"{path}: an image (SIF) without a file system")


def normalise(path: Path, epoch: int) -> None:
    """Give the image the id zero, the date ``epoch`` (seconds since 1970) and no owner.

    What remains is decided by what is inside: two builds of one tree by one Apptainer are the same
    bytes.

    Raises
    ------
    ImageError
        If it is not an image.
    """
    with _opened(path, "r+b") as file:
        fields = _header(file)
        descriptors = [_descriptor(file, fields, number) for number in range(fields[8])]
        file.seek(0)
        file.write(_HEADER.pack(*fields[:4], bytes(16), epoch, epoch, *fields[7:]))
        for number, descriptor in enumerate(descriptors):
            if descriptor[1]:
                file.seek(fields[9] + number * _DESCRIPTOR.size)
                file.write(_DESCRIPTOR.pack(*descriptor[:8], epoch, epoch, 0, 0, *descriptor[12:]))


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[IO[bytes]]:
    try:
        with path.open(mode) as file:
            yield file
    except ValueError as error:
        raise ImageError(f"{path}: not an Apptainer image (SIF): {error}") from error
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror}") from error


def _header(file: IO[bytes]) -> tuple[Any, ...]:
    content = file.read(_HEADER.size)
    if content[32:42] != MAGIC:
        raise ValueError("it does not begin like one")
    return _unpacked(_HEADER, content)


def _descriptor(file: IO[bytes], fields: tuple[Any, ...], number: int) -> tuple[Any, ...]:
    file.seek(fields[9] + number * _DESCRIPTOR.size)
    return _unpacked(_DESCRIPTOR, file.read(_DESCRIPTOR.size))


def _unpacked(layout: struct.Struct, content: bytes) -> tuple[Any, ...]:
    if len(content) < layout.size:
        raise ValueError("it is cut off")
    return layout.unpack(content)
