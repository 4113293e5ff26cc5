"""The verbs ``plan`` and ``render``: what a campaign means, and every text that it would submit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from osgrepro.common.errors import UsageError
from osgrepro.common.models import DataFile, Hardware
from osgrepro.pool import condor
from osgrepro.runs import render
from osgrepro.runs.render import Submission
from osgrepro.software import apptainer
from osgrepro.workflow.campaign import feasibility, rehearsing
from osgrepro.workflow.loading import Loaded, missing_data
from osgrepro.workflow.software import images
from osgrepro.workflow.software.images import ImageState

# Folders of shards that jobs return to.
_RETURNED = ("logs", "results")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a campaign would submit, and what it still needs.

    ``missing_data`` are files whose bytes nobody knows yet: the ids of the runs that read them are
    not final. ``unproved`` maps hardware environments that select a machine by what its ad says it
    is, and ask for no proof of it, to the attributes. ``unseen`` says which images could not be
    looked into.
    """

    loaded: Loaded
    submissions: tuple[Submission, ...]
    images: dict[str, ImageState]
    missing_data: tuple[DataFile, ...]
    unproved: dict[str, tuple[str, ...]]
    unseen: tuple[str, ...]


def plan(loaded: Loaded, paths: render.SubmissionPaths | None = None) -> Plan:
    """Return what ``loaded`` would submit; nothing is read but the campaign's own files.

    ``paths`` are where its submissions would lie, where that is known.
    """
    states = images.states(loaded.campaign, loaded.path.parent)
    submissions = render.submissions(loaded.matrix, images.placeholders(states))
    unseen = rehearsing.refuse(loaded, submissions, paths or rehearsing.PATHS)
    return Plan(
        loaded=loaded,
        submissions=submissions,
        images=states,
        missing_data=tuple(missing_data(loaded)),
        unproved=dict(_unproved(feasibility.used(loaded.matrix))),
        unseen=tuple(unseen),
    )


# By what a machine's ad says that it is of some kind; ads can be wrong.
_KINDS = frozenset(
    {"cpufamily", "cpumodelnumber", "cpucachesize", "microarch", "detectedcpus", "totalcpus"}
)
_KIND = re.compile(r"osgvo_cpu_model|has_(avx|ssse|sse)\w*|gpus_(devicename|capability)", re.I)


def _unproved(used: Iterable[Hardware]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for environment in used:
        names = [name.rpartition(".")[2] for name in condor.attributes(environment.requirements)]
        telling = [name for name in names if name.lower() in _KINDS or _KIND.fullmatch(name)]
        if telling and environment.proves is None:
            yield environment.name, tuple(dict.fromkeys(telling))


def write(planned: Plan, out: Path) -> list[Path]:
    """Write every rendered text below ``out`` and return the files, in the order written.

    A submission becomes a folder with its description, items file and spec, an image of the
    catalogue its definition. ``condor_submit -dry-run`` takes each description in its folder.

    Raises
    ------
    UsageError
        If ``out`` has something in it already.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} already exists and is not empty", hint="choose another folder")
    texts = dict(_texts(planned))
    for name, text in texts.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for submission in planned.submissions:  # where the jobs start, and what they return would go
        folders = [(kind, run_id[:2]) for run_id in submission.run_ids for kind in _RETURNED]
        for folder in {("landing",), *folders}:
            out.joinpath("returned", *folder).mkdir(parents=True, exist_ok=True)
    return [out / name for name in texts]


def _paths(submission: Submission) -> render.SubmissionPaths:
    return render.SubmissionPaths(
        initial_folder="../../returned/landing",
        log=f"../events.{submission.name}.log",
        payload="../../payload/payload.pyz",
        spec=f"../../submit/{submission.name}/spec.json",
        items="items.csv",
        inputs="../../inputs",
        blank=f"../../submit/{submission.name}/{render.RESULT_NAME}",
        logs="../logs",
        results="../results",
    )


def _texts(planned: Plan) -> Iterator[tuple[str, str]]:
    for submission in planned.submissions:
        folder = f"submit/{submission.name}"
        description = submission.description(_paths(submission), batch=rehearsing.NO_BATCH)
        yield f"{folder}/{submission.name}.sub", description
        yield f"{folder}/{render.RESULT_NAME}", ""
        yield f"{folder}/items.csv", "".join(f"{line}\n" for line in submission.items())
        yield (
            f"{folder}/spec.json",
            orjson.dumps(submission.spec(), option=orjson.OPT_INDENT_2).decode(),
        )
    for state in planned.images.values():
        if state.plan is not None:
            yield (
                f"definitions/{state.software}.def",
                apptainer.definition_text(state.plan.container),
            )
