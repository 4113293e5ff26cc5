"""What a pair of remote and emulated runs answers, and in which words.

Called by ``confirmation``.
"""

from __future__ import annotations

from osgrepro.analysis.findings import (
    CONFIRMED,
    NOT_EMULABLE,
    NOT_READY,
    NOT_TRIED,
    REFUTED,
    EmulationAnswer,
    counted_words,
)
from osgrepro.analysis.replication.pairs import Pair


def answer_of(
    pair: Pair, remote_letters: str, emulated_letters: str | None
) -> tuple[EmulationAnswer, str]:
    """Return what a pair answers, and why, naming its outcomes by their letters."""
    if not pair.emulated:
        return _untried(pair), _no_run(pair)
    if pair.compared is None:
        return NOT_EMULABLE, "no fingerprint and no metric is recorded on both sides"
    if set(pair.reached) <= set(pair.expected):
        same = _same(pair, remote_letters, emulated_letters)
        return (NOT_EMULABLE, f"{same}; {_coarse(pair)}") if pair.coarse else (CONFIRMED, same)
    disagree = "; the emulated repeats disagree" if len(pair.reached) > 1 else ""
    text = f"{pair.compared}: {emulated_letters} here, {remote_letters} there{disagree}"
    if not pair.unlike:
        return REFUTED, text
    # Whether the cause is another, or only what could not be emulated, nobody can tell.
    return NOT_EMULABLE, f"{text}: differs, and was not like the remote: {'; '.join(pair.unlike)}"


def _untried(pair: Pair) -> EmulationAnswer:
    """Return why there is no emulated run: what no one can mend, what one can, or nothing known."""
    if pair.same_definition or pair.counterpart.obstacles:
        return NOT_EMULABLE
    return NOT_READY if pair.counterpart.lacking else NOT_TRIED


def _coarse(pair: Pair) -> str:
    what = counted_words(pair.metrics)
    return f"only {what} were recorded, which runs that differ may share: nothing is confirmed"


def _same(pair: Pair, remote_letters: str, emulated_letters: str | None) -> str:
    text = f"{pair.compared}: the same{'' if pair.coarse else ' to the last bit'}"
    if len(pair.expected) > 1:
        disagree = f"the remote repeats disagree ({remote_letters})"
        text = f"{pair.compared}: {disagree}; {emulated_letters} is among theirs"
    return f"{text}, in spite of: {'; '.join(pair.unlike)}" if pair.unlike else text


def _no_run(pair: Pair) -> str:
    if pair.same_definition:
        return "replayed, but no run ended well"
    if pair.counterpart.why_none:
        return "; ".join(pair.counterpart.why_none)
    if pair.differing:
        return f"not replayed yet: the emulated runs have other {', '.join(pair.differing)}"
    return "not replayed yet"
