"""Worlds whose true spreads are known, and how often the analysis of runs drawn from them is right.

Every world has a seed of its own, so that the figures are the same each time. The tests draw a few
hundred samples; as a program it draws thousands:

usage: python tests/support/precision_worlds.py [TIMES]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from osgrepro.analysis.against_seeds import against_seeds
from osgrepro.analysis.cells import moving_share
from osgrepro.analysis.findings import AgainstSeeds, Cell, Interval, Precision
from osgrepro.analysis.statistics.iso5725.laboratories import precision
from osgrepro.analysis.statistics.moments import Moments, moments

Generator = np.random.Generator
Values = np.ndarray[Any, np.dtype[np.float64]]
Draw = Callable[[Generator, tuple[int, ...]], Values]


@dataclass(frozen=True, kw_only=True, slots=True)
class Laboratories:
    """Laboratories × seeds × repeats: what each laboratory, laboratory and seed, and run adds.

    ``scattering`` is the share of laboratories whose repeats differ at all; ``repeat`` is the
    standard deviation of repeats over all of them.
    """

    name: str
    laboratory: Draw
    variance: float
    by_seed: float = 0.0
    seed: float = 0.0
    repeat: float = 0.0
    scattering: float = 1.0

    @property
    def s_R(self) -> float:  # noqa: N802, the standard's symbol
        """The true standard deviation of runs with one seed on different hardware."""
        return float((self.variance + self.by_seed**2 + self.repeat**2) ** 0.5)

    def sample(self, random: Generator, shape: tuple[int, int, int]) -> Values:
        """Return the values of a study of this shape."""
        p, seeds, repeats = shape
        scatters = random.random(p) < self.scattering
        own = self.repeat / self.scattering**0.5 * scatters[:, None, None]
        return (
            self.laboratory(random, (p, 1, 1))
            + self.seed * random.standard_normal((1, seeds, 1))
            + self.by_seed * random.standard_normal((p, seeds, 1))
            + own * random.standard_normal((p, seeds, repeats))
        )


def normal(random: Generator, shape: tuple[int, ...]) -> Values:
    """Return normal effects of variance 1."""
    return random.standard_normal(shape)


def student(random: Generator, shape: tuple[int, ...]) -> Values:
    """Return effects with heavy tails: Student's t with 5 degrees of freedom, variance 5/3."""
    return random.standard_t(5, shape)


def still(_: Generator, shape: tuple[int, ...]) -> Values:
    """Return no effect."""
    return np.zeros(shape)


SHARES = np.array([30, 20, 15, 10, 8, 6, 5, 3, 2, 1]) / 100
EFFECTS = np.array([0, 1, -1, 2, -2, 0.5, -0.5, 1.5, -1.5, 3])


def classes(random: Generator, shape: tuple[int, ...]) -> Values:
    """Return effects of ten outcome classes of unequal frequency, as the study of 2022 has them."""
    return random.choice(EFFECTS, p=SHARES, size=shape)


def odd(random: Generator, shape: tuple[int, ...]) -> Values:
    """Return no effect but on one machine of ten: what a small sample may miss altogether."""
    return (random.random(shape) < 0.1).astype(np.float64)


_OF_CLASSES = float((SHARES * (EFFECTS - (SHARES * EFFECTS).sum()) ** 2).sum())
LABORATORIES = (
    Laboratories(name="normal, tied", laboratory=normal, variance=1.0),
    Laboratories(name="normal, repeats scatter", laboratory=normal, variance=1.0, repeat=1.0),
    Laboratories(
        name="normal, repeats of 1 in 4 scatter",
        laboratory=normal,
        variance=1.0,
        repeat=1.0,
        scattering=0.25,
    ),
    Laboratories(name="heavy tails, tied", laboratory=student, variance=5 / 3),
    Laboratories(name="classes, tied", laboratory=classes, variance=_OF_CLASSES),
    Laboratories(
        name="classes, repeats of 1 in 4 scatter",
        laboratory=classes,
        variance=_OF_CLASSES,
        repeat=1.0,
        scattering=0.25,
    ),
    Laboratories(name="one odd machine in ten, tied", laboratory=odd, variance=0.09),
)
SEEDED = Laboratories(
    name="normal, by seed", laboratory=normal, variance=1.0, by_seed=1.5, seed=2.0, repeat=0.3
)


