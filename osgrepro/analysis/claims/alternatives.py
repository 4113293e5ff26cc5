"""The same claim asked in other ways, and whether that changes its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.claims.agreement import Agreed
from osgrepro.analysis.findings import (
    NO,
    UNDECIDED,
    YES,
    ClaimCell,
    SameAnswer,
)
from osgrepro.common.models import Alternative, Claim


def instead(claim: Claim, runs: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, Claim | None]]:
    """Yield the name of each alternative and its claim; None where it can't be asked."""
    for alternative in claim.alternatives:
        yield _named(claim, alternative), _asked(claim, alternative, runs)


def same_answer(claim: Agreed, alternative: Agreed | None) -> SameAnswer:
    """Return whether environments answer as they answer the claim, when asked otherwise.

    Undecided where none answers the contrary, but some leave it open; None where some of those
    that judge the claim can't be asked, and the others do not differ.
    """
    own = {_place(cell): cell for cell in claim.of.cells}
    asked = {_place(cell): cell for cell in alternative.of.cells} if alternative else {}
    pairs = [(cell, asked[place]) for place, cell in own.items() if place in asked]
    if any(
        (cell.holds and again.contradicts) or (cell.contradicts and again.holds)
        for cell, again in pairs
    ) or (alternative and {claim.answer, alternative.answer} == {YES, NO}):
        return False
    if not own or not alternative or len(pairs) < len(own):
        return None
    alike = all(
        (cell.holds, cell.contradicts) == (again.holds, again.contradicts) for cell, again in pairs
    )
    if alike and claim.answer != UNDECIDED:
        return True
    return True if claim.answer == alternative.answer and claim.answer in (YES, NO) else UNDECIDED


def _place(cell: ClaimCell) -> tuple[str, str]:
    return cell.software, cell.hardware


def _asked(
    claim: Claim, alternative: Alternative, runs: Mapping[str, pd.DataFrame]
) -> Claim | None:
    changes: dict[str, object] = dict(_given(alternative))
    if alternative.baseline:
        baselines = frames.column(frames.ok(runs[claim.a]), "baseline").dropna().unique()
        if len(baselines) != 1:
            return None
        changes.update(b=None, delta=float(baselines[0]), below=False, margin=None)
        if claim.test == "equivalence" and alternative.test is None:
            changes["test"] = "welch"  # to be better is a question with a direction
    asked = claim.model_copy(update=changes)
    unpaired = asked.test == "mcnemar" and (asked.b is None or asked.delta != 0)
    return None if unpaired else asked


def _named(claim: Claim, alternative: Alternative) -> str:
    said = [f"{key} {value}" for key, value in _given(alternative).items()]
    return ", ".join(
        [*said, *([f"{claim.a} against the trivial model"] if alternative.baseline else [])]
    )


def _given(alternative: Alternative) -> dict[str, str | float]:
    """Return what an alternative asks otherwise; a dataset's claims spell out what is not given."""
    names = ("metric", "test", "delta", "margin")
    given = {name: getattr(alternative, name) for name in names}
    return {name: value for name, value in given.items() if value is not None}
