"""The shell recipe of a very small image: a few tools, and the libraries that they load."""

from __future__ import annotations

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
