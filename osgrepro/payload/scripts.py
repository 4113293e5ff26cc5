"""Find and execute what an experiment's entry names, and return its metrics.

Three kinds: a module of the payload's own ``experiments``, a user's file that defines
``run(context)``, and an unchanged program that leaves its metrics in a JSON file.
"""

from __future__ import annotations

import ast
import collections
import importlib
import importlib.util
import json
import os
import subprocess
import sys
from types import ModuleType
from typing import Any, Dict, Mapping, Tuple

from . import fingerprint
from .context import Context
from .faults import InputError, TrainingError
from .spec import Experiment, Task

_ERROR_LINES = 40


def is_built_in(experiment: Experiment) -> bool:
    """Whether the entry is one of the payload's own experiments."""
    return ":" in experiment.entry


def check_code(task: Task) -> None:
    """Refuse code that is not the code that the campaign was planned with."""
    experiment = task.experiment
    if is_built_in(experiment):
        found = fingerprint.bytes_sha256(_built_in_source(experiment))
    else:
        path = _script(task)
        if not os.path.isfile(path):
            raise InputError(f"entry: {path} is not there")
        found = fingerprint.file_sha256(path)
    if found != experiment.code_sha256:
        raise InputError(
            f"entry: {experiment.entry} has sha256 {found}, not {experiment.code_sha256}"
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
        found = fingerprint.file_sha256(path)
        if found != data.sha256:
            problems.append(f"data: {data.file} has sha256 {found}, not {data.sha256}")
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


def execute(task: Task, context: Context) -> Dict[str, Any]:
    """Execute the experiment and return its metrics, as results show them.

    Raises
    ------
    TrainingError
        If a declared metric is missing, or a metric is no number.
    """
    if is_built_in(task.experiment):
        module, name = _built_in_name(task.experiment)
        metrics = getattr(importlib.import_module(module, __package__), name)(context)
    elif is_program(task):
        metrics = _program(task)
    else:
        metrics = _call(_script(task), context)
    return _checked(metrics, task.experiment)


def _built_in_name(experiment: Experiment) -> Tuple[str, str]:
    module, _, name = experiment.entry.partition(":")
    if not module.startswith("experiments.") or not name.isidentifier():
        raise InputError(f"entry: {experiment.entry} is not experiments.<module>:<function>")
    return f".{module}", name


def _built_in_source(experiment: Experiment) -> bytes:
    module, _ = _built_in_name(experiment)
    try:
        found = importlib.util.find_spec(module, __package__)
    except ImportError:
        found = None
    if found is None or found.origin is None:
        raise InputError(f"entry: the payload has no {experiment.entry}")
    loader: Any = found.loader  # a zipped module's own reads it; so does a folder's
    data: bytes = loader.get_data(found.origin)
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


def _program(task: Task) -> Any:
    """Run an unchanged program in the scratch folder and read the metrics that it leaves."""
    experiment, path = task.experiment, _script(task)
    if experiment.metrics_file is None:
        raise InputError(f"entry: {path} has no run(context), and no metrics_file is declared")
    metrics = os.path.join(task.scratch, experiment.metrics_file)
    if os.path.exists(metrics):
        os.remove(metrics)  # what an earlier attempt left is no result of this one
    environ = {
        **os.environ,
        "OSGREPRO_SEED": str(task.seed),
        "OSGREPRO_PARAMS": json.dumps(dict(experiment.params), sort_keys=True),
    }
    if isinstance(task.threads, int):
        environ["TF_NUM_INTRAOP_THREADS"] = str(task.threads)
    argv = [sys.executable, path, *experiment.arguments]
    with subprocess.Popen(argv, cwd=task.scratch, env=environ, stderr=subprocess.PIPE) as process:
        last = _relay(process)
    if process.returncode != 0:
        raise TrainingError(f"{path} ended with {process.returncode}:\n{last}")
    try:
        with open(metrics, encoding="utf-8-sig") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise TrainingError(f"{metrics}: no metrics: {error}") from error


def _relay(process: subprocess.Popen[bytes]) -> str:
    """Pass the program's error output on as it comes; return its last lines."""
    last: collections.deque[str] = collections.deque(maxlen=_ERROR_LINES)
    for line in process.stderr or ():
        text = line.decode("utf-8", "replace")
        sys.stderr.write(text)
        last.append(text)
    return "".join(last)


def _checked(metrics: Any, experiment: Experiment) -> Dict[str, Any]:
    if not isinstance(metrics, Mapping):
        raise TrainingError(f"metrics: a mapping of numbers wanted, not {type(metrics).__name__}")
    checked, problems = {}, []
    for name, value in metrics.items():
        try:
            checked[str(name)] = fingerprint.metric(value)
        except (TypeError, ValueError):
            problems.append(f"metrics.{name}: not a number: {value!r:.80}")
    missing = [name for name in experiment.metrics if name not in metrics]
    problems += [
        f"metrics.{name}: declared, but the experiment did not return it" for name in missing
    ]
    if problems:
        raise TrainingError("\n".join(problems))
    return checked
