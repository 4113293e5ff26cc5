"""Writes and unpacks image files as Apptainer lays them out; their file system is a listing.

Like Apptainer's, each has an id, dates and an owner of its own.
"""

from __future__ import annotations

import json
import os
import stat
import struct
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

MAGIC = b"SIF_MAGIC\0"
DESCRIPTORS_AT, DESCRIPTOR_BYTES, DESCRIPTORS = 4096, 585, 48
DATA_AT = 32176
DEFINITION, PARTITION = 0x4001, 0x4004
SYSTEM, DATA = 2, 3

# Path inside, and what is there: its kind (dir, file, link, fifo), mode, and text or target.
Tree = Mapping[str, tuple[str, int, str]]


def write(path: Path, tree: Tree | None, *, architecture: bytes = b"02", uid: int = 1000) -> None:
    """Write an image of ``tree``; without one, it has no file system."""
    content = json.dumps(tree or {}).encode()
    parts = [(DEFINITION, b"bootstrap: localimage", b"")]
    if tree is not None:
        # The first partition is not the system's: a reader may not take just any.
        for what, held in ((DATA, b"overlay"), (SYSTEM, content)):
            extra = struct.pack("<ii3s", 1, what, architecture + b"\0")
            parts.append((PARTITION, held, extra))
    now, offset, table, data = time.time_ns(), DATA_AT, b"", b""
    for number, (kind, held, extra) in enumerate(parts, start=1):
        place = (offset + len(data), len(held), len(held), now, now, uid, uid)
        table += struct.pack("<iBIIIqqqqqqq128s384s", kind, 1, number, 1, 0, *place, b"name", extra)
        data += held
    head = (b"#!/usr/bin/env run-singularity\n", MAGIC, b"01\0", architecture + b"\0")
    numbers = (now, now, DESCRIPTORS - len(parts), DESCRIPTORS, DESCRIPTORS_AT)
    sizes = (DESCRIPTORS * DESCRIPTOR_BYTES, DATA_AT, len(data))
    header = struct.pack("<32s10s3s3s16sqqqqqqqq", *head, uuid.uuid4().bytes, *numbers, *sizes)
    head_and_table = header.ljust(DESCRIPTORS_AT, b"\0") + table
    path.write_bytes(head_and_table.ljust(DATA_AT, b"\0") + data)


def unpack(path: Path, offset: int, target: Path) -> None:
    """Make at ``target`` the files that the image ``path`` has at ``offset``."""
    tree = json.loads(path.read_bytes()[offset:])
    target.mkdir()
    for inside, (kind, _mode, text) in tree.items():
        one = target / inside
        one.parent.mkdir(parents=True, exist_ok=True)
        if kind == "dir":
            one.mkdir(exist_ok=True)
        elif kind == "link":
            one.symlink_to(text)
        elif kind == "fifo":
            os.mkfifo(one)
        else:
            one.write_bytes(text.encode("utf-8", "surrogateescape"))
    for inside, (kind, mode, _text) in reversed(tree.items()):
        if kind != "link":
            (target / inside).chmod(stat.S_IMODE(mode))
