"""Secrets leave no trace: neither by name, nor by value, nor by their look."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from osgrepro.payload import scrub


@pytest.mark.parametrize(
    "name",
    ["BEARER_TOKEN", "X509_USER_PROXY", "GITHUB_TOKEN", "DB_PASSWORD", "AWS_SECRET_ACCESS_KEY",
     "_CONDOR_CREDS", "WANDB_API_KEY", "ClaimId", "Capability", "http_proxy"],
)  # fmt: skip
def test_names_that_may_carry_a_secret(name):
    assert scrub.is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["PATH", "TF_NUM_INTRAOP_THREADS", "CUDACapability", "GPUs_Capability", "HasSIF"]
)
def test_names_that_carry_none(name):
    assert not scrub.is_secret_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "key eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl end",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE-----\nMIIEow",
        "https://user:pa55word@host/path",
        "Authorization: Bearer abcdefghijkl",
        "GET /x?token=abcdefghijkl&y",
    ],
)
def test_texts_that_look_like_a_secret(text):
    cleaned = scrub.cleaner([])({"deep": [text]})["deep"][0]
    assert scrub.REMOVED in cleaned
    for secret in ("eyJh", "MIIEow", "pa55word", "abcdefghijkl"):
        assert secret not in cleaned


def test_values_of_secret_variables_go_wherever_they_stand():
    secrets = scrub.secrets_of({"MY_TOKEN": "hunter2hunter2", "HOME": "/home/me"})
    clean = scrub.cleaner(secrets)
    assert clean({"argv": ["--key=hunter2hunter2"], "hunter2hunter2": 1, "n": 2.5}) == {
        "argv": ["--key=[removed]"],
        "[removed]": 1,
        "n": 2.5,
    }


def test_short_values_are_no_secrets():
    assert scrub.secrets_of({"SESSION": "1", "USE_TOKEN": "yes"}) == []


def test_a_secret_within_a_secret_goes_whole():
    secrets = scrub.secrets_of({"A_TOKEN": "12345678", "B_TOKEN": "1234567890"})
    assert scrub.cleaner(secrets)("1234567890") == scrub.REMOVED


def test_ordinary_values_stay():
    value = {"a": [1, None, True, "slot1_1@host", "2.8.0"], "b": {"c": 0.5}}
    assert scrub.cleaner([])(value) == value


def test_a_home_folder_is_not_seen_and_what_only_begins_like_it_is():
    clean = scrub.cleaner([], ["/home/ann"])
    assert clean({"a": ["/home/ann/x.sif", "/home/anna/x", "in /home/ann: no"]}) == {
        "a": ["~/x.sif", "/home/anna/x", "in ~: no"]
    }


def test_the_runs_own_folder_and_the_root_of_all_are_no_homes(monkeypatch):
    monkeypatch.setattr(scrub.pwd, "getpwuid", lambda _uid: SimpleNamespace(pw_dir="/"))
    assert scrub.homes_of({"HOME": "/srv/"}, "/srv") == []
    assert scrub.homes_of({"HOME": "/home/ann/"}, "/srv") == ["/home/ann"]


@pytest.mark.parametrize(
    ("location", "public"),
    [
        ("/home/ann/images/tf.sif", "tf.sif"),
        ("/cvmfs/singularity.opensciencegrid.org/a/b:1/", "b:1"),
        ("osdf:///ospool/ap/data/tf.sif", "osdf:///ospool/ap/data/tf.sif"),
        (None, None),
    ],
)
def test_of_an_image_on_the_submitters_side_the_name_is_told(location, public):
    assert scrub.public_location(location) == public
