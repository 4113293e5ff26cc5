"""Read ``spec.json`` and the arguments of one run into a frozen :class:`Task`.

Everything is checked here, all problems are reported together, and nothing behind this module
looks at the spec again.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from . import SCHEMA_VERSION, backends
from .faults import InputError

_RUN_ID = re.compile(r"[0-9a-f]{24}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NUMBER = (int, float)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class DataFile:
    """One file that the experiment reads, by its name in the scratch folder."""

    file: str
    spec: str
    sha256: str
    sample: bool


@dataclass(frozen=True)
class Experiment:
    """What is executed, with which parameters and data, and which metrics it declares."""

    name: str
    entry: str
    code_sha256: str
    arguments: Tuple[str, ...]
    metrics_file: Optional[str]
    params: Mapping[str, Any]
    environment: Mapping[str, str]
    metrics: Tuple[str, ...]
    primary: str
    data: Tuple[DataFile, ...]
    framework: Optional[str] = None
    determinism: Optional[str] = None

    def chosen(self) -> Dict[str, str]:
        """Return framework and determinism, as far as the campaign says them."""
        said = {"framework": self.framework, "determinism": self.determinism}
        return {key: value for key, value in said.items() if value is not None}


@dataclass(frozen=True)
class Task:
    """One run on this slot: its cell, its seed, its repeat, and where it lies."""

    run_id: str
    seed: int
    repeat: int
    campaign: str
    batch: Optional[str]
    threads: Union[str, int]
    trace: bool
    software: str
    image: Optional[str]
    image_sha256: Optional[str]
    hardware: str
    gpus: int
    experiment: Experiment
    scratch: str
    out: str
    result: Optional[str] = None

    @property
    def sample_data(self) -> bool:
        """Whether any file that the run reads is sample data."""
        return any(file.sample for file in self.experiment.data)

    def definition(self) -> Dict[str, Any]:
        """Return what defines the run, as the result tells it."""
        experiment = self.experiment
        return {
            "campaign": self.campaign,
            "experiment": experiment.name,
            "entry": experiment.entry,
            "code_sha256": experiment.code_sha256,
            "params": dict(experiment.params),
            "data": [
                {"spec": d.spec, "file": d.file, "sha256": d.sha256, "sample": d.sample}
                for d in experiment.data
            ],
            "software": self.software,
            "image_sha256": self.image_sha256,
            "hardware": self.hardware,
            "seed": self.seed,
            "threads": self.threads,
            "repeat": self.repeat,
            "environment": dict(experiment.environment),
            **experiment.chosen(),
        }


class _Reader:
    """Takes values out of a mapping, and notes what is wrong with its place."""

    def __init__(self) -> None:
        self.problems: List[str] = []

    def take(self, mapping: Any, where: str, key: str, kinds: Any, optional: bool = False) -> Any:
        value = mapping.get(key) if isinstance(mapping, dict) else None
        if value is None and optional:
            return None
        # A bool is an int to Python, but never where a number is meant.
        if isinstance(value, kinds) and not (isinstance(value, bool) and kinds is not bool):
            return value
        self.problems.append(f"{where}{key}: missing or of the wrong type")
        return None

    def digest(self, mapping: Any, where: str, key: str, optional: bool = False) -> Any:
        value = self.take(mapping, where, key, str, optional)
        if value is not None and not _SHA256.fullmatch(value):
            self.problems.append(f"{where}{key}: not a sha256 in lowercase hexadecimal")
        return value

    def file_name(self, mapping: Any, where: str, key: str, optional: bool = False) -> Any:
        value = self.take(mapping, where, key, str, optional)
        if value is not None and (value != os.path.basename(value) or value in ("", ".", "..")):
            self.problems.append(f"{where}{key}: not a plain file name: {value!r}")
        return value

    def among(self, mapping: Any, where: str, key: str, known: Sequence[str]) -> Any:
        value = self.take(mapping, where, key, str, optional=True)
        if value is not None and value not in known:
            self.problems.append(f"{where}{key}: {value!r:.80} is not one of {', '.join(known)}")
        return value

    def words(self, mapping: Any, where: str, key: str) -> Tuple[str, ...]:
        values = self.take(mapping, where, key, list) or []
        if not all(isinstance(value, str) for value in values):
            self.problems.append(f"{where}{key}: not a list of texts")
        return tuple(str(value) for value in values)

    def variables(self, mapping: Any, where: str, key: str) -> Dict[str, str]:
        variables = self.take(mapping, where, key, dict, optional=True) or {}
        for name, value in variables.items():
            if not (isinstance(value, str) and _VARIABLE.fullmatch(name) and "\0" not in value):
                self.problems.append(f"{where}{key}: {name!r} can't be set to {value!r:.80}")
        return {str(name): str(value) for name, value in variables.items()}


def _data(reader: _Reader, where: str, experiment: Any) -> Tuple[DataFile, ...]:
    files = []
    for index, item in enumerate(reader.take(experiment, where, "data", list) or []):
        place = f"{where}data[{index}]."
        files.append(
            DataFile(
                file=reader.file_name(item, place, "file"),
                spec=reader.take(item, place, "spec", str),
                sha256=reader.digest(item, place, "sha256"),
                sample=reader.take(item, place, "sample", bool),
            )
        )
    return tuple(files)


def _experiment(reader: _Reader, spec: Any, name: str) -> Experiment:
    experiments = reader.take(spec, "", "experiments", dict) or {}
    if name not in experiments:
        reader.problems.append(f"experiments: no experiment {name!r} in this spec")
        experiments = {name: {}}
    section, where = experiments[name], f"experiments.{name}."
    params = reader.take(section, where, "params", dict) or {}
    return Experiment(
        name=name,
        entry=reader.take(section, where, "entry", str),
        code_sha256=reader.digest(section, where, "code_sha256"),
        arguments=reader.words(section, where, "arguments"),
        metrics_file=reader.file_name(section, where, "metrics_file", optional=True),
        params=params,
        environment=reader.variables(section, where, "environment"),
        metrics=reader.words(section, where, "metrics"),
        primary=reader.take(section, where, "primary", str),
        data=_data(reader, where, section),
        framework=reader.among(section, where, "framework", backends.names()),
        determinism=reader.among(section, where, "determinism", backends.DETERMINISM),
    )


def _threads(reader: _Reader, spec: Any) -> Union[str, int]:
    threads = spec.get("threads")
    if type(threads) is int and threads >= 1:
        return int(threads)
    if threads == "host":
        return "host"
    reader.problems.append('threads: neither "host" nor a number from 1')
    return "host"


def _load(path: str) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            spec = json.load(file)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: can't be read as JSON: {error}") from error
    if not isinstance(spec, dict) or spec.get("schema_version") != SCHEMA_VERSION:
        raise InputError(f"{path}: not a spec of schema_version {SCHEMA_VERSION}")
    return spec


def _argument_problems(run_id: str, seed: int, repeat: int) -> List[str]:
    problems = []
    if not _RUN_ID.fullmatch(run_id):
        problems.append(f"--run-id: not 24 lowercase hexadecimal digits: {run_id!r}")
    if not 0 <= seed < 2**32:
        problems.append(f"--seed: must be from 0 to 4294967295, not {seed}")
    if repeat < 1:
        problems.append(f"--repeat: counted from 1, not {repeat}")
    return problems


def read_task(
    path: str,
    *,
    run_id: str,
    experiment: str,
    hardware: str,
    seed: int,
    repeat: int,
    scratch: str,
    out: str,
    result: Optional[str] = None,
) -> Task:
    """Return the run that the arguments name within the spec at ``path``.

    Raises
    ------
    InputError
        With every problem of the spec and the arguments.
    """
    spec = _load(path)
    reader = _Reader()
    reader.problems += _argument_problems(run_id, seed, repeat)
    environments = reader.take(spec, "", "hardware", dict) or {}
    if hardware not in environments:
        reader.problems.append(f"hardware: no hardware environment {hardware!r} in this spec")
    software = reader.take(spec, "", "software", dict) or {}
    landed = environments.get(hardware, {})
    task = Task(
        run_id=run_id,
        seed=seed,
        repeat=repeat,
        campaign=reader.take(spec, "", "campaign", str),
        batch=reader.take(spec, "", "batch", str, optional=True),
        threads=_threads(reader, spec),
        trace=bool(reader.take(spec, "", "trace", bool, optional=True)),
        software=reader.take(software, "software.", "name", str),
        image=reader.take(software, "software.", "image", str, optional=True),
        image_sha256=reader.digest(software, "software.", "image_sha256", optional=True),
        hardware=hardware,
        gpus=reader.take(landed, f"hardware.{hardware}.", "gpus", int, optional=True) or 0,
        experiment=_experiment(reader, spec, experiment),
        scratch=scratch,
        out=out,
        result=result,
    )
    if reader.problems:
        raise InputError("\n".join(f"{path}: {problem}" for problem in reader.problems))
    return task
