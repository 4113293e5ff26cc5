"""What can be known of a submission before anything is written: one look for every verb.

``plan``, ``submit --dry-run`` and ``submit`` refuse the same in the same words, all together.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from osgrepro.common.errors import CampaignError, InputError, RenderError, did_you_mean
from osgrepro.common.models import CVMFS, Code, Experiment
from osgrepro.pool import condor
from osgrepro.results import dataset
from osgrepro.runs import inputs, render
from osgrepro.runs.render import MACHINE_ATTRIBUTES, Submission
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.software import image_python

_PYTHON = "build the image with one on its PATH, or name another image or container"
# What a run takes beside its image, at the least.
_ROOM_MB = 256
# A text that is rehearsed belongs to no submission yet.
NO_BATCH = "0" * 32
PATHS = render.SubmissionPaths(
    initial_folder="returned/landing",
    log="../events.log",
    payload="../../payload.pyz",
    spec="../../spec.json",
    items="items.csv",
    inputs="../../inputs",
    blank=f"../../{render.RESULT_NAME}",
    logs="../logs",
    results="../results",
)


def refuse(
    loaded: Loaded, submissions: Iterable[Submission], paths: render.SubmissionPaths = PATHS
) -> list[str]:
    """Refuse what can only fail: on its slot, or when HTCondor reads it.

    ``paths`` are where the submissions would lie; they stand in what HTCondor reads. Returns a
    sentence for each image that could not be looked into.

    Raises
    ------
    CampaignError
        With every problem and its place.
    """
    submissions = tuple(submissions)
    pythons, unseen = image_python.python_problems(submission.image for submission in submissions)
    problems = [
        *_scripts(loaded),
        *_proofs(loaded),
        *_texts(submissions, paths),
        *_disks(submissions),
        *((python_problem, _PYTHON) for python_problem in pythons),
    ]
    if problems:
        hints = dict.fromkeys(hint for _, hint in problems if hint)
        said = dict.fromkeys(problem for problem, _ in problems)
        raise CampaignError(loaded.source, said, hint=" ".join(hints))
    return unseen


def require_data(loaded: Loaded) -> None:
    """Refuse runs whose own data files are not there; what is downloaded is fetched later.

    Raises
    ------
    InputError
        Naming every file.
    """
    used = {run.experiment for run in loaded.matrix.runs}
    read = {
        file.path: name
        for name, files in loaded.matrix.data.items()
        for file in files
        if name in used and inputs.path_in(file.spec) is not None and file.path is not None
    }
    gone = [
        f"{path}: does not exist, but {name} reads it"
        for path, name in read.items()
        if not path.is_file()
    ]
    if gone:
        raise InputError("\n".join(gone), hint="put it there, or correct `data` in the campaign")


def _scripts(loaded: Loaded) -> Iterator[tuple[str, str]]:
    """Yield what the slot would say of the users' scripts, each with its hint."""
    used = {run.experiment for run in loaded.matrix.runs}
    for index, experiment in enumerate(loaded.campaign.experiments):
        code = loaded.matrix.code[experiment.name]
        if experiment.name in used and code.path is not None:
            for problem, hint in _script(experiment, code):
                yield f"experiment[{index}].entry ({experiment.name}): {problem}", hint


def _script(experiment: Experiment, code: Code) -> Iterator[tuple[str, str]]:
    name = code.path.name if code.path else experiment.entry
    tree, problem = _compiled(code.path.read_bytes() if code.path else b"", name)
    if tree is None:
        version = ".".join(map(str, sys.version_info[:2]))
        hint = f"read by Python {version}; if the image's is newer, use osgrepro with that one"
        yield f"{name}{problem}", hint
        return
    definitions = [node for node in tree.body if _named_run(node)]
    if any(_takes_context(node) for node in definitions):
        if not _callable_so(definitions[-1]):
            yield f"{name}: run(context) is called with the context alone, but needs more", ""
        return
    if experiment.metrics_file is None:
        fault = next(
            (why for node in definitions[-1:] for kind, why in _OTHERWISE if kind(node)),
            "there is neither def run(context) in it, nor a metrics_file",
        )
        yield f"{name}: {fault}", "`osgrepro help own-experiment` shows both ways"


