"""Only what is on the allow-list is recorded."""

from __future__ import annotations

import pytest

from osgrepro.payload.provenance import environment


@pytest.mark.parametrize(
    "name",
    [
        "TF_NUM_INTRAOP_THREADS",
        "OMP_NUM_THREADS",
        "ONEDNN_MAX_CPU_ISA",
        "PYTHONHASHSEED",
        "LANG",
        "PJRT_NPROC",
        "JAX_ENABLE_X64",
        "ATEN_CPU_CAPABILITY",
    ],
)
def test_what_can_change_a_number_is_recorded(name):
    assert environment.collect({name: "1"}) == {name: "1"}


@pytest.mark.parametrize(
    "name",
    ["BEARER_TOKEN", "BEARER_TOKEN_FILE", "X509_USER_PROXY", "GITHUB_TOKEN", "HOME", "USER",
     "AWS_SECRET_ACCESS_KEY", "_CONDOR_CREDS", "SSH_AUTH_SOCK", "PATH", "TF_CONFIG", "TF_API_TOKEN",
     "TOKEN_NUM_THREADS", "LC_TOKEN"],
)  # fmt: skip
def test_nothing_else_is(name):
    assert environment.collect({name: "1"}) == {}


def test_the_list_itself_names_no_secret():
    found = environment.collect(dict.fromkeys(environment.ALLOWED, "1"))
    assert set(found) == set(environment.ALLOWED)
