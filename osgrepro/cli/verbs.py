"""The verbs: where each is, and its sentence in the list, so that a list imports none of them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import typer

from osgrepro.cli.helping import Commands

# In the order in which one uses them.
VERBS: dict[str, tuple[str, str]] = {
    "init": ("campaign.campaigns", "Write a commented campaign into DIR, to start from."),
    "plan": (
        "campaign.campaigns",
        "Show the matrix of a campaign and what it would submit; change nothing.",
    ),
    "render": (
        "campaign.campaigns",
        "Write the submit descriptions, items files and image definitions, without any pool.",
    ),
    "data": (
        "campaign.campaigns",
        "Fetch, verify or make the data that a campaign's experiments read, and stage them.",
    ),
    "build": (
        "software.images",
        "Build the images of campaigns and software environments; what is already built stays.",
    ),
    "images": (
        "software.images",
        "List the software environments: framework, and the image's size, digests, age and place.",
    ),
    "lock": (
        "software.locks",
        "Lock the Python packages of a software environment: exact versions with their hashes.",
    ),
    "run": ("runs.runs", "Execute one run on this machine, without a pool, before you submit any."),
    "submit": ("runs.runs", "Submit the runs that have neither a result nor a job in the queue."),
    "status": (
        "runs.runs",
        "Say where every run stands; held jobs with the reason and what to do.",
    ),
    "watch": (
        "runs.runs",
        "Show where every run stands, live, until every run has a result, or another event.",
    ),
    "collect": (
        "runs.runs",
        "Take the returned results into the dataset; exit with 1 if a run waited for has none.",
    ),
    "doctor": (
        "runs.runs",
        "Check folder, dataset, images, data, pool and disk; exit with 1 if there is a fault.",
    ),
    "runs": (
        "runs.listing",
        "List runs: where each stands, how often it was tried, and on which machines.",
    ),
    "logs": (
        "runs.logs",
        "Show the events, the results and the output of a run, of every attempt, in their order.",
    ),
    "hold": (
        "runs.acting",
        "Hold jobs of a campaign: they neither run nor end until they are released.",
    ),
    "release": ("runs.acting", "Release held jobs of a campaign, once what held them is mended."),
    "remove": (
        "runs.acting",
        "Remove jobs of a campaign from the queue; results stay, and submit sends the runs again.",
    ),
    "retry": (
        "runs.retry",
        "Take held jobs out of the queue and send their runs again, with more resources if need "
        "be.",
    ),
    "probe": (
        "hardware.probe",
        "Show the numerical classes of a pool: which slots compute the same, to the last bit.",
    ),
    "analyze": (
        "results.analyze",
        "Say what is bitwise the same, what goes along with the difference, and which claims hold.",
    ),
    "report": (
        "results.report",
        "Write what a dataset says as one page that needs no network, or as Markdown or JSON.",
    ),
    "confirm": (
        "replication.confirm",
        "Say of each remote hardware environment whether emulation confirms its results, or not.",
    ),
    "diverge": (
        "results.diverge",
        "Name the first step, variable and operation at which two runs part.",
    ),
    "import": (
        "results.importing",
        "Read an archive of results, laid out like the study of 2022, into a dataset.",
    ),
    "export": (
        "results.crates",
        "Put a campaign, its images' definitions, data, results and findings into an RO-Crate.",
    ),
    "verify": (
        "results.crates",
        "Check a crate: its files, whether its findings follow from its data, whether runs agree.",
    ),
    "help": (
        "helping",
        "Print a page of the documentation, such as the keys of a campaign; or list the pages.",
    ),
    "hardware": ("hardware.machines", "The kinds of machine that a pool has."),
    "pool": ("runs.pool", "A pool of real HTCondor and real Apptainer on this machine."),
    "twin": ("hardware.twin", "Machines elsewhere, for which this one can stand in."),
}


class Loaded(Mapping[str, Any]):
    """The commands by their names, each imported when it is looked at."""

    def __getitem__(self, name: str) -> Any:
        module, _ = VERBS[name]
        return _commands(module)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)


class Verbs(Commands):
    """The group of all verbs. A command costs the import of what it needs, and the list nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands: Any = Loaded()

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of the verbs."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in VERBS.items()])


@cache
def _commands(module: str) -> dict[str, Any]:
    """Return the commands that a module registers."""
    part = typer.Typer(callback=lambda: None, cls=Commands, rich_markup_mode=None)
    importlib.import_module(f"osgrepro.cli.{module}").register(part)
    group: Any = typer.main.get_command(part)
    commands: dict[str, Any] = group.commands
    return commands
