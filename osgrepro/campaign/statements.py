"""Claims as one types them: ``mnist_convnet.test_accuracy > 0.99`` becomes a :class:`Claim`.

Called by the verbs that analyze; whether the names exist only the dataset knows.
"""

from __future__ import annotations

import hashlib
import math
import re

from osgrepro.common.errors import UsageError
from osgrepro.common.models import Claim

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
# A dot parts experiment and metric at its last place: experiments have dots, metrics have none.
_METRIC = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?"
_TERM = rf"({_NAME})\.({_METRIC})"
_AGAINST = re.compile(rf"{_TERM}\s*([<>])\s*({_NUMBER})")
_TWO = re.compile(rf"{_TERM}\s*([<>])\s*{_TERM}")
_DIFFERENCE = re.compile(rf"{_TERM}\s+-\s+{_TERM}\s*([<>])\s*({_NUMBER})")
_MARGIN = rf"(?:±|\+/?-)\s*({_NUMBER})"
# A number before what it is a number of: 0.86 < mnist.accuracy.
_TURNED = re.compile(rf"({_NUMBER})\s*([<>])\s*({_TERM}(?:\s+-\s+{_TERM})?)")
_ABOUT = re.compile(rf"{_TERM}\s*=\s*({_NUMBER})\s*{_MARGIN}")
_ALIKE = re.compile(rf"{_TERM}\s*=\s*{_TERM}\s*{_MARGIN}")
# What people write instead, and what is wrong with it.
_FAULTS = (
    (re.compile(r"\bNUMBER\b"), "put the number that you published or expected in place of NUMBER"),
    (re.compile(r"[<>]=|=[<>]|≤|≥"), ">= and <= are not known: write > or <"),
    (re.compile(r"\d\s*%"), "no percent sign: write the number as the metric was recorded"),
    (re.compile(r"=="), "write = with a margin, as in = 0.99 +- 0.001"),
    (
        re.compile(rf"=(?!.*(?:±|\+/?-)\s*{_NUMBER}\s*$)"),
        "an equality needs a margin: write +- and how far apart is still the same",
    ),
    (
        re.compile(rf"^{_METRIC}\s*[<>=]"),
        "name the metric, too: EXPERIMENT.METRIC",
    ),
)
_HINT = (
    "write it as 'mnist_convnet.test_accuracy > 0.99', 'a.accuracy > b.accuracy', "
    "'a.accuracy - b.accuracy > 0.01' or 'a.accuracy = b.accuracy +- 0.005'"
)


def read_claim(text: str) -> Claim:
    """Read a claim.

    Parameters
    ----------
    text : str
        ``EXPERIMENT.METRIC > NUMBER``, ``A.METRIC > B.METRIC`` or ``A.METRIC - B.METRIC > NUMBER``;
        two experiments are compared with ``<`` too, which swaps them, and the number may come
        first. ``A.METRIC = B.METRIC +-
        NUMBER`` and ``EXPERIMENT.METRIC = NUMBER +- NUMBER`` are of equivalence.

    Raises
    ------
    UsageError
        If it reads otherwise, compares two metrics or an experiment with itself, or has no margin
        above 0.
    """
    claim = _read(_number_last(text.strip()), text)
    if not math.isfinite(claim.delta):
        raise UsageError(
            f"--claim {text!r}: its number is beyond all numbers",
            hint="write a number that the metric can reach",
        )
    if claim.a == claim.b:
        raise UsageError(
            f"--claim {text!r}: compares {claim.a} with itself",
            hint="name two experiments, or one and a number",
        )
    return claim


def _number_last(words: str) -> str:
    """Return a claim with its number on the right, as ``a.m > 0.5`` for ``0.5 < a.m``.

    Experiments may have numbers for names: ``0.86 < it.86`` compares two.
    """
    two = _TWO.fullmatch(words)
    if (two and two[2] == two[5]) or _AGAINST.fullmatch(words):
        return words
    if match := _TURNED.fullmatch(words):
        return f"{match[3]} {'>' if match[2] == '<' else '<'} {match[1]}"
    return words


def _read(words: str, text: str) -> Claim:
    if match := _DIFFERENCE.fullmatch(words):
        first, metric, second, other_metric, sign, number = match.groups()
        delta = float(number)
        if sign == "<":  # a − b < d is b − a > −d
            first, second, metric, other_metric, delta = second, first, other_metric, metric, -delta
        return _claim(words, first, metric, second, other_metric, delta)
    if match := _AGAINST.fullmatch(words):
        name, metric, sign, number = match.groups()
        return Claim(
            name=_name(words),
            a=name,
            metric=metric,
            delta=float(number),
            below=sign == "<",
        )
    if match := _TWO.fullmatch(words):
        first, metric, sign, second, other_metric = match.groups()
        if sign == "<":
            first, metric, second, other_metric = second, other_metric, first, metric
        return _claim(words, first, metric, second, other_metric, 0.0)
    if match := _ABOUT.fullmatch(words):
        name, metric, number, margin = match.groups()
        near = Claim(name=_name(words), a=name, metric=metric, delta=float(number))
        return _equivalent(near, words, margin)
    if match := _ALIKE.fullmatch(words):
        first, metric, second, other_metric, margin = match.groups()
        return _equivalent(_claim(words, first, metric, second, other_metric, 0.0), words, margin)
    fault = next((why for sign, why in _FAULTS if sign.search(words)), "can't be read as a claim")
    raise UsageError(f"--claim {text!r}: {fault}", hint=_HINT)


def _claim(
    text: str, first: str, metric: str, second: str, other_metric: str, delta: float
) -> Claim:
    if metric != other_metric:
        raise UsageError(
            f"--claim {text!r}: compares {metric} with {other_metric}",
            hint="both sides need the same metric",
        )
    return Claim(name=_name(text), a=first, b=second, metric=metric, delta=delta)


def _equivalent(claim: Claim, text: str, margin: str) -> Claim:
    if not 0 < float(margin) < float("inf"):
        raise UsageError(
            f"--claim {text!r}: the margin {margin} is not above 0",
            hint="say how far apart is still the same, in the metric's unit",
        )
    return claim.model_copy(update={"test": "equivalence", "margin": float(margin)})


def _name(text: str) -> str:
    """Return a claim's name: its text with only the characters that names have."""
    spelled = text.replace(">", "above").replace("<", "below").replace(" - ", "-minus-")
    spelled = re.sub(r"±|\+/?-", "within", spelled.replace("=", "is"))
    # 1e+5 is 1e5; a hyphen in its place would make it 1e-5.
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", spelled.replace("+", "")).strip("-._")
    if len(name) <= _LONGEST:
        return name
    # Two claims that begin alike are still two.
    own = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST - 9].strip('-._')}-{own}"


# A little less than names may have.
_LONGEST = 60
