"""Sources as BibTeX: every method's, each once, in a form that BibTeX reads."""

from __future__ import annotations

import re

import pandas as pd

import osgrepro
from osgrepro import report
from osgrepro.analysis import analyze
from osgrepro.report.methods import METHODS


def entries() -> dict[str, str]:
    """Return the text of each entry by its key."""
    rows = [{"experiment": "m", "software": "s", "hardware": "h", "status": "ok"}]
    told = report.bibtex(analyze(pd.DataFrame(rows)))
    found = re.findall(r"^@[a-z]+\{(\w+),\n(.*?)^\}$", told, re.MULTILINE | re.DOTALL)
    assert len(found) == told.count("@")
    assert len(dict(found)) == len(found)
    return dict(found)


def test_every_source_of_a_method_is_there_and_no_other() -> None:
    cited = {key for method in METHODS for key in method.cited}
    assert set(entries()) == {"osgrepro", *cited}


def test_what_a_method_names_by_year_is_cited() -> None:
    for method in METHODS:
        named = set(re.findall(r"\((1[89]\d\d|20\d\d)\)", method.source))
        assert named <= {re.sub(r"\D", "", key)[:4] for key in method.cited}, method.name


def test_each_entry_is_closed_and_has_what_a_list_of_references_needs() -> None:
    for key, text in entries().items():
        assert text.count("{") == text.count("}"), key
        assert {"author", "title"} <= set(re.findall(r"^  (\w+) ", text, re.MULTILINE)), key


def test_the_version_is_the_one_that_computed() -> None:
    assert f"Version {osgrepro.__version__}" in entries()["osgrepro"]
