"""What a kill tells of memory, by the kernel's own count."""

from __future__ import annotations

import pytest

from osgrepro.payload.processes import memory, program


@pytest.mark.parametrize(
    ("events", "lacked", "said"),
    [
        ("low 0\noom 3\noom_kill 2\n", True, "the kernel says that it killed"),
        ("oom_kill 0\n", False, "counts no process"),
        (None, True, "most likely for lack of memory"),
    ],
)
def test_a_kill_is_for_memory_unless_the_kernel_counts_none(
    tmp_path, monkeypatch, events, lacked, said
):
    monkeypatch.setattr(
        memory.threads,
        "cgroup_text",
        lambda _root, name: events if name == "memory.events" else None,
    )
    assert memory.lacked(str(tmp_path)) is lacked
    assert said in memory.likely({}, str(tmp_path))


@pytest.mark.parametrize(("lacked", "kind"), [(True, "OutOfMemoryError"), (False, "TrainingError")])
def test_a_program_killed_for_lack_of_memory_says_so_by_its_type(monkeypatch, lacked, kind):
    monkeypatch.setattr(program, "lacked", lambda: lacked)
    error = program._failure("script.py", -9, "")
    assert (type(error).__name__, error.exit_code) == (kind, 10)
