"""Which environment variables a campaign may set."""

from __future__ import annotations

import pytest

from osgrepro.campaign import allowed_variables
from osgrepro.payload import scrub


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TF_ENABLE_ONEDNN_OPTS", "0"),
        ("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false --xla_dump_to="),
        ("KERAS_BACKEND", "jax"),
        ("NVIDIA_TF32_OVERRIDE", "0"),
        ("MKL_CBWR", "COMPATIBLE"),
        ("TZ", ""),
        ("my_own_2", "ü with spaces"),
    ],
)
def test_what_changes_numbers_may_be_set(name: str, value: str) -> None:
    assert list(allowed_variables.faults({name: value})) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "is not a valid name"),
        ("2X", "is not a valid name"),
        ("A=B", "is not a valid name"),
        ("A\n", "is not a valid name"),
        ("A\0", "is not a valid name"),
        ("Ä", "is not a valid name"),
        ("x" * 200, "is not a valid name"),
        ("OSGREPRO_SEED", "set by osgrepro or HTCondor"),
        ("_CONDOR_JOB_AD", "set by osgrepro or HTCondor"),
        ("APPTAINERENV_X", "set by osgrepro or HTCondor"),
        ("PYTHONHASHSEED", "set by osgrepro or HTCondor"),
        ("home", "set by osgrepro or HTCondor"),
        ("LD_PRELOAD", "build another image"),
        ("LD_LIBRARY_PATH", "build another image"),
        ("PYTHONPATH", "build another image"),
        ("OMP_NUM_THREADS", "write `threads`"),
        ("TF_NUM_INTRAOP_THREADS", "write `threads`"),
        ("CUDA_VISIBLE_DEVICES", "[[hardware]]"),
        ("AWS_SECRET_ACCESS_KEY", "looks like a secret"),
        ("WANDB_API_KEY", "looks like a secret"),
        ("HF_TOKEN", "looks like a secret"),
        ("https_proxy", "looks like a secret"),
    ],
)
def test_a_name_that_is_not_the_campaigns_is_refused(name: str, said: str) -> None:
    (fault,) = allowed_variables.faults({name: "1"})
    assert said in fault


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a\nb", "line break"),
        ("\x1b[31m", "an invisible character"),
        ("\0", "an invisible character"),
        ("\u202e", "an invisible character"),
        ("x" * 5000, "5000 characters"),
        ("-----BEGIN RSA PRIVATE KEY-----", "looks like a secret"),
        ("https://me:hunter22@example.org/", "looks like a secret"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.x", "looks like a secret"),
    ],
)
def test_a_value_that_breaks_out_or_is_a_secret_is_refused(value: str, said: str) -> None:
    (fault,) = allowed_variables.faults({"X": value})
    assert said in fault


def test_as_many_as_anybody_needs() -> None:
    assert "at most 100" in next(allowed_variables.faults({f"V{n}": "" for n in range(101)}))


def test_what_results_are_cleaned_of_can_not_be_set() -> None:
    """The payload stands apart, so that the rule is written twice."""
    assert allowed_variables._SECRET_NAME.pattern == scrub._SECRET_NAME.pattern
    for name in ("TOKEN", "X509_USER_PROXY", "AUTH_FILE", "SESSION_ID", "MY_COOKIE", "db_passwd"):
        assert scrub.is_secret_name(name)
        assert list(allowed_variables.faults({name: "1"}))
