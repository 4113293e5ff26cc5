"""The values that travel between the rooms: frozen, compared by content, free of behaviour.

``Campaign`` and what it is made of are pydantic models, because they come from a file that a person
wrote and every fault wants its place. Everything that osgrepro itself makes is a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

# A name becomes part of file names, ClassAd strings and submit descriptions; this alphabet can
# break out of none of them.
NAME_PATTERN = r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$"

# The images that execution points get by themselves; all others are SIF files of this machine.
OSDF, CVMFS = "osdf://", "/cvmfs/"
REMOTE_IMAGES = (OSDF, "docker://", "oras://", CVMFS)

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Scalar = bool | int | float | str
ClaimTest = Literal["difference", "welch", "proportions"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Experiment(_Frozen):
    """A deterministic training script with declared metrics.

    ``entry`` is ``module:function`` inside the payload (``experiments.mnist_convnet:run``) or the
    path of a Python file beside the campaign. ``data`` names what it reads: ``keras:mnist``,
    ``keras:imdb``, ``sample:digits``, ``sample:reviews``, ``sample:transactions``, or a path,
    optionally with ``#sha256=…`` behind it. ``environment`` are variables that its runs are given,
    in the place of those of the same names that the software environment says.
    """

    name: Name
    entry: str
    arguments: tuple[str, ...] = ()
    metrics_file: str | None = None
    data: tuple[str, ...] = ()
    params: dict[str, Scalar] = Field(default_factory=dict)
    environment: dict[str, str] = Field(default_factory=dict)
    metrics: Annotated[tuple[Name, ...], Field(min_length=1)]
    primary: Name


class Software(_Frozen):
    """One Apptainer image: a folder of the catalogue (``container``), or a finished ``image``.

    With neither, the folder of the catalogue has the environment's own name. ``sha256`` is what a
    finished image must have; ``environment`` are variables that its runs are given.
    """

    name: Name
    container: Name | None = None
    image: str | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    environment: dict[str, str] = Field(default_factory=dict)


# A name as nvidia-smi prints it, or whole words of one.
DEVICE_PATTERN = r"^[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9])?$"


class Gpus(_Frozen):
    """What a run asks of GPUs; ``minimum_memory_mb`` and ``device`` narrow the choice.

    ``device`` is whole words of the device's name, in any case: no pattern.
    """

    count: Annotated[int, Field(ge=1, le=64)] = 1
    minimum_capability: Annotated[float, Field(gt=0)] | None = None
    minimum_memory_mb: Annotated[int, Field(ge=1)] | None = None
    device: str | None = None


class Hardware(_Frozen):
    """A named ClassAd requirement on the machine ad, and what the landed machine must prove."""

    name: Name
    requirements: str = "true"
    proves: str | None = None
    request_cpus: Annotated[int, Field(ge=1)] = 1
    request_memory_mb: Annotated[int, Field(ge=1)] = 4096
    request_disk_mb: Annotated[int, Field(ge=1)] = 8192
    gpus: Gpus | None = None


class Alternative(_Frozen):
    """Another way to put a claim to the test; what is not given is the claim's own.

    ``baseline`` asks instead whether ``a`` is better than the trivial model.
    """

    metric: Name | None = None
    test: ClaimTest | None = None
    delta: float | None = None
    baseline: bool = False


class Claim(_Frozen):
    """A conclusion that the analysis puts to the test: ``a − b > delta`` on ``metric``.

    Without ``b`` it is ``a > delta``; ``below`` turns that into ``a < delta``.
    """

    name: Name
    a: Name
    b: Name | None = None
    metric: Name
    delta: float = 0.0
    below: bool = False
    test: ClaimTest = "difference"
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    alternatives: tuple[Alternative, ...] = ()


class Definitions(_Frozen):
    """What a campaign would run now: a definition for each experiment and software, on hardware.

    A definition is what a run's id stands for, less hardware, software, seed and repeat. A dataset
    remembers the campaign's current ones, and so knows its rows that are of former ones.
    """

    ids: dict[str, dict[str, str]]
    hardware: tuple[str, ...]


class SubmitOptions(_Frozen):
    """How the campaign is handed to a schedd.

    ``staging`` is the folder in OSDF (``osdf:///…``) that images are fetched from;
    ``allowed_execute_duration_s`` is how long a run may execute (None: as the category
    allows, 72 hours without one);
    ``common_files`` says whether image and inputs go once to each execution point (None: on the
    mini-pool); ``extra`` lines go into every submit description.
    """

    staging: str | None = None
    project: Name | None = None
    duration: Literal["Medium", "Long"] | None = None
    max_idle: Annotated[int, Field(ge=1)] = 2000
    max_materialize: Annotated[int, Field(ge=1)] = 10_000
    max_retries: Annotated[int, Field(ge=0, le=20)] = 3
    allowed_execute_duration_s: Annotated[int, Field(ge=60, le=31_536_000)] | None = None
    common_files: bool | None = None
    extra: tuple[str, ...] = ()


Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Campaign(_Frozen):
    """One experiment matrix: experiments x hardware x software x seeds x repeats."""

    name: Name
    repeats: Annotated[int, Field(ge=1, le=1_000_000)]
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1, max_length=10_000)] = (1,)
    threads: Literal["host"] | Annotated[int, Field(ge=1, le=4096)] = "host"
    trace: bool = False
    experiments: Annotated[tuple[Experiment, ...], Field(min_length=1)]
    software: Annotated[tuple[Software, ...], Field(min_length=1)]
    hardware: Annotated[tuple[Hardware, ...], Field(min_length=1)]
    claims: tuple[Claim, ...] = ()
    submit: SubmitOptions = SubmitOptions()

    @property
    def cells(self) -> int:
        """How many cells the matrix has."""
        return len(self.experiments) * len(self.hardware) * len(self.software)

    def environment(self, experiment: str, software: str) -> dict[str, str]:
        """Return the variables that runs of these are given; the experiment's word counts."""
        (image,) = (one for one in self.software if one.name == software)
        (script,) = (one for one in self.experiments if one.name == experiment)
        return {**image.environment, **script.environment}

    @property
    def size(self) -> int:
        """How many runs the matrix has."""
        return self.cells * len(self.seeds) * self.repeats


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFile:
    """One file that an experiment reads.

    ``spec`` is the campaign's own word for it; ``sha256`` is None only while a user's file is
    neither there nor declared; ``sample`` marks what ships with osgrepro to try things out.
    """

    spec: str
    file_name: str
    sha256: str | None
    sample: bool
    path: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """What an experiment executes: the payload's own module, or a user's script at ``path``."""

    entry: str
    sha256: str
    path: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One cell of the matrix, one seed and one repeat (counted from 1)."""

    run_id: str
    experiment: str
    software: str
    hardware: str
    seed: int
    repeat: int

    @property
    def cell(self) -> tuple[str, str, str]:
        """Experiment, hardware and software, in the order in which they are shown."""
        return (self.experiment, self.hardware, self.software)


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix:
    """All runs of a campaign, with the code and data that their ids stand for."""

    campaign: Campaign
    runs: tuple[Run, ...]
    code: Mapping[str, Code]
    data: Mapping[str, tuple[DataFile, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """The SIF file of a software environment, or where an execution point finds it.

    ``location`` is what ``container_image`` gets: a path, ``osdf://…`` or ``docker://…``.
    ``sha256`` is None where this side can't read the file; ``file`` is the file's path on this
    machine, if it is there at all.
    """

    software: str
    location: str
    sha256: str | None
    file: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


class RunState(str, Enum):
    """Where a run stands; the value is what is printed."""

    NEW = "new"
    IDLE = "idle"
    RUNNING = "running"
    HELD = "held"
    RETURNED = "returned"
    DONE = "done"
    FAILED = "failed"
    ELSEWHERE = "landed-elsewhere"
    REJECTED = "rejected"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True, slots=True)
class JobEvent:
    """One event of a job's log: HTCondor's name for it, its time (seconds since 1970), its facts.

    ``proc`` is -1 where the event is the whole cluster's.
    """

    kind: str
    cluster: int
    proc: int
    at_s: float
    facts: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """One start of a job on a slot: when, and what the access point knew of the machine."""

    started_s: float
    machine: Mapping[str, Scalar]

    @property
    def slot(self) -> str:
        """The slot's name."""
        return str(self.machine.get("Name", ""))


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """The ordinary user under whom a pool's daemons and jobs run."""

    name: str
    uid: int
    gid: int


class Enclosure(Protocol):
    """Where HTCondor's and Apptainer's commands run: here, or in a root file system of its own."""

    @property
    def user(self) -> User:
        """The ordinary user whom commands run as."""

    def command(
        self, argv: Sequence[str], *, binds: Sequence[Path] = (), cwd: Path | None = None
    ) -> list[str]:
        """Return the argument vector that runs ``argv`` inside, as ``user``.

        ``binds`` are host paths that must be seen inside under the same path, writable where
        the user may write.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """One step of something that takes a while: ``done`` of ``total`` (None: not known)."""

    what: str
    done: float = 0.0
    total: float | None = None
    unit: str = ""


class Notify(Protocol):
    """Takes progress; the command line draws it, a library caller may ignore it."""

    def __call__(self, progress: Progress, /) -> None:
        """Show ``progress``."""


def silent(_progress: Progress) -> None:
    """Take progress and show nothing."""


Json = dict[str, Any]
