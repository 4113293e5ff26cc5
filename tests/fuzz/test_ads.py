"""Whole machine ads, expressions and event logs: what is damaged is passed over, or refused."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import whole_ads
from hypothesis import given
from hypothesis import strategies as st
from refusals import refusing

from osgrepro import hardware
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Hardware
from osgrepro.pool import condor, progress


def of_file(content: bytes) -> list[dict[str, Any]]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return condor.machines.read(Path(file.name))


def events_of(content: bytes, folder: Path) -> tuple[progress.Ledger, int]:
    path = folder / "a" / "b" / "c.log"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    ledger = progress.Ledger()
    return ledger, ledger.add(condor.EventReader(path).new())


@given(whole_ads.ADS)
def test_whole_ads_are_the_same_in_each_form(ads: list[dict[str, Any]]) -> None:
    long = of_file(whole_ads.long_form(ads).encode())
    assert long == of_file(whole_ads.as_json(ads))
    assert sum(kind.slots for kind in hardware.classes(long)) == len(ads)


@given(whole_ads.LOGS)
def test_every_event_of_a_whole_log_is_read(events: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger, count = events_of("".join(events).encode(), Path(folder))
        assert count == len(events)
        assert progress.Ledger.unpack(ledger.pack()).pack() == ledger.pack()


@given(whole_ads.EXPRESSIONS, whole_ads.ADS)
def test_a_whole_expression_is_answered_for_every_slot(
    expression: str, ads: list[dict[str, Any]]
) -> None:
    assert condor.check_expression(expression) is None
    for ad in ads:
        condor.matches(expression, ad)
        assert condor.truth(expression, {}, ad) in (True, False, None)
    told = condor.feasible(Hardware(name="h", requirements=expression), ads)
    assert told.slots == len(ads)


@given(
    st.one_of(
        whole_ads.broken_ads(),
        whole_ads.broken_log().map(lambda log: (log,)),
        whole_ads.broken_expression(),
    )
)
def test_what_is_broken_is_refused_or_passed_over(made: bytes | tuple[bytes] | str) -> None:
    if isinstance(made, tuple):
        with tempfile.TemporaryDirectory() as folder:
            ledger, _count = events_of(made[0], Path(folder))
            assert progress.Ledger.unpack(ledger.pack()).pack() == ledger.pack()
            ledger.tally(3, 2e9)
        return
    if isinstance(made, str):
        if condor.check_expression(made) is None:
            ad = {"CpuFamily": 23, "Cpus": 8, "a": None}
            condor.matches(made, ad)
            condor.truth(made, {"a": None}, ad)
            condor.feasible(Hardware(name="h", requirements=made), [ad])
        return
    with refusing(UsageError) as refused:
        ads = of_file(made)
    if not refused:
        kinds = hardware.classes(ads)
        assert sum(kind.slots for kind in kinds) == len(ads)
        hardware.propose(kinds, 3).text()


FUZZED = test_what_is_broken_is_refused_or_passed_over
