"""One real pool for all faults, a campaign for each, and the table of how they ended."""

from __future__ import annotations

import tempfile
from pathlib import Path

import fault_bench
import pytest
import tiny_image

from osgrepro.pool import minipool
from osgrepro.pool.enclosure import provide

_ENDINGS = pytest.StashKey[list[fault_bench.Ending]]()


def pytest_configure(config):
    config.stash[_ENDINGS] = []


@pytest.fixture(scope="session")
def image():
    with tempfile.TemporaryDirectory(prefix="osgrepro-") as folder:
        Path(folder).chmod(0o755)
        yield tiny_image.build(tiny_image.PYTHON, Path(folder), provide())


@pytest.fixture(scope="module")
def settings():
    with tempfile.TemporaryDirectory(prefix="osgrepro-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield minipool.Settings(directory=Path(folder), memory_mb=2048)


@pytest.fixture(scope="module")
def pool(settings, image):
    try:
        made = minipool.up(settings)
        made.expose(image.parent)
        yield made
    finally:
        minipool.down(settings.directory)


@pytest.fixture
def bench(pool, settings, image):
    root = Path(tempfile.mkdtemp(prefix="osgrepro-"))
    root.chmod(0o755)
    with fault_bench.a_bench(settings, image, root) as made:
        yield made


@pytest.fixture
def ended(bench, request):
    """Wait for the end of a fault: every run is accounted for, exactly once."""

    def check(fault: str, happened: str) -> fault_bench.Ending:
        ending = bench.ending(fault, happened)
        request.config.stash[_ENDINGS].append(ending)
        assert (ending.lost, ending.doubled) == (0, 0)
        return ending

    return check


def pytest_terminal_summary(terminalreporter, config):
    endings = config.stash[_ENDINGS]
    if not endings:
        return
    heads = ("fault", "what happened", "lost", "doubled", "seconds", "a person did")
    rows = [
        (
            ending.fault,
            ending.happened,
            str(ending.lost),
            str(ending.doubled),
            f"{ending.seconds:.0f}",
            ending.did,
        )
        for ending in endings
    ]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    terminalreporter.section("faults")
    for row in (heads, *rows):
        line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        terminalreporter.write_line(line.rstrip())
