"""Worlds in which it is known what a claim's answer should be, and how often the analysis gives it.

Every world has a seed of its own, so that the figures are the same each time. The tests draw some
dozens of studies; as a program it draws many, and prints the tables of docs/explanation/claims.md:

usage: python tests/support/claim_worlds.py [TIMES]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from osgrepro.analysis.claims.agreement import Agreed, agreed, flips, interval
from osgrepro.analysis.claims.samples import guarded
from osgrepro.analysis.claims.trials import Trials, told_together, trial
from osgrepro.analysis.findings import Interval
from osgrepro.analysis.statistics.tests import Sample
from osgrepro.common.models import Claim

Generator = np.random.Generator
Values = np.ndarray[Any, np.dtype[np.float64]]
Effects = Callable[[int], Values]


def same(size: float) -> Effects:
    """Return one effect for all machines."""
    return lambda machines: np.full(machines, size)


def halves(size: float) -> Effects:
    """Return an effect for every second machine, and its contrary for the others."""
    return lambda machines: np.where(np.arange(machines) % 2, -size, size)


def one_odd(size: float) -> Effects:
    """Return an effect for all machines but the last, which has the contrary one."""
    return lambda machines: np.where(np.arange(machines) == machines - 1, -size, size)


def a_few_loud(size: float) -> Effects:
    """Return 0.1 for all machines but every fourth, which has so much."""
    return lambda machines: np.where(np.arange(machines) % 4 == 0, size, 0.1)


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Machines with a true a − b each; every run of a and of b scatters by ``scatter``.

    With ``seeded`` the repeats are seeds, which shift a and b on all machines by 1, and runs
    scatter by a tenth of ``scatter``.
    """

    name: str
    effects: Effects
    machines: int = 13
    repeats: int = 5
    seeded: bool = False
    scatter: Effects = np.ones

    def study(self, random: Generator, claim: Claim) -> Trials:
        """Return a claim's trials in one study."""
        shape = (self.machines, self.repeats)
        sides = []
        for effects in (self.effects(self.machines), np.zeros(self.machines)):
            values = effects[:, None] + random.standard_normal(shape) * self.noise()
            if self.seeded:
                values = values + random.standard_normal(self.repeats)
            places = [("s", f"h{number:02}") for number in range(self.machines)]
            sides.append(guarded(dict(zip(places, map(self._sample, values), strict=True))))
        a, b = sides
        found = (trial(claim, place, a[place], b[place] if claim.b else None) for place in a)
        return Trials(claim=claim, trials=tuple(one for one in found if one), unjudged=0)

    def noise(self) -> Values:
        """Return by how much each machine's runs scatter."""
        return self.scatter(self.machines)[:, None] * (0.1 if self.seeded else 1.0)

    def _sample(self, values: Values) -> Sample:
        by_seed = {str(seed): value for seed, value in enumerate(values.tolist())}
        return Sample(
            n=len(values),
            mean=float(values.mean()),
            variance=float(values.var(ddof=1)),
            items=None,
            by_seed=by_seed if self.seeded else {},
        )


ONE_EFFECT = World(name="one effect of 1", effects=same(1.0))
SMALL = World(name="one effect of 0.3", effects=same(0.3))
NONE = World(name="no effect", effects=same(0.0))
CONTRARY = World(name="+3 on seven machines, −3 on six", effects=halves(3.0))
TWO = World(name="two machines, one effect of 1", effects=same(1.0), machines=2)
TWO_CONTRARY = World(name="two machines, +3 and −3", effects=halves(3.0), machines=2)
ODD = World(name="+1 on twelve machines, −1 on one", effects=one_odd(1.0))
FAR_ODD = World(name="+3 on twelve machines, −3 on one", effects=one_odd(3.0))
SEEDS = World(name="no effect, five seeds", effects=same(0.0), seeded=True)
SEEDS_CONTRARY = World(name="±0.3 by machine, five seeds", effects=halves(0.3), seeded=True)
WORLDS = (ONE_EFFECT, SMALL, NONE, CONTRARY, ODD, FAR_ODD, TWO, TWO_CONTRARY)


def claim(**changes: Any) -> Claim:
    """Return the claim that a is greater than b."""
    named = {"name": "c", "a": "a", "b": "b", "metric": "score", "test": "welch"}
    return Claim.model_validate({**named, **changes})


def studies(world: World, times: int, claims: int = 1, **changes: Any) -> list[tuple[Agreed, ...]]:
    """Return what is found of so many claims in each of so many studies."""
    random, asked = np.random.default_rng(2023), claim(**changes)
    return [
        agreed(told_together([world.study(random, asked) for _ in range(claims)])[0])
        for _ in range(times)
    ]


def answers(world: World, times: int, **changes: Any) -> dict[str, float]:
    """Return how often a claim has which answer."""
    counted = Counter(found.answer for (found,) in studies(world, times, **changes))
    return {answer: count / times for answer, count in counted.items()}


def decided(found: Sequence[Agreed]) -> bool:
    """Whether any environment holds any of the claims."""
    return any(cell.holds for own in found for cell in own.of.cells)


def false_decisions(world: World, times: int, claims: int) -> float:
    """Return in which share of studies of claims without effect any environment holds one."""
    return sum(map(decided, studies(world, times, claims))) / times


