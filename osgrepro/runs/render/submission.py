"""A matrix becomes submissions: one cluster for each image and resource shape.

A submission knows its text, its items file and its spec; where the files lie comes from the caller.
The description is made for late materialization, where HTCondor expands only what stands in the
items file row by row and takes everything else from the first row. So the requirement that differs
by hardware environment is one ClassAd expression over ``MY.OsgreproHardware``, not a macro.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from osgrepro.common.errors import RenderError
from osgrepro.common.models import (
    CVMFS,
    Experiment,
    Hardware,
    Image,
    Json,
    Matrix,
    Run,
    Software,
)
from osgrepro.runs.render import guard, settings
from osgrepro.runs.render.resources import (
    Requests,
    Shape,
    device_expression,
    requirement,
    shape_of,
)
from osgrepro.runs.render.settings import PAYLOAD_NAME, RESULT_NAME, SPEC_NAME
from osgrepro.runs.render.spec import spec_content
from osgrepro.runs.render.templates import text

# How the name of a submission ends that asks for more than the campaign says, or that waits.
_MORE, _UNMATCHED = ("", ".more"), ("", ".unmatched")


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmissionPaths:
    """Where one submission's files lie, as the access point's machine sees them.

    ``initial_folder`` is absolute, or relative to where ``condor_submit`` starts, like ``items``;
    all others are absolute or relative to ``initial_folder``. ``inputs`` is the folder that holds
    each data file and script as ``<first 12 digits of its sha256>/<file name>``; ``blank`` is an
    empty file with the result's name; ``logs`` and ``results`` are folders of shards.
    """

    initial_folder: str
    log: str
    payload: str
    spec: str
    items: str
    inputs: str
    blank: str
    logs: str
    results: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """One cluster to be: runs that share an image and a resource shape.

    The jobs of one that is not ``matched`` come after the user's others.
    """

    name: str
    matrix: Matrix
    software: Software
    image: Image
    shape: Shape
    runs: tuple[Run, ...]
    matched: bool = True

    @property
    def run_ids(self) -> tuple[str, ...]:
        """The runs' ids, in the order of the items file: the ProcId is the index."""
        return tuple(run.run_id for run in self.runs)

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The experiments that occur, in the campaign's order."""
        used = {run.experiment for run in self.runs}
        return tuple(item for item in self.matrix.campaign.experiments if item.name in used)

    @property
    def hardware(self) -> tuple[Hardware, ...]:
        """The hardware environments that occur, in the campaign's order."""
        used = {run.hardware for run in self.runs}
        return tuple(item for item in self.matrix.campaign.hardware if item.name in used)

    def items(self) -> Iterator[str]:
        """Yield the items file's lines, one for each run, without line ends."""
        for run in self.runs:
            numbers = (str(run.seed), str(run.repeat))
            row = (run.run_id, run.run_id[:2], run.experiment, run.hardware, *numbers)
            yield ",".join(guard.name(value, "items") for value in row)

    def files(self) -> dict[str, str]:
        """Return what the experiments read: file name → path below the folder of inputs.

        Raises
        ------
        RenderError
            If different files of one name are read, by one experiment or by two: on the slot there
            is one folder.
        """
        sources: dict[str, str] = {}
        first: dict[str, tuple[str, str, str]] = {}
        for experiment, spec, file_name, sha256 in self._read():
            if file_name in (PAYLOAD_NAME, SPEC_NAME, RESULT_NAME):
                raise RenderError(f"{file_name}: a run's own files have this name; rename yours")
            sources[file_name] = f"{(sha256 or 'unknown')[:12]}/{file_name}"
            before = first.setdefault(file_name, (experiment, spec, sha256 or spec))
            if before[2] != (sha256 or spec):
                raise RenderError(
                    f"{self.name}: {_who(before[0], experiment)} different files named "
                    f"{file_name}: {before[1]} and {spec}",
                    hint="give one of them another name: a run sees its files in one folder",
                )
        return sources

    def _read(self) -> Iterator[tuple[str, str, str, str | None]]:
        """Yield what is read: the experiment, the file as it names it, its name and sha256."""
        for experiment in self.experiments:
            code = self.matrix.code[experiment.name]
            if code.path is not None:
                yield experiment.name, experiment.entry, code.path.name, code.sha256
            for file in self.matrix.data[experiment.name]:
                yield experiment.name, file.spec, file.file_name, file.sha256

    def spec(self, batch: str | None = None) -> Json:
        """Return the content of ``spec.json``: what the payload reads beside its arguments."""
        return spec_content(
            self.matrix,
            software=self.software.name,
            image=self.image,
            experiments=self.experiments,
            hardware=self.hardware,
            batch=batch,
        )

    def description(
        self,
        paths: SubmissionPaths,
        *,
        batch: str,
        common: bool = False,
        late: bool = True,
        patience_s: int = 86_400,
        avoided: Collection[str] = (),
    ) -> str:
        """Return the submit description.

        Parameters
        ----------
        paths, batch : SubmissionPaths, str
            Where files lie; the id that finds the cluster again: hexadecimal digits.
        common : bool
            Send image and inputs once to each execution point, not for each job. Only for a schedd
            of 25.14 or newer (an older one would transfer nothing), and without late
            materialization: 25.14.1 does not make the jobs of a cluster that has both.
        late : bool
            Let the access point make jobs as there is room for them, unless they are ``common``;
            not for a node of a DAG, whose jobs DAGMan counts.
        patience_s, avoided : int, collection of str
            How long a run whose slot was bad waits for another; machines that get no run.

        Raises
        ------
        RenderError
            If a value of the campaign, or a path, would break out of its line.
        """
        return text(
            "campaign.sub.j2",
            **settings.values(self.matrix.campaign, self.matched, self.shape.execute_s),
            software=guard.name(self.software.name, "software.name"),
            count=len(self.runs),
            image=guard.path(self.image.location, f"software {self.software.name}: image"),
            **self._places(paths),
            common=common,
            late=late and not common,
            in_place=self.image.location.startswith(CVMFS),
            shape=self.shape,
            device=device_expression(self.shape.gpus),
            requirements=[requirement(hardware) for hardware in self.hardware],
            patience_s=patience_s,
            avoided=[f'"{guard.name(machine, "machine")}"' for machine in sorted(avoided)],
            batch=guard.name(batch, "batch"),
        )

    def _places(self, paths: SubmissionPaths) -> dict[str, str | list[str]]:
        """Return the paths that stand in the description, by the template's names."""
        files = [f"{paths.inputs}/{below}" for below in self.files().values()]
        inputs = [paths.payload, paths.spec, *files]
        return {
            "initial_folder": guard.path(paths.initial_folder, "workspace"),
            "log": guard.path(paths.log, "log"),
            "items": guard.path(paths.items, "items"),
            "inputs": [guard.path(path, "input") for path in inputs],
            "blank": guard.path(paths.blank, "blank"),
            "logs": guard.path(paths.logs, "logs"),
            "results": guard.path(paths.results, "results"),
        }


