"""Which machines are unfit, and of which runs nothing comes: pure decisions about attempts."""

from __future__ import annotations

from typing import Collection, Iterable, Mapping

from .logs import Attempt, Kind

# A machine is avoided if so few fail there by chance, judged by those on which the same succeeds;
# one on which anything ever succeeded must be less likely still.
_FEWEST, _CHANCE, _CHANCE_ONCE_GOOD = 3, 0.01, 0.0001
# So many failures in a row and nothing else hold the rest; once anything succeeded, so many.
_HOLDS, _HOLDS_ONCE_GOOD = 5, 20
# Who runs so long, and twice as long as others took to fail, has not failed like these.
_SURVIVES_S = 10.0


def unfit(attempts: Collection[Attempt], now_s: float) -> set[str]:
    """Return the machines on which runs fail that succeed elsewhere, more than chance would."""
    by_machine: dict[str, list[Attempt]] = {}
    for attempt in sorted(attempts, key=lambda attempt: attempt.ended_s):
        by_machine.setdefault(attempt.machine, []).append(attempt)
    machines = set()
    for machine, here in by_machine.items():
        streak = _streak(here)
        if len(streak) < _FEWEST:
            continue
        elsewhere = [attempt for attempt in attempts if attempt.machine != machine]
        longest_s = max(attempt.lasted_s for attempt in streak)
        chance = 1.0
        for kind in {attempt.kind for attempt in streak}:
            rate = _rate([a for a in elsewhere if a.kind == kind], longest_s, now_s)
            chance *= rate ** sum(attempt.kind == kind for attempt in streak)
        once_good = any(attempt.bad is False for attempt in here)
        if chance <= (_CHANCE_ONCE_GOOD if once_good else _CHANCE):
            machines.add(machine)
    return machines


def hopeless(
    attempts: Iterable[Attempt], released_s: Mapping[Kind, float], now_s: float
) -> dict[Kind, int]:
    """Return the kinds of run of which nothing but failures comes, with how many in a row."""
    by_kind: dict[Kind, list[Attempt]] = {}
    for attempt in sorted(attempts, key=lambda attempt: attempt.ended_s):
        by_kind.setdefault(attempt.kind, []).append(attempt)
    counts = {}
    for kind, ours in by_kind.items():
        # Of a run that was released nothing is known yet. Runs that their slots lost say something
        # of the slots, or of the access point, whose end takes them all at once.
        own = [attempt for attempt in ours if not attempt.lost]
        streak = [a for a in _streak(own) if a.started_s >= released_s.get(kind, 0)]
        longest_s = max((attempt.lasted_s for attempt in streak), default=0.0)
        once_good = any(_survived(attempt, longest_s, now_s) for attempt in ours)
        running = any(a.bad is None and _survived(a, longest_s, now_s) for a in ours)
        if not running and len(streak) >= (_HOLDS_ONCE_GOOD if once_good else _HOLDS):
            counts[kind] = len(streak)
    return counts


def _streak(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return the last attempts of some in order, as far as they failed."""
    streak: list[Attempt] = []
    for attempt in attempts:
        if attempt.bad:
            streak.append(attempt)
        elif attempt.bad is False:
            streak = []
    return streak


def _survived(attempt: Attempt, failing_s: float, now_s: float) -> bool:
    if attempt.bad is None:
        return now_s - attempt.started_s > max(_SURVIVES_S, 2 * failing_s)
    return not attempt.bad


def _rate(elsewhere: Iterable[Attempt], failing_s: float, now_s: float) -> float:
    """Return how likely it is to fail on machines where anything succeeds; 1 if there are none."""
    known = [a for a in elsewhere if a.bad is not None or _survived(a, failing_s, now_s)]
    fit = {attempt.machine for attempt in known if _survived(attempt, failing_s, now_s)}
    ends = [bool(attempt.bad) for attempt in known if attempt.machine in fit]
    return (sum(ends) + 1) / (len(ends) + 2) if fit else 1.0
