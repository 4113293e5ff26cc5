"""Checks of what a campaign needs beside its folder: images, data, a pool, versions."""

from __future__ import annotations

import platform
from importlib import metadata

import osgrepro
from osgrepro.common import texts
from osgrepro.common.errors import PoolError
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.campaign import feasibility
from osgrepro.workflow.loading import Loaded, missing_data
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs.doctor.checks import Check, fault, ok, warning
from osgrepro.workflow.runs.doctor.folder_checks import Todo
from osgrepro.workflow.runs.journal import submitted
from osgrepro.workflow.software import images, pinned_images

_LISTED = 3


def of_images(loaded: Loaded, place: Workspace) -> list[Check]:
    """Say which images are missing, and which are others than when runs were submitted."""
    used = {run.software for run in loaded.matrix.runs}
    states = images.states(loaded.campaign, loaded.path.parent)
    needed = {name: state for name, state in states.items() if name in used}
    pinned_images.compare(
        place, {name: state.image for name, state in needed.items() if state.image}
    )
    to_build = [name for name, state in needed.items() if state.image is None and state.plan]
    checks = [
        warning("images", doubt)
        for doubt in images.doubts(state for state in needed.values() if not state.plan)
    ]
    if to_build:
        text = f"{_some(to_build)}: not built yet"
        # It asks for no folder: images are the cache's.
        todo = texts.command("osgrepro", "build", loaded.source)
        checks.append(warning("images", text, todo))
    return checks or [ok("images", f"{len(needed)} are there")]


def of_data(loaded: Loaded, todo: Todo) -> list[Check]:
    """Say which data files are missing."""
    missing = [file.spec for file in missing_data(loaded)]
    if missing:
        text = f"{_some(missing)}: not there yet, so the ids of the runs that read it are not final"
        return [warning("data", text, todo("data"))]
    files = {file.spec for read in loaded.matrix.data.values() for file in read}
    return [ok("data", f"the content of {len(files)} files is known")]


def of_pool(
    loaded: Loaded, place: Workspace, access: Access | None, refused: PoolError | None
) -> list[Check]:
    """Say whether the access point answers, and which hardware no slot offers now."""
    if access is None:
        message = refused.message if refused else "no pool was asked"
        text = f"{message}; without one nothing can be submitted"
        said = fault if submitted(place) else warning
        return [said("pool", text, refused.hint if refused else "")]
    checks = [ok("pool", f"{access.schedd.name} answers")]
    try:
        verdicts = feasibility.of_pool(loaded.matrix, access)
    except PoolError as error:
        return [*checks, warning("pool", error.message, error.hint)]
    todo = "`osgrepro hardware list` shows what there is"
    return [*checks, *(warning("pool", text, todo) for text in feasibility.warnings(verdicts))]


def of_versions(access: Access | None) -> list[Check]:
    """Say which versions are at work; the client's and the access point's should be near."""
    client = metadata.version("htcondor")
    text = f"osgrepro {osgrepro.__version__}, Python {platform.python_version()}, HTCondor {client}"
    if access is None or not any(access.schedd.version):
        return [ok("versions", text)]
    point = ".".join(map(str, access.schedd.version))
    text = f"{text}, access point {point}"
    if access.schedd.version[0] < int(client.partition(".")[0]) - 1:
        todo = f"`pip install 'htcondor=={access.schedd.version[0]}.*'` in osgrepro's environment"
        return [warning("versions", f"{text}: the access point is much older", todo)]
    return [ok("versions", text)]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
