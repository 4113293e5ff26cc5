"""What environment variables decide: software environments of one image that differ in them.

Two of them on one hardware environment are an experiment of their own: where the results differ,
the variables in which they differ are the cause, because nothing else was another.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.findings import Note
from osgrepro.analysis.seeds import seed_codes
from osgrepro.common.texts import among, counted

ENVIRONMENT = "environment_json"
_SAME = ("code_sha256", "params_json", "data_json", "threads_requested")
_TEXTS = ("software", "hardware", "image_sha256", ENVIRONMENT, "outcome")
_MOST = 10

Settings = Mapping[str, str]
# By hardware environment and seed.
Classes = dict[tuple[str, int], str]


def attributed(runs: pd.DataFrame, outcome: pd.Series[Any]) -> tuple[Note, ...]:
    """Return what environment variables decide in one experiment.

    Parameters
    ----------
    runs : DataFrame
        The runs of an experiment that ended well.
    outcome : Series
        The letter of each run's outcome class; null where it has none.

    Returns
    -------
    tuple of Note
        One for each pair of software environments of one image that differ in variables and ran
        on the same hardware environments; ``where`` is the pair, then the variables.
    """
    variables, images = frames.column(runs, ENVIRONMENT), frames.column(runs, "image_sha256")
    if variables.nunique() < 2:
        return ()
    kept = (variables.notna() & images.notna() & outcome.notna()).to_numpy()
    facts = {
        "software": runs["software"],
        "hardware": runs["hardware"],
        "image_sha256": images,
        ENVIRONMENT: variables,
        "outcome": outcome,
        "seed": pd.Series(seed_codes(runs)[0], index=runs.index),
        "alike": _alike(runs),
    }
    rows = pd.DataFrame(facts)[kept].drop_duplicates()
    return tuple(_notes(rows.astype(dict.fromkeys(_TEXTS, str))))


def _alike(runs: pd.DataFrame) -> pd.Series[Any]:
    """Return a number that runs share if all else that defines them is the same."""
    codes = {name: pd.factorize(frames.column(runs, name))[0] for name in _SAME}
    number: pd.Series[Any] = (
        pd.DataFrame(codes, index=runs.index).groupby(list(_SAME), sort=False).ngroup()
    )
    return number


def _notes(rows: pd.DataFrame) -> Iterator[Note]:
    images: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    facts = rows[["image_sha256", "alike", "software", ENVIRONMENT]].drop_duplicates()
    for image, alike, software, text in facts.itertuples(index=False, name=None):
        own = images[image, alike]
        # A name with two settings stands for neither.
        own[software] = text if own.get(software, text) == text else ""
    classes = _classes(rows)
    for several in images.values():
        for first, second in combinations(sorted(several), 2):
            names = _differing(several[first], several[second])
            if names:
                yield from _pair((first, second), names, classes)


def _classes(rows: pd.DataFrame) -> dict[str, Classes]:
    """Return the class of each software on each hardware with each seed, if repeats agree."""
    letters: dict[str, Classes] = defaultdict(dict)
    cells = rows.groupby(["software", "hardware", "seed"], observed=True)["outcome"]
    several, first = cells.nunique(), cells.first()
    same = first[several == 1].reset_index().itertuples(index=False, name=None)
    for software, hardware, seed, letter in same:
        letters[str(software)][str(hardware), int(seed)] = str(letter)
    return letters


def _differing(first: str, second: str) -> dict[str, tuple[str, str]]:
    """Return the variables that differ, and how each is set."""
    if not first or not second:
        return {}
    ours, theirs = _settings(first), _settings(second)
    shown = {name: (_shown(ours, name), _shown(theirs, name)) for name in {*ours, *theirs}}
    return {name: shown[name] for name in sorted(shown) if shown[name][0] != shown[name][1]}


def _settings(text: str) -> Settings:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _shown(settings: Settings, name: str) -> str:
    return repr(str(settings[name])) if name in settings else "not set"


def _pair(
    pair: tuple[str, str],
    names: Mapping[str, tuple[str, str]],
    classes: Mapping[str, Classes],
) -> Iterator[Note]:
    ours, theirs = (classes.get(software, {}) for software in pair)
    both = sorted({hardware for hardware, _ in ours.keys() & theirs.keys()})
    if not both:
        return
    differ = sorted({key[0] for key in ours.keys() & theirs.keys() if ours[key] != theirs[key]})
    set_ = "; ".join(f"{name} ({first}, {second})" for name, (first, second) in names.items())
    alone = "alone" if len(names) == 1 else "alone, together"
    if differ:
        shown = ", ".join(differ[:_MOST]) + (", …" if len(differ) > _MOST else "")
        said = f"their results differ on {among(len(differ), len(both), 'hardware environment')}"
        said = f"{said} ({shown}): that decides it there"
    else:
        said = f"it makes no difference on {counted(len(both), 'hardware environment')}"
    text = f"{pair[0]} and {pair[1]} are one image, and differ in {set_} {alone}: {said}."
    yield Note(kind="environment variables", text=text, where=(*pair, *names))
