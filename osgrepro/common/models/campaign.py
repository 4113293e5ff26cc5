"""A campaign and what it is made of: pydantic models, so each fault of a file has its place."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# A name becomes part of file names, ClassAd strings and submit descriptions; this alphabet can
# break out of none of them.
NAME_PATTERN = r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$"

# The images that execution points get by themselves; all others are SIF files of this machine.
OSDF, CVMFS = "osdf://", "/cvmfs/"
REMOTE_IMAGES = (OSDF, "docker://", "oras://", CVMFS)

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Scalar = bool | int | float | str
ClaimTest = Literal["difference", "welch", "proportions", "mcnemar", "equivalence"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Experiment(_Frozen):
    """A deterministic training script with declared metrics.

    ``entry`` is ``module:function`` inside the payload (``experiments.mnist_convnet:run``) or the
    path of a Python file beside the campaign. ``data`` names what it reads: ``keras:mnist``,
    ``keras:imdb``, ``sample:digits``, ``sample:reviews``, ``sample:transactions``, or a path,
    optionally with ``#sha256=…`` behind it. ``environment`` are variables that its runs are given,
    in the place of those of the same names that the software environment says. ``framework`` is
    what is imported and seeded before the script, which else is what the image has; an unchanged
    program seeds itself, and the image must have what it names. ``determinism`` is whether
    operations that are not deterministic are refused (``on``, the default), warned of, or let be.
    """

    name: Name
    entry: str
    framework: Literal["tensorflow", "torch", "jax", "none"] | None = None
    determinism: Literal["on", "warn", "off"] | None = None
    arguments: tuple[str, ...] = ()
    metrics_file: str | None = None
    data: tuple[str, ...] = ()
    params: dict[str, Scalar] = Field(default_factory=dict)
    environment: dict[str, str] = Field(default_factory=dict)
    metrics: Annotated[tuple[Name, ...], Field(min_length=1)]
    primary: Name

    @property
    def chosen(self) -> dict[str, str]:
        """Framework and determinism, as far as they are said: what ids and specs tell of them."""
        said = {"framework": self.framework, "determinism": self.determinism}
        return {key: value for key, value in said.items() if value is not None}


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
    margin: float | None = None
    baseline: bool = False


class Claim(_Frozen):
    """A conclusion that the analysis puts to the test: ``a − b > delta`` on ``metric``.

    Without ``b`` it is ``a > delta``; ``below`` turns that into ``a < delta``. With the test
    ``equivalence`` it is that ``a − b``, or ``a``, is no further than ``margin`` from ``delta``.
    """

    name: Name
    a: Name
    b: Name | None = None
    metric: Name
    delta: float = 0.0
    margin: float | None = None
    below: bool = False
    test: ClaimTest = "difference"
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
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
    ``retry_request_memory_mb`` is what a run asks for once it took more memory than it had asked
    for; ``allowed_execute_duration_s`` is how long a run may execute (None: as the category
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
    retry_request_memory_mb: Annotated[int, Field(ge=1)] | None = None
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
        (image,) = (
            software_entry for software_entry in self.software if software_entry.name == software
        )
        (script,) = (entry for entry in self.experiments if entry.name == experiment)
        return {**image.environment, **script.environment}

    @property
    def size(self) -> int:
        """How many runs the matrix has."""
        return self.cells * len(self.seeds) * self.repeats
