"""Owns the resolver: requirements go in, their hash-locked closure comes out.

The verb ``lock`` calls it. uv resolves, for another Python and C library than this machine's, with
the indexes that pip is configured for; nothing here knows a server's name, and no lock names one.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from osgrepro.common import processes, toml
from osgrepro.common.errors import InputError, UsageError
from osgrepro.common.models import Notify, Progress, silent

# What somebody who configures uv itself uses; pip's configuration then doesn't count.
_UV_INDEXES = (
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"),
    "UV_CONFIG_FILE",
)
_UV_INDEX_KEYS = {"index", "index-url", "extra-index-url", "find-links", "no-index"}
# The minor versions of glibc 2 that uv knows platforms of.
_UV_GLIBC_MINORS = (17, 28, *range(31, 41))
_SAID_LINES = 8
# A version with the name of a build, such as PyTorch's for CPUs alone.
_LOCAL = re.compile(r"==[^,+]*\+")


def resolve(
    requirements: Sequence[str],
    *,
    python: str,
    glibc: str,
    pip: Sequence[str],
    previous: str = "",
    notify: Notify = silent,
    uv: Sequence[str] | None = None,
) -> str:
    """Return the closure of ``requirements`` as hash-locked lines, wheels only.

    Parameters
    ----------
    requirements : sequence of str
        What is wanted: ``numpy<2``.
    python, glibc : str
        The interpreter and the C library that the wheels have to fit: ``3.9.2``, ``2.31``.
    pip : sequence of str
        The command that is pip; it is asked for its configuration only.
    previous : str
        A lock whose versions stay where they still fit; without it the newest are taken.
    uv : sequence of str, optional
        The command that is uv; the package ``uv`` of this interpreter, or the one on PATH.

    Raises
    ------
    UsageError
        If there is no uv, or nothing satisfies the requirements: in uv's own words.
    InputError
        If no index answers.
    """
    settings = {} if _configures_indexes(os.environ) else _pip_settings(pip)
    options, variables = _indexes(settings, local=any(map(_LOCAL.search, requirements)))
    with tempfile.TemporaryDirectory(prefix="osgrepro-") as scratch:
        lock = Path(scratch) / "requirements.txt"
        lock.write_text(previous, encoding="utf-8")
        argv = [
            *(uv or _own_uv()),
            *("pip", "compile", "-", "--output-file", lock.name, "--quiet", "--no-header"),
            *("--generate-hashes", "--only-binary", ":all:", "--no-emit-index-url"),
            *("--python", sys.executable, "--python-version", python),
            *("--python-platform", _platform(glibc)),
            *options,
        ]
        notify(Progress(what="resolving"))
        done = _run(argv, text="\n".join(requirements), folder=scratch, more=variables)
        if done.returncode:
            raise _explain(done.stderr, requirements)
        return lock.read_text(encoding="utf-8")


def _platform(glibc: str) -> str:
    """Return the newest platform of uv whose wheels run on this C library."""
    fitting = [minor for minor in _UV_GLIBC_MINORS if minor <= int(glibc.partition(".")[2])]
    if not fitting:
        raise UsageError(
            f"base.glibc {glibc}: no lock file can be made for less than 2.{_UV_GLIBC_MINORS[0]}",
            hint="take a newer base",
        )
    return f"x86_64-manylinux_2_{fitting[-1]}"


def _own_uv() -> list[str]:
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv"]
    uv = shutil.which("uv")
    if uv is None:
        raise UsageError(
            "there is no uv, which resolves requirements",
            hint="install it: pip install 'osgrepro[lock]'",
        )
    return [uv]


def _run(
    argv: Sequence[str], *, text: str = "", folder: str | None = None, more: Mapping[str, str]
) -> processes.Ended[str]:
    try:
        return processes.run(argv, text=text, cwd=folder, env={**os.environ, **more})
    except OSError as error:
        raise UsageError(f"{argv[0]}: {error.strerror}") from error


def _configures_indexes(environ: Mapping[str, str]) -> bool:
    """Tell whether uv's own configuration says where packages come from."""
    if any(environ.get(name) for name in _UV_INDEXES):
        return True
    home = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    system = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    for folder in (home, *map(Path, system), Path("/etc")):
        path = folder / "uv" / "uv.toml"
        if path.is_file():
            content = toml.loads(path.read_text(encoding="utf-8"), str(path))
            if _UV_INDEX_KEYS & {*content, *content.get("pip", {})}:
                return True
    return False


def _pip_settings(pip: Sequence[str]) -> dict[str, str]:
    """Return pip's configuration by its keys, as it would download with it."""
    done = _run([*pip, "config", "list"], more={})
    if done.returncode:
        raise UsageError(f"`pip config list` failed: {done.stderr.strip()[-300:]}")
    settings = {}
    for place in ("global", "download", ":env:"):
        for line in done.stdout.splitlines():
            match = re.fullmatch(rf"{place}\.([a-z-]+)=(['\"].*['\"])", line)
            if match:
                settings[match[1]] = str(ast.literal_eval(match[2]))
    return settings


def _indexes(settings: Mapping[str, str], *, local: bool) -> tuple[list[str], dict[str, str]]:
    """Return the options and the variables that send uv where pip goes.

    What only this machine has, in a folder, is left out where there is an index, since another
    machine could not use the lock; but not with a ``local`` version, such as ``2.13.0+cpu``, which
    no common index has: its wheel is the same wherever a machine has it from. In variables, because
    addresses may hold passwords.
    """
    variables = {"UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"}
    if "cert" in settings and not os.environ.get("SSL_CERT_FILE"):
        variables["SSL_CERT_FILE"] = settings["cert"]
    links = settings.get("find-links", "").split()
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        return ["--no-index"], variables | {"UV_FIND_LINKS": ",".join(links)}
    if "index-url" in settings:
        variables["UV_DEFAULT_INDEX"] = settings["index-url"]
    extra = list(filter(_is_remote, settings.get("extra-index-url", "").split()))
    if extra:
        # pip takes the best of all indexes, uv by itself whatever the first one has.
        variables |= {"UV_INDEX": " ".join(extra), "UV_INDEX_STRATEGY": "unsafe-best-match"}
    wanted = links if local else list(filter(_is_remote, links))
    if wanted:
        variables["UV_FIND_LINKS"] = ",".join(wanted)
    return [], variables


def _is_remote(address: str) -> bool:
    return "://" in address and not address.startswith("file:")


def _explain(said: str, requirements: Sequence[str]) -> UsageError:
    lines = [line.strip(" ×╰─▶│") for line in said.splitlines() if line.strip(" ×╰─▶│")]
    meant_lines = [line for line in lines if not line.startswith("warning:")] or ["uv said nothing"]
    text = "\n".join(line.removeprefix("error: ")[:600] for line in meant_lines[:_SAID_LINES])
    if "No solution found" in said:
        builds = [requirement for requirement in requirements if _LOCAL.search(requirement)]
        if builds:
            return UsageError(
                text,
                hint=f"{', '.join(builds)}: such builds are on an index of their own, which the "
                "framework's page on installation names; add it to pip's configuration: "
                "`pip config set global.extra-index-url ADDRESS`",
            )
        return UsageError(
            text, hint="change `requirements` in container.toml, or its python or glibc"
        )
    if re.search(r"Failed to fetch|error sending request|Could not connect|dns error", said):
        return InputError(
            f"the package index does not answer: {text}",
            hint="check the network, and `pip config list`: osgrepro takes the index from there",
        )
    return UsageError(f"uv could not resolve the requirements: {text}")
