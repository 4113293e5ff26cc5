"""The methods: each word that leads to one is on the page, and leads to one only."""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pandas as pd

from osgrepro import report
from osgrepro.analysis import analyze
from osgrepro.report.methods import METHODS


def page_and_words() -> tuple[str, set[str]]:
    """Return a page of two experiments, and the headings and columns of its sections."""
    rows = [
        {
            "experiment": experiment,
            "software": software,
            "hardware": hardware,
            "status": "ok",
            "cpu_vendor": "AMD" if hardware in "ab" else "Intel",
            "metric.accuracy": 0.5 + (hardware in "ab") / 8 + (software == "t") / 64,
            "metric_hex.accuracy": None,
            "predicted_labels_sha256": hardware,
        }
        for experiment, software, hardware, _ in product(("x", "y"), "st", "abcd", (1, 2))
    ]
    labels = {name: np.array([name in "ab", True]).astype("uint8") for name in "abcd"}
    found = analyze(pd.DataFrame(rows), labels=lambda _hashes, _column: labels)
    sections = report.sections(found)
    columns = {name for one in sections if one.table for name in one.table.columns}
    return report.page(found), {*columns, *(section.title for section in sections)}


def test_every_word_that_leads_to_a_method_is_on_the_page() -> None:
    page, words = page_and_words()
    explained = [word for method in METHODS for word in method.explains]
    assert len(set(explained)) == len(explained)
    assert set(explained) <= words
    for method in METHODS:
        assert page.count(f'id="{method.anchor}"') == 1
        if method.explains:
            assert f'href="#{method.anchor}"' in page


def test_a_pages_links_lead_to_its_places() -> None:
    page, _ = page_and_words()
    leads = set(re.findall(r'href="#([^"]+)"', page))
    assert leads <= set(re.findall(r'id="([^"]+)"', page))


def test_the_contents_follow_the_readers_questions() -> None:
    page, _ = page_and_words()
    contents = page[page.index("<nav") : page.index("</details>")]
    assert re.findall(r"<li><span>(.*?)</span>", contents) == [
        "In short",
        "What happened",
        "Does it matter?",
        "Experiment by experiment",
        "Why, in full",
        "How sure is that?",
        "In full",
    ]
    titles = re.findall(r"<h2[^>]*>(.*?)(?:</h2>| <a)", page)
    assert re.findall(r"<a [^>]*>(.*?)</a>", contents) == titles
