"""Make ``payload.pyz`` and ``brake.pyz`` out of the package's files; tell the sha256 of an entry.

Both programs are read as files, never imported. Called by ``workflow`` when it plans, submits,
and runs natively.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

from osgrepro.common.errors import InputError
from osgrepro.common.files import beside, is_file

_PACKAGE = Path(__file__).parents[1] / "payload"
_BRAKE = _PACKAGE.parent / "brake"
_MAIN = '''"""The entry of the archive."""

import sys

if sys.version_info < (3, 8):
    sys.stderr.write("osgrepro: python3 is %d.%d, not 3.8 or newer\\n" % sys.version_info[:2])
    raise SystemExit(50)

from payload.cli import main

raise SystemExit(main())
'''
_BRAKE_MAIN = '''"""The entry of the archive."""

import sys

from brake.watching import main

raise SystemExit(main(sys.argv[1]))
'''
# The earliest date that a zip file can hold: the same sources always give the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


def build_pyz(target: Path) -> str:
    """Write the payload's archive to ``target``, whole or not at all; return its sha256."""
    return _build(target, _PACKAGE, _MAIN)


def build_brake(target: Path) -> str:
    """Write the brake's archive to ``target``, whole or not at all; return its sha256."""
    return _build(target, _BRAKE, _BRAKE_MAIN)


def _build(target: Path, package: Path, main: str) -> str:
    files = {"__main__.py": main.encode()}
    for path in sorted(package.rglob("*.py")):
        files[f"{package.name}/{path.relative_to(package).as_posix()}"] = path.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _DATE)
            info.external_attr = _MODE
            info.create_system = 3
            archive.writestr(info, files[name], zipfile.ZIP_DEFLATED, 9)
    content = buffer.getvalue()
    target.parent.mkdir(parents=True, exist_ok=True)
    with beside(target) as part:
        part.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def entry_path(entry: str, base: Path) -> Path:
    """Return the file that ``entry`` executes.

    Parameters
    ----------
    entry : str
        ``experiments.module:function`` of the payload, or the path of a Python file.
    base : Path
        The campaign file's folder, from which a file's path counts.

    Raises
    ------
    InputError
        If there is no such file.
    """
    module, colon, _function = entry.partition(":")
    if colon:
        known = _experiments()
        if module not in known:
            have = ", ".join(f"{name}:run" for name in known)
            raise InputError(f"entry: the payload has no {entry!r}", hint=f"It has {have}.")
        return known[module]
    path = base / entry
    if not is_file(path):
        raise InputError(
            f"entry: {path!s:.300} is not a file", hint="Paths count from the campaign file."
        )
    return path


def entry_sha256(entry: str, base: Path = Path()) -> str:
    """Return the sha256 of the one file that ``entry`` executes; errors as :func:`entry_path`."""
    return hashlib.sha256(entry_path(entry, base).read_bytes()).hexdigest()


def _experiments() -> dict[str, Path]:
    """Return the payload's own experiments: module name to file."""
    files = sorted((_PACKAGE / "experiments").glob("*.py"))
    return {f"experiments.{path.stem}": path for path in files if path.stem != "__init__"}