def _who(first: str, second: str) -> str:
    if first == second:
        return f"the experiment {first} reads"
    return f"the experiments {first} and {second} read"


def submissions(
    matrix: Matrix,
    images: Mapping[str, Image],
    *,
    unmatched: Collection[str] = (),
    requests: Mapping[str, Requests] = MappingProxyType({}),
) -> tuple[Submission, ...]:
    """Group the runs of ``matrix`` by image and resource shape: each group is one cluster.

    Runs that no slot matches have clusters of their own, the last: they would use up what is asked
    of the negotiator in a cycle, MAX_CONCURRENT_UPLOADS / 5 jobs of a user.

    Parameters
    ----------
    matrix, images : Matrix, mapping
        The runs to submit, which may be a selection; by software name.
    unmatched : collection of str
        The hardware environments, or runs, that no slot of the pool matches now.
    requests : mapping
        By run_id: what a run asks for that its campaign does not say. The runs of a cluster have
        one shape by the campaign, too: its spec can be made again from that alone.

    Raises
    ------
    RenderError
        If a software environment has no image.
    """
    campaign = matrix.campaign
    shapes = {hardware.name: shape_of(hardware) for hardware in campaign.hardware}
    order = list(dict.fromkeys(shapes.values()))
    software = {item.name: item for item in campaign.software}
    groups: dict[tuple[bool, str, Shape, Requests | None], list[Run]] = {}
    for run in matrix.runs:
        waits = not {run.hardware, run.run_id}.isdisjoint(unmatched)
        key = (waits, run.software, shapes[run.hardware], requests.get(run.run_id))
        groups.setdefault(key, []).append(run)
    _require_images(matrix, images)
    return tuple(
        Submission(
            name=f"{name}.{order.index(shape) + 1}{_MORE[bool(asked)]}{_UNMATCHED[waits]}",
            matrix=matrix,
            software=software[name],
            image=images[name],
            shape=shape.raised(asked) if asked else shape,
            runs=tuple(runs),
            matched=not waits,
        )
        for (waits, name, shape, asked), runs in sorted(groups.items(), key=lambda it: it[0][0])
    )


def _require_images(matrix: Matrix, images: Mapping[str, Image]) -> None:
    for name in dict.fromkeys(run.software for run in matrix.runs):
        if name not in images:
            raise RenderError(f"software {name}: its image is not known")
