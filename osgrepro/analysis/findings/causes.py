"""What determines the outcome class, and what emulation says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from osgrepro.analysis.findings.common import NotAssessable
from osgrepro.analysis.findings.outcome_names import EmulationAnswer

# Above this chance a table can't tell what its classes go along with.
LIKELY = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The hardware environments that share the values of a set of attributes, and their class."""

    values: Mapping[str, str]
    letter: str
    hardware: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One of the smallest sets of attributes whose values determine the outcome class.

    ``aliases`` maps an attribute of the set to those that could stand in its place; ``equals`` are
    the other minimal sets that divide the environments alike. Of all these ``testable`` is the one
    that an emulation can change; empty: none.
    """

    attributes: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]]
    groups: tuple[Group, ...]
    equals: tuple[tuple[str, ...], ...] = ()
    testable: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Chance:
    """How often some set of ``size`` attributes would fit if the classes had nothing to do with it.

    In ``share`` of ``relabellings`` of the types of machine one does; where they are ``exact``
    these are all that there are. Of the ``searched`` sets ``determining`` fit the classes as they
    are.
    """

    size: int
    share: float
    relabellings: int
    exact: bool
    determining: int
    searched: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterexample:
    """Two hardware environments that refute ``attributes`` as the whole cause."""

    attributes: tuple[str, ...]
    first: str
    second: str
    why: Literal["same values, different class"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NextRun:
    """The cheapest further run that would tell two explanations apart."""

    text: str
    between: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """What determines the outcome class in one software environment, among ``hardware``.

    These are of ``types`` of machine, of which each counts once.

    ``scope`` is ``CPU`` (runs without a GPU), ``GPU`` or ``all``. ``causes`` are the smallest sets,
    and before them those of one attribute more that divide the environments less finely;
    ``considered`` are the attributes that vary, ``constant`` those that can't be judged here.
    ``odd`` counts, by hardware, runs of another class than most there, which decides.
    ``chances`` has an entry for each size of the causes, the smallest first. ``by_site`` says that
    all machines of each site end alike, so that ``types`` are sites, each with what is like it.
    """

    software: str
    scope: Literal["CPU", "GPU", "all"]
    classes: int
    hardware: int
    types: int
    causes: tuple[Cause, ...] | NotAssessable
    counterexamples: tuple[Counterexample, ...]
    next_run: NextRun | None
    considered: tuple[str, ...]
    constant: tuple[str, ...]
    chances: tuple[Chance, ...] = ()
    odd: Mapping[str, int] = field(default_factory=dict)
    by_site: bool = False

    @property
    def by_chance(self) -> bool:
        """Whether sets as small as the causes fit more than 5 % of relabelled environments."""
        return bool(self.chances) and self.chances[0].share > LIKELY


@dataclass(frozen=True, kw_only=True, slots=True)
class Universal:
    """The smallest ``sets`` that determine the classes of each table among all of its hardware.

    ``chance`` is how often some set of this size would if the classes had nothing to do with it;
    None where there is no set, or there were too many to look at.
    """

    sets: tuple[tuple[str, ...], ...] = ()
    chance: Chance | None = None

    @property
    def by_chance(self) -> bool:
        """Whether such sets fit more than 5 % of relabelled environments."""
        return self.chance is not None and self.chance.share > LIKELY


@dataclass(frozen=True, kw_only=True, slots=True)
class JointAttribution:
    """What determines the outcome classes of several tables at once, among the same hardware.

    A table is an experiment in a software environment. A class of ``attribution`` is the classes
    in all tables, in the order of ``experiments`` and, in each of them, of ``software``.
    ``universal`` sets determine the classes of each table among all of its hardware, also what
    another table lacks.
    """

    experiments: tuple[str, ...]
    software: tuple[str, ...]
    tables: int
    attribution: Attribution
    universal: Universal = Universal()


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """What an emulated environment says of a remote one: the same class or another.

    ``answer`` is ``confirmed`` to the last bit, ``refuted``, ``not emulable`` or, without an
    emulated run, ``not ready`` (an image, data or a name is lacking, ``text`` says what to do) or
    ``not tried`` (nothing stands in its way); ``emulation`` says what was
    emulated, ``not_emulated`` what was not like the remote. ``p_upper`` bounds the probability that
    a further emulated run differs, where it is confirmed (95 % confidence).
    """

    experiment: str
    software: str
    remote: tuple[str, ...]
    remote_class: str
    emulated: str | None
    emulated_class: str | None
    answer: EmulationAnswer
    emulation: tuple[str, ...]
    not_emulated: tuple[str, ...]
    text: str
    p_upper: float | None = None
