"""What is said of what goes along with the class, and whether the machines can tell it."""

from __future__ import annotations

from osgrepro.analysis.findings import Attribution, Cause, Chance
from osgrepro.report.questions.causes import explained


def said(*shares: float) -> str:
    """Return what is said where sets of one, two … attributes fit in such shares."""
    chances = tuple(
        Chance(size=size, share=share, relabellings=2000, exact=False, determining=1, searched=9)
        for size, share in enumerate(shares, 1)
    )
    cause = Cause(attributes=("cpu_cache_kb",), aliases={"cpu_cache_kb": ()}, groups=())
    attribution = Attribution(
        software="tf",
        scope="CPU",
        classes=3,
        hardware=13,
        causes=(cause,),
        counterexamples=(),
        next_run=None,
        considered=(),
        constant=(),
        chances=chances,
    )
    return explained(attribution)


def test_machines_that_cannot_tell_are_said_not_to_in_words_without_statistics() -> None:
    assert (
        "tf, CPU runs: 3 classes in 13 hardware environments, which can't tell why: in 18 of 100 "
        "random relabellings a single attribute would have fitted as well, in 50 some pair of "
        "attributes; consistent with {cpu_cache_kb}."
    ) in said(0.181, 0.5045)


def test_what_seldom_fits_is_told_with_its_chance() -> None:
    told = said(0.0175)
    assert "which can't tell why" not in told
    assert "consistent with {cpu_cache_kb}; were the classes dealt out at random" in told
    assert "a single attribute would fit in 1.75 % of cases." in told
