"""Change the code in small ways, and name the changes that no test notices.

mutmut makes the mutants and runs them; this draws a sample of a room, and gives each mutant the
tests that mirror its module, as CONTRIBUTING.md tells. All of it happens in a copy of the checkout
that is removed afterwards. Runs in the environment of requirements/mutants.txt, which lends the
project's own packages from .venv; `make mutants` calls this.

usage: python scripts/mutants.py [--sample N] [--seed N] ROOM...
"""

from __future__ import annotations

import argparse
import configparser
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = Path(sys.executable).with_name("mutmut")
PACKAGES = Path(".venv/lib/python{}.{}/site-packages".format(*sys.version_info))
# What mutmut makes, and what tests look for beside a checkout: not part of it.
APART = frozenset({"mutants", "osgrepro", "shared"})
# A message may be said otherwise, and no test should hold its words.
WORDING = (r"\braise \w+\(", r"\b(hint|why|missing)=", r"\bNotAssessable\(")
KILLED = frozenset({"killed", "timeout", "segfault"})
NO_TESTS = "no tests"


class MutantsError(Exception):
    """What stands against a run, in words."""


@dataclass(frozen=True)
class Row:
    """A line of CONTRIBUTING.md: modules that are tested elsewhere, all of a folder if none."""

    folders: tuple[str, ...]
    names: tuple[str, ...]
    tests: tuple[str, ...]
    why: str


def table(contributing: str) -> list[Row]:
    """Return the table of modules without a test file of their name."""
    _, _, part = contributing.partition("## Modules without")
    lines = [line.strip("| ").split(" | ") for line in part.splitlines() if line[:3] == "| `"]
    ticked = [[tuple(re.findall(r"`([^`]+)`", cell)) for cell in line] for line in lines]
    return [Row(*row[:3], line[3]) for row, line in zip(ticked, lines, strict=True)]


