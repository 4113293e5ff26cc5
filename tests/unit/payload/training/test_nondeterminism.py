"""A refused operation is named, with the switch."""

from __future__ import annotations

import pytest

from osgrepro.payload.training import nondeterminism


@pytest.mark.parametrize(
    ("message", "operation"),
    [
        (
            "RuntimeError: put_ does not have a deterministic implementation, but you set "
            "'torch.use_deterministic_algorithms(True)'.",
            "put_",
        ),
        (
            "Deterministic behavior was enabled with either `torch.use_deterministic_algorithms("
            "True)` or by a context manager, but this operation is not deterministic because it "
            "uses CuBLAS and you have CUDA >= 10.2.",
            "CuBLAS",
        ),
        ("Deterministic GPU implementation of Unsorted not available.", "Unsorted"),
    ],
)
def test_a_refused_operation_is_named_with_the_switch(message, operation):
    told = nondeterminism.hint(message)
    assert told is not None and told.startswith(f"{operation} is not deterministic")
    assert 'determinism = "warn"' in told


def test_any_other_failure_has_no_hint():
    assert nondeterminism.hint("ValueError: not deterministic at all") is None
