"""How many repeats, environments and seeds it takes to know something as well as one wants to.

Called by ``analyze --plan`` with the findings of a dataset, so that what there is stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from scipy import stats

from osgrepro.analysis.adequacy import environments_needed, wilks
from osgrepro.analysis.findings import Findings, Requirement
from osgrepro.analysis.statistics.intervals import FEWEST
from osgrepro.analysis.statistics.ties import p_upper
from osgrepro.common.errors import UsageError, did_you_mean

_CONFIDENCE = 0.95
_MOST = 1_000_000
_TAIL = (1 - _CONFIDENCE) / 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A bound that is wanted: its name, its value, and the text that asked for it."""

    name: str
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class _Present:
    """How many repeats, environments and seeds every experiment and software has at least."""

    repeats: int
    environments: int
    seeds: int


_Of = Literal["repeats", "environments", "seeds"]
_Answer = tuple[_Of, int | None, str]


def wanted(text: str) -> Wanted:
    """Read what is wanted, such as ``p_upper=0.05``.

    Raises
    ------
    UsageError
        If there is no such bound, or its value can't be.
    """
    name, given, number = text.partition("=")
    name = name.strip()
    if name not in _BOUNDS:
        raise UsageError(
            f"--plan: nothing is named {name!r}{did_you_mean(name, list(_BOUNDS))}", hint=_HINT
        )
    try:
        value = float(number)
    except ValueError:
        fault = f"{number!r} is no number" if given else "its value is missing"
        raise UsageError(f"--plan {name}: {fault}", hint=_HINT) from None
    share = name in _SHARES
    if not (0 < value < 1 if share else 1 < value < math.inf):
        limits = "between 0 and 1" if share else "above 1"
        raise UsageError(f"--plan {name}: {number} is not {limits}", hint=_HINT)
    return Wanted(name=name, value=value, text=f"{name}={number.strip()}")


def requirements(found: Findings, wants: Iterable[str | Wanted]) -> tuple[Requirement, ...]:
    """Return how many repeats, environments or seeds each bound takes, and how many there are.

    Parameters
    ----------
    found : Findings
        Of a dataset: it has the number of seeds, and of environments.
    wants : iterable of str
        Bounds such as ``p_upper=0.05``, all at 95 % confidence. ``p_upper``: how probable a
        differing run may still be where all repeats of a cell agree. ``s_R``: how many times s_R
        its interval may reach to. ``range``: which share of all environments lies between the
        smallest and the largest value. ``flips``: which share of environments that contradict a
        claim is to be seen. ``seeds``: by which factor the ratio of machines to seeds may be off.

    Raises
    ------
    UsageError
        If one can't be read.
    """
    asked = [wanted(want) if isinstance(want, str) else want for want in wants]
    present = _present(found)
    return tuple(_requirement(want, present) for want in asked)


def _present(found: Findings) -> _Present:
    cells = [cell for experiment in found.experiments for cell in experiment.cells if cell.ok]
    hardware = [
        reach.hardware
        for experiment in found.experiments
        for reach in experiment.adequacy
        if reach.hardware
    ]
    return _Present(
        repeats=min((cell.ok // cell.seeds for cell in cells), default=0),
        environments=min(hardware, default=0),
        seeds=found.data.seeds,
    )


def _requirement(want: Wanted, present: _Present) -> Requirement:
    of, needed, text = _BOUNDS[want.name](want.value, present)
    there = getattr(present, of)
    return Requirement(
        wanted=want.text,
        of=of,
        needed=needed,
        present=there,
        enough=needed is not None and there >= needed,
        text=text,
    )


def _p_upper(bound: float, present: _Present) -> _Answer:
    trials = _fewest(lambda m: p_upper(m) <= bound, 1)
    seeds = max(present.seeds, 1)
    # Of n runs with s seeds, n − s count.
    needed = None if trials is None else -(-trials // seeds) + 1
    with_seeds = f" with each of {seeds} seeds" if seeds > 1 else ""
    text = (
        f"repeats of a cell{with_seeds}: if all agree, a further run differs with a probability of "
        f"at most {_percent(bound)}"
    )
    return "repeats", needed, text


def _s_R(ratio: float, _: _Present) -> _Answer:  # noqa: N802, the standard's symbol
    """Return the answer for the exact interval of tied repeats, which is the widest.

    Notes
    -----
    √(f/χ²(0.025; f)) with f = p − 1: ISO 5725-2's s_R of a normal sample of p environments.
    """

    def near(p: int) -> bool:
        return (p - 1) / float(stats.chi2.ppf(_TAIL, p - 1)) <= ratio**2

    text = (
        f"hardware environments: the interval of s_R then reaches to at most {ratio:g} times s_R, "
        "if they are like a normal sample; a few machines that are far off take more"
    )
    return "environments", _fewest(near, FEWEST), text


def _range(share: float, _: _Present) -> _Answer:
    text = (
        "hardware environments: their smallest and largest value then hold "
        f"{_percent(share)} of all such environments between them"
    )
    return "environments", _fewest(lambda n: wilks(n, _CONFIDENCE) >= share, 2), text


def _flips(share: float, _: _Present) -> _Answer:
    needed = environments_needed(share, _CONFIDENCE)
    text = (
        f"hardware environments: if {_percent(share)} of all contradict a claim, at least one of "
        "these does"
    )
    return "environments", needed if needed is not None and needed <= _MOST else None, text


def _seeds(factor: float, present: _Present) -> _Answer:
    """Return the answer for effects that add up.

    Notes
    -----
    The ratio of two variances with p − 1 and s − 1 degrees of freedom is off by a quantile of F.
    """

    def near(p: int, s: int) -> bool:
        ends = (stats.f.ppf(1 - _TAIL, *both) for both in ((p - 1, s - 1), (s - 1, p - 1)))
        return max(map(float, ends)) <= factor**2

    p = present.environments
    needed = _fewest(lambda s: near(p, s), 2) if p > 1 else None
    text = (
        f"seeds, with {p} hardware environments: how many times as much machines change as seeds "
        f"do is then known to a factor of about {factor:g}"
    )
    if needed is None:
        even = _fewest(lambda both: near(both, both), 2)
        text += f"; that takes more environments too, such as {even} of both"
    return "seeds", needed, text


_BOUNDS: dict[str, Callable[[float, _Present], _Answer]] = {
    "p_upper": _p_upper,
    "s_R": _s_R,
    "range": _range,
    "flips": _flips,
    "seeds": _seeds,
}
_SHARES = ("p_upper", "range", "flips")
_HINT = "such as p_upper=0.05, s_R=1.5, range=0.9, flips=0.1 or seeds=3"


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
    return high


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"
