"""What the finding says of repeats: where they agree, where not, and what the same machine does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from osgrepro.analysis.findings import NONDETERMINISTIC, TIED, Cell, ExperimentFindings
from osgrepro.common.texts import among, each_of
from osgrepro.report import words

_NAMES = 4


def repeats(experiments: Sequence[ExperimentFindings]) -> Iterator[str]:
    """Yield where repeats agree and where not, and where the same machine does both."""
    cells = [cell for experiment in experiments for cell in experiment.cells if cell.ok]
    moving = [cell for cell in cells if cell.repeatability == NONDETERMINISTIC]
    tied = [cell for cell in cells if cell.repeatability == TIED]
    if not cells:
        return
    if not moving and not tied:
        yield f"{_nothing_repeated(cells)}, so whether a machine agrees with itself is not known."
    elif not moving:
        open_ = len(cells) - len(tied)
        more = f"; {words.count(open_, 'more has', 'more have')} none to compare" if open_ else ""
        where = each_of(len(tied), "cell")
        yield f"Repeats {words.agreement(experiments)} in {where}{more}."
    else:
        yield from _cpus(experiments, cells, moving)
        yield from _contrasts(experiments)


def _nothing_repeated(cells: Sequence[Cell]) -> str:
    """Return why there is no repeat to compare, as the first part of a sentence."""
    unseeded = sum(cell.unseeded for cell in cells)
    if unseeded:
        runs = sum(cell.ok for cell in cells)
        of = "No run was" if unseeded == runs else f"{unseeded:,} of {runs:,} runs were not"
        return f"{of} seeded, and such runs repeat nothing"
    if any(cell.ok > cell.seeds for cell in cells):
        return "No two runs of a cell recorded what can be compared"
    return "No run was repeated"


def _cpus(
    experiments: Sequence[ExperimentFindings], cells: Sequence[Cell], moving: Sequence[Cell]
) -> Iterator[str]:
    """Yield that repeats disagree on GPUs alone, if they do."""
    cpus = [cell for cell in cells if not cell.gpu]
    tied = sum(cell.repeatability == TIED for cell in cpus)
    if not tied or not all(cell.gpu for cell in moving):
        return
    some = f" that has repeats ({among(tied, len(cpus), 'cell')})" if tied < len(cpus) else ""
    yield f"Repeats {words.agreement(experiments)} on every CPU{some}."


@dataclass(frozen=True, slots=True)
class _Contrast:
    """On which machines repeats disagree, and what they do there with which software."""

    machines: tuple[str, ...]
    text: str


def _contrasts(experiments: Sequence[ExperimentFindings]) -> Iterator[str]:
    """Yield on which machines repeats disagree, and with what they agree there.

    Machines and experiments of which the same is to be said share a sentence; those of most
    experiments come first, and the last sentence counts what has none.
    """
    alike: dict[_Contrast, list[str]] = {}
    for experiment in experiments:
        for contrast in _own_contrasts(experiment):
            alike.setdefault(contrast, []).append(experiment.name)
    ranked = sorted(alike.items(), key=lambda pair: -len(pair[1]))
    for contrast, names in ranked[:_NAMES]:
        machines = listed(contrast.machines)
        yield f"On {machines}, repeats of {listed(names)} {contrast.text}."
    if rest := ranked[_NAMES:]:
        rest_machines = {name for contrast, _ in rest for name in contrast.machines}
        concerned = list(dict.fromkeys(name for _, names in rest for name in names))
        kinds = words.count(len(rest_machines), "kind of machine", "kinds of machine")
        yield (
            f"Elsewhere they differ, too: those of {listed(concerned)} on {kinds}, which the "
            "sections on repeatability of a page or of `--full` name."
        )


def _own_contrasts(experiment: ExperimentFindings) -> Iterator[_Contrast]:
    """Yield the contrasts of one experiment."""
    differing: dict[str, list[str]] = {}
    cells: dict[str, list[Cell]] = {}
    for cell in experiment.cells:
        cells.setdefault(cell.hardware, []).append(cell)
    for hardware, own in cells.items():
        moving = [cell for cell in own if cell.repeatability == NONDETERMINISTIC]
        steady = [cell for cell in own if cell.repeatability == TIED]
        if moving:
            text = f"differ with {listed([cell.software for cell in moving])}"
            agreeing = _agreeing(words.agreement([experiment]), moving, steady)
            differing.setdefault(text + agreeing, []).append(hardware)
    for text, names in differing.items():
        yield _Contrast(tuple(sorted(names)), text)


def _agreeing(agree: str, moving: Sequence[Cell], steady: Sequence[Cell]) -> str:
    """Return with which software the repeats on some hardware agree, and whether it is the same."""
    where: dict[str, list[str]] = {}
    for cell in steady:
        where.setdefault(_same(cell, moving), []).append(cell.software)
    return "".join(f", and {agree} with {listed(of)}{how}" for how, of in where.items())


def _same(cell: Cell, moving: Sequence[Cell]) -> str:
    """Return whether a cell was on the machine of others, or of their kind."""
    if cell.hosts and all(cell.hosts == cell_moving.hosts for cell_moving in moving):
        return " on the same machine"
    if cell.kinds and all(cell.kinds == cell_moving.kinds for cell_moving in moving):
        return " on the same kind of machine"
    if cell.kinds or cell.hosts:
        return ", but on another machine of this name"
    return ", but which machine that was is not recorded"


def listed(names: Iterable[str]) -> str:
    """Return names as in a sentence, the first few of them and how many more there are."""
    several = list(names)
    shown = several[:_NAMES]
    rest = len(several) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
