"""Sets that divide the environments as a cause does are all named, what can be tested first."""

from __future__ import annotations

from itertools import chain, combinations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.analysis.causes.attributes import confirmable
from osgrepro.analysis.causes.attribution import attribute
from osgrepro.analysis.causes.equivalent_sets import equivalent_sets
from osgrepro.analysis.findings import Cause, NotAssessable
from osgrepro.analysis.statistics.partitions import canonical, joint
from osgrepro.report.questions.causes import explained

COLUMNS = st.integers(3, 6).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 2), min_size=n, max_size=n), min_size=2, max_size=5)
)


@given(COLUMNS, st.data())
def test_it_finds_the_minimal_sets_that_trying_all_finds(
    columns: list[list[int]], data: st.DataObject
) -> None:
    codes = [canonical(column) for column in columns]
    chosen = data.draw(st.frozensets(st.integers(0, len(codes) - 1), min_size=1))
    division = joint([codes[i] for i in chosen], len(codes[0])).tolist()
    every = chain.from_iterable(
        combinations(range(len(codes)), size) for size in range(1, len(codes) + 1)
    )
    same = [
        set(members)
        for members in every
        if joint([codes[i] for i in members], len(codes[0])).tolist() == division
    ]
    minimal = [members for members in same if not any(smaller < members for smaller in same)]
    found = equivalent_sets(codes, chosen, len(codes))
    assert sorted(map(sorted, found)) == sorted(map(sorted, (m for m in minimal if m != chosen)))


def cause() -> tuple[Cause, str]:
    """Return the only cause where a cache's size goes along with maker and instructions."""
    machines = [
        ("AMD", False, False, 512),
        ("AMD", False, False, 512),
        ("Intel", False, False, 25600),
        ("Intel", False, False, 25600),
        ("Intel", True, False, 28160),
        ("Intel", True, False, 28160),
        ("Intel", True, True, 22528),
        ("Intel", True, True, 22528),
    ]
    frame = pd.DataFrame(
        machines, columns=["cpu_vendor", "cpu_avx512f", "cpu_avx512_vnni", "cpu_cache_kb"]
    ).assign(software="tf", hardware=list("abcdefgh"), cpu_model_name=list("abcdefgh"))
    outcome = pd.Series(list("AABBCCDD"))
    (attribution,) = attribute(frame, outcome, "ABCD")
    assert not isinstance(attribution.causes, NotAssessable)
    return attribution.causes[0], explained(attribution)


def test_what_an_emulation_can_change_is_named_before_what_goes_along_with_it() -> None:
    first, sentence = cause()
    assert first.attributes == ("cpu_cache_kb",)
    mechanism = ("cpu_avx512f", "cpu_avx512_vnni", "cpu_vendor")
    assert first.equals == (mechanism,)
    assert first.testable == mechanism
    assert (
        "{cpu_avx512f, cpu_avx512_vnni, cpu_vendor} (divided alike by {cpu_cache_kb})" in sentence
    )


def test_threads_instructions_and_their_maker_can_be_tested() -> None:
    assert confirmable(["intra_op_threads", "cpu_avx2", "cpu_vendor"])
    assert not confirmable(["cpu_avx2", "cpu_cache_kb"])
    assert not confirmable(["cpu_hypervisor"])
