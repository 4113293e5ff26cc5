"""How many jobs stand where, how fast they end, and how long the rest takes.

Pure: made by the ledgers of ``progress``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from osgrepro.common.models import RunState

# The rate is taken over so many ends: enough to be steady, few enough to follow a change.
RATE_ENDS = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How many jobs stand where; the rate and the time left where they can be told.

    ``left_low_s`` and ``left_high_s`` hold the time left in nine of ten cases, as far as it is
    chance how many of so many jobs end in a given time. ``good`` and ``good_s`` are how many
    attempts ended well, and how long these took together.
    """

    counts: Mapping[RunState, int]
    total: int
    ended: int
    rate_per_s: float | None
    left_s: float | None
    left_low_s: float | None = None
    left_high_s: float | None = None
    good: int = 0
    good_s: float = 0.0


def together(tallies: Iterable[Tally], ends: Iterable[float], now_s: float) -> Tally:
    """Return the tally of several logs; ``ends`` are all of their last ends."""
    counts: Counter[RunState] = Counter()
    total = ended = good = 0
    good_s = 0.0
    for tally in tallies:
        counts.update(tally.counts)
        total += tally.total
        ended += tally.ended
        good += tally.good
        good_s += tally.good_s
    return tally_of(counts, (total, ended, good, good_s), sorted(ends)[-RATE_ENDS:], now_s)


def tally_of(
    counts: Mapping[RunState, int],
    sums: tuple[int, int, int, float],
    ends: list[float],
    now_s: float,
) -> Tally:
    """Return the tally of jobs: ``sums`` are total, ended, and good attempts with their seconds.

    By what attempts took and how many run now, a pause or a restart of the pool changes nothing.
    Where no attempt's duration is known, the last ends count.
    """
    total, ended, good, good_s = sums
    running = counts.get(RunState.RUNNING, 0)
    rate_per_s = left_s = None
    if good > 1 and good_s > 0 and running:
        rate_per_s = running * good / good_s
        waiting = total - ended - running - counts.get(RunState.HELD, 0)
        # What runs now is half done on average.
        left_s = (waiting + running / 2) / rate_per_s
    elif len(ends) > 1 and now_s > ends[0]:
        rate_per_s = (len(ends) - 1) / (now_s - ends[0])
        left_s = (total - ended) / rate_per_s
    spread = 1.64 / max(min(good or len(ends), RATE_ENDS), 1) ** 0.5
    return Tally(
        counts={state: count for state, count in counts.items() if count},
        total=total,
        ended=ended,
        rate_per_s=rate_per_s,
        left_s=left_s,
        left_low_s=None if left_s is None else left_s / (1 + spread),
        left_high_s=None if left_s is None else left_s * (1 + spread),
        good=good,
        good_s=good_s,
    )
