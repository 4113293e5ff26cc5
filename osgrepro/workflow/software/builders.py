"""Makes images of the catalogue: in the mini-pool's enclosure, from its bases and from wheels."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from osgrepro.common import folders, processes
from osgrepro.common.errors import ImageError
from osgrepro.common.models import Enclosure, Image, Notify, silent
from osgrepro.pool.enclosure import mirror, provide
from osgrepro.software import apptainer, wheelhouse
from osgrepro.software.apptainer import Check, Container, ImagePlan


def build(plan: ImagePlan, notify: Notify = silent) -> Image:
    """Return the plan's image, built if it isn't there.

    Raises
    ------
    ImageError
        If it doesn't build.
    InputError
        If its wheels can't be had.
    PoolError
        If there is no Apptainer here, and none can be provisioned.
    """
    image = plan.built_image()
    if image is not None:
        return image
    enclosure = provide(notify)
    return apptainer.build(
        plan,
        enclosure,
        notify,
        make_base=lambda suite, packages, target: make_base(enclosure, suite, packages, target),
        fetch_wheels=fetch_wheels,
    )


def check(plan: ImagePlan, notify: Notify = silent) -> Check:
    """Build the plan's image once more in another folder, and compare the two.

    Raises
    ------
    ImageError, InputError, PoolError
        As :func:`build`.
    """
    build(plan, notify)
    enclosure = provide(notify)
    return apptainer.check(
        plan,
        enclosure,
        notify,
        make_base=lambda suite, packages, target: make_base(enclosure, suite, packages, target),
        fetch_wheels=fetch_wheels,
    )


def fetch_wheels(container: Container, notify: Notify) -> Path:
    """Return the folder with every wheel of the container's lock."""
    return wheelhouse.fetch(
        container.lock,
        python=container.python,
        glibc=str(container.base.glibc),
        cache=folders.cache(),
        notify=notify,
    )


def make_base(enclosure: Enclosure, suite: str, packages: Sequence[str], target: Path) -> None:
    """Make a minimal Debian of ``suite`` at the folder ``target``, with mmdebstrap.

    Raises
    ------
    ImageError
        With the last that mmdebstrap said.
    """
    target.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        os.chown(target, enclosure.user.uid, enclosure.user.gid)
    packages_from = mirror()
    leave_out = (f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "info", "man"))
    make = [
        # The day on which the users were made is in /etc/shadow.
        *("env", f"SOURCE_DATE_EPOCH={apptainer.SOURCE_DATE_EPOCH}"),
        *("mmdebstrap", "--variant=minbase", "--skip=output/dev", "--format=tar"),
        # A mirror can be a few weeks old; what it holds is signed all the same.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        *leave_out,
        f"--include={','.join(packages)}",
        *(suite, "-", *([packages_from] if packages_from else [])),
    ]
    # Unpacked by the ordinary user, whose all files then are: that is what Apptainer can copy.
    pipe = 'set -o pipefail; "$@" | tar --extract --directory "$0" --no-same-owner'
    argv = enclosure.command(["bash", "-c", pipe, str(target), *make], binds=[target])
    try:
        done = processes.run(argv)
    except FileNotFoundError as error:
        raise ImageError(f"{error.filename}: not found") from None
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-12:])
        raise ImageError(
            f"mmdebstrap could not make a Debian {suite}:\n{last}",
            hint="mmdebstrap must be installed, and the machine's apt mirror (or the one that "
            "OSGREPRO_DEBIAN_MIRROR names) must have this suite",
        )
