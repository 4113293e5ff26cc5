"""Commands that a report suggests: they speak of the rows that its findings are of.

Called by the steps to take next and by the sections, whose commands are to be pasted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from osgrepro.analysis.findings import Findings
from osgrepro.common.texts import command


def again(findings: Findings, dataset: Path, *options: str) -> str:
    """Return the command that analyses the same rows with further options."""
    return command("osgrepro", "analyze", dataset, *findings.data.options, *options)


def alone(findings: Findings, dataset: Path, experiment: str) -> str:
    """Return the command that analyses of the same rows those of one experiment."""
    elsewhere = _without_experiments(findings.data.options)
    only = ("--only", f"experiment={experiment}")
    return command("osgrepro", "analyze", dataset, *elsewhere, *only)


def _without_experiments(options: Sequence[str]) -> Iterator[str]:
    """Yield options without those that choose experiments, beside which one would be a further."""
    words = iter(options)
    for word in words:
        if word != "--only":
            yield word
        elif not (term := next(words)).startswith("experiment="):
            yield from (word, term)