def mirrored(module: str, root: Path, rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the unit tests of a module, named by its path below the checkout."""
    path = Path(module)
    own = Path("tests/unit", *path.parts[1:-1], f"test_{path.stem.lstrip('_')}.py")
    if (root / own).exists():
        return (str(own),)
    there = [row for row in rows if f"{path.parent}/" in row.folders]
    named = [row for row in there if path.stem in row.names]
    found = named or [row for row in there if not row.names]
    return tuple(sorted({test for row in found for test in row.tests if "tests/unit/" in test}))


def modules(room: str, root: Path) -> list[str]:
    """Return the modules of a room: a folder of osgrepro, or one module with or without .py."""
    place = root / "osgrepro" / room.removeprefix("osgrepro/").strip("/")
    paths = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    if ".." in place.parts or not paths or not all(path.is_file() for path in paths):
        raise MutantsError(f"ROOM={room}: osgrepro/ has no such folder or module")
    return [str(path.relative_to(root)) for path in paths]


def draw(mutants: Mapping[str, str], count: int, seed: int) -> dict[str, str]:
    """Return a sample of the mutants, the same one for the same seed."""
    names = sorted(mutants)
    chosen = random.Random(seed).sample(names, min(count, len(names)))  # noqa: S311
    return {name: mutants[name] for name in sorted(chosen)}


def configure(copy: Path, paths: Sequence[str], tests: Sequence[str]) -> None:
    """Tell mutmut which modules to change, and which tests to run."""
    entries = sorted({path.name for path in copy.iterdir()} - APART)
    settings = configparser.ConfigParser(interpolation=None)
    settings["mutmut"] = {
        "source_paths": "osgrepro",
        "only_mutate": _lines(paths),
        "also_copy": _lines(entries),
        "do_not_mutate_patterns": _lines(WORDING),
        "pytest_add_cli_args_test_selection": _lines(tests),
        # Workers of processes that ran tests would find their caches filled.
        "process_isolation": "forkserver",
        # A mutant's tests may take a minute, and ten times what they take without it.
        "timeout_multiplier": "10.0",
        "timeout_constant": "6.0",
    }
    with (copy / "setup.cfg").open("w") as file:
        settings.write(file)


def _lines(values: Sequence[str]) -> str:
    return "".join(f"\n{value}" for value in values)


def mutants_of(paths: Sequence[str]) -> dict[str, str]:
    """Return the names of the mutants of modules, each with its module; in the copy only."""
    # mutmut reads the settings of the working folder, when it is imported.
    from mutmut.mutation.file_mutation import mutate_file_contents  # noqa: PLC0415
    from mutmut.utils.format_utils import get_mutant_name  # noqa: PLC0415

    return {
        get_mutant_name(Path(path), name): path
        for path in paths
        for name in mutate_file_contents(path, Path(path).read_text()).mutant_names
    }


def mutmut(*argv: str) -> str:
    """Run mutmut in the working folder, and return what it says; its workers end with it."""
    with subprocess.Popen(
        [MUTMUT, *argv],
        env={**os.environ, "PYTHONPATH": str(ROOT / PACKAGES)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        # A spinner turns in lines of its own.
        said = re.sub(r"^[\u2800-\u28ff] .*\n", "", said, flags=re.M)
        raise MutantsError(f"mutmut {argv[0]} failed:\n{said[-8000:]}")
    return said


def judge(names: Sequence[str], copy: Path) -> dict[str, str]:
    """Run the configured tests against each mutant, and return how each ended."""
    # mutmut would take a module that it only copied before for one that it has mutated.
    shutil.rmtree(copy / "mutants", ignore_errors=True)
    try:
        mutmut("run", "--max-children", "1", *names)
    except MutantsError as error:
        if "could not find any test case" not in str(error):
            raise
        return dict.fromkeys(names, NO_TESTS)
    said = re.findall(r"^ *(\S+): (.+)$", mutmut("results", "--all", "true"), re.M)
    return {name: status for name, status in said if name in names}


def try_room(room: str, count: int, seed: int, copy: Path) -> Iterator[str]:
    """Yield what each mutant of a sample changed that its tests let pass, and then the scores."""
    paths = modules(room, copy)
    configure(copy, paths, ())
    everything = mutants_of(paths)
    sample = draw(everything, count, seed)
    rows = table((copy / "CONTRIBUTING.md").read_text())
    groups = defaultdict(list)
    for name, path in sample.items():
        groups[mirrored(path, copy, rows)].append(name)
    ended: dict[str, str] = {}
    for tests, names in sorted(groups.items()):
        say(f"{room}: {len(ended)} of {len(sample)} mutants tried, next {' '.join(tests)}")
        configure(copy, sorted({sample[name] for name in names}), tests)
        found = judge(names, copy) if tests else dict.fromkeys(names, NO_TESTS)
        for name, status in found.items():
            if status == NO_TESTS:
                yield f"# {name}: {NO_TESTS}"
            elif status not in KILLED:
                yield mutmut("show", name)
        ended |= found
    yield scores(room, sample, ended, f"{len(everything)} mutants, seed {seed}")


def scores(room: str, sample: Mapping[str, str], ended: Mapping[str, str], drawn_from: str) -> str:
    """Return the score of each module, and that of the room; what was not tried counts, too."""
    lines = [
        _score(path, [name for name in sample if sample[name] == path], ended)
        for path in sorted(set(sample.values()))
    ]
    return "\n".join([*lines, f"{_score(room, list(sample), ended)}, a sample of {drawn_from}"])


def _score(what: str, names: Sequence[str], ended: Mapping[str, str]) -> str:
    killed = sum(ended.get(name) in KILLED for name in names)
    share = f" ({100 * killed / len(names):.0f} %)" if names else ""
    # On a busy machine a mutant may run out of time that does no harm.
    late = sum(ended.get(name) == "timeout" for name in names)
    return f"{what}: {killed} of {len(names)} mutants killed{share}" + (
        f", {late} of them by the time limit" if late else ""
    )


def copy_checkout(target: Path) -> None:
    """Copy what git knows or would take, so that the checkout itself is never changed."""
    argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    # mutmut runs the tests in a folder of the copy: what is beside the checkout has to be there.
    (target / "shared").symlink_to(ROOT.parent / "shared")


def say(text: str) -> None:
    """Say how far it is, beside what is printed as the result."""
    sys.stderr.write(f"{text}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Try the rooms that are named, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rooms", nargs="+", metavar="ROOM", help="such as runs/render")
    parser.add_argument("--sample", type=_count, default=40, help="mutants of each room")
    parser.add_argument("--seed", type=int, default=1, help="draws another sample")
    told = parser.parse_args(argv)
    try:
        for room in told.rooms:
            modules(room, ROOT)
    except MutantsError as error:
        parser.error(str(error))
    # So that the copy is removed then, too.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        _try_rooms(told.rooms, told.sample, told.seed)
    except MutantsError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise argparse.ArgumentTypeError(f"{text}: a whole number of mutants is wanted")
    return int(text)


def _try_rooms(rooms: Sequence[str], count: int, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="osgrepro-mutants-") as folder:
        copy = Path(folder) / "osgrepro"
        copy.mkdir()
        copy_checkout(copy)
        # mutmut works in the working folder, and reads its settings there.
        os.chdir(copy)
        try:
            for room in rooms:
                for text in try_room(room, count, seed, copy):
                    sys.stdout.write(f"{text.strip()}\n\n")
                    sys.stdout.flush()
        finally:
            os.chdir(ROOT)


if __name__ == "__main__":
    sys.exit(main())