def false_equivalence(world: World, times: int, margin: float) -> tuple[float, float]:
    """Return how often two are equivalent by any environment, and by all of them together."""
    found = studies(world, times, test="equivalence", margin=margin)
    return sum(map(decided, found)) / times, sum(own.answer == "yes" for (own,) in found) / times


def told_apart(world: World, times: int) -> float:
    """Return how often effects are said to differ."""
    found = [own.heterogeneity for (own,) in studies(world, times)]
    return sum(one is not None and one.p < 0.05 for one in found) / times


def shares_above(times: int, items: int = 500, machines: int = 13) -> float:
    """Return how often 90 % is exceeded where it is the true share, of items that all share.

    The machines differ in the labels of a few of the items.
    """
    random, above = np.random.default_rng(404), 0
    asked = claim(b=None, delta=0.9, test="proportions")
    for _ in range(times):
        right = random.random(items) < 0.9
        swapped = random.random((machines, items)) < 0.001
        shares = (right ^ swapped).mean(1)
        samples = {
            ("s", f"h{number}"): Sample(n=1, mean=float(own), variance=0.0, items=items)
            for number, own in enumerate(shares)
        }
        (found,) = agreed(told_together([_alone(asked, samples)])[0])
        above += found.answer == "yes" or decided([found])
    return above / times


def covered(
    shape: tuple[int, int], contrary: float, alike: float, times: int
) -> tuple[float, float]:
    """Return how often the interval of flips holds the truth, and its upper end without any flip.

    Of so many machines × software environments a share ``contrary`` contradicts the claim. A
    machine answers alike with each software environment, but for a share 1 − ``alike`` of them.
    """
    random = np.random.default_rng(1934)
    asked = claim(b=None, delta=0.5, test="difference")
    held, upper = 0, float("nan")
    for _ in range(times):
        bad = random.random(shape[0]) < contrary
        drawn = random.random(shape) < contrary
        flipped = np.where(random.random(shape) < alike, bad[:, None], drawn)
        samples = {
            (f"s{software}", f"h{machine}"): Sample(
                n=1, mean=float(not flip), variance=0.0, items=None
            )
            for (machine, software), flip in np.ndenumerate(flipped)
        }
        found = interval(*flips(_alone(asked, samples)))
        assert isinstance(found, Interval)
        held += found.low <= contrary <= found.high
        upper = upper if flipped.any() else found.high
    return held / times, upper


def _alone(asked: Claim, samples: Mapping[tuple[str, str], Sample]) -> Trials:
    """Return the trials of a claim about one experiment."""
    found = (trial(asked, place, own, None) for place, own in samples.items())
    return Trials(claim=asked, trials=tuple(one for one in found if one), unjudged=0)


def main(times: int) -> None:
    """Print how often each answer is given, and how often intervals hold the truth."""
    sys.stdout.write("world, test | yes | no | partly | undecided, %\n")
    for world in WORLDS:
        for test in ("welch", "difference"):
            given = answers(world, times, test=test)
            words = ("yes", "no", "partly", "undecided")
            shares = (f"{100 * given.get(word, 0):.1f}" for word in words)
            sys.stdout.write(f"{world.name}, {test} | {' | '.join(shares)}\n")
    for many in (1, 4):
        share = false_decisions(NONE, times, many)
        sys.stdout.write(f"some environment of 13 holds one of {many} claims: {share:.3f}\n")
    for contrary in (0.05, 0.1, 0.2):
        held, upper = covered((13, 4), contrary, 0.9, times)
        sys.stdout.write(f"52 of 13 machines, {contrary}: {held:.3f} (no flip: {upper:.4f})\n")
    sys.stdout.write(f"90 % exceeded on a shared test set: {shares_above(times):.3f}\n")


def extras(times: int) -> None:
    """Print what there was no answer to before: heterogeneity and equivalence."""
    for scatter, name in ((same(1.0), "alike"), (a_few_loud(3.0), "a few loud")):
        for machines, repeats in ((2, 2), (13, 2), (30, 2), (13, 5), (30, 5)):
            world = replace(NONE, machines=machines, repeats=repeats, scatter=scatter)
            sys.stdout.write(f"Q, {name}, {machines} × {repeats}: {told_apart(world, times):.3f}\n")
    for repeats in (2, 5):
        world = replace(CONTRARY, effects=halves(1.0), repeats=repeats)
        sys.stdout.write(f"Q of ±1, 13 × {repeats}: {told_apart(world, times):.3f}\n")
    for world in (SEEDS, SEEDS_CONTRARY, ODD, replace(ODD, repeats=20), FAR_ODD):
        name = f"Q, {world.name}, {world.repeats} runs"
        sys.stdout.write(f"{name}: {told_apart(world, times):.3f}\n")
    given = answers(SEEDS, times)
    sys.stdout.write(f"{SEEDS.name}: yes {given.get('yes', 0):.3f}, no {given.get('no', 0):.3f}\n")
    for machines in (1, 13):
        world = replace(ONE_EFFECT, machines=machines)
        cells, whole = false_equivalence(world, times, 1.0)
        sys.stdout.write(f"TOST at the margin, {machines}: {cells:.3f}, {whole:.3f}\n")


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    main(number)
    extras(number)
