"""What is inside an image: every path with its kind, mode and bytes, and one digest of them all.

Two images with one content digest hold the same files, whatever packed them, wherever and when:
times, owners and the compression don't count. Called by the build and the check.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from osgrepro.common.errors import ImageError
from osgrepro.common.files import opened, set_mode, sha256_of
from osgrepro.common.models import Enclosure
from osgrepro.software.apptainer import header, place, sif

# unsquashfs ends with 2 where it could do all but make device nodes, which takes more than a user.
_GOOD_ENOUGH = (0, 2)
# What its owner must be allowed to be looked into.
_WANTED = {stat.S_IFDIR: 0o700, stat.S_IFREG: stat.S_IRUSR}


def contents(image: Path, enclosure: Enclosure, scratch: Path) -> dict[str, str]:
    """Return every path inside ``image`` with a line that says what is there.

    Parameters
    ----------
    image : Path
        A SIF file.
    enclosure : Enclosure
        Where unsquashfs runs, which Apptainer needs itself.
    scratch : Path
        A folder of the enclosure's user, with room for the unpacked image.

    Raises
    ------
    ImageError
        If the file is not an image, or can't be unpacked.
    """
    tree = scratch / "tree"
    offset = header.read(image).file_system_offset
    argv = ["unsquashfs", "-no-progress", "-no-xattrs", "-offset", str(offset)]
    argv += ["-dest", str(tree), str(image)]
    sif.ask(
        argv,
        enclosure,
        binds=[scratch, image.parent],
        failure=f"{image}: can't be unpacked",
        good=_GOOD_ENOUGH,
    )
    try:
        return _listed(tree)
    finally:
        place.remove(tree)


def digest(listed: Mapping[str, str]) -> str:
    """Return the SHA-256 of ``listed``, which :func:`contents` returned."""
    total = hashlib.sha256()
    for path in sorted(listed):
        # A line break in a name must not look like the end of its line.
        name, content = (text.replace("\n", "\0\n") for text in (path, listed[path]))
        total.update(f"{name}\0{content}\n".encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def _listed(tree: Path) -> dict[str, str]:
    """List a tree that belongs to another user: by descriptors, so that no link is followed."""
    listed: dict[str, str] = {}
    files: list[tuple[str, int]] = []
    for folder, names, other_names, handle in os.fwalk(tree):
        for name in (*names, *other_names):
            inside = str(Path(folder, name).relative_to(tree))
            mode = os.lstat(name, dir_fd=handle).st_mode
            if stat.S_ISREG(mode):
                files.append((inside, mode))
            elif stat.S_ISLNK(mode):
                listed[inside] = f"link to {os.readlink(name, dir_fd=handle)}"
            else:
                listed[inside] = f"{stat.filemode(mode)}"
            wanted = _WANTED.get(stat.S_IFMT(mode), 0)
            if os.geteuid() != 0 and mode & wanted != wanted:
                set_mode(handle, name, stat.S_IMODE(mode) | wanted)  # or we could not look into it
    with ThreadPoolExecutor() as executor:
        hashed = executor.map(lambda file: _hashed(tree, file[0]), files)
        for (inside, mode), sha256 in zip(files, hashed, strict=True):
            listed[inside] = f"{stat.filemode(mode)} {sha256}"
    return listed


def _hashed(tree: Path, inside: str) -> str:
    try:
        with opened(tree, *Path(inside).parts) as file:
            return sha256_of(file)
    except OSError as error:
        raise ImageError(f"{tree / inside}: {error.strerror}") from error
