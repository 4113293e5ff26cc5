"""Whole campaign files: the right ones are read to the last value, others told by their places."""

from __future__ import annotations

from typing import Any

import whole_campaigns
from hypothesis import given
from refusals import refusing

from osgrepro import campaign
from osgrepro.common import texts, toml
from osgrepro.common.errors import CampaignError, UsageError
from osgrepro.common.models import Campaign, Code, Matrix
from osgrepro.pool import condor
from osgrepro.runs import render


def read(text: bytes) -> Campaign:
    content = toml.loads(texts.decoded(text), "c.toml")
    return campaign.parse(content, "c.toml", check_expression=condor.check_expression)


def expanded(parsed: Campaign) -> Matrix:
    code = {e.name: Code(entry=e.entry, sha256="c" * 64) for e in parsed.experiments}
    return campaign.expand(parsed, code=code, data={e.name: () for e in parsed.experiments})


@given(whole_campaigns.whole())
def test_a_whole_campaign_is_read_and_its_runs_have_ids_that_stay(content: dict[str, Any]) -> None:
    parsed = read(whole_campaigns.toml(content))
    assert [e.name for e in parsed.experiments] == [e["name"] for e in content["experiment"]]
    for entry, given_entry in zip(parsed.experiments, content["experiment"], strict=True):
        assert {name: repr(value) for name, value in entry.params.items()} == {
            name: repr(value) for name, value in given_entry["params"].items()
        }
    matrix = expanded(parsed)
    ids = [run.run_id for run in matrix.runs]
    assert len(set(ids)) == len(ids) == parsed.size
    assert ids == [run.run_id for run in expanded(read(whole_campaigns.toml(content))).runs]


@given(whole_campaigns.broken())
def test_a_broken_campaign_is_refused_with_all_of_its_places(text: bytes) -> None:
    try:
        with refusing(UsageError, hint=False) as refused:
            parsed = read(text)
    except UnicodeDecodeError:  # the loading says where
        return
    for error in refused:
        assert not isinstance(error, CampaignError) or (error.problems and error.hint)
        assert all(line.startswith("c.toml: ") for line in error.message.splitlines())
    if not refused:
        if parsed.size < 1000:
            assert len(expanded(parsed).runs) == parsed.size
        with refusing(UsageError):
            render.extra_lines(parsed.submit.extra)


FUZZED = test_a_broken_campaign_is_refused_with_all_of_its_places
