"""Very small images: a few tools, and the libraries that they load."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from osgrepro.pool.enclosure import NativeEnclosure, RootEnclosure

_RECIPE = """
for folder in proc sys dev etc tmp var/tmp srv root home usr/bin; do mkdir -p base/$folder; done
{more}
for tool in {tools}; do
    cp "$(readlink -f "$(command -v $tool)")" base/usr/bin/$tool
done
for binary in base/usr/bin/* {binaries}; do
    for library in $(ldd "$binary" | grep -o '/[^ )]*'); do
        mkdir -p "base${{library%/*}}"
        cp -L "$library" "base$library"
    done
done
ln -s usr/bin base/bin
printf 'Bootstrap: localimage\\nFrom: base\\n' >{name}.def
apptainer build {name}.sif {name}.def
"""


def recipe(name: str, *tools: str, more: str = "", binaries: str = "") -> str:
    """Return the script that makes ``NAME.sif`` with ``tools``, where the enclosure runs.

    ``more`` is shell that puts other things into the folder ``base``, and ``binaries`` a pattern
    of those whose libraries are wanted too.
    """
    return _RECIPE.format(name=name, tools=" ".join(tools), more=more, binaries=binaries)


# With a Python for the stand-in, and no test of its own, which HTCondor would make before each job.
PYTHON = recipe(
    *("python", "sh", "cat", "env", "python3"),
    more="""
stdlib=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
mkdir -p "base$stdlib"
cp -r "$stdlib/." "base$stdlib"
""",
    binaries='"base$stdlib"/lib-dynload/*.so',
)


def build(script: str, folder: Path, enclosure: NativeEnclosure | RootEnclosure) -> Path:
    """Run a recipe in ``folder``, which the pool's user gets, and return the image."""
    os.chown(folder, enclosure.user.uid, enclosure.user.gid)
    built = subprocess.run(
        enclosure.command(["sh", "-euc", script], binds=[folder], cwd=folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (image,) = folder.glob("*.sif")
    return image
