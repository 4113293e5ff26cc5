"""Secrets leave no trace: neither by name, nor by value, nor by their look."""

from __future__ import annotations

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
