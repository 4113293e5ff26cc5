"""Claims at the edge of their bound: how often the analysis says that they hold where they don't.

usage: python tests/support/claim_edges.py [TIMES]
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from claim_worlds import NONE, SEEDS, Effects, Values, answers, claim, halves, told_apart

from osgrepro.analysis.claims.agreement import agreed
from osgrepro.analysis.claims.trials import Trials, told_together, trial
from osgrepro.analysis.statistics.tests import Sample


def half_loud(size: float) -> Effects:
    """Return a tenth for every second machine, and so much for the others."""
    return lambda machines: np.where(np.arange(machines) % 2, 0.1, size)


def one_loud(size: float) -> Effects:
    """Return a tenth for all machines but the first, which has so much."""
    return lambda machines: np.where(np.arange(machines) == 0, size, 0.1)


def outside_by_turns(times: int, repeats: int, seeded: bool = False) -> float:
    """Return how often a margin of 1 is said to hold 13 machines at +1.2 and −1.2."""
    world = replace(NONE, effects=halves(1.2), repeats=repeats, seeded=seeded, machines=12)
    return answers(world, times, test="equivalence", margin=1.0).get("yes", 0.0)


def beyond_by_one(
    times: int,
    part: float,
    scatter: float,
    machines: int = 30,
    repeats: int = 5,
    seeded: bool = False,
) -> float:
    """Return how often machines 2 % beyond a margin of 1 are said to be within it.

    The first scatters by ``scatter``, the others by 0.1, and makes so large a part of the squared
    distance.
    """
    rest = 1.02 * (machines * (1 - part) / (machines - 1)) ** 0.5

    def effects(count: int) -> Values:
        own = halves(rest)(count)
        own[0] = 1.02 * (machines * part) ** 0.5
        return own

    world = replace(
        NONE,
        effects=effects,
        scatter=one_loud(scatter),
        machines=machines,
        repeats=repeats,
        seeded=seeded,
    )
    return answers(world, times, test="equivalence", margin=1.0).get("yes", 0.0)


def equivalent(times: int, margin: float, repeats: int = 5) -> float:
    """Return how often 13 machines without any effect are said to be within a margin."""
    world = replace(NONE, repeats=repeats)
    return answers(world, times, test="equivalence", margin=margin).get("yes", 0.0)


def blocks_apart(times: int, scatter: Effects, machines: int = 13) -> float:
    """Return how often machines that scatter unequally are said to differ, by five seeds."""
    return told_apart(replace(SEEDS, machines=machines, scatter=scatter), times)


def share_above(times: int, share: float, items: int, machines: int = 13) -> float:
    """Return how often a share is said to be exceeded by the mean of machines that have it."""
    random, above = np.random.default_rng(405), 0
    asked = claim(b=None, delta=share, test="proportions")
    for _ in range(times):
        right = random.random(items) < share
        trials = [
            trial(asked, ("s", f"h{number}"), _sample(right.mean(), items), None)
            for number in range(machines)
        ]
        own = Trials(claim=asked, trials=tuple(one for one in trials if one), unjudged=0)
        (found,) = agreed(told_together([own])[0])
        above += found.answer == "yes"
    return above / times


def shares_apart(times: int, second: float, delta: float, items: int) -> tuple[float, float]:
    """Return how often a true difference is said to be exceeded, and not to be reached."""
    random = np.random.default_rng(406)
    asked = claim(delta=delta, test="proportions")
    above = below = 0
    for _ in range(times):
        a, b = (random.binomial(items, share) / items for share in (second + delta, second))
        own = trial(asked, ("s", "h"), _sample(a, items), _sample(b, items))
        assert own is not None
        p, against = own.cell.p, own.cell.p_against
        above += own.cell.holds if p is None else p < asked.alpha
        below += own.cell.contradicts if against is None else against < asked.alpha
    return above / times, below / times


def same_items(
    times: int, effect: float, test: str, seeds: int = 1, machines: int = 13
) -> tuple[float, float]:
    """Return how often one model is said to be better, on average and by any machine.

    Of 1,000 items that all share 6 % are right in one model alone, and machines change a label of
    1,000. With several seeds every item is easy or hard to a model, and each seed may miss it.
    """
    random = np.random.default_rng(1947)
    asked, items = claim(test=test), 1000
    mean = any_ = 0
    for _ in range(times):
        drawn = random.random(items)
        only = 0.03 + np.array([effect, -effect]) / 2
        alone = (drawn < only[0], (drawn >= only[0]) & (drawn < only.sum()))
        both = drawn < 0.9
        right = [np.where(own, 1.0, both & ~other) for own, other in (alone, alone[::-1])]
        if seeds > 1:
            right = [(random.random((seeds, items)) < 0.1 + 0.8 * own).mean(0) for own in right]
        trials = []
        for number in range(machines):
            a, b = (np.where(random.random(items) < 0.001, 1 - own, own) for own in right)
            own = trial(
                asked,
                ("s", f"h{number}"),
                _sample(a.mean(), items),
                _sample(b.mean(), items),
                a - b,
            )
            assert own is not None
            trials.append(own)
        family = told_together([Trials(claim=asked, trials=tuple(trials), unjudged=0)])[0]
        (found,) = agreed(family)
        mean += found.answer == "yes"
        any_ += any(cell.holds for cell in found.of.cells)
    return mean / times, any_ / times


def in_steps(
    times: int, scatter: float, repeats: int, *, seeded: bool = False, machines: int = 13
) -> tuple[float, float]:
    """Return how often any machine holds a claim without effect, and machines are said to differ.

    The metric is a share of 100 items, and runs scatter by so many of them.
    """
    random, asked, items = np.random.default_rng(1935), claim(), 100
    any_ = apart = 0
    for _ in range(times):
        trials = []
        shifts = random.standard_normal((2, 1, repeats)) * 3 * seeded
        right = 90.5 + shifts + scatter * random.standard_normal((2, machines, repeats))
        values = np.round(np.clip(right, 0, items)) / items
        for number in range(machines):
            sides = (_in_steps(own[number], items, seeded) for own in values)
            own = trial(asked, ("s", f"h{number}"), *sides)
            assert own is not None
            trials.append(own)
        family = told_together([Trials(claim=asked, trials=tuple(trials), unjudged=0)])[0]
        (judged,) = agreed(family)
        any_ += any(cell.holds for cell in judged.of.cells)
        apart += judged.heterogeneity is not None and judged.heterogeneity.p < 0.05
    return any_ / times, apart / times


def _in_steps(values: Values, items: int, seeded: bool) -> Sample:
    by_seed = {str(seed): value for seed, value in enumerate(values.tolist())}
    return Sample(
        n=len(values),
        mean=float(values.mean()),
        variance=0.0 if np.ptp(values) == 0 else float(values.var(ddof=1)),
        items=float(items),
        by_seed=by_seed if seeded else {},
        step=1 / items,
    )


def _sample(mean: float, items: int) -> Sample:
    return Sample(n=1, mean=float(mean), variance=0.0, items=float(items))


BEYOND = (
    (1.0, 1.0, 100, 5),
    (1.0, 3.0, 13, 5),
    (1.0, 3.0, 30, 2),
    (0.3, 0.5, 100, 5),
    (0.0, 1.0, 100, 5),
)
STEPS = (0.05, 0.2, 0.6, 1.5)
SHARES = ((0.99, 100), (0.98, 100), (0.995, 500), (0.9, 50), (0.999, 10_000))
PAIRS = ((0.985, 0.01, 100), (0.99, 0.005, 500), (0.98, -0.01, 100), (1.0, -0.01, 100))


def main(times: int) -> None:
    """Print how often each is wrong."""
    _of_runs(times)
    _of_items(times)


def _of_runs(times: int) -> None:
    for repeats in (2, 3, 5, 20):
        for seeded in (False, True):
            wrong = outside_by_turns(times, repeats, seeded)
            sys.stdout.write(f"outside by turns, {repeats}, seeded {seeded}: {wrong:.3f}\n")
    for part, scatter, machines, repeats in BEYOND:
        wrong = beyond_by_one(times, part, scatter, machines, repeats)
        name = f"{part} of the distance by one of {machines}"
        sys.stdout.write(f"{name}, which scatters by {scatter}, {repeats} runs: {wrong:.3f}\n")
    for margin in (0.5, 1.0, 1.5, 2.0):
        known = [f"{equivalent(times, margin, repeats):.3f}" for repeats in (2, 5, 20)]
        sys.stdout.write(f"equivalent, margin {margin}, 2, 5, 20 runs: {', '.join(known)}\n")
    for name, scatter in (("half", half_loud(1.0)), ("one", one_loud(3.0))):
        for machines in (4, 13):
            wrong = blocks_apart(times, scatter, machines)
            sys.stdout.write(f"blocks, {name} loud of {machines}: {wrong:.3f}\n")
    for scatter in STEPS:
        for repeats in (2, 3, 5, 20):
            for seeded in (False, True):
                wrong = in_steps(times, scatter, repeats, seeded=seeded)
                sys.stdout.write(f"steps of 1, {scatter}, {repeats}, seeded {seeded}: {wrong}\n")


def _of_items(times: int) -> None:
    for share, items in SHARES:
        sys.stdout.write(f"{share} of {items}: {share_above(times, share, items):.3f}\n")
    for second, delta, items in PAIRS:
        above, below = shares_apart(times, second, delta, items)
        sys.stdout.write(f"{second} and {delta:+} of {items}: {above:.3f}, {below:.3f}\n")
    for seeds in (1, 3):
        for effect in (0.0, 0.01, 0.02):
            known = [same_items(times, effect, test, seeds) for test in ("proportions", "mcnemar")]
            sys.stdout.write(f"same items, {seeds} seeds, {effect}: {known}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
