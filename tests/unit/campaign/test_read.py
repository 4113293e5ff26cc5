"""What a campaign file may say, and what is said back of one that is wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro import campaign
from osgrepro.common import shipped, toml
from osgrepro.common.errors import CampaignError, UsageError

GOOD: dict[str, Any] = {
    "campaign": {"name": "c", "repeats": 2},
    "experiment": [
        {
            "name": "e",
            "entry": "experiments.mnist_convnet:run",
            "metrics": ["test_loss"],
            "primary": "test_loss",
        }
    ],
    "software": [{"name": "s"}],
    "hardware": [{"name": "h"}],
}


def problems_of(mapping: dict[str, Any], **kwargs: Any) -> tuple[str, ...]:
    with pytest.raises(CampaignError) as caught:
        campaign.parse(mapping, "c.toml", **kwargs)
    return caught.value.problems


def changed(table: str, **values: Any) -> dict[str, Any]:
    mapping = copy.deepcopy(GOOD)
    target = mapping[table]
    (target[0] if isinstance(target, list) else target).update(values)
    return mapping


@pytest.mark.parametrize("name", ["demo", "osg-2022", "cudnn-2022", "probe", "software"])
def test_the_shipped_campaigns_are_sound(name: str) -> None:
    text = (shipped.folder("submit") / f"{name}.toml").read_text()
    parsed = campaign.parse(toml.loads(text, name), name)
    assert parsed.name == name


def test_what_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(UsageError, match=r"c\.toml: not valid TOML: .*line 2"):
        toml.loads("[campaign]\nname = = 3\n", "c.toml")


def test_defaults_are_the_documented_ones() -> None:
    parsed = campaign.parse(GOOD, "c.toml")
    assert (parsed.seeds, parsed.threads, parsed.trace) == ((1,), "host", False)
    assert parsed.hardware[0].requirements == "true"
    assert parsed.submit.max_idle == 2000


def test_every_problem_is_reported_with_its_place() -> None:
    mapping = changed("campaign", sed=1, repeats="5", threads="hots")
    mapping["software"] = []
    mapping["hardware"] = [{"name": "h", "request_cpu": 2, "gpus": {"count": 0}}]
    mapping["foo"] = 1
    assert problems_of(mapping) == (
        "foo: unknown table; known are campaign, experiment, software, hardware, claim, submit",
        "campaign.sed: unknown key; did you mean 'seed'?",
        "campaign.repeats: should be integer, not '5'",
        "campaign.threads: should be 'host' or integer, not 'hots'",
        "software: needs at least one entry",
        "hardware[0].gpus.count (h): should be greater than or equal to 1, not 0",
        "hardware[0].request_cpu (h): unknown key; did you mean 'request_cpus'?",
    )


@pytest.mark.parametrize("table", ["experiment", "software", "hardware"])
def test_an_empty_matrix_is_refused(table: str) -> None:
    mapping = {key: value for key, value in GOOD.items() if key != table}
    assert problems_of(mapping) == (f"{table}: needs at least one entry",)


@pytest.mark.parametrize("table", ["experiment", "software", "hardware"])
def test_a_duplicate_name_is_refused_in_any_case(table: str) -> None:
    mapping = copy.deepcopy(GOOD)
    mapping[table].append(mapping[table][0] | {"name": mapping[table][0]["name"].upper()})
    (problem,) = problems_of(mapping)
    assert problem.startswith(f"{table}: the name ")


def test_a_missing_campaign_table_is_named() -> None:
    assert problems_of({}) == ("campaign: missing; a campaign begins with a table [campaign]",)


@pytest.mark.parametrize(("table", "value"), [("experiment", 3), ("submit", []), ("software", {})])
def test_a_table_of_the_wrong_kind_is_refused(table: str, value: object) -> None:
    (problem,) = problems_of({**GOOD, table: value})
    assert problem.startswith(f"{table}: should be")


def test_requirements_that_do_not_parse_are_named() -> None:
    def check(expression: str) -> str | None:
        return "not a ClassAd expression" if "((" in expression else None

    mapping = changed("hardware", requirements="((")
    assert problems_of(mapping, check_expression=check) == (
        "hardware[0].requirements (h): not a ClassAd expression",
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"entry": "mnist"}, "entry"),
        ({"primary": "other"}, "primary"),
        ({"metrics": ["test_loss", "test_loss"]}, "metrics"),
        ({"metrics_file": "m.json"}, "arguments and metrics_file"),
        ({"framework": "none"}, 'framework: "none" is for a script of your own'),
        ({"framework": "theano"}, "framework"),
        ({"entry": "x.py", "determinism": "perhaps"}, "determinism"),
        (
            {"entry": "x.py", "framework": "torch", "environment": {"KERAS_BACKEND": "jax"}},
            "framework: 'torch', but environment.KERAS_BACKEND says 'jax'",
        ),
        (
            {"entry": "x.py", "metrics_file": "m.json", "determinism": "off"},
            "determinism: is for scripts with run(context)",
        ),
        ({"entry": "x.py", "metrics_file": "a/m.json"}, "metrics_file"),
        ({"entry": "x.py", "metrics_file": ""}, "metrics_file: should be a file name"),
        ({"entry": "x.py", "metrics_file": "."}, "metrics_file: should be a file name"),
        ({"entry": "x.py", "metrics_file": "x.py"}, "metrics_file: x.py is a file that the run"),
        ({"entry": "x.py", "metrics_file": "result.json"}, "metrics_file: result.json is a file"),
        (
            {"entry": "x.py", "data": ["d/m.json"], "metrics_file": "m.json"},
            "metrics_file: m.json is a file",
        ),
        ({"entry": "x.py", "arguments": ["{sed}"]}, "arguments: {sed} has no meaning; did"),
        ({"entry": "x.py", "arguments": ["{params}"]}, "arguments: {params} has no meaning"),
        ({"entry": "../x.py"}, "entry"),
        ({"entry": "/tmp/x.py"}, "entry"),
        ({"params": {"rate": float("nan")}}, "params.rate"),
        ({"params": {"rate": float("inf")}}, "params.rate"),
    ],
)
def test_an_experiment_must_make_sense(values: dict[str, Any], expected: str) -> None:
    (problem,) = problems_of(changed("experiment", **values))
    assert problem.startswith(f"experiment[0].{expected}")


def test_a_digest_is_declared_of_a_finished_image_only() -> None:
    digest = "a" * 64
    parsed = campaign.parse(changed("software", image="y.sif", sha256=digest), "c.toml")
    assert parsed.software[0].sha256 == digest
    (problem,) = problems_of(changed("software", sha256=digest))
    assert problem == "software[0].sha256 (s): is for a finished image"
    assert problems_of(changed("software", image="y.sif", sha256="abc"))


@pytest.mark.parametrize(
    "folder",
    ["/ospool/x", "osdf://ospool/x", "osdf:///", "osdf:///a/../b", "osdf:///a/b c", "osdf:///a/$b"],
)
def test_staging_is_a_folder_in_osdf(folder: str) -> None:
    (problem,) = problems_of({**GOOD, "submit": {"staging": folder}})
    assert problem.startswith("submit.staging: should be a folder in OSDF")


def test_container_and_image_exclude_each_other() -> None:
    (problem,) = problems_of(changed("software", container="x", image="y.sif"))
    assert "exclude each other" in problem


@pytest.mark.parametrize(
    "image",
    [
        "https://h/t.sif",
        "library://a/b",
        "pelican://f/x.sif",
        "s3://b/x",
        "file:///x",
        "stash:/x",
    ],
)
def test_images_that_condor_does_not_take_are_refused_by_their_kind(image: str) -> None:
    (problem,) = problems_of(changed("software", image=image))
    assert problem.startswith(
        f"software[0].image (s): images by {image.split(':', maxsplit=1)[0]}:"
    )
    assert "oras://" in problem


@pytest.mark.parametrize(
    "image",
    ["x.sif", "/a/b.sif", "osdf:///o/x.sif", "docker://a/b", "oras://a/b:1", "/cvmfs/a/b:1"],
)
def test_images_that_condor_takes(image: str) -> None:
    parsed = campaign.parse(changed("software", image=image), "c.toml")
    assert parsed.software[0].image == image


def test_the_alternatives_of_a_claim_are_checked_with_their_places() -> None:
    claim = {
        "name": "k",
        "a": "e",
        "b": "e",
        "metric": "test_loss",
        "below": True,
        "alternatives": [
            *({"baseline": False}, {"metric": "none"}, {"delta": float("inf")}, {"test": "welch"})
        ],
    }
    assert problems_of({**GOOD, "claim": [claim]}) == (
        "claim[0].b (k): is e as well; a claim compares two experiments",
        "claim[0].below (k): is for a claim without b; swap a and b instead",
        "claim[0].alternatives[0] (k): says nothing that the claim doesn't",
        "claim[0].alternatives[1].metric (k): e has no 'none'",
        "claim[0].alternatives[2].delta (k): must be a finite number",
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, "claim[0].margin (k): missing; equivalence needs how far apart is still the same"),
        (
            {"margin": -0.5},
            "claim[0].margin (k): must be a finite number above 0, in the metric's unit",
        ),
        (
            {"margin": 0.5, "below": True},
            'claim[0].below (k): is for other tests; with test = "equivalence" there is no '
            "direction",
        ),
        (
            {"margin": 0.5, "test": "welch"},
            'claim[0].margin (k): is for test = "equivalence"; other tests have delta',
        ),
        ({"margin": "0.5"}, "claim[0].margin (k): should be number, not '0.5'"),
        (
            {"margin": 0.5, "alternatives": [{"margin": 0.0}]},
            "claim[0].alternatives[0].margin (k): must be a finite number above 0, in the "
            "metric's unit",
        ),
        (
            {"margin": 0.5, "alternatives": [{"test": "welch"}]},
            "claim[0].alternatives[0].test (k): asks for another claim: being equivalent is "
            "not being greater",
        ),
        (
            {"margin": 0.5, "alternatives": [{"baseline": True, "test": "equivalence"}]},
            "claim[0].alternatives[0].test (k): must be another test: whether a is better is "
            "not a question of equivalence",
        ),
        (
            {"test": "welch", "alternatives": [{"margin": 0.5}]},
            'claim[0].alternatives[0].margin (k): is for a claim with test = "equivalence"',
        ),
    ],
)
def test_equivalence_has_a_margin_and_nothing_else_has(changes, problem) -> None:
    claim = {"name": "k", "a": "e", "metric": "test_loss", "test": "equivalence", **changes}
    assert problems_of({**GOOD, "claim": [claim]}) == (problem,)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"test": "mcnemar"}, "test"),
        ({"alternatives": [{"test": "mcnemar"}]}, "alternatives[0].test"),
    ],
)
def test_mcnemars_test_compares_two_experiments(changes, place) -> None:
    claim = {"name": "k", "a": "e", "metric": "test_loss", **changes}
    assert problems_of({**GOOD, "claim": [claim]}) == (
        f"claim[0].{place} (k): compares a with b on the same items: it needs b, and a delta of 0",
    )


def test_a_claim_of_equivalence_is_read() -> None:
    claim = {"name": "k", "a": "e", "metric": "test_loss", "test": "equivalence", "margin": 0.5}
    ways = {"alternatives": [{"margin": 1.0}, {"baseline": True}]}
    (read,) = campaign.parse({**GOOD, "claim": [{**claim, **ways}]}, "c.toml").claims
    assert (read.test, read.margin, read.alternatives[0].margin) == ("equivalence", 0.5, 1.0)


def test_a_claim_must_name_known_experiments_and_metrics() -> None:
    mapping = {**GOOD, "claim": [{"name": "k", "a": "e", "b": "nobody", "metric": "accuracy"}]}
    assert problems_of(mapping) == (
        "claim[0].metric (k): e has no 'accuracy'",
        "claim[0].b (k): no experiment is named 'nobody'",
    )


@given(st.text(min_size=1))
def test_no_name_can_break_out_of_its_line(name: str) -> None:
    try:
        parsed = campaign.parse(changed("hardware", name=name), "c.toml")
    except CampaignError:
        return
    assert parsed.hardware[0].name.replace("-", "").replace("_", "").replace(".", "").isalnum()
    assert parsed.hardware[0].name.isascii()


def test_more_runs_than_fit_into_memory_are_refused_before_they_are_made() -> None:
    mapping = changed("hardware")
    mapping["campaign"] |= {"repeats": 1_000_000, "seeds": [1, 2, 3]}
    (told,) = problems_of(mapping)
    assert told.startswith("campaign.repeats: 3,000,000 runs in all, and 2,000,000 is the most")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["campaign", "experiment", "hardware", "x"]), JSON))
def test_any_content_gives_a_campaign_or_a_campaign_error(mapping: dict[str, Any]) -> None:
    with pytest.raises(CampaignError) as caught:
        campaign.parse(mapping, "c.toml")
    assert caught.value.problems


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"seed": 1, "seeds": [1, 2]}, "campaign.seeds: is there as well as campaign.seed"),
        ({"seeds": [3, 4, 3]}, "campaign.seeds: a seed is there twice"),
        ({"seeds": []}, "campaign.seeds: needs at least one entry"),
        ({"seeds": [1, -1]}, "campaign.seeds.1: should be"),
        ({"seeds": 3}, "campaign.seeds: should be"),
        ({"seed": -1}, "campaign.seed: should be"),
        ({"seed": [1]}, "campaign.seed: should be"),
        ({"seed": "1"}, "campaign.seed: should be"),
    ],
)
def test_seeds_that_can_not_be_are_told_with_their_place(own: dict[str, Any], said: str) -> None:
    (problem,) = problems_of(changed("campaign", **own))
    assert problem.startswith(said)


def test_a_campaign_may_have_several_seeds() -> None:
    parsed = campaign.parse(changed("campaign", seeds=[3, 1]), "c.toml")
    assert parsed.seeds == (3, 1)
    assert parsed.size == 2 * parsed.cells * parsed.repeats


@pytest.mark.parametrize("table", ["software", "experiment"])
def test_variables_are_checked_with_their_places(table: str) -> None:
    name = GOOD[table][0]["name"]
    given = {"LD_PRELOAD": "x.so", "OK": "1", "HF_TOKEN": "abc"}
    first, second = problems_of(changed(table, environment=given))
    assert first.startswith(f"{table}[0].environment.LD_PRELOAD: ")
    assert second.startswith(f"{table}[0].environment.HF_TOKEN: looks like a secret")
    assert first.endswith(f"({name})")
    (typed,) = problems_of(changed(table, environment={"X": 1}))
    assert typed.startswith(f"{table}[0].environment.X ({name}): should be string, not 1")


def test_sound_entries_are_judged_beside_unsound_ones() -> None:
    mapping = changed("hardware", gpus=1)
    mapping["experiment"][0]["primary"] = "other"
    mapping["software"] = [*mapping["software"], mapping["software"][0]]
    told = problems_of(mapping)
    assert any("hardware[0].gpus (h): should be a table" in one for one in told)
    assert any("primary: 'other' is not one of metrics" in one for one in told)
    assert any("software: the name" in one for one in told)


def test_a_name_in_osdf_has_three_slashes() -> None:
    (problem,) = problems_of(changed("software", image="osdf://ospool/a.sif"))
    assert "three slashes: osdf:///ospool/a.sif" in problem
    campaign.parse(changed("software", image="osdf:///ospool/a.sif"), "c.toml")
