"""What is sent to the access point beside a submission's clusters: the job that watches them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from osgrepro.common.models import Campaign, Json
from osgrepro.runs.render import guard
from osgrepro.runs.render.settings import BRAKED, BRAKED_SUBCODE
from osgrepro.runs.render.templates import text


@dataclass(frozen=True, kw_only=True, slots=True)
class BrakePaths:
    """Where the brake's files lie: absolute, but for ``logs``, which counts from the first."""

    initial_folder: str
    program: str
    settings: str
    logs: str


def brake_description(
    campaign: Campaign, paths: BrakePaths, environment: Mapping[str, str], count: int
) -> str:
    """Return the submit description of the brake of ``count`` clusters.

    ``environment`` is what HTCondor's commands need on the access point.

    Raises
    ------
    RenderError
        If a value would break out of its line.
    """
    options = campaign.submit
    return text(
        "brake.sub.j2",
        campaign=guard.name(campaign.name, "campaign.name"),
        project=guard.name(options.project, "submit.project") if options.project else None,
        count=count,
        initial_folder=guard.path(paths.initial_folder, "workspace"),
        program=_quoted(paths.program),
        settings=_quoted(paths.settings),
        logs=guard.path(paths.logs, "logs"),
        environment=[
            f"{name}={_quoted(guard.path(value, name))}" for name, value in environment.items()
        ],
    )


def brake_settings(
    logs: Mapping[str, str], items: Mapping[str, str], avoided: Collection[str]
) -> Json:
    """Return what the brake reads: by batch its event log and its items; and the words of a hold.

    ``avoided`` are the machines that get none of the runs from the start.
    """
    return {
        "batches": {batch: {"log": log, "items": items[batch]} for batch, log in logs.items()},
        "avoided": sorted(avoided),
        "reason": BRAKED,
        "subcode": BRAKED_SUBCODE,
    }


def _quoted(value: str) -> str:
    """Return a word as HTCondor's arguments and environment take it, which may hold blanks."""
    word = guard.path(value, "path")
    return f"'{word}'" if " " in word or "\t" in word else word
