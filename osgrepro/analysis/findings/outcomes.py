"""Outcome classes, cells, and how far the evidence reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from osgrepro.analysis.findings.common import Grade, NotAssessable
from osgrepro.analysis.findings.outcome_names import RepeatAnswer


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeClass:
    """The runs whose results are bitwise the same: a letter, unique within the experiment.

    ``digest`` tells it from the others; ``metrics`` are its values, None where the class is not
    made of a metric and its runs differ in it. ``software`` and ``hardware`` are where it was seen.
    """

    letter: str
    digest: str
    runs: int
    software: tuple[str, ...]
    hardware: tuple[str, ...]
    metrics: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class GradeClasses:
    """How many outcome classes one grade knows, and whether all runs of a seed fall into one.

    ``same`` is None where that is not recorded, or no two environments ran with the same seed.
    """

    grade: Grade
    classes: int | NotAssessable
    same: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedSeeds:
    """Which environments ran with the same seeds: runs with different ones compare nothing.

    An environment is a hardware with a software environment, of which some run has a class.
    ``compared`` of the ``environments`` share a seed with at least one more; they fall into
    ``groups`` that share none with each other. ``everywhere`` counts the seeds of all environments.
    """

    environments: int
    compared: int
    groups: int
    everywhere: int

    @property
    def crossed(self) -> bool:
        """Whether shared seeds link each environment with every other one."""
        return self.compared == self.environments and self.groups == 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcomes:
    """The outcome classes of an experiment, the largest first, at the finest grade recorded.

    ``seeds`` is how many seeds its runs had: runs with different ones are rarely in one class.
    ``unplaced`` runs lack what would tell in which of several classes they are, and are in none.
    In the software environments ``seed_ignored`` all seeds of every cell ended in one class.
    ``shared`` says which environments ran with the same seeds; None if that was not counted.
    """

    grade: Grade
    classes: tuple[OutcomeClass, ...]
    grades: tuple[GradeClasses, ...]
    seeds: int = 1
    unplaced: int = 0
    seed_ignored: tuple[str, ...] = ()
    shared: SharedSeeds | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LoneRun:
    """The one run on which most of a cell's range rests: its value, and the ends of the others."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell: its runs, its outcome classes (letter → runs), and its primary metric.

    ``repeatability`` is ``tied`` where all its repeats of each seed agree bitwise, in which case
    ``p_upper`` bounds the probability that a run of it disagrees (95 % confidence): 1 − 0.05^(1/m)
    with m repeats beyond the first of each seed, which found the class. ``sd`` and
    ``spread``, the largest less the smallest value, are those of runs with the same seed.
    ``unseeded`` of the runs are in no class, since nothing set their random numbers.
    ``emulated`` and ``simulated_gpu`` say that the slot only stood in for the hardware; ``gpu``
    that a run of it trained on a GPU, or had one and nothing tells whether it used it. ``run_ids``
    are those of its runs, the first ten in the order of the rows. ``hosts`` and ``kinds`` number
    the hosts of its runs and the kinds of machine (models of CPU and GPU, and their sizes) within
    the experiment; empty where they are not recorded, or more than ten. ``lone`` is the one run
    without which the range is less than half of what it is, of four or more with one seed.
    """

    software: str
    hardware: str
    ok: int
    failed: int
    classes: Mapping[str, int]
    repeatability: RepeatAnswer | NotAssessable
    p_upper: float | None
    mean: float | None
    minimum: float | None
    maximum: float | None
    sd: float | None
    emulated: bool
    simulated_gpu: bool
    seeds: int = 1
    spread: float | None = None
    unseeded: int = 0
    gpu: bool = False
    run_ids: tuple[str, ...] = ()
    hosts: tuple[int, ...] = ()
    kinds: tuple[int, ...] = ()
    lone: LoneRun | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Adequacy:
    """How far the evidence of one experiment in one software environment reaches.

    ``hardware`` environments, each one draw of a machine, showed ``distinct`` outcome classes and
    ``different`` sets of them: kinds of machines, None where there is no seed that all ran with, by
    which machines are told apart. ``enough_laboratories`` says whether they are as
    many as the 8 of AOAC Appendix D; ``wilks`` is the content of [min, max] at 95 % confidence;
    ``coverage`` is Good-Turing's 1 − f₁/n, the share of machines whose kind was seen, and ``chao1``
    Chao's estimate of how many kinds there are.
    """

    software: str
    hardware: int
    distinct: int
    enough_laboratories: bool
    wilks: float | NotAssessable
    coverage: float | NotAssessable
    chao1: float | NotAssessable
    text: str
    different: int | None = None
