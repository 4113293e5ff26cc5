"""Names: the letters of outcome classes and the words of answers, everywhere the same.

Nobody else writes them: a test demands it.
"""

from __future__ import annotations

from typing import Final, Literal

YES: Final = "yes"
NO: Final = "no"
PARTLY: Final = "partly"
UNDECIDED: Final = "undecided"
NOT_ASSESSABLE: Final = "not assessable"
Answer = Literal["yes", "no", "partly", "undecided", "not assessable"]
# Whether a claim has the same answer when it is asked in another way; None: it can't be asked so.
SameAnswer = bool | Literal["undecided"] | None

# Whether the repeats of a cell are the same to the last bit.
TIED: Final = "tied"
NONDETERMINISTIC: Final = "nondeterministic"
RepeatAnswer = Literal["tied", "nondeterministic"]

# Whether runs that were done again end in the classes of the first ones.
AGREE: Final = "agree"
DISAGREE: Final = "disagree"
RerunAnswer = Literal["agree", "disagree", "not assessable"]
RERUN_ANSWERS: tuple[RerunAnswer, ...] = (AGREE, DISAGREE, NOT_ASSESSABLE)

# Whether emulated runs end in the classes of the remote ones.
CONFIRMED: Final = "confirmed"
REFUTED: Final = "refuted"
NOT_EMULABLE: Final = "not emulable"
NOT_READY: Final = "not ready"
NOT_TRIED: Final = "not tried"
EmulationAnswer = Literal["confirmed", "refuted", "not emulable", "not ready", "not tried"]
EMULATION_ANSWERS: tuple[EmulationAnswer, ...] = (
    *(CONFIRMED, REFUTED, NOT_EMULABLE),
    *(NOT_READY, NOT_TRIED),
)

# Whether two runs recorded the same: as a whole, and stage by stage.
SAME: Final = "same"
DIFFERS: Final = "differs"
NOT_RECORDED: Final = "not recorded"
DivergenceAnswer = Literal["same", "differs", "not assessable"]
StageStatus = Literal["same", "differs", "not recorded"]


def letter(number: int) -> str:
    """Return the name of the class with this number, from 0: A to Z, then AA, AB and so on."""
    name = ""
    while number >= 0:
        number, place = divmod(number, 26)
        name, number = chr(ord("A") + place) + name, number - 1
    return name
