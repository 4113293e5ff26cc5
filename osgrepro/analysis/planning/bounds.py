"""The smallest numbers with which a bound holds: the formulas of the analysis, turned around."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

import numpy as np
from scipy import optimize, special

from osgrepro.analysis.adequacy import environments_needed, wilks
from osgrepro.analysis.planning.present import Place
from osgrepro.analysis.statistics import quantiles
from osgrepro.analysis.statistics.iso5725.degrees import FEWEST
from osgrepro.analysis.statistics.ties import p_upper

_CONFIDENCE = 0.95
_MOST = 1_000_000
_TAIL = (1 - _CONFIDENCE) / 2
_POWER = 0.8
_QUANTILES = (np.arange(200) + 0.5) / 200
_TOO_MANY = "; it takes more than a million: ask for less"
_Number = Literal["repeats", "environments", "seeds"]


@dataclass(frozen=True, slots=True)
class Answer:
    """How many a bound takes, None where no number up to a million is enough, and why.

    ``of`` says of what where the place decides it.
    """

    needed: int | None
    text: str
    of: _Number | None = None


# What a place needs.
Bound = Callable[[Place], Answer]


def _p_upper(bound: float) -> Bound:
    trials = _fewest(lambda m: p_upper(m) <= bound, 1)

    def answer(place: Place) -> Answer:
        seeds = max(place.seeds, 1)
        # Of n runs with s seeds, n − s count.
        needed = None if trials is None else -(-trials // seeds) + 1
        with_seeds = f" with each of {seeds} seeds" if seeds > 1 else ""
        return _answer(
            needed,
            f"repeats of a cell{with_seeds}: if all agree, a further run differs with a "
            f"probability of at most {_percent(bound)}",
        )

    return answer


def _s_R(ratio: float) -> Bound:  # noqa: N802, the standard's symbol
    """Return what takes the interval of tied repeats, the widest, where there is none yet.

    Notes
    -----
    √(f/χ²(0.025; f)) with f = p − 1: ISO 5725-2's s_R of a normal sample of p environments. An
    interval that is there tells which f its environments have; f grows as their number does.
    """
    degrees = _degrees(ratio)

    def answer(place: Place) -> Answer:
        p, reach = place.laboratories, place.reach
        per = 1.0 if reach is None else _degrees(reach) / (p - 1)
        count = degrees / per if per else math.inf
        # What is there must not be one short by the rounding of a root.
        needed = max(FEWEST, math.ceil(count - 1e-6) + 1) if count <= _MOST else None
        like = (
            "if they are like a normal sample; a few machines that are far off take more"
            if reach is None
            else f"if more are like those there; now it reaches to {reach:.3g} times s_R"
        )
        return _answer(
            needed,
            "hardware environments: the interval of s_R then reaches to at most "
            f"{_factor(ratio)} times s_R, {like}",
        )

    return answer


def _degrees(reach: float) -> float:
    """Return the degrees of freedom of an interval that reaches to so many times its estimate."""
    least, most = math.log(0.05), math.log(1e12)

    def apart(logarithm: float) -> float:
        f = math.exp(logarithm)
        return 0.5 * math.log(f / float(quantiles.chi_squared(_TAIL, f))) - math.log(reach)

    if apart(least) <= 0:
        return math.exp(least)
    return math.exp(optimize.brentq(apart, least, most)) if apart(most) < 0 else math.inf


def _range(share: float) -> Bound:
    answer = _answer(
        _fewest(lambda n: wilks(n, _CONFIDENCE) >= share, 2),
        "hardware environments: their smallest and largest value then hold "
        f"{_percent(share)} of all such environments between them",
    )
    return lambda _: answer


def _flips(share: float) -> Bound:
    needed = environments_needed(share, _CONFIDENCE)
    answer = _answer(
        needed if needed is not None and needed <= _MOST else None,
        f"hardware environments: if {_percent(share)} of all contradict a claim, at least one of "
        "these does",
    )
    return lambda _: answer


def _seeds(factor: float) -> Bound:
    """Return what effects that add up take.

    Notes
    -----
    The ratio of two variances with p − 1 and s − 1 degrees of freedom is off by a quantile of F.
    """

    def near(p: int, s: int) -> bool:
        ends = (quantiles.fisher(1 - _TAIL, *both) for both in ((p - 1, s - 1), (s - 1, p - 1)))
        return bool(max(map(float, ends)) ** 0.5 <= factor)

    @cache
    def answer_with(p: int) -> Answer:
        needed = _fewest(lambda s: near(p, s), 2) if p > 1 else None
        text = (
            f"seeds, with {p} hardware environment{'' if p == 1 else 's'}: how many times as much "
            f"machines change as seeds do is then known to a factor of about {_factor(factor)}"
        )
        if needed is not None:
            return Answer(needed, text)
        even = _fewest(lambda both: near(both, both), 2)
        if even is None:
            return Answer(None, f"{text}; even a million of both are too few: ask for less")
        return Answer(None, f"{text}; that takes more environments too, such as {even:,} of both")

    return lambda place: answer_with(place.environments)


def _margin(margin: float) -> Bound:
    """Return what it takes to show that two experiments are equivalent on one machine."""

    def answer(place: Place) -> Answer:
        of: _Number = "seeds" if place.seeds > 1 else "repeats"
        sd = place.sd
        text = (
            f"{of} of both experiments in a cell: if their means are the same, A = B ± "
            f"{_apart(margin, place)} is then shown with a probability of {_percent(_POWER)}, "
            "tested in "
            f"{place.tests} cells at once, "
        )
        if sd is None:
            text += f"but nothing tells how far {of} are apart: run a second one"
            return Answer(None, text, of)
        needed = _fewest(lambda n: equivalence_power(margin, sd, n, place.tests) >= _POWER, 2)
        more = "" if needed is not None else _TOO_MANY
        return Answer(
            needed, f"{text}if {of} stay as far apart as here (sd {_apart(sd, place)}){more}", of
        )

    return answer


def _apart(difference: float, place: Place) -> str:
    """Return a difference of the metric: of accuracies in percentage points."""
    if place.points is None:
        return f"{difference:.3g}"
    size = f"{difference * place.points:.3g}"
    return f"{size} {'point' if size == '1' else 'points'}"


def equivalence_power(margin: float, sd: float, n: int, tests: int = 1) -> float:
    """Return how probably two samples of n runs are shown to be equivalent that have one mean.

    Notes
    -----
    Two one-sided t tests (D. J. Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15,
    657 (1987)) at 0.05/tests, as Holm has the first of several. The mean difference is normal and
    its error independent of it, over whose quantiles the power is summed: K. F. Phillips, the same
    journal 18, 137 (1990).
    """
    if sd == 0:
        return 1.0
    freedom = 2 * (n - 1)
    errors = np.sqrt(special.chdtri(freedom, _QUANTILES) / freedom)
    critical = -special.stdtrit(freedom, (1 - _CONFIDENCE) / tests)
    room = margin / sd * (n / 2) ** 0.5 - critical * errors
    return float(np.maximum(2 * special.ndtr(room) - 1, 0.0).mean())


BOUNDS: dict[str, Callable[[float], Bound]] = {
    "p_upper": _p_upper,
    "s_R": _s_R,
    "range": _range,
    "flips": _flips,
    "seeds": _seeds,
    "margin": _margin,
}
NUMBER_OF: dict[str, _Number] = {
    "p_upper": "repeats",
    "s_R": "environments",
    "range": "environments",
    "flips": "environments",
    "seeds": "seeds",
    "margin": "repeats",
}


def _fewest(enough: Callable[[int], bool], least: int) -> int | None:
    """Return the smallest number that is enough, where more always are; None above a million."""
    low, high = least - 1, least
    while not enough(high):
        low, high = high, 2 * high
        if low >= _MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high if high <= _MOST else None


def _answer(needed: int | None, text: str) -> Answer:
    return Answer(needed, text if needed is not None else f"{text}{_TOO_MANY}")


def _percent(share: float) -> str:
    """Return a share as it was asked for: rounded, 0.99999 would be all."""
    return f"{_factor(float(Decimal(repr(share)) * 100))} %"


def _factor(value: float) -> str:
    return repr(value).removesuffix(".0")
