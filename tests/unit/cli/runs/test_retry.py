"""``retry`` as one types it."""

from __future__ import annotations

from typing import Any

import pytest

from osgrepro.cli.runs import retry
from osgrepro.common.errors import UsageError


@pytest.mark.parametrize(
    ("text", "amount"),
    [("4096", 4096), ("4096MB", 4096), ("8GB", 8192), ("8 g", 8192), ("1T", 1_048_576)],
)
def test_memory_is_read_as_htcondor_takes_it(text: str, amount: int) -> None:
    assert retry.megabytes("--memory", text) == amount


@pytest.mark.parametrize(("text", "amount"), [("90", 90), ("90m", 5400), ("20h", 72_000)])
def test_a_duration_is_read_in_seconds_or_with_its_unit(text: str, amount: int) -> None:
    assert retry.seconds("--duration", text) == amount


@pytest.mark.parametrize("text", ["", "0", "-1", "8KB", "much", "1.5GB", "8GB8", "9" * 30, "٨"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--memory .*is no amount"):
        retry.megabytes("--memory", text)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--all", "--memory", "much"), "--memory much: is no amount"),
        (("--state", "fail"), "did you mean 'failed'?"),
        (("--state", "failed", "--reason", "34"), "--reason is for jobs that are held"),
    ],
)
def test_a_mistake_is_told_before_anything_is_asked(
    osgrepro: Any, argv: tuple[str, ...], said: str
) -> None:
    done = osgrepro("retry", "demo", *argv)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
