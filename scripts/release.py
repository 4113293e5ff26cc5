"""Make a release in dist/: wheel and source archive, checked, and its notes from CHANGELOG.md.

Nothing is uploaded and no tag is made: RELEASING.md says what people do with what lies in dist/.
`make release` calls this; `--draft` takes the section of what is not released yet.

usage: python scripts/release.py [--draft] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import email
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ("templates", "containers", "submit", "twins", "docs")
UNRELEASED = "Unreleased"
_STRAY = re.compile(r"(^|/)(\.venv|\.git|__pycache__|\.[a-z]+_cache|site|tests)(/|$)|\.pyc$")


class ReleaseError(Exception):
    """What stands against a release, in words."""


def versions(root: Path) -> dict[str, str]:
    """Return every version that the sources name, by file."""
    places = {
        "pyproject.toml": r'^version = "(.+)"$',
        "osgrepro/__init__.py": r'^__version__ = "(.+)"$',
        "CITATION.cff": r'^version: "(.+)"$',
    }
    found = {name: re.search(at, (root / name).read_text(), re.M) for name, at in places.items()}
    return {name: match[1] if match else "none" for name, match in found.items()}


def version(root: Path) -> str:
    """Return the one version, or say that there are several."""
    named = versions(root)
    if len(set(named.values())) != 1:
        told = ", ".join(f"{name}: {value}" for name, value in named.items())
        raise ReleaseError(f"the sources name several versions: {told}")
    return next(iter(named.values()))


def notes(changelog: str, heading: str) -> str:
    """Return the changelog's section of a version: `## VERSION`, or `## VERSION (date)`."""
    sections = re.split(r"^## +(.+)$", changelog, flags=re.M)[1:]
    for title, text in zip(sections[::2], sections[1::2], strict=True):
        if title.split(" ", maxsplit=1)[0] == heading:
            if not text.strip():
                break
            return text.strip() + "\n"
    raise ReleaseError(
        f"CHANGELOG.md tells nothing of {heading}: give what is under '## {UNRELEASED}' the "
        f"heading '## {heading} (date)', or make a draft with --draft"
    )


def build(root: Path, out: Path) -> tuple[Path, Path]:
    """Build the source archive and, from that, the wheel; the same sources give the same bytes."""
    environ = {**os.environ, "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", "1640995200")}
    for stale in (*out.glob("osgrepro-*.whl"), *out.glob("osgrepro-*.tar.gz")):
        stale.unlink()
    # Without --wheel and --sdist the wheel is built from the source archive, as others would.
    argv = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(root)]
    made = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
    if made.returncode:
        raise ReleaseError(f"the build failed:\n{made.stdout}{made.stderr}")
    (wheel,), (sdist,) = out.glob("osgrepro-*.whl"), out.glob("osgrepro-*.tar.gz")
    return wheel, sdist


def problems(root: Path, wheel: Path, sdist: Path) -> Iterator[str]:
    """Yield what is wrong with what was built."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        (metadata,) = (name for name in inside if name.endswith(".dist-info/METADATA"))
        told = email.message_from_bytes(archive.read(metadata))
    if told["Version"] != version(root):
        yield f"{wheel.name}: its metadata say version {told['Version']}"
    with tarfile.open(sdist) as archive:
        sources = {name.partition("/")[2] for name in archive.getnames()}
    for name in shipped(root):
        top = name.split("/", maxsplit=1)[0]
        if (f"osgrepro/_share/{name}" if top in SHIPPED else name) not in inside:
            yield f"{wheel.name}: lacks {name}"
        if name not in sources:
            yield f"{sdist.name}: lacks {name}"
    for archive_name, names in ((wheel.name, inside), (sdist.name, sources)):
        yield from (f"{archive_name}: holds {name}" for name in sorted(names) if stray(name))
    for name in ("README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff"):
        if name not in sources:
            yield f"{sdist.name}: lacks {name}"
    yield from trial(wheel, version(root))


def shipped(root: Path) -> Iterator[str]:
    """Yield every file of the sources that a release has, as git knows them."""
    argv = ["git", "ls-files", "-z", "osgrepro", *SHIPPED]
    listed = subprocess.run(argv, cwd=root, check=True, capture_output=True, text=True)
    return (name for name in listed.stdout.split("\0") if name and (root / name).is_file())


def stray(name: str) -> bool:
    """Whether a file has no business in a release."""
    return bool(_STRAY.search(name))


def trial(wheel: Path, wanted: str) -> Iterator[str]:
    """Yield what goes wrong when the unpacked wheel is used, beside the dependencies of here."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)  # noqa: S202  # made a moment ago, by ourselves
        program = (
            f"import sys; sys.path.insert(0, {folder!r}); from osgrepro.cli import main; main()"
        )
        for words, expected in (
            (["--version"], f"osgrepro {wanted}"),
            (["plan", "osg-2022"], "780 runs"),
            (["help", "campaign"], "# The campaign file"),
        ):
            done = subprocess.run(
                [sys.executable, "-I", "-c", program, *words],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode or expected not in done.stdout:
                yield f"{wheel.name}: osgrepro {' '.join(words)}: {done.stdout}{done.stderr}"


def release(root: Path, out: Path, *, draft: bool) -> list[Path]:
    """Make the release, and return its files.

    Raises
    ------
    ReleaseError
        With everything that stands against it.
    """
    named = version(root)
    text = notes((root / "CHANGELOG.md").read_text(), UNRELEASED if draft else named)
    out.mkdir(parents=True, exist_ok=True)
    wheel, sdist = build(root, out)
    if found := list(problems(root, wheel, sdist)):
        raise ReleaseError("\n".join(found))
    told = out / f"osgrepro-{named}-notes.md"
    told.write_text(f"# osgrepro {named}{' (draft)' if draft else ''}\n\n{text}", encoding="utf-8")
    sums = out / "SHA256SUMS"
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in (sdist, wheel)]
    sums.write_text("".join(lines), encoding="utf-8")
    return [wheel, sdist, told, sums]


def main() -> None:
    """Make the release, and say what lies where."""
    parser = argparse.ArgumentParser(description="Make a release in dist/.")
    parser.add_argument("--draft", action="store_true", help="of what is not released yet")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    asked = parser.parse_args()
    try:
        made = release(ROOT, asked.out, draft=asked.draft)
    except ReleaseError as error:
        sys.exit(f"release: {error}")
    sys.stdout.writelines(f"{path.stat().st_size:>10,} bytes  {path}\n" for path in made)


if __name__ == "__main__":
    main()
