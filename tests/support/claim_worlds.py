"""Worlds in which it is known what a claim's answer should be, and how often the analysis gives it.

Every world has a seed of its own, so that the figures are the same each time. The tests draw a few
dozen studies; as a program it draws many, and prints the tables of the documentation:

usage: python tests/support/claim_worlds.py [TIMES]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis.claims import claims
from osgrepro.analysis.findings import ClaimFindings, Interval
from osgrepro.common.models import Claim

Generator = np.random.Generator
Values = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Machines × software environments with the true a − b of each machine, in units of scatter.

    ``effects`` draws them, of so many machines; what scatters is each run of a and of b, by 1.

    standard error of a share.
    """

    name: str
    effects: Callable[[Generator, int], Values]
    machines: int = 13
    software: int = 1
    repeats: int = 5

    def study(self, random: Generator, claims_: int = 1) -> pd.DataFrame:
        """Return the runs of a study: experiments a0, b0, a1, b1, … for so many claims."""
        places = list(product(range(self.software), range(self.machines), range(self.repeats)))
        software, hardware, _ = np.array(places).T
        frames = []
        for number in range(claims_):
            true = self.effects(random, self.machines)
            for name, mean in (("a", true[hardware]), ("b", np.zeros(len(places)))):
                values = mean + random.standard_normal(len(places))
                frames.append(
                    pd.DataFrame(
                        {
                            "experiment": f"{name}{number}",
                            "software": [f"s{one}" for one in software],
                            "hardware": [f"h{one:02}" for one in hardware],
                            "status": "ok",
                            "metric.score": values,
                        }
                    )
                )
        return pd.concat(frames, ignore_index=True)


def same(size: float) -> Callable[[Generator, int], Values]:
    """Return what draws one effect for all machines."""
    return lambda _, machines: np.full(machines, size)


def halves(size: float) -> Callable[[Generator, int], Values]:
    """Return what draws an effect for one half of the machines and its contrary for the others."""
    return lambda _, machines: np.where(np.arange(machines) % 2, -size, size)


ONE_EFFECT = World(name="one effect of 1", effects=same(1.0))
SMALL = World(name="one effect of 0.3", effects=same(0.3))
NONE = World(name="no effect", effects=same(0.0))
CONTRARY = World(name="effects of +3 and −3", effects=halves(3.0))
TWO = World(name="two machines, one effect of 1", effects=same(1.0), machines=2)
WORLDS = (ONE_EFFECT, SMALL, NONE, CONTRARY, TWO)


def claim(number: int = 0, **changes: Any) -> Claim:
    """Return the claim that a is greater than b."""
    named = {"name": f"c{number}", "a": f"a{number}", "b": f"b{number}", "metric": "score"}
    return Claim.model_validate({**named, "test": "welch", **changes})


def studies(world: World, times: int, asked: Sequence[Claim]) -> list[tuple[ClaimFindings, ...]]:
    """Return what is found of the claims in so many studies."""
    random = np.random.default_rng(2023)
    return [claims(world.study(random, len(asked)), (), asked) for _ in range(times)]


def answers(world: World, times: int, **changes: Any) -> dict[str, float]:
    """Return how often a claim has which answer."""
    counted = Counter(one.answer for (one,) in studies(world, times, [claim(**changes)]))
    return {answer: count / times for answer, count in counted.items()}


def covered(shape: tuple[int, int], q: float, alike: float, times: int) -> tuple[float, float]:
    """Return how often the interval of flips holds the truth, and its upper end without any flip.

    Of so many machines × software environments a share q of the machines contradicts, each with a
    software environment as with the next but for a share 1 − ``alike`` of them.
    """
    random = np.random.default_rng(1934)
    held, upper = 0, 0.0
    for _ in range(times):
        bad = random.random(shape[0]) < q
        drawn = random.random(shape) < q
        flipped = np.where(random.random(shape) < alike, bad[:, None], drawn)
        found = _flips(flipped)
        held += found.low <= q <= found.high
        upper = found.high if not flipped.any() else upper
    return held / times, upper


def _flips(flipped: np.ndarray[Any, np.dtype[np.bool_]]) -> Interval:
    rows = [
        {
            "experiment": "a0",
            "software": f"s{software}",
            "hardware": f"h{machine:02}",
            "status": "ok",
            "metric.score": 0.0 if flipped[machine, software] else 1.0,
        }
        for machine, software in np.ndindex(*flipped.shape)
    ]
    (found,) = claims(pd.DataFrame(rows), (), [claim(b=None, delta=0.5, test="difference")])
    assert isinstance(found.interval, Interval)
    return found.interval


def false_decisions(world: World, times: int, many: int) -> float:
    """Return in which share of studies of many claims without effect any environment holds one."""
    asked = [claim(number) for number in range(many)]
    found = studies(world, times, asked)
    return sum(any(cell.holds for one in own for cell in one.cells) for own in found) / times


def main(times: int) -> None:
    """Print how often each answer is given, and how often intervals hold the truth."""
    sys.stdout.write("world | yes | no | partly | undecided, %\n")
    for world in WORLDS:
        for test in ("welch", "difference"):
            given = answers(world, times, test=test)
            shares = (
                f"{100 * given.get(word, 0):.1f}" for word in ("yes", "no", "partly", "undecided")
            )
            sys.stdout.write(f"{world.name}, {test} | {' | '.join(shares)}\n")
    for many in (1, 4):
        share = false_decisions(NONE, times, many)
        sys.stdout.write(f"some environment of 13 holds one of {many} claims: {share:.3f}\n")
    for q in (0.05, 0.1, 0.2):
        held, upper = covered((13, 4), q, 0.9, times)
        sys.stdout.write(f"52 cells of 13 machines, q = {q}: {held:.3f} (no flip: {upper:.4f})\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
