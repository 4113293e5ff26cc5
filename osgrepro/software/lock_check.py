"""Whether an environment's lock says what its parameters say.

Called by the catalogue, which reads both, and before a new lock is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from osgrepro.common.errors import UsageError
from osgrepro.common.texts import command
from osgrepro.software import lockfile
from osgrepro.software.containers import Container

# Which packages may bring what container.toml gives a version of.
_PACKAGES = {
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "jax": ("jax",),
    "torch": ("torch",),
    "keras": ("keras",),
}


def lock_problems(container: Container, path: Path) -> list[str]:
    """Return where the container's lock, at ``path``, does not say what its parameters say."""
    if not container.requirements:
        needless = f"{path}: container.toml has no `requirements` that this lock file could be of"
        return [needless] if container.lock else []
    remedy = f"`{command('osgrepro', 'lock', path.parent)}`"
    if not container.lock:
        return [f"{path}: missing, or empty: {remedy} makes it from `requirements`"]
    try:
        pins = {pin.name: pin.version for pin in lockfile.parse(container.lock, str(path))}
    except UsageError as error:
        return [error.message]
    if container.lock.splitlines()[0] != container.lock_header:
        changed = "was made from other requirements, python or glibc than container.toml has now"
        return [f"{path}: {changed}: {remedy} makes it again"]
    problems = []
    for requirement in container.requirements:
        name = lockfile.normalise(re.split(r"[\[=<>~!]", requirement)[0])
        exact = re.search(r"==([\w.!+-]+)$", requirement)
        if name not in pins:
            problems.append(f"{name} is missing, but container.toml requires it")
        elif exact and pins[name] != exact[1]:
            problems.append(f"{name} is locked to {pins[name]}, but container.toml says {exact[1]}")
    problems += _version_problems(container, pins)
    if "pip" not in pins:
        problems.append("pip is missing: it installs the other packages in the image")
    return [f"{path}: {problem}" for problem in problems]


def _version_problems(container: Container, pins: Mapping[str, str]) -> list[str]:
    """Return which of the versions that container.toml declares the lock does not have."""
    problems = []
    for name, version in container.declared.items():
        locked_versions = {pins[package] for package in _PACKAGES[name] if package in pins}
        if locked_versions != {version}:
            locked = " and ".join(sorted(locked_versions)) or "none"
            problems.append(f"locks {name} {locked}, but container.toml says {version}")
    return problems
