"""Find and execute what an experiment's entry names, and return its metrics.

Three kinds: a module of the payload's own ``experiments``, a user's file that defines
``run(context)``, and an unchanged program that leaves its metrics in a JSON file.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any, Dict, Mapping, Tuple

from .. import PACKAGE, backends, fingerprint
from ..context import Context
from ..faults import FaultError, InputError
from ..processes import program
from ..spec import Experiment, Task
from . import metrics


def is_built_in(experiment: Experiment) -> bool:
    """Whether the entry is one of the payload's own experiments."""
    return ":" in experiment.entry


def check_code(task: Task) -> None:
    """Refuse code that is not the code that the campaign was planned with."""
    experiment = task.experiment
    if is_built_in(experiment):
        actual = fingerprint.bytes_sha256(_built_in_source(experiment))
    else:
        path = _script(task)
        if not os.path.isfile(path):
            raise InputError(f"entry: {path} is not there")
        actual = fingerprint.file_sha256(path)
    if actual != experiment.code_sha256:
        raise InputError(
            f"entry: {experiment.entry} has sha256 {actual}, not {experiment.code_sha256}"
        )


def check_data(task: Task) -> Dict[str, Any]:
    """Return sizes of the data files; refuse a missing one, and one with other bytes."""
    sizes, problems = {}, []
    for data in task.experiment.data:
        path = os.path.join(task.scratch, data.file)
        if not os.path.isfile(path):
            problems.append(f"data: {path} is not there")
            continue
        sizes[data.file] = os.path.getsize(path)
        actual = fingerprint.file_sha256(path)
        if actual != data.sha256:
            problems.append(f"data: {data.file} has sha256 {actual}, not {data.sha256}")
    if problems:
        raise InputError("\n".join(problems))
    return sizes


def is_program(task: Task) -> bool:
    """Whether the entry is a user's program that knows nothing of osgrepro."""
    if is_built_in(task.experiment):
        return False
    with open(_script(task), "rb") as file:
        return not defines_run(file.read())


def defines_run(source: bytes) -> bool:
    """Whether a script's top level has ``def run(context…)``; the script is not executed."""
    return any(
        isinstance(node, ast.FunctionDef)
        and node.name == "run"
        and [argument.arg for argument in node.args.args[:1]] == ["context"]
        for node in ast.parse(source).body
    )


def call(task: Task, context: Context) -> Any:
    """Call the experiment's function; return what it returns."""
    if is_built_in(task.experiment):
        module, name = _built_in_name(task.experiment)
        return getattr(importlib.import_module(module, PACKAGE), name)(context)
    return _call(_script(task), context)


def start(task: Task, environ: Mapping[str, str]) -> Tuple[Any, Dict[str, Any]]:
    """Run the experiment's program; return what it left as metrics, and what it showed of itself.

    Raises
    ------
    InputError
        If no file of metrics is declared, or the framework that is named is not in the image.
    TrainingError, SlotError
        If the program did not end well, or left no metrics; ``known`` is what it showed.
    """
    experiment, path = task.experiment, _script(task)
    backends.check(experiment.framework)
    if experiment.metrics_file is None:
        raise InputError(
            f"entry: {os.path.basename(path)} has no run(context), and no metrics_file is declared"
        )
    target = os.path.join(task.scratch, experiment.metrics_file)
    if os.path.exists(target):
        os.remove(target)  # what an earlier attempt left is not a result of this one
    known = program.run(task, path, environ)
    try:
        return metrics.read(target), known
    except FaultError as error:
        error.known = known
        raise


def _built_in_name(experiment: Experiment) -> Tuple[str, str]:
    module, _, name = experiment.entry.partition(":")
    if not module.startswith("experiments.") or not name.isidentifier():
        raise InputError(f"entry: {experiment.entry} is not experiments.<module>:<function>")
    return f".{module}", name


def _built_in_source(experiment: Experiment) -> bytes:
    module, _ = _built_in_name(experiment)
    try:
        module_spec = importlib.util.find_spec(module, PACKAGE)
    except ImportError:
        module_spec = None
    if module_spec is None or module_spec.origin is None:
        raise InputError(f"entry: the payload has no {experiment.entry}")
    loader: Any = module_spec.loader  # a zipped module's own reads it; so does a folder's
    data: bytes = loader.get_data(module_spec.origin)
    return data


def _script(task: Task) -> str:
    return os.path.join(task.scratch, os.path.basename(task.experiment.entry))


def _call(path: str, context: Context) -> Any:
    spec = importlib.util.spec_from_file_location("experiment", path)
    if spec is None or spec.loader is None:
        raise InputError(f"entry: {path} can't be imported")
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules["experiment"] = module
    sys.path.insert(0, os.path.dirname(path))
    spec.loader.exec_module(module)
    return module.run(context)
