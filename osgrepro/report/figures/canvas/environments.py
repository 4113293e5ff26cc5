"""In which order figures show the hardware and software environments of an experiment."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from osgrepro.analysis.findings import Cell
from osgrepro.report.figures.canvas.matrix import ROWS

Environments = tuple[str, str]  # hardware and software


def by_environments(cells: Sequence[Cell]) -> dict[Environments, Cell]:
    """Return the cells by hardware and software."""
    return {(cell.hardware, cell.software): cell for cell in cells}


def software_of(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Return the software environments in the order of the findings."""
    return tuple(dict.fromkeys(cell.software for cell in cells))


def hardware_of(cells: Sequence[Cell], limit: int = ROWS) -> tuple[str, ...]:
    """Return the hardware environments, those with equal outcomes beside each other.

    The first ``limit`` are the ones with the most runs, CPUs before GPUs, in the order of their
    classes from the largest on; the others follow.
    """
    runs: Counter[str] = Counter()
    own: dict[str, dict[str, Cell]] = defaultdict(dict)
    for cell in cells:
        runs[cell.hardware] += cell.ok + cell.failed
        own[cell.hardware][cell.software] = cell
    software = software_of(cells)
    largest = sorted(own, key=lambda name: (-runs[name], name))

    def pattern(name: str) -> tuple[object, ...]:
        gpu = any(cell.gpu for cell in own[name].values())
        return (gpu, *(_classes(own[name], column) for column in software), name)

    return (*sorted(largest[:limit], key=pattern), *largest[limit:])


def headings(cells: Sequence[Cell], hardware: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Return where CPUs and GPUs begin among hardware environments; nothing where all are alike."""
    with_gpu = {cell.hardware for cell in cells if cell.gpu}
    first = next((row for row, name in enumerate(hardware) if name in with_gpu), 0)
    return ((0, "CPUs"), (first, "GPUs")) if first else ()


def _classes(own: Mapping[str, Cell], software: str) -> tuple[int, list[tuple[int, str]]]:
    """Return a key that sorts by class; several classes follow one, and none comes last."""
    cell = own.get(software)
    letters = sorted((len(letter), letter) for letter in cell.classes) if cell else []
    return (len(letters) or 1_000_000, letters)


def remark(cell: Cell) -> str:
    """Return what has to be said of a cell whose slot only stood in for the hardware."""
    words = [
        word
        for word, is_so in (("emulated", cell.emulated), ("GPU simulated", cell.simulated_gpu))
        if is_so
    ]
    return ", ".join(words)
