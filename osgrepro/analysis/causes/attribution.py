"""Which recorded attributes of the hardware determine the outcome class: smallest sets, and proof.

Called for each experiment with its outcome classes. What can't be told apart is named: every
alias of every cause, and the further run that would break one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from osgrepro.analysis.causes.attributes import ATTRIBUTES
from osgrepro.analysis.causes.causes import causes, counterexamples, divisions
from osgrepro.analysis.causes.chance import chance
from osgrepro.analysis.causes.environments import Environments, Sorted, environments
from osgrepro.analysis.causes.majority import majority
from osgrepro.analysis.causes.next_run import next_run
from osgrepro.analysis.causes.relabelling import among_types
from osgrepro.analysis.findings import Attribution, Cause, Chance, NotAssessable, Note
from osgrepro.analysis.statistics.partitions import Codes, canonical

LARGEST = 4

_REMARKS = {
    "repeats disagree": "repeats disagree, and no class has more than half of the runs: set aside"
    " in the attribution",
    "odd runs": "one run or a few are of another class than most, which decides",
    "identity": "another value in every type of machine, which would determine any outcome: not"
    " taken for a cause",
    "unknown values": "not known in every environment: not taken for a cause",
}


def attribute(
    frame: pd.DataFrame,
    outcome: pd.Series,
    letters: Sequence[str],
    *,
    attributes: Sequence[str] = tuple(ATTRIBUTES),
    largest: int = LARGEST,
) -> tuple[Attribution, ...]:
    """Return what determines the outcome class of one experiment, by software and scope.

    The scopes are CPU, GPU, and all where an experiment has both. An environment is of the class of
    more than half of its runs, and set aside where there is none; :func:`remarks` names these.

    Environments of one type of machine end alike because they are alike: they count as one. An
    attribute that tells all types apart (a model's name, a kernel's version among few machines)
    would determine any outcome, a random one too. It explains nothing and is never a cause: it is
    among ``constant``, with those that don't vary and those that are not known in
    every environment.

    Parameters
    ----------
    frame : DataFrame
        One row a run of one experiment: ``software``, ``hardware``, and attributes as columns.
    outcome : Series
        The letter of each run's outcome class, in the frame's order; null where it has none.
    letters : sequence of str
        The classes in the order in which groups are listed; runs of others are left out.
    attributes : sequence of str
        What may be a cause, the physically meaningful first; columns that are absent don't count.
    largest : int
        The size of the largest set that is searched.

    Returns
    -------
    tuple of Attribution
        A cause stands for all smallest sets that differ from it in one attribute: these are its
        aliases. Sets that differ in more are causes of their own, those with the fewest groups
        first.
    """
    return attributions(_environments(frame, outcome, letters, attributes), letters, largest)


def attributions(
    scopes: Iterable[Environments], letters: Sequence[str], largest: int = LARGEST
) -> tuple[Attribution, ...]:
    """Return what determines the outcome class in environments that are already told apart."""
    return tuple(attribution(of_scope, letters, largest) for of_scope in scopes)


def remarks(
    frame: pd.DataFrame,
    outcome: pd.Series,
    letters: Sequence[str],
    *,
    attributes: Sequence[str] = tuple(ATTRIBUTES),
) -> tuple[Note, ...]:
    """Return what limits the attribution: what was set aside, excluded, or is unknown.

    The kinds are ``repeats disagree``, ``odd runs`` (environments), ``identity`` and ``unknown
    values`` (attributes); the parameters are those of :func:`attribute`.
    """
    return limits(_environments(frame, outcome, letters, attributes))


def _environments(
    frame: pd.DataFrame, outcome: pd.Series, letters: Sequence[str], attributes: Sequence[str]
) -> Iterator[Environments]:
    codes, known = pd.factorize(outcome)
    agreed = majority(frame, np.asarray(codes, dtype=np.int64))
    settled = pd.Series([*known, None], dtype=object).take(agreed.codes)
    return environments(frame, settled, letters, attributes, agreed.odd)


def limits(several: Iterable[Environments]) -> tuple[Note, ...]:
    """Return what limits the attribution among environments that are already told apart."""
    notes: list[Note] = []
    for of_scope in several:
        place = f"{of_scope.software}, {of_scope.scope}"
        names_of = of_scope.sorted_names
        named = {
            "repeats disagree": of_scope.split,
            "odd runs": tuple(of_scope.odd),
            "identity": names_of.identities,
            "unknown values": names_of.unknown,
        }
        for kind, names in named.items():
            if names:
                text = f"{place}: {', '.join(names)}: {_REMARKS[kind]}."
                notes.append(Note(kind=kind, text=text, where=tuple(names)))
    return tuple(notes)


def attribution(
    of_scope: Environments, letters: Sequence[str], largest: int = LARGEST
) -> Attribution:
    """Return what determines the outcome class in the environments of one scope."""
    names = of_scope.sorted_names
    considered = names.considered
    answer: tuple[Cause, ...] | NotAssessable
    why = _unassessable(of_scope, names)
    divided = divisions(of_scope, considered)
    answer = causes(of_scope, divided, letters, largest) if why is None else why
    known = () if isinstance(answer, NotAssessable) else answer
    return Attribution(
        software=of_scope.software,
        scope=of_scope.scope,
        classes=len(set(of_scope.letters)),
        hardware=len(of_scope.hardware),
        types=of_scope.type_count,
        causes=answer,
        counterexamples=() if why else counterexamples(of_scope, considered, known),
        next_run=next_run(of_scope, known),
        considered=tuple(considered),
        constant=(*names.constant, *names.identities, *names.unknown),
        chances=tuple(_chances(of_scope, divided[1], known)),
        odd=dict(of_scope.odd),
        by_site=of_scope.by_site,
    )


def _chances(
    of_scope: Environments, columns: Sequence[Codes], known: Sequence[Cause]
) -> Iterator[Chance]:
    """Yield how often sets of each size of the causes would fit by chance."""
    for size in sorted({len(cause.attributes) for cause in known if cause.attributes}):
        target = canonical(of_scope.letters)
        dealt = among_types(target, of_scope.types)
        if (own := chance(columns, target, size, dealt)) is not None:
            yield own


# What makes two environments of a scope alike, in people's words.
_KEY = {"CPU": "CPU", "GPU": "GPU", "all": "CPU and GPU"}


def _unassessable(of_scope: Environments, names: Sorted) -> NotAssessable | None:
    """Return why no cause can be sought, or None."""
    n, types = len(of_scope.hardware), of_scope.type_count
    units = f"{types} {of_scope.units}"
    aside = f" ({len(of_scope.split)} set aside: their repeats disagree)" if of_scope.split else ""
    reasons = (
        (
            n == 0,
            f"no environment has one class{aside}",
            "repeats that agree: an image or a setting without what makes them disagree",
        ),
        (n == 1, f"one environment only{aside}", "runs in a second hardware environment"),
        (
            len(set(of_scope.letters)) == 1,
            f"all {n} environments are in one class{aside}: there is no difference to explain",
            "an environment with another outcome",
        ),
        (
            not names.considered and bool(names.identities),
            f"what varies has another value in each of the {units}: {', '.join(names.identities)}",
            "environments that share some attributes and not others",
        ),
        (
            not names.considered and bool(names.unknown),
            f"what varies is not known in each of the {n} environments: {', '.join(names.unknown)}",
            "these values of every environment",
        ),
        (
            not names.considered,
            f"no recorded attribute varies among the {n} environments",
            "the attribute in which they differ: record more provenance",
        ),
        (
            len(set(of_scope.letters)) == types,
            f"each of the {units} has a class of its own{aside}, which anything that"
            " tells them apart would explain",
            f"another environment with the {_KEY[of_scope.scope]} of one of them"
            if types == n
            else "a site whose machines end differently, or a machine of one site at another"
            if of_scope.by_site
            else "a further type of machine, which is like one of these in some attributes",
        ),
    )
    return next((NotAssessable(why=w, missing=m) for true, w, m in reasons if true), None)
