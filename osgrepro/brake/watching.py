"""Watches event logs, and acts on the queue with HTCondor's commands."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any, Mapping

from .deciding import hopeless, unfit
from .logs import Attempt, History, Kind, Log

_FIRST_S, _LONGEST_S, _GROWTH = 0.5, 5.0, 1.2
# After so long without an event, and soon once all seems over, the queue is asked.
_SILENCE_S = 600.0
_NAME = re.compile(r'"([\w.:@-]+)"')


class Brake:
    """What one submission's brake knows, and what it did."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._avoided = {key: set(settings["avoided"]) for key in settings["batches"]}
        self._reason, self._subcode = settings["reason"], settings["subcode"]
        self._logs = {key: Log(files["log"]) for key, files in settings["batches"].items()}
        self._histories = {
            key: History(batch=key, experiments=_experiments(files["items"]))
            for key, files in settings["batches"].items()
        }

    def look(self, now_s: float) -> bool:
        """Read what is new, and act on it; return whether there was anything."""
        news = False
        for key, log in self._logs.items():
            history = self._histories[key]
            for event in log.new(now_s):
                history.fold(event)
                news = True
            self._avoid(history, unfit(self._fit(history), now_s))
            if news:
                fit = self._fit(history)
                for kind, count in hopeless(fit, history.released_s, now_s).items():
                    self._hold(history, kind, count)
        return news

    def over(self) -> bool:
        """Whether nothing is left to watch, as far as the logs tell."""
        return all(history.over for history in self._histories.values())

    def in_queue(self) -> bool:
        """Whether the queue still has any of the jobs, or does not answer."""
        keys = ", ".join(f'"{key}"' for key in self._histories)
        answer = _run("condor_q", "-constraint", f"member(OsgreproBatch, {{{keys}}})", "-totals")
        return answer is None or " 0 jobs;" not in f" {answer}"

    def _fit(self, history: History) -> list[Attempt]:
        """Return the attempts on machines that are not avoided."""
        avoided = self._avoided[history.batch]
        return [attempt for attempt in history.attempts if attempt.machine not in avoided]

    def _avoid(self, history: History, machines: set[str]) -> None:
        if not machines:
            return
        # What the queue says counts: another life of this program may have named some, and a person
        # may have let some be used again.
        said = _run("condor_q", str(history.cluster), "-limit", "1", "-af:r", "OsgreproAvoided")
        known = set(_NAME.findall(said)) if said and "{" in said else self._avoided[history.batch]
        listed = ", ".join(f'"{machine}"' for machine in sorted(known | machines))
        # The cluster's own ad: what all its jobs say, also those that are still to be made.
        job = f"{history.cluster}.-1"
        if _run("condor_qedit", job, "OsgreproAvoided", f"{{{listed}}}") is not None:
            self._avoided[history.batch] |= machines
            _say(f"cluster {history.cluster} avoids {', '.join(sorted(machines))}")

    def _hold(self, history: History, kind: Kind, count: int) -> None:
        idle = (
            f'ClusterId == {history.cluster} && JobStatus == 1 && OsgreproExperiment == "{kind[1]}"'
        )
        reason = f"{self._reason} ({count} attempts failed in a row, and none ended well)"
        words = ("-reason", reason, "-subcode", str(self._subcode), "-constraint", idle)
        if _run("condor_hold", *words) is not None:
            _say(f"cluster {history.cluster}, {kind[1]}: {count} failed in a row; the rest is held")


def _experiments(items: str) -> list[str]:
    """Return which experiment each row of an items file is a run of."""
    try:
        return [line.split(",")[2] for line in Path(items).read_text("ascii").splitlines()]
    except (OSError, ValueError, IndexError):
        return []


def _run(*argv: str) -> str | None:
    """Run one of HTCondor's commands; return what it printed, None if it failed."""
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        _say(f"{argv[0]}: {error}")
        return None
    if done.returncode:
        _say(f"{argv[0]}: {done.stdout.strip()} {done.stderr.strip()}")
        return None
    return done.stdout


def _say(sentence: str) -> None:
    print(time.strftime("%Y-%m-%d %H:%M:%S"), sentence, flush=True)


def main(settings_file: str) -> int:
    """Watch until the jobs that ``settings_file`` names are gone; return the exit code."""
    brake = Brake(json.loads(Path(settings_file).read_text("utf-8")))
    pause_s, news_s = _FIRST_S, time.monotonic()
    while True:
        if brake.look(time.time()):
            pause_s, news_s = _FIRST_S, time.monotonic()
        quiet_s = time.monotonic() - news_s
        if quiet_s > (_LONGEST_S if brake.over() else _SILENCE_S):
            if not brake.in_queue():
                return 0
            news_s = time.monotonic()
        time.sleep(pause_s)
        pause_s = min(pause_s * _GROWTH, _LONGEST_S)
