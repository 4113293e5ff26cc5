"""A check builds an image again, leaves it as it is, and says in what the two differ."""

from __future__ import annotations

import hashlib
import json
import os
import threading

import pytest

from osgrepro.common.errors import ImageError
from osgrepro.software import apptainer
from osgrepro.software.apptainer import place


def filed(text, mode="-rw-r--r--"):
    return f"{mode} {hashlib.sha256(text.encode()).hexdigest()}"


def everything(bench):
    files = [path for path in (bench.cache / "images").iterdir() if path.name != ".building"]
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_two_builds_of_one_plan_are_the_same_bytes(bench):
    bench.build()
    before = everything(bench)

    found = bench.check()

    assert (found.same_contents, found.same_bytes, found.differences) == (True, True, ())
    assert len(bench.calls("build")) == len(bench.bases) == 2
    assert before.items() <= everything(bench).items()
    assert not bench.leftovers()


def test_both_sides_are_as_their_locks_say(bench):
    image = bench.build()

    found = bench.check()

    lock = json.loads(bench.plan().facts_file.read_text())
    assert found.first == lock
    assert found.second["sha256"] == image.sha256
    assert found.second["content_sha256"] == lock["content_sha256"]


BEFORE = {
    "opt": ("dir", 0o755, ""),
    "opt/file": ("file", 0o644, "one"),
    "opt/link": ("link", 0o777, "file"),
}


@pytest.mark.parametrize(
    ("path", "what", "first", "second"),
    [
        ("opt/file", ("file", 0o644, "two"), filed("one"), filed("two")),
        ("opt/file", ("file", 0o755, "one"), filed("one"), filed("one", "-rwxr-xr-x")),
        ("opt/file", None, filed("one"), None),
        ("opt/more", ("file", 0o644, ""), None, filed("")),
        ("opt/link", ("link", 0o777, "elsewhere"), "link to file", "link to elsewhere"),
        ("opt/link", ("file", 0o644, "one"), "link to file", filed("one")),
        ("opt", ("dir", 0o700, ""), "drwxr-xr-x", "drwx------"),
    ],
)
def test_a_difference_is_found_by_its_path(bench, path, what, first, second):
    bench.holds(BEFORE)
    bench.build()
    bench.holds({**BEFORE, path: what})

    found = bench.check()

    assert (found.same_contents, found.same_bytes) == (False, False)
    assert found.differences == (apptainer.Difference(path=path, first=first, second=second),)
    assert not bench.leftovers()


def test_all_differences_are_named_in_order(bench):
    bench.holds({"b": ("dir", 0o755, ""), "c": ("dir", 0o755, "")})
    bench.build()
    bench.holds({"a": ("dir", 0o755, ""), "b": ("dir", 0o700, "")})

    assert [difference.path for difference in bench.check().differences] == ["a", "b", "c"]


def test_the_same_files_packed_otherwise_are_the_same_contents_and_other_bytes(bench):
    bench.holds(BEFORE)
    bench.build()
    bench.holds(dict(reversed(BEFORE.items())))

    found = bench.check()

    assert (found.same_contents, found.same_bytes, found.differences) == (True, False, ())


def test_an_image_that_was_changed_behind_its_lock_is_found_out(bench):
    """Its size and date are as they were, so that the lock seems to describe it."""
    bench.holds(BEFORE)
    bench.build()
    sif = bench.plan().sif
    facts = sif.stat()
    sif.write_bytes(sif.read_bytes().replace(b'"one"', b'"two"'))
    os.utime(sif, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert bench.plan().is_built

    found = bench.check()

    (difference,) = found.differences
    assert (difference.path, difference.first) == ("opt/file", filed("two"))
    assert not found.same_bytes


def test_an_image_that_is_not_built_is_not_checked(bench):
    with pytest.raises(ImageError, match="is not built") as caught:
        bench.check()

    assert "osgrepro build" in caught.value.hint
    assert not bench.calls("build")


def test_a_second_build_that_fails_leaves_the_first_as_it_is(bench):
    bench.build()
    before = everything(bench)
    bench.fails("FATAL: it went wrong")

    with pytest.raises(ImageError, match=r"ended with 1:\n(.*\n)*.*it went wrong") as caught:
        bench.check()

    log = bench.plan().log_file.with_suffix(".check.log")
    assert str(log) in caught.value.hint
    assert "it went wrong" in log.read_text()
    assert everything(bench) == {**before, log.name: (log.read_bytes(), log.stat().st_mtime_ns)}
    assert not bench.leftovers()


def test_a_check_waits_for_a_build_to_end(bench, until):
    bench.build()
    with place.only_builder(bench.cache, bench.seen.append):
        check = threading.Thread(target=bench.check)
        check.start()
        until(lambda: any("waiting" in p.what for p in bench.seen), "the check waits")
        assert len(bench.calls("build")) == 1
    check.join()

    assert len(bench.calls("build")) == 2


def test_the_pools_user_can_reach_the_second_build_whatever_the_umask_is(bench):
    bench.build()
    seen = []

    def make_base(suite, packages, target):
        seen.extend(parent for parent in target.parents if bench.cache in parent.parents)
        assert [parent for parent in seen if parent.stat().st_mode & 0o755 != 0o755] == []
        bench.make_base(suite, packages, target)

    before = os.umask(0o077)
    try:
        bench.check(make_base=make_base)
    finally:
        os.umask(before)

    assert len(seen) >= 3
