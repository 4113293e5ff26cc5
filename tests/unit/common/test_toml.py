"""TOML that is written reads back the same, and can be shown, whatever is in it."""

from __future__ import annotations

import hostile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.common import toml
from osgrepro.common.errors import UsageError

VALUES = st.recursive(
    st.text() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_reads_back_and_is_harmless(value: object) -> None:
    text = f"a = {toml.value(value)}"
    assert text.isprintable()
    assert toml.loads(text, "x") == {"a": value}


@pytest.mark.parametrize("text", hostile.TEXTS.values(), ids=list(hostile.TEXTS))
def test_every_hostile_text_reads_back(text: str) -> None:
    assert toml.loads(f"a = {toml.value({text: text})}", "x") == {"a": {text: text}}


def test_a_fault_is_told_with_its_place() -> None:
    with pytest.raises(UsageError, match=r"x\.toml: not valid TOML: .*line 2"):
        toml.loads("a = 1\nb = \n", "x.toml")
