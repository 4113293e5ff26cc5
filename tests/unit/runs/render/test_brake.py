"""The brake's description and settings: whole text against a golden file, and what is refused."""

from __future__ import annotations

import os
from dataclasses import replace

import htcondor2
import pytest
from paths import GOLDEN

from osgrepro import campaign
from osgrepro.common.errors import RenderError
from osgrepro.runs import render

PATHS = render.BrakePaths(
    initial_folder="/home/ada/my demo.runs/returned/landing",
    program="/home/ada/my demo.runs/inputs/0123/brake.pyz",
    settings="/home/ada/my demo.runs/submit/ab/brake.json",
    logs="../logs",
)
CAMPAIGN = campaign.parse(
    {
        "campaign": {"name": "demo", "repeats": 1},
        "experiment": [{"name": "e", "entry": "e.py", "metrics": ["m"], "primary": "m"}],
        "software": [{"name": "tf"}],
        "hardware": [{"name": "any"}],
        "submit": {"project": "Reproducibility"},
    },
    "demo.toml",
)


def test_the_description_is_the_golden_one_and_htcondor_takes_it() -> None:
    text = render.brake_description(CAMPAIGN, PATHS, {"PATH": "/usr/bin:/bin"}, 2)
    file = GOLDEN / "demo-brake.sub"
    if os.environ.get("OSGREPRO_UPDATE_GOLDEN"):
        file.write_text(text)
    assert file.read_text() == text
    made = htcondor2.Submit(text)
    assert made["universe"] == "scheduler"
    assert "'/home/ada/my demo.runs/inputs/0123/brake.pyz'" in made["arguments"]


def test_what_breaks_out_of_its_line_is_refused() -> None:
    with pytest.raises(RenderError, match="PATH"):
        render.brake_description(CAMPAIGN, PATHS, {"PATH": "/a'b"}, 1)
    with pytest.raises(RenderError):
        render.brake_description(CAMPAIGN, replace(PATHS, settings="/a\nb"), {}, 1)


def test_settings_name_every_log_and_the_machines_to_avoid() -> None:
    made = render.brake_settings({"b": "/x.log"}, {"b": "/items.csv"}, {"n2", "n1"})
    assert made["batches"] == {"b": {"log": "/x.log", "items": "/items.csv"}}
    assert made["avoided"] == ["n1", "n2"]
    assert (made["reason"], made["subcode"]) == (render.BRAKED, render.BRAKED_SUBCODE)
