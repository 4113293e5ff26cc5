"""What is said of what goes along with the class, and whether the machines can tell it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import worlds

from osgrepro.analysis import analyze
from osgrepro.analysis.findings import Attribution, Cause, Chance, NotAssessable
from osgrepro.report.questions.causes import attribution, everywhere, explained

SINGLE = Cause(attributes=("cpu_cache_kb",), aliases={"cpu_cache_kb": ()}, groups=())


def said(*shares: float, causes: tuple[Cause, ...] = (SINGLE,), types: int = 13) -> str:
    """Return what is said where sets of one, two … attributes fit in such shares."""
    chances = tuple(
        Chance(size=size, share=share, relabellings=2000, exact=False, determining=1, searched=9)
        for size, share in enumerate(shares, 1)
    )
    attribution = Attribution(
        software="tf",
        scope="CPU",
        classes=3,
        hardware=13,
        types=types,
        causes=causes,
        counterexamples=(),
        next_run=None,
        considered=(),
        constant=(),
        chances=chances,
    )
    return explained(attribution)


def test_machines_that_cannot_tell_are_said_not_to_in_words_without_statistics() -> None:
    assert (
        "tf, CPU runs: 3 classes in 13 hardware environments, which can't tell why: in 18.1 % of "
        "random relabellings a single attribute would have fitted as well, in 50.5 % some pair of "
        "attributes; consistent with {cpu_cache_kb}."
    ) in said(0.181, 0.505)


def test_what_seldom_fits_is_told_with_its_chance() -> None:
    told = said(0.0175)
    assert "which can't tell why" not in told
    assert "consistent with {cpu_cache_kb}; were the classes dealt out at random" in told
    assert "a single attribute would fit in 1.75 % of cases." in told


def test_a_chance_above_the_limit_is_not_printed_as_the_limit() -> None:
    assert "can't tell why: in 5.36 % of random relabellings" in said(0.0536)
    assert "can't tell why: in more than 5 % of random relabellings" in said(0.05001)


def test_each_size_of_sets_has_its_own_chance_and_the_smallest_decides() -> None:
    pair = Cause(attributes=("cpu_avx512f", "cpu_vendor"), aliases={}, groups=())
    told = said(0.0175, 0.378, causes=(pair, SINGLE))
    assert told.endswith(
        "consistent with {cpu_cache_kb}; were the classes dealt out at random, a single attribute "
        "would fit in 1.75 % of cases; {cpu_avx512f, cpu_vendor} fits, too, as some pair of "
        "attributes would in 37.8 %."
    )


def test_what_is_named_in_place_of_a_set_has_no_chance_of_its_own() -> None:
    mechanism = ("cpu_avx512f", "cpu_vendor")
    like = replace(SINGLE, equals=(mechanism,), testable=mechanism)
    assert (
        "{cpu_avx512f, cpu_vendor} (divided alike by {cpu_cache_kb}); were the classes dealt out "
        "at random, a single attribute like {cpu_cache_kb} would fit in 1.75 %"
    ) in said(0.0175, causes=(like,))


def test_a_chance_that_is_not_known_is_said_not_to_be() -> None:
    assert "consistent with {cpu_cache_kb}; how often sets of so many" in said()


def test_how_many_types_the_machines_are_is_said_where_these_are_fewer() -> None:
    assert "3 classes in 13 hardware environments, consistent" in said(0.0175)
    assert (
        "3 classes in 13 hardware environments of 8 types of machine (machines of one type end "
        "alike, and count once), consistent with"
    ) in said(0.0175, types=8)


def test_what_divides_alike_is_not_named_if_a_set_beside_it_is_part_of_it() -> None:
    pair = Cause(attributes=("cpu_avx512f", "cpu_vendor"), aliases={}, groups=())
    three = ("cpu_avx512f", "cpu_avx512_vnni", "cpu_vendor")
    like = replace(SINGLE, equals=(three, ("cpu_fma", "cpu_vendor")), testable=three)
    told = said(0.0175, 0.378, causes=(pair, like))
    assert "consistent with {cpu_cache_kb} (divided alike by {cpu_fma, cpu_vendor});" in told
    assert "cpu_avx512_vnni" not in told


def two_experiments() -> pd.DataFrame:
    """Return one world under the names of two experiments, in two software environments."""
    world = worlds.in_tables(worlds.with_cause(np.random.default_rng(1), ["cpu_vendor"]), 2)
    value = world["outcome"].map({letter: n / 16 for n, letter in enumerate("ABCDEFGHIJKLM")})
    world = world.assign(**{"metric.accuracy": value})
    return pd.concat([world, world.assign(experiment="fraud")], ignore_index=True)


def test_a_table_has_the_values_of_every_set_that_its_sentence_names() -> None:
    found = analyze(two_experiments())
    section = attribution(found.experiments[0], None)
    assert section.table is not None
    shown = {name for row in section.table.rows for name in row[2].replace(" = ", ", ").split(", ")}
    causes = [own.causes for own in found.experiments[0].attribution]
    named = {
        name
        for several in causes
        if not isinstance(several, NotAssessable)
        for cause in several
        for name in cause.attributes
    }
    assert named
    assert named <= shown


def test_what_is_true_of_several_experiments_is_said_once() -> None:
    section = everywhere(analyze(two_experiments()), None)
    assert section is not None
    (line,) = section.lines
    assert line.startswith(
        "fraud; mnist; fraud, mnist; each in 2 software environments together, CPU runs: "
    )
    assert line.endswith(
        "the smallest is the universal set, too, and fits each table among all its hardware."
    )
    assert len(set(section.details)) == len(section.details)
