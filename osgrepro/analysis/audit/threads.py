"""Where the threads that were asked for, those that computed, and the CPUs in sight disagree.

The size of the intra-op pool decides in which order a backend adds up, and with it the outcome's
bits; so a disagreement is a fact about the data, not a fault of a run.
"""

from __future__ import annotations

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.findings import Note
from osgrepro.common.texts import among

_NUMBERS = {
    "effective": "intra_op_threads",
    "usable": "usable_cpus",
    "logical": "logical_cpus",
    "provisioned": "provisioned_cpus",
}


def disagreements(frame: pd.DataFrame) -> tuple[Note, ...]:
    """Return one note for each kind of disagreement in each software × hardware environment.

    Where the affinity mask is unknown, the machine's logical CPUs are what a pool should have. A
    run that lacks a number is in no note that needs it.

    Parameters
    ----------
    frame : DataFrame
        One row a run: ``software``, ``hardware``, ``threads_requested`` (``host`` or a number),
        ``intra_op_threads``, ``usable_cpus``, ``logical_cpus`` and ``provisioned_cpus``; all but
        the first two may be absent.

    Returns
    -------
    tuple of Note
        Of the kinds ``threads requested`` (the number asked for isn't the pool's), ``threads of the
        host`` (the pool isn't as large as the CPUs in sight) and ``threads provisioned`` (the pool
        is larger than what the slot gave); ``where`` is the software and the hardware. Of the kind
        ``threads not measured``, by software, where runs do not tell how many computed.
    """
    if frame.empty:
        return ()
    numbers = _numbers(frame.reset_index(drop=True))
    effective = numbers["effective"]
    visible = numbers["usable"].fillna(numbers["logical"])
    host = numbers["host"].astype(bool)
    kinds = (
        ("threads requested", numbers["requested"], numbers["requested"] != effective),
        ("threads of the host", visible.where(host), visible != effective),
        ("threads provisioned", numbers["provisioned"], numbers["provisioned"] < effective),
    )
    notes: list[Note] = []
    for kind, expected, differs in kinds:
        wrong = differs & expected.notna() & effective.notna()
        notes += _notes(kind, numbers.assign(expected=expected), wrong)
    notes += _unmeasured(numbers, frame.reset_index(drop=True))
    return tuple(sorted(notes, key=lambda note: note.where))


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers as floats, NaN where there is none."""
    nothing = pd.Series(float("nan"), index=frame.index)
    pools: pd.DataFrame = pd.DataFrame(
        {
            name: pd.to_numeric(frame.get(column, nothing), errors="coerce").astype(float)
            for name, column in _NUMBERS.items()
        }
    )
    requested = frame.get("threads_requested", nothing)
    pools["requested"] = pd.to_numeric(requested, errors="coerce").astype(float)
    pools["host"] = (requested == "host").fillna(False).astype(bool)
    pools["software"] = frame["software"].astype(str)
    pools["hardware"] = frame["hardware"].astype(str)
    return pools


def _unmeasured(numbers: pd.DataFrame, frame: pd.DataFrame) -> list[Note]:
    """Return where nobody knows how many threads computed: that compares no thread counts."""
    asked = numbers["requested"].notna() | numbers["host"]
    lacking = asked & numbers["effective"].isna() & frames.column(frame, "origin").isna()
    emulated = frames.true(frame, "emulated")
    notes = []
    for software, rows in numbers[lacking].groupby("software"):
        hardware = sorted(rows["hardware"].unique())
        more = f" and {len(hardware) - _SHOWN} more" if len(hardware) > _SHOWN else ""
        pretended = int(emulated[rows.index].sum())
        slots = f", {pretended} of them on slots that emulate other machines" if pretended else ""
        every = int((numbers["software"] == software).sum())
        text = (
            f"{software} on {', '.join(hardware[:_SHOWN])}{more}: how many threads computed was "
            f"not measured ({among(len(rows), every, 'run')}{slots}): "
            "that they agree or differ says nothing about thread counts."
        )
        where = (str(software), *hardware[:_SHOWN])
        notes.append(Note(kind="threads not measured", text=text, where=where))
    return notes


_SHOWN = 4
_TEXTS = {
    "threads requested": "{expected} {threads} requested, {effective} computed",
    "threads of the host": "as many threads as CPUs in sight ({expected}) were requested,"
    " {effective} computed",
    "threads provisioned": "{computed} in a slot of {expected} provisioned {cpus}",
}


def _notes(kind: str, numbers: pd.DataFrame, wrong: pd.Series) -> list[Note]:
    notes = []
    wrong = wrong.astype(bool)
    total = numbers.groupby(["software", "hardware"]).size()
    for where, rows in numbers[wrong].groupby(["software", "hardware"]):
        pairs = rows.groupby(["expected", "effective"]).size()
        texts = [
            _TEXTS[kind].format(
                expected=f"{pair[0]:g}",
                effective=f"{pair[1]:g}",
                threads="thread was" if pair[0] == 1 else "threads were",
                computed=f"{pair[1]:g} thread{'' if pair[1] == 1 else 's'} computed",
                cpus="CPU" if pair[0] == 1 else "CPUs",
            )
            + f" ({among(count, total[where], 'run')})"
            for pair, count in pairs.items()
        ]
        software, hardware = str(where[0]), str(where[1])
        text = f"{software} on {hardware}: {'; '.join(texts)}."
        notes.append(Note(kind=kind, text=text, where=(software, hardware)))
    return notes
