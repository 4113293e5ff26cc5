"""Feed whole but damaged things to osgrepro, and follow what reaches code that none reached before.

A target is a property of tests/fuzz: hypothesis makes a whole result, campaign, archive, event log,
dataset or crate of the bytes that libFuzzer changes, so each input is a whole thing with a few
faults. Runs in the environment of requirements/fuzz.txt, which lends the project's own packages
from .venv; where atheris has no wheel, hypothesis alone draws. `make fuzz` calls this.

usage: python scripts/fuzz.py [--seconds N] [TARGET...]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / ".venv/lib/python{}.{}/site-packages".format(*sys.version_info)
TARGETS = tuple(sorted(file.stem[5:] for file in (ROOT / "tests/fuzz").glob("test_*.py")))
# Where inputs that reached something new are kept for the next run, and those that failed.
KEPT = ROOT / ".fuzz"
MEMORY_MB = 1024
_HANG_S = 60
_MOST_BYTES = 8192
_SEEDS = 32
# Loading everything takes a while, and libFuzzer ends only between two inputs.
_LATE_S = 180
_CHILD = "--child"


@dataclass(frozen=True)
class Outcome:
    """How a target ended: edges that its inputs ``reached``, and the exit code of its process."""

    target: str
    inputs: int
    reached: int
    peak_mb: int
    code: int

    def line(self) -> str:
        """Return the outcome in words."""
        ended = "no failure" if self.code == 0 else f"FAILED, exit code {self.code}"
        return (
            f"{self.target}: {self.inputs:,} inputs, {self.reached:,} edges reached, "
            f"{self.peak_mb:,} MB at most: {ended}"
        )


def outcome(target: str, said: str, code: int) -> Outcome:
    """Read what libFuzzer said in the end."""

    def last(pattern: str) -> int:
        numbers = re.findall(pattern, said, re.M)
        return int(numbers[-1]) if numbers else 0

    return Outcome(
        target=target,
        inputs=last(r"^(?:stat::number_of_executed_units: +|#)(\d+)"),
        reached=last(r" cov: (\d+) "),
        peak_mb=last(r"(?:^stat::peak_rss_mb: +| rss: )(\d+)"),
        code=code,
    )


def fuzz(target: str, seconds: int) -> Outcome:
    """Let atheris change inputs of a target for so long, in a process of its own."""
    corpus, failed = KEPT / "corpus" / target, KEPT / "failed"
    sow(corpus)
    failed.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_total_time={seconds}", f"-rss_limit_mb={MEMORY_MB}", f"-timeout={_HANG_S}"]
    form = [f"-max_len={_MOST_BYTES}", "-len_control=0", "-print_final_stats=1", "-seed=1"]
    argv = [__file__, _CHILD, target, *limits, *form, f"-artifact_prefix={failed}/{target}-"]
    code, said = run([sys.executable, *argv, str(corpus)], seconds + _LATE_S)
    if code:
        say(said[-6000:])
    return outcome(target, said, code)


def sow(corpus: Path) -> None:
    """Put inputs to begin with into an empty folder."""
    corpus.mkdir(parents=True, exist_ok=True)
    dice = random.Random(1)  # noqa: S311
    for number in range(0 if any(corpus.iterdir()) else _SEEDS):
        (corpus / f"seed-{number}").write_bytes(dice.randbytes(_MOST_BYTES // 2))


def draw(target: str, seconds: int) -> Outcome:
    """Let hypothesis alone draw examples, by the tests, until the time is over; no coverage."""
    argv = ["-m", "pytest", "-q", f"tests/fuzz/test_{target}.py"]
    ends_s = time.monotonic() + seconds
    code, said = 0, ""
    while not code and time.monotonic() < ends_s:
        code, said = run([str(ROOT / ".venv/bin/python"), *argv], seconds + _LATE_S)
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    if code:
        say(said[-6000:])
    return Outcome(target, 0, 0, peak_mb, code or int(peak_mb > MEMORY_MB))


def run(argv: Sequence[str], seconds: int) -> tuple[int, str]:
    """Run a program in a session of its own, which ends with it; return its code and words."""
    places = os.pathsep.join(map(str, (ROOT, ROOT / "tests/support", PACKAGES)))
    with subprocess.Popen(
        argv,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": places, "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return 124, process.communicate()[0]
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, said


def child(target: str, argv: Sequence[str]) -> None:
    """Fuzz one target in this process, as libFuzzer's own options say; does not return."""
    import atheris  # noqa: PLC0415

    with atheris.instrument_imports(include=["osgrepro"]):
        one_input = property_of(target).hypothesis.fuzz_one_input
        # What doors load when it is first asked for is to be counted, too.
        one_input(bytes(4 * _MOST_BYTES))

    def test(data: bytes) -> None:
        # Behind the end of its bytes a thing is as plain as it can be.
        one_input(data + bytes(4 * _MOST_BYTES))

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        return changed(data, most, random.Random(seed), atheris.Mutate)  # noqa: S311

    atheris.Setup([target, *argv], test, custom_mutator=mutate)
    atheris.Fuzz()


def changed(
    data: bytes, most: int, dice: random.Random, mutate: Callable[[bytes, int], bytes]
) -> bytes:
    """Return other bytes: half of the time a few drawn anew, so that all behind them stay theirs.

    Every draw of hypothesis takes bytes of the input in turn: where one is inserted or removed, all
    later draws change, and the thing becomes quite another one.
    """
    if not data or dice.random() < 0.5:
        return bytes(mutate(data, most))[:most]
    made = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        place = dice.randrange(len(made))
        end = min(place + dice.randint(1, 8), len(made))
        made[place:end] = dice.randbytes(end - place)
    return bytes(made[:most])


def property_of(target: str) -> Callable[..., None]:
    """Return the property of tests/fuzz that is a target's."""
    place = ROOT / "tests/fuzz" / f"test_{target}.py"
    spec = importlib.util.spec_from_file_location(f"fuzz_{target}", place)
    if spec is None or spec.loader is None:
        raise ImportError(str(place))
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Callable[..., None] = module.FUZZED
    return made


def say(text: str) -> None:
    """Say what goes on, beside what is printed as the outcome."""
    sys.stderr.write(f"{text}\n")


def main(argv: Sequence[str]) -> int:
    """Fuzz the targets that are named, one after the other, and print how each ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    told = parser.parse_args(argv)
    if strange := sorted(set(told.targets) - set(TARGETS)):
        parser.error(f"no target {', '.join(strange)}: choose from {', '.join(TARGETS)}")
    way = fuzz
    if importlib.util.find_spec("atheris") is None:
        version = "{}.{}".format(*sys.version_info)
        say(f"atheris has no wheel for Python {version} here: hypothesis draws without coverage")
        way = draw
    failed = []
    for target in told.targets or TARGETS:
        ended = way(target, told.seconds)
        sys.stdout.write(f"{ended.line()}\n")
        sys.stdout.flush()
        failed += [target] if ended.code else []
    for target in failed:
        say(f"{target}: `.venv/bin/python -m pytest tests/fuzz/test_{target}.py` finds it again")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == [_CHILD]:
        child(sys.argv[2], sys.argv[3:])
    sys.exit(main(sys.argv[1:]))
