"""Adequacy: how far the evidence of some environments reaches beyond them.

Called for one experiment at a time, with its cells. A hardware environment is one draw from the
machines that there are, also where it ends as another one does; everything here counts these draws.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from scipy import optimize

from osgrepro.analysis.findings import Adequacy, Cell, NotAssessable
from osgrepro.common.texts import counted

# AOAC Official Methods of Analysis, Appendix D: 8 laboratories at least for a collaborative study,
# among other conditions.
LABORATORIES = 8
_UNIT = "hardware environment"


def wilks(n: int, confidence: float = 0.95) -> float:
    """Return which share of a population lies within [min, max] of n independent members.

    Notes
    -----
    The β with 1 − nβ^(n−1) + (n−1)β^n = confidence: S. S. Wilks, Annals of Mathematical Statistics
    12 (1941).
    """
    content = optimize.brentq(
        lambda share: 1 - n * share ** (n - 1) + (n - 1) * share**n - confidence, 0.0, 1.0
    )
    return float(content)


def good_turing(counts: Iterable[int]) -> float:
    """Return the coverage 1 − f₁/n of a sample, by how often each kind was seen.

    Notes
    -----
    I. J. Good, Biometrika 40 (1953): f₁ is the number of kinds seen once.
    """
    seen = list(counts)
    return 1 - seen.count(1) / sum(seen)


def chao1(counts: Iterable[int]) -> float:
    """Return a lower estimate of how many kinds there are, by how often each was seen.

    Notes
    -----
    S + (n−1)/n · f₁²/(2f₂), or with f₁(f₁−1)/2 where f₂ = 0: A. Chao, Scandinavian Journal of
    Statistics 11 (1984); N. J. Gotelli and R. K. Colwell, Biological Diversity (2011), chapter 4.
    """
    seen = list(counts)
    n, once, twice = sum(seen), seen.count(1), seen.count(2)
    unseen = once**2 / (2 * twice) if twice else once * (once - 1) / 2
    return len(seen) + (n - 1) / n * unseen


def environments_needed(share: float, probability: float = 0.95) -> int | None:
    """Return how many environments show at least one flip; None where none ever does.

    Notes
    -----
    The smallest m with 1 − (1−q)^m ≥ P, m ≥ ln(1−P)/ln(1−q), q the share of flips.
    """
    if share <= 0:
        return None
    if share >= 1:
        return 1
    count = math.log1p(-probability) / math.log1p(-share)
    return math.ceil(count) if math.isfinite(count) else None


def adequacy(
    cells: Sequence[Cell], kinds: Mapping[tuple[str, str], Hashable]
) -> tuple[Adequacy, ...]:
    """Return how far the evidence reaches in each software environment of one experiment.

    What an environment showed is counted once, not by runs: repeats in one environment are no
    further laboratories, and no further classes of others.

    Parameters
    ----------
    cells : sequence of Cell
        Those of the experiment.
    kinds : mapping
        By software and hardware what tells machines apart, as
        :func:`osgrepro.analysis.seeds.kinds` returns it.
    """
    software = dict.fromkeys(cell.software for cell in cells)
    return tuple(
        _adequacy(name, [cell for cell in cells if cell.software == name], kinds)
        for name in software
    )


def _adequacy(
    software: str, cells: Sequence[Cell], by_cell: Mapping[tuple[str, str], Hashable]
) -> Adequacy:
    known = [cell for cell in cells if cell.classes]
    # What a machine did with other seeds than the next one tells nothing of either.
    kinds = Counter(
        by_cell[software, cell.hardware] for cell in known if (software, cell.hardware) in by_cell
    )
    enough = len(known) >= LABORATORIES
    few = NotAssessable(why=counted(len(known), _UNIT), missing="a second hardware environment")
    several = len(known) > 1
    different = len(kinds) if kinds or not known else None
    return Adequacy(
        software=software,
        hardware=len(known),
        distinct=len({letter for cell in known for letter in cell.classes}),
        enough_laboratories=enough,
        wilks=wilks(len(known)) if several else few,
        coverage=_answered(good_turing, kinds) if several else few,
        chao1=_answered(chao1, kinds) if several else few,
        text=_text(len(known), different, enough),
        different=different,
    )


def _answered(
    estimate: Callable[[Iterable[int]], float], kinds: Counter[Hashable]
) -> float | NotAssessable:
    return estimate(kinds.values()) if kinds else _NO_COMMON_SEED


_NO_COMMON_SEED = NotAssessable(
    why="no seed that all hardware environments ran with", missing="runs with the same seed on all"
)


def _text(hardware: int, different: int | None, enough: bool) -> str:
    compared = "not fewer" if enough else "fewer"
    outcomes = (
        ", of which no seed ran on all, so that nothing tells how many outcomes differ"
        if different is None
        else f" with {different} different outcome{'' if different == 1 else 's'}"
    )
    text = (
        f"{counted(hardware, _UNIT)}{outcomes}; "
        f"{compared} than the {LABORATORIES} laboratories of AOAC Appendix D"
    )
    if hardware > 1:
        text += (
            f"; [min, max] holds at least {wilks(hardware) * 100:.3g} % of all such environments "
            "with 95 % confidence, if they are a random sample"
        )
    return f"{text}."
