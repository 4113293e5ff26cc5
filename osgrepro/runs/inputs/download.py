"""Fetch one file by its address: resumed where it was cut off, verified, whole or not at all."""

from __future__ import annotations

import contextlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from osgrepro.common import locks
from osgrepro.common.errors import InputError
from osgrepro.common.models import Notify, Progress, silent
from osgrepro.runs.inputs.files import DISK_FULL, room_in, sha256_of

_TIMEOUT_S = 60
_ATTEMPTS = 4
_BLOCK_BYTES = 1 << 18
_BROKEN = (OSError, http.client.HTTPException)


class Response(Protocol):
    """What a server answers."""

    status: int
    headers: Any

    def read(self, amount: int, /) -> bytes:
        """Return up to ``amount`` bytes."""


Open = Callable[[str, int], contextlib.AbstractContextManager[Response]]


def open_address(address: str, offset: int) -> contextlib.AbstractContextManager[Response]:
    """Ask for the bytes of ``address`` from ``offset`` on."""
    opener = urllib.request.build_opener()
    opener.addheaders = [("User-Agent", "osgrepro")]
    if offset:
        opener.addheaders.append(("Range", f"bytes={offset}-"))
    response: contextlib.AbstractContextManager[Response] = opener.open(address, timeout=_TIMEOUT_S)
    return response


def download(
    address: str, sha256: str, target: Path, notify: Notify = silent, opened: Open = open_address
) -> Path:
    """Return ``target`` with the content of ``address``, which must have ``sha256``.

    What was fetched before the network broke waits in ``target`` + ``.part`` for the next call.

    Raises
    ------
    InputError
        If it can't be reached, has other bytes, or there is no room.
    """
    part = target.with_name(target.name + ".part")
    with room_in(target.parent), _locked(part) as file:
        if target.is_file() and sha256_of(target) == sha256:
            part.unlink(missing_ok=True)  # another process has fetched it while this one waited
            return target
        if sha256_of(part) != sha256:  # a call that was stopped may have left it complete
            _complete(address, file, target, notify, opened)
        actual = sha256_of(part)
        if actual != sha256:
            part.unlink()
            raise InputError(
                f"{address} has sha256 {actual}, not {sha256}",
                hint=f"Fetch again, or put the right file at {target}.",
            )
        part.replace(target)
    return target


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[IO[bytes]]:
    with path.open("ab") as file:
        locks.take(file.fileno(), path, wait=True)
        yield file


def _complete(address: str, file: IO[bytes], target: Path, notify: Notify, opened: Open) -> None:
    """Append to ``file`` until it is complete, beginning anew where the server can't resume."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with opened(address, file.tell()) as response:
                if _receive(response, file, target.name, notify):
                    return
            reason = "the connection was lost"
        except urllib.error.HTTPError as error:
            reason = f"HTTP status {error.code}"
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
                _empty(file)
                continue
            break
        except _BROKEN as error:
            if isinstance(error, OSError) and error.errno in DISK_FULL:
                raise
            reason = str(error)
            if isinstance(error, urllib.error.URLError) or attempt == _ATTEMPTS:
                break
    raise InputError(
        f"{address} can't be fetched: {reason}",
        hint=f"Fetch it on a machine with a network and put it at {target}.",
    )


def _empty(file: IO[bytes]) -> None:
    file.seek(0)
    file.truncate()


def _receive(response: Response, file: IO[bytes], name: str, notify: Notify) -> bool:
    """Append what ``response`` brings; return whether the file is complete."""
    if response.status != http.client.PARTIAL_CONTENT:
        _empty(file)
    done = file.tell()
    length = response.headers.get("Content-Length")
    total = None if length is None else done + int(length)
    while block := response.read(_BLOCK_BYTES):
        file.write(block)
        done += len(block)
        notify(Progress(what=f"fetching {name}", done=done, total=total, unit="B"))
    file.flush()
    return total is None or done >= total
