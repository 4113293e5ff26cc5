"""A run ends when its program ends: what it left is ended, and told."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

# Holds the program's error output open, in a session of its own or not.
MONITOR = """
import json, subprocess, sys, time
monitor = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session={session}
)
open("pid", "w").write(str(monitor.pid))
json.dump({{"score": 1}}, open("metrics.json", "w"))
sys.stderr.write("the last words\\n")
{ending}
"""


def gone(pid):
    end = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.02)
    return not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("session", [False, True])
def test_a_monitor_in_the_background_does_not_keep_the_run(slot, session):
    slot.script(MONITOR.format(session=session, ending=""))
    slot.experiment["metrics_file"] = "metrics.json"
    code, output, result = slot.run(timeout=30)
    assert code == 0, output
    assert result["provenance"]["process"]["left_behind"]["count"] == 1
    assert any("still running" in note for note in result["provenance"]["notes"])
    assert "the last words" in output
    assert "still running when the training was over" in output
    assert gone(int((slot.folder / "pid").read_text()))


def test_the_last_words_of_a_program_that_fails_are_kept_all_the_same(slot):
    slot.script(MONITOR.format(session=True, ending="raise ValueError('eleven classes')"))
    slot.experiment["metrics_file"] = "metrics.json"
    code, _, result = slot.run(timeout=30)
    assert code == 10
    assert result["exception"]["message"].endswith("ValueError: eleven classes")
    assert result["provenance"]["process"]["left_behind"]["count"] == 1


def test_what_a_script_with_a_context_leaves_is_ended_too(slot):
    slot.script(
        "import subprocess, sys\n"
        "def run(context):\n"
        "    made = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],\n"
        "                            start_new_session=True)\n"
        "    open('pid', 'w').write(str(made.pid))\n"
        "    return {'score': 1}\n"
    )
    code, output, result = slot.run(timeout=30)
    assert code == 0, output
    assert result["provenance"]["process"]["left_behind"]["count"] == 1
    assert gone(int((slot.folder / "pid").read_text()))


def test_a_helper_that_ends_by_itself_is_nothing_to_tell_of(slot):
    slot.script(
        "import json, subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(0.2)'])\n"
        "json.dump({'score': 1}, open('metrics.json', 'w'))\n"
    )
    slot.experiment["metrics_file"] = "metrics.json"
    _, output, result = slot.run(timeout=30)
    assert result["provenance"]["process"].get("left_behind") is None, output
    assert json.dumps(result["provenance"]["notes"]) == "[]"
