"""The commands around software environments: build and images."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import Json
from osgrepro.common.models import Image
from osgrepro.software.apptainer import Check, Container
from osgrepro.workflow.software import environments, staging
from osgrepro.workflow.software.environments import Entry
from osgrepro.workflow.software.images import stands
from osgrepro.workflow.software.staging import Staged

_SHOWN_DIFFERENCES = 20
_PINNED = "org.osgrepro.base-pinned"


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``, in the order in which one uses them."""
    for command in (build, images):
        app.command()(command)


def build(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET…",
            help="Campaigns (files, or shipped ones by name), software environments by name, or "
            "folders with a container.toml.",
            show_default=False,
        ),
    ],
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Build again elsewhere and compare the contents; exit with 1 if they differ.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Build the images of campaigns and software environments; what is already built stays."""
    asked = environments.targets(words, Path.cwd())
    if check:
        _check(asked, as_json=as_json)
        return
    with console.progress() as notify:
        made = list(environments.build(asked, notify))
    if as_json:
        unstaged = {image.software: state for image, state in environments.unstaged(asked)}
        console.json([_built_json(image, unstaged.get(image.software)) for image in made])
        return
    _show_built(made)
    _say_how_to_stage(asked)


def _show_built(made: Iterable[Image]) -> None:
    shown = console.table("software", "framework", "MB", "sha256", "state", "image", right=("MB",))
    for image in made:
        size = f"{Path(image.file).stat().st_size / 1e6:.0f}" if image.file else ""
        facts = (_framework(image), size, (image.sha256 or "")[:12], stands(image).value)
        shown.add_row(image.software, *facts, image.location)
    console.show(shown)
    for image in made:
        if image.labels.get(_PINNED) == "no":
            console.warn(
                f"{image.software}: its base was named by a tag, not by its digest: every result "
                "in it says base_pinned = false"
            )


def _built_json(image: Image, unstaged: Staged | None) -> dict[str, Any]:
    wanted = unstaged is not None and image.file
    return {
        "software": image.software,
        "framework": _framework(image),
        "image": image.location,
        "file": image.file,
        "size_bytes": Path(image.file).stat().st_size if image.file else None,
        "sha256": image.sha256,
        "state": stands(image).value,
        "base_pinned": image.labels.get(_PINNED) != "no",
        "unstaged": unstaged.value if unstaged else None,
        "stage_with": staging.command(image) if wanted else None,
    }


def _framework(image: Image) -> str:
    prefix = "org.osgrepro."
    words = (image.labels.get(f"{prefix}backend", ""), image.labels.get(f"{prefix}framework", ""))
    return " ".join(words).strip()


def _say_how_to_stage(asked: environments.Targets) -> None:
    for image, state in environments.unstaged(asked):
        console.say("")
        if state is Staged.OTHER:
            console.warn(
                f"{image.location} has other content than {image.file}: OSDF caches by name, so "
                "this name can't be used again; choose another folder in submit.staging"
            )
        elif image.file:
            console.say(f"{image.software}: {state.value}; on the access point, stage it with")
            console.say(f"  {staging.command(image)}")


def _check(asked: environments.Targets, *, as_json: bool) -> None:
    checked = []
    with console.progress() as notify:
        for container, comparison in environments.check(asked, notify):
            checked.append((container, comparison))
            if not as_json:
                _show_check(container, comparison)
    if as_json:
        console.json([_check_json(*pair) for pair in checked])
    if not all(comparison.same_contents for _, comparison in checked):
        raise typer.Exit(1)


def _check_json(container: Container, check: Check) -> dict[str, Any]:
    return {
        "software": container.name,
        "same_contents": check.same_contents,
        "same_bytes": check.same_bytes,
        "content_sha256": [side["content_sha256"] for side in (check.first, check.second)],
        "sha256": [side["sha256"] for side in (check.first, check.second)],
        "differences": [asdict(difference) for difference in check.differences],
    }


def _show_check(container: Container, check: Check) -> None:
    first, second = check.first["content_sha256"], check.second["content_sha256"]
    if check.same_contents:
        files = "the image files, too" if check.same_bytes else "the image files are not"
        console.say(f"{container.name}: two builds are the same inside: content {first}")
        console.say(f"  sha256 {check.first['sha256']}: {files}")
        return
    console.say(f"{container.name}: two builds differ: content {first} and {second}")
    for difference in check.differences[:_SHOWN_DIFFERENCES]:
        first, second = (side or "missing" for side in (difference.first, difference.second))
        console.say(f"  {difference.path}: {first} | {second}")
    more = len(check.differences) - _SHOWN_DIFFERENCES
    if more > 0:
        console.say(f"  … and {more} more")


def images(as_json: Json = False) -> None:
    """List the software environments: framework, and the image's size, digests, age and place."""
    listed = environments.entries(Path.cwd())
    if as_json:
        console.json([_as_json(entry) for entry in listed])
        return
    shown = console.table(
        *("software", "framework", "python", "MB", "sha256", "content", "built", "staged"),
        right=("MB",),
    )
    for entry in listed:
        container, facts = entry.container, entry.image_facts
        shown.add_row(
            container.name,
            " ".join(filter(None, (container.backend, container.framework))),
            container.python,
            f"{facts['size_bytes'] / 1e6:.0f}" if facts else "",
            facts["sha256"][:12] if facts else "",
            facts["content_sha256"][:12] if facts else "",
            facts["built_at"][:10] if facts else "not built",
            " ".join(facts.get("staged", ())),
        )
    console.show(shown)
    old = environments.left_over(listed)
    if old:
        size = sum(path.stat().st_size for path in old) / 1e6
        console.note(
            f"{len(old)} images of former definitions ({size:.0f} MB) are in {old[0].parent}; "
            "remove them when no queued job uses them"
        )


def _as_json(entry: Entry) -> dict[str, Any]:
    container, facts = entry.container, entry.image_facts
    return {
        "software": container.name,
        "why": container.why,
        "backend": container.backend,
        "framework": container.framework,
        "keras": container.keras,
        "python": container.python,
        "cuda": container.cuda,
        "cudnn": container.cudnn,
        "base": container.base.model_dump(),
        "base_pinned": container.base_pinned,
        "image": str(entry.plan.sif) if facts else None,
        "size_bytes": facts.get("size_bytes"),
        "sha256": facts.get("sha256"),
        "content_sha256": facts.get("content_sha256"),
        "definition_sha256": facts.get("definition_sha256"),
        "built_at": facts.get("built_at"),
        "staged": list(facts.get("staged", ())),
    }
