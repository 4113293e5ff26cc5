"""Builds an image a second time elsewhere and says in what the two differ.

Called through the room's door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from osgrepro.common.errors import ImageError
from osgrepro.common.models import Enclosure, Json, Notify, Progress, silent
from osgrepro.software.apptainer import place, sif
from osgrepro.software.apptainer.base import MakeBase
from osgrepro.software.apptainer.build import FetchWheels, build_alone
from osgrepro.software.apptainer.contents import contents, digest
from osgrepro.software.apptainer.plan import ImagePlan, read_image_facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A path that two images don't have in common, with what is there in each; None: nothing."""

    path: str
    first: str | None
    second: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """The facts about an image and of its second build, and every path in which they differ."""

    first: Json
    second: Json
    differences: tuple[Difference, ...]

    @property
    def same_contents(self) -> bool:
        """Whether both hold the same files."""
        return bool(self.first["content_sha256"] == self.second["content_sha256"])

    @property
    def same_bytes(self) -> bool:
        """Whether the two image files are the same to the last bit."""
        return bool(self.first["sha256"] == self.second["sha256"])


def check(
    plan: ImagePlan,
    enclosure: Enclosure,
    notify: Notify = silent,
    *,
    make_base: MakeBase,
    fetch_wheels: FetchWheels,
) -> Check:
    """Build the plan's image again, base and all, in another folder, and compare the two.

    The image itself must be built; it stays as it is, and the second one is removed.

    Parameters
    ----------
    plan, enclosure, notify, make_base, fetch_wheels
        As for :func:`osgrepro.software.apptainer.build`.

    Raises
    ------
    ImageError, InputError
        If the image isn't built or the second build fails; if the wheels can't be had.
    """
    with place.only_builder(plan.cache, notify) as lock:
        first = read_image_facts(plan.sif)
        if first is None:
            raise ImageError(f"{plan.sif}: is not built", hint="`osgrepro build` builds it")
        with place.workplace(plan.cache, enclosure.user) as work:
            again = replace(plan, cache=work.ours / "again")
            build_alone(
                again,
                enclosure,
                notify,
                make_base=make_base,
                fetch_wheels=fetch_wheels,
                lock=lock,
                # Where it is still there after a failure.
                log_file=plan.log_file.with_suffix(".check.log"),
            )
            second = read_image_facts(again.sif)
            if second is None:
                raise ImageError(f"{again.sif}: was changed by somebody else while it was built")
            notify(Progress(what=f"comparing {plan.container.name}"))
            listing = contents(plan.sif, enclosure, work.theirs)
            # As the file is now, which need not be what is recorded of it.
            facts = {"sha256": sif.sha256(plan.sif), "content_sha256": digest(listing)}
            alike = facts["content_sha256"] == second["content_sha256"]
            listing_again = listing if alike else contents(again.sif, enclosure, work.theirs)
    first = {**first, **facts}
    return Check(first=first, second=dict(second), differences=compare(listing, listing_again))


def compare(first: Mapping[str, str], second: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return every path that two listings of contents don't have in common, in order."""
    return tuple(
        Difference(path=path, first=first.get(path), second=second.get(path))
        for path in sorted(first.keys() | second.keys())
        if first.get(path) != second.get(path)
    )