def _proofs(loaded: Loaded) -> Iterator[tuple[str, str]]:
    """Yield the names in ``proves`` that no record has and no machine is known to have."""
    used = {run.hardware for run in loaded.matrix.runs}
    columns = [column.name for column in dataset.COLUMNS]
    known = {name.lower() for name in (*columns, *condor.machines.ATTRIBUTES, *MACHINE_ATTRIBUTES)}
    for index, environment in enumerate(loaded.campaign.hardware):
        for name in (
            condor.attributes(environment.proves or "true") if environment.name in used else ()
        ):
            if "." not in name and name.lower() not in known:
                meant = did_you_mean(name, (*columns, *MACHINE_ATTRIBUTES))
                yield (
                    f"hardware[{index}].proves ({environment.name}): {name} is neither a column of "
                    f"the dataset nor a known attribute of machines{meant}",
                    f"if the machine ad has it, write TARGET.{name}",
                )


def _compiled(source: bytes, name: str) -> tuple[ast.Module | None, str]:
    """Return the tree of a script that Python takes, or where and why it doesn't."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = importlib.util.decode_source(source)
            compile(text, name, "exec", dont_inherit=True)
            return ast.parse(text, name), ""
    except SyntaxError as error:
        return None, f"{f':{error.lineno}' if error.lineno else ''}: {error.msg}"
    except (ValueError, LookupError) as error:  # NUL bytes, no text, `coding: hex`
        return None, f": {error}"
    except (RecursionError, MemoryError):
        return None, ": is nested too deeply for Python to read it"


def _named_run(node: ast.stmt) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == "run"


def _takes_context(node: ast.stmt) -> bool:
    """Whether the slot takes ``node`` for the experiment's function: by its first parameter."""
    return isinstance(node, ast.FunctionDef) and [a.arg for a in node.args.args[:1]] == ["context"]


def _callable_so(node: ast.stmt) -> bool:
    """Whether a function can be called with the context alone; a decorator may see to that."""
    if not isinstance(node, ast.FunctionDef):
        return False
    given = node.args
    needed = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    return bool(node.decorator_list) or (needed <= 1 and None not in given.kw_defaults)


_OTHERWISE: tuple[tuple[Callable[[ast.stmt], bool], str], ...] = (
    (
        lambda node: isinstance(node, ast.AsyncFunctionDef),
        "its function run is async, but is called without await",
    ),
    (
        lambda node: isinstance(node, ast.FunctionDef) and bool(node.args.posonlyargs),
        "its function run takes the context only by position: remove the /",
    ),
    (lambda _node: True, "the first parameter of its function run is not named context"),
)


def _disks(submissions: Iterable[Submission]) -> Iterator[tuple[str, str]]:
    """Yield where runs ask for less disk than their image takes, which counts as theirs."""
    for submission in submissions:
        file = Path(submission.image.file) if submission.image.file else None
        if file is None or submission.image.location.startswith(CVMFS) or not file.is_file():
            continue
        image_mb = -(-file.stat().st_size // 2**20)
        asked_mb = submission.shape.disk_mb
        if asked_mb < image_mb:
            names = ", ".join(hardware.name for hardware in submission.hardware)
            yield (
                f"hardware {names}: request_disk_mb is {asked_mb}, but the image of "
                f"{submission.software.name} alone takes {image_mb} MB of it",
                f"set request_disk_mb to {image_mb + _ROOM_MB} or more: runs keep their ids",
            )


def _texts(
    submissions: Iterable[Submission], paths: render.SubmissionPaths
) -> Iterator[tuple[str, str]]:
    """Yield what HTCondor would say of the descriptions, each with its hint."""
    for submission in submissions:
        try:
            wrong = condor.check_description(submission.description(paths, batch=NO_BATCH))
        except RenderError as error:
            yield error.message, error.hint
        else:
            if wrong:
                yield f"{submission.name}: {wrong}", ""