def table(values: Values, runs: Sequence[int] = ()) -> Moments:
    """Return the moments of laboratories × seeds of an array of these and repeats.

    Of each laboratory the first ``runs`` repeats count, or all of them.
    """
    p, seeds, repeats = values.shape
    kept = np.arange(repeats) < np.array(runs or [repeats] * p)[:, None, None]
    whole = np.broadcast_to(kept, values.shape).ravel()
    codes = np.repeat(np.arange(p * seeds), repeats)
    flat = moments(codes[whole], values.ravel()[whole], p * seeds)
    return Moments(**{one.name: getattr(flat, one.name).reshape(p, seeds) for one in fields(flat)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How often an interval was given, how often it then held the truth, and how wide it was."""

    given: float
    covers: float
    reach: float


def of_s_R(  # noqa: N802
    world: Laboratories, shape: tuple[int, int, int], times: int, runs: Sequence[int] = ()
) -> Coverage:
    """Return how often the interval of s_R holds the true one; ``reach`` is its end by s_R."""
    random = np.random.default_rng(shape[0] * 1000 + len(world.name))
    names = [f"h{number}" for number in range(shape[0])]
    held, reach = [], []
    for _ in range(times):
        found = precision(names, table(world.sample(random, shape), runs))
        if isinstance(found, Precision) and isinstance(found.s_R_interval, Interval):
            interval = found.s_R_interval
            held.append(interval.low <= world.s_R <= interval.high)
            reach.append(interval.high / found.s_R if found.s_R else 1.0)
    given = len(held) / times
    if not held:
        return Coverage(given=given, covers=float("nan"), reach=float("nan"))
    return Coverage(given=given, covers=float(np.mean(held)), reach=float(np.median(reach)))


AGAINST_SEEDS = (
    Laboratories(name="machines as seeds", laboratory=normal, variance=1.0, seed=1.0, by_seed=0.5),
    Laboratories(
        name="seeds more, repeats scatter",
        laboratory=normal,
        variance=1.0,
        seed=3.0,
        by_seed=1.0,
        repeat=1.0,
    ),
    Laboratories(name="both at once", laboratory=still, variance=0.0, by_seed=1.0),
)
# Both change as much, and nothing together.
ADDED = Laboratories(name="as much, apart", laboratory=normal, variance=1.0, seed=1.0)


def falsely_above(alike: float, shape: tuple[int, int, int], times: int) -> float:
    """Return how often machines are said to change more than seeds where neither does.

    Both change everything by ``alike``, and a single machine reacts to each seed by 1.
    """
    random, above = np.random.default_rng(1954), 0
    for _ in range(times):
        machines, seeds = (random.standard_normal(size) * alike for size in shape[:2])
        values = machines[:, None] + seeds
        values[0] += random.standard_normal(shape[1])
        answer = against_seeds(table(np.repeat(values[..., None], shape[2], axis=2)))
        above += isinstance(answer, AgainstSeeds) and answer.low > 1
    return above / times


def of_ratio(world: Laboratories, shape: tuple[int, int, int], times: int) -> float:
    """Return how often the interval of machines against seeds holds the true ratio."""
    random = np.random.default_rng(shape[0] * 1000 + len(world.name))
    # Without repeats nothing tells these from what a machine and a seed do together.
    apart = world.by_seed**2 + (world.repeat**2 if shape[2] == 1 else 0.0)
    true = ((world.variance + apart) / (world.seed**2 + apart)) ** 0.5
    held = 0
    for _ in range(times):
        found = against_seeds(table(world.sample(random, shape)))
        assert isinstance(found, AgainstSeeds)
        held += found.low <= true <= (found.high or np.inf)
    return held / times


def wrong_bounds(repeats: int, trials: int, classes: int, cells: int) -> float:
    """Return in which share of cells the bound of a tie lies below the truth.

    Each run of a cell ends in one of so many classes, all as likely; ``trials`` is what the bound
    counts of ``repeats`` that agree.
    """
    generator = np.random.default_rng(1934)
    ended = generator.integers(classes, size=(cells, repeats))
    agree = (ended == ended[:, :1]).all(1)
    bound = 1 - 0.05 ** (1 / trials)
    return float(agree.mean()) if 1 - 1 / classes > bound else 0.0


def of_moving(shape: tuple[int, int], scatters: float, moves: float, times: int) -> float:
    """Return how often the interval of the share of cells that move holds the true one.

    ``scatters`` of the machines scatter, and ``moves`` of the cells on these do move.
    """
    random = np.random.default_rng(1934)
    held = 0
    for _ in range(times):
        moving = (random.random(shape[0]) < scatters)[:, None] & (random.random(shape) < moves)
        found = moving_share([_cell(*place, moved=moving[place]) for place in np.ndindex(shape)])
        held += found is not None and found.low <= scatters * moves <= found.high
    return held / times


def _cell(hardware: int, software: int, *, moved: bool) -> Cell:
    return Cell(
        software=f"s{software}",
        hardware=f"h{hardware}",
        ok=5,
        failed=0,
        classes={"A": 5},
        repeatability="nondeterministic" if moved else "tied",
        p_upper=None,
        mean=None,
        minimum=None,
        maximum=None,
        sd=None,
        emulated=False,
        simulated_gpu=False,
    )


def main(times: int) -> None:
    """Print the coverage of all worlds."""
    sys.stdout.write("s_R: world | laboratories | given, % | covers, % | upper end / s_R\n")
    for world, seeds in (*((one, 1) for one in LABORATORIES), (SEEDED, 3)):
        for p in (3, 4, 5, 8, 13, 30):
            found = of_s_R(world, (p, seeds, 5), times)
            numbers = f"{100 * found.given:.0f} | {100 * found.covers:.1f} | {found.reach:.2f}"
            sys.stdout.write(f"{world.name} | {p} | {numbers}\n")
    sys.stdout.write("machines against seeds: world | machines × seeds | covers, %\n")
    for alike in (0.0, 0.02, 0.3):
        for shape in ((13, 3, 2), (8, 5, 2), (13, 5, 2)):
            wrong = f"{100 * falsely_above(alike, shape, times):.1f}"
            sys.stdout.write(f"one reacts to seeds, {alike} | {shape[0]} × {shape[1]} | {wrong}\n")
    for world in (ADDED, *AGAINST_SEEDS):
        for shape in ((4, 2, 2), (13, 2, 2), (13, 3, 2), (8, 5, 2), (6, 10, 1), (13, 20, 2)):
            covers = f"{100 * of_ratio(world, shape, times):.1f}"
            sys.stdout.write(f"{world.name} | {shape[0]} × {shape[1]} | {covers}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
