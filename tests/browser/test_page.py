"""The report's page: nothing reaches out or runs, all of it can be read, sorted and taken away."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from paths import STUDY
from playwright.sync_api import Browser

from osgrepro import report
from osgrepro.analysis import analyze
from osgrepro.analysis.findings import Findings
from osgrepro.results import archive

_UNKNOWN = "not assessable"


def embedded(page: Any) -> dict[str, Any]:
    """Return the findings that the page carries."""
    found: dict[str, Any] = json.loads(page.locator("#findings").text_content())
    return found


def content(link: Any) -> str:
    """Return what a download link of the page holds."""
    return base64.b64decode(link.get_attribute("href").partition(",")[2]).decode()


def test_nothing_runs_and_nothing_reaches_out(watched: Any) -> None:
    watched.page.wait_for_timeout(200)
    assert watched.problems == []
    assert watched.page.evaluate("window.hit") is None


def test_the_page_is_as_wide_as_the_window(watched: Any) -> None:
    widths = watched.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert widths[0] == widths[1]


def test_the_answer_is_on_the_first_screen(watched: Any) -> None:
    first = watched.page.locator(".lead").first
    box = first.bounding_box()
    assert box["y"] + box["height"] < 900
    verdicts = embedded(watched.page)["verdicts"]
    answers = [one["says"] or one["answer"] for one in verdicts if one["answer"] != _UNKNOWN]
    words = watched.page.locator(".verdict .answer").all_inner_texts()
    assert watched.page.locator(".unknown").count() == (len(answers) < len(verdicts))
    assert [word.split(" ", 1)[1] for word in words] == answers


def test_what_to_do_next_is_on_the_first_screen(watched: Any) -> None:
    """On a telephone a link to it is."""
    wide = watched.page.viewport_size["width"] >= 1024
    shown = watched.page.get_by_role("heading" if wide else "link", name="What next").first
    box = shown.bounding_box()
    assert box["y"] + box["height"] < 900


def test_the_contents_are_folded_where_they_would_fill_the_screen(watched: Any) -> None:
    wide = watched.page.viewport_size["width"] >= 1024
    link = watched.page.get_by_role("link", name="Methods").first
    assert link.is_visible() == wide
    if not wide:
        assert watched.page.locator("nav").bounding_box()["height"] < 80
        watched.page.locator("#contents summary").click()
        assert link.is_visible()
    watched.page.set_viewport_size({"width": 1280, "height": 900})
    watched.page.wait_for_timeout(100)
    assert link.is_visible()


def test_what_is_emulated_is_said_at_the_top(watched: Any) -> None:
    assert "runs on emulated hardware" in watched.page.locator(".warning").inner_text()


def test_there_is_one_first_heading_and_no_level_is_skipped(watched: Any) -> None:
    levels = watched.page.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_link_of_the_contents_leads_somewhere(watched: Any) -> None:
    targets = watched.page.eval_on_selector_all(
        "nav a", "all => all.map(a => document.querySelector(a.hash) !== null)"
    )
    assert targets
    assert all(targets)


def test_the_table_sorts_by_keyboard(watched: Any) -> None:
    head = watched.page.locator("#all th").nth(7)
    head.locator("button").focus()
    watched.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    script = "all => all.map(td => td.dataset.number).filter(Boolean).map(Number)"
    column = "#all tbody td:nth-child(8)"
    up = watched.page.eval_on_selector_all(column, script)
    assert up == sorted(up)
    watched.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    down = watched.page.eval_on_selector_all(column, script)
    assert down == sorted(up, reverse=True)


def test_the_table_filters_by_keyboard(watched: Any) -> None:
    field = watched.page.get_by_label("Show cells with")
    field.focus()
    watched.page.keyboard.type("mnist epyc-8")
    assert watched.page.locator("#all tbody tr:visible").count() == 2
    assert watched.page.locator("#shown").inner_text() == "2 of 36"


def test_the_numbers_of_the_cells_are_the_findings(watched: Any) -> None:
    means = watched.page.eval_on_selector_all(
        "#all tbody td:nth-child(8)", "all => all.map(td => Number(td.dataset.number))"
    )
    told = embedded(watched.page)
    assert means == [cell["mean"] for one in told["experiments"] for cell in one["cells"]]


def test_every_figure_is_there_with_its_files(watched: Any, findings: Findings) -> None:
    # The overview shows what the maps of repeatability do.
    drawn = [one for one in report.figures(findings) if one.section != "repeatability"]
    assert drawn
    assert watched.page.locator("figure").count() == len(drawn)
    for figure in drawn:
        own = watched.page.locator(f"[id='figure-{figure.name}']")
        assert own.locator("svg:visible").bounding_box()["height"] > 20
        svg, table = (content(own.locator("a").nth(number)) for number in (0, 1))
        assert svg == figure.svg
        rows = list(csv.reader(io.StringIO(table)))
        assert len(rows) == len(figure.rows) + 1
        assert not any(word.startswith(("=", "@")) for row in rows for word in row)


def test_every_dot_of_a_figure_is_drawn(watched: Any, findings: Findings) -> None:
    sizes = watched.page.eval_on_selector_all(
        "figure svg circle",
        "all => all.filter(u => u.checkVisibility()).map(u => u.getBoundingClientRect())"
        ".map(box => Math.min(box.width, box.height))",
    )
    assert len(sizes) == sum(figure.svg.count("<circle") for figure in report.figures(findings)) > 9
    assert min(sizes) > 0


def test_a_command_breaks_between_its_words(watched: Any) -> None:
    """Within one, such as an option, only where it is longer than a line."""
    broken = watched.page.eval_on_selector_all(
        "code span",
        "all => all.filter(s => s.checkVisibility() && s.getBoundingClientRect().height > 1.9 *"
        " parseFloat(getComputedStyle(s).fontSize)).map(s => s.textContent)",
    )
    assert [word for word in broken if len(word) < 30] == []
    assert watched.page.locator("code span").count() > 5
    for text in watched.page.locator("code").all_text_contents():
        assert text == " ".join(text.split())


def test_the_json_can_be_taken_away(watched: Any, findings: Findings) -> None:
    link = watched.page.locator("a[download='findings.json']")
    assert json.loads(content(link)) == embedded(watched.page)
    assert embedded(watched.page)["data"]["rows"] == findings.data.rows


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of(watched: Any, scheme: Any) -> None:
    watched.page.emulate_media(color_scheme=scheme)
    found = Axe().run(watched.page)
    assert found.violations_count == 0, found.generate_report()


def test_the_contents_stay_on_a_desk(watched: Any) -> None:
    if watched.page.viewport_size["width"] < 1024:
        pytest.skip("on a telephone the contents stand at the top")
    watched.page.mouse.wheel(0, 3000)
    watched.page.wait_for_timeout(200)
    assert watched.page.evaluate("window.scrollY") > 1000
    assert 0 <= watched.page.locator("nav").bounding_box()["y"] < 900


def test_figures_are_as_large_as_the_text(watched: Any) -> None:
    """Letters of a figure are between half and one and a half times those around it."""
    scale = "s => s.getBoundingClientRect().width / s.viewBox.baseVal.width"
    for factor in watched.page.eval_on_selector_all(
        "figure svg", f"all => all.filter(s => s.checkVisibility()).map({scale})"
    ):
        assert 0.5 < 8.5 * factor / 16 < 1.5


def test_a_table_that_is_cut_says_so(watched: Any) -> None:
    """Below each table that scrolls stands what there is more of; below the others nothing."""
    watched.page.wait_for_timeout(200)
    tables = watched.page.eval_on_selector_all(
        ".scroll",
        """all => all.map(box => [
            box.scrollHeight > box.clientHeight + 1,
            box.scrollWidth > box.clientWidth + 1,
            box.nextElementSibling.textContent,
        ])""",
    )
    assert any(rows or columns for rows, columns, _ in tables)
    for rows, columns, hint in tables:
        assert ("rows" in hint, "columns" in hint) == (rows, columns)


def test_figures_are_as_dark_as_the_page_and_paper_is_white(watched: Any) -> None:
    looks = "getComputedStyle(document.querySelector('figure svg')).filter"
    watched.page.emulate_media(color_scheme="dark")
    assert watched.page.evaluate(looks).startswith("invert")
    watched.page.emulate_media(color_scheme="dark", media="print")
    assert watched.page.evaluate(looks) == "none"


def test_print_shows_all_of_a_long_table(watched: Any) -> None:
    watched.page.emulate_media(media="print")
    hidden = watched.page.eval_on_selector_all(
        ".scroll", "all => all.filter(d => d.scrollHeight > d.clientHeight + 1).length"
    )
    assert hidden == 0


def test_no_column_is_cut_on_paper(watched: Any) -> None:
    """A4 without its margins has 186 mm, at 96 pixels an inch."""
    watched.page.set_viewport_size({"width": 703, "height": 900})
    watched.page.emulate_media(media="print")
    cut = watched.page.eval_on_selector_all(
        "main table", "all => all.filter(t => t.getBoundingClientRect().right > 703).length"
    )
    assert cut == 0


def test_texts_have_contrast(watched: Any) -> None:
    """WCAG 2.1's ratio of at least 4.5, text colour against the nearest background."""
    colours = watched.page.evaluate(
        """() => [...document.querySelectorAll('main *, header *')].filter(
            e => !e.closest('svg') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
        ).map(e => {
            let back = e;
            while (back && getComputedStyle(back).backgroundColor === 'rgba(0, 0, 0, 0)')
                back = back.parentElement;
            return [getComputedStyle(e).color, back ? getComputedStyle(back).backgroundColor
                : 'rgb(255, 255, 255)'];
        })"""
    )
    for pair in {tuple(pair) for pair in colours}:
        front, back = (luminance(text) for text in pair)
        assert (max(front, back) + 0.05) / (min(front, back) + 0.05) >= 4.5, pair


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of ``rgb(…)``."""
    parts = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_without_scripts_all_is_still_there(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("#all tbody tr").count() == 36
    context.close()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of the study of 2022."""
    if not STUDY.is_dir():
        pytest.skip(f"needs the study's raw data, which are not at {STUDY}")
    from osgrepro.results import dataset  # noqa: PLC0415, only where there is something to read

    folder = tmp_path_factory.mktemp("study")
    paths = [path.relative_to(STUDY).as_posix() for path in STUDY.rglob("*") if path.is_file()]
    found = archive.read_archive("study", paths, lambda path: (STUDY / path).read_text())
    dataset.write(folder / "d.parquet", found.rows)
    frame: pd.DataFrame = dataset.frame(folder / "d.parquet")
    (folder / "report.html").write_text(report.page(analyze(frame), "2022"), encoding="utf-8")
    return folder / "report.html"


def test_the_study_is_a_page_for_a_mail(browser: Browser, study: Path) -> None:
    assert study.stat().st_size < 5_000_000
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text))
    page.goto(study.as_uri())
    assert page.locator("#all tbody tr").count() == 78
    assert problems == []
    glance = page.get_by_role("region", name="Table: At a glance")
    assert glance.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    context.close()


def test_the_study_is_a_few_sheets_of_paper(browser: Browser, study: Path) -> None:
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(study.as_uri())
    page.set_viewport_size({"width": 703, "height": 900})
    page.emulate_media(media="print")
    wide = "all => all.filter(t => t.getBoundingClientRect().right > 703).length"
    assert page.eval_on_selector_all("main table", wide) == 0
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 14
    context.close()
