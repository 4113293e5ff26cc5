"""The verb ``lock``: a software environment's requirements become exact versions with hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common.errors import UsageError
from osgrepro.common.models import Notify, silent
from osgrepro.runs.workspace import write
from osgrepro.software import apptainer, lockfile, resolver, wheelhouse
from osgrepro.workflow.software import images


@dataclass(frozen=True, kw_only=True, slots=True)
class Locked:
    """A lock as it is now, and the versions of each package that is not as it was.

    ``changes`` has the old and the new version by package, None where it is in one lock only;
    ``unasked`` are those packages of CUDA that came along with an environment that names no CUDA.
    """

    path: Path
    packages: int
    changes: Mapping[str, tuple[str | None, str | None]]
    written: bool
    unasked: tuple[str, ...] = ()


# What builds for GPUs bring, gigabytes of it.
_OF_CUDA = ("nvidia-", "cuda-", "triton")


def lock(
    name: str,
    *,
    upgrade: bool = False,
    notify: Notify = silent,
    uv: Sequence[str] | None = None,
) -> Locked:
    """Write the lock of a software environment, whole or not at all.

    Parameters
    ----------
    name : str
        A folder with a ``container.toml``, or an environment by its name: of the folder
        ``containers/`` here, or a shipped one.
    upgrade : bool
        Take the newest versions that fit, instead of keeping those that are locked.
    notify : Notify
        Takes progress.
    uv : sequence of str, optional
        The command that resolves.

    Raises
    ------
    UsageError
        If there is no such environment, it has nothing to lock or contradicts itself, nothing
        satisfies it, or its folder can't be written.
    InputError
        If no index answers.
    """
    folder = _folder(name)
    container = apptainer.container_parameters(folder)
    if not container.requirements:
        raise UsageError(
            f"{folder}: names no `requirements`, so there is nothing to lock",
            hint="its base brings every package; add requirements to install more",
        )
    path = folder / "requirements.txt"
    before = _versions(container.lock, path)
    previous = container.lock if before and not upgrade else ""
    made = _locked(container, path, previous, notify, uv)
    if changed := made != container.lock:
        write(path, made.encode())
    after = _versions(made, path)
    return Locked(
        path=path,
        packages=len(after),
        changes=_changes(before, after),
        written=changed,
        unasked=() if container.cuda else tuple(n for n in after if n.startswith(_OF_CUDA)),
    )


def _locked(
    container: apptainer.Container,
    path: Path,
    previous: str,
    notify: Notify,
    uv: Sequence[str] | None,
) -> str:
    """Return the text of a lock that says what the container's parameters say."""
    pins = resolver.resolve(
        container.requirements,
        python=container.python,
        glibc=container.glibc,
        pip=wheelhouse.own_pip(),
        previous=previous,
        notify=notify,
        uv=uv,
    )
    made = container.model_copy(update={"lock": f"{container.lock_header}\n{pins}"})
    if problems := apptainer.lock_problems(made, path):
        raise UsageError("\n".join(problems), hint="nothing was written: fix container.toml first")
    return made.lock


def _folder(name: str) -> Path:
    path = Path(name)
    if (path / "container.toml").is_file():
        return path.resolve()
    return apptainer.find_container(images.catalogues(Path.cwd()), name)


def _versions(text: str, path: Path) -> dict[str, str]:
    """Return the versions of a lock; none where it can't be read."""
    try:
        return {pin.name: pin.version for pin in lockfile.parse(text, str(path))}
    except UsageError:
        return {}


def _changes(
    before: Mapping[str, str], after: Mapping[str, str]
) -> dict[str, tuple[str | None, str | None]]:
    pairs = {name: (before.get(name), after.get(name)) for name in sorted({*before, *after})}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
