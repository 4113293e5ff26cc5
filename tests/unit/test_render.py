from __future__ import annotations

import pytest

from osgrepro import render
from osgrepro.errors import RenderError


def test_unknown_template_is_named():
    with pytest.raises(RenderError, match=r"no-such\.j2"):
        render.text("no-such.j2")
