"""``report`` as a user meets it: a page beside the dataset, other formats, nothing overwritten."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import exported
import pytest

from osgrepro.results import dataset
from osgrepro.workflow.results import analyzing


@pytest.fixture
def runs(tmp_path: Path) -> str:
    """Return a dataset of two cells that differ."""
    rows = [
        exported.row(number, weights, hardware=hardware)
        for number, (hardware, weights) in enumerate(("aa", "aa", "bb", "bb"), 1)
    ]
    dataset.write(tmp_path / "d.parquet", rows)
    return "d.parquet"


def test_the_page_lies_beside_the_dataset(osgrepro: Any, runs: str, tmp_path: Path) -> None:
    said = osgrepro("report", runs)
    assert said.code == 0, said.err
    titles = [line for line in said.out.splitlines() if line in ("Finding", "Why", "What next")]
    assert (titles[0], titles[-1]) == ("Finding", "What next")
    assert "`osgrepro analyze d.parquet --claim " in said.out
    assert "wrote d-report.html" in said.err
    page = (tmp_path / "d-report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "<h1>mine</h1>" in page
    # Names of forms, which nobody fetches.
    assert "http://" not in re.sub(r'"http://www\.w3\.org/(2000/svg|1999/xlink)"', "", page)


@pytest.mark.parametrize(
    ("format_", "name", "begin"), [("markdown", "d-report.md", "# mine"), ("json", "r.json", "{")]
)
def test_other_formats(
    osgrepro: Any, runs: str, tmp_path: Path, format_: str, name: str, begin: str
) -> None:
    out = ("-o", name) if name == "r.json" else ()
    assert osgrepro("report", runs, "--format", format_, *out).code == 0
    assert (tmp_path / name).read_text().startswith(begin)


def test_a_file_that_is_there_stays_unless_told(osgrepro: Any, runs: str, tmp_path: Path) -> None:
    (tmp_path / "d-report.html").write_text("mine")
    said = osgrepro("report", runs)
    assert said.code == 2
    assert "already exists" in said.err
    assert (tmp_path / "d-report.html").read_text() == "mine"
    assert osgrepro("report", runs, "--force").code == 0
    assert (tmp_path / "d-report.html").read_text() != "mine"


def test_what_is_there_is_said_before_anything_is_analysed(
    osgrepro: Any, runs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def analysed(*_: object) -> None:
        raise AssertionError("minutes went into a report that can't be written")

    monkeypatch.setattr(analyzing, "analyze", analysed)
    (tmp_path / "d-report.html").write_text("mine")
    said = osgrepro("report", runs)
    assert (said.code, "already exists" in said.err) == (2, True)


def test_a_dataset_that_is_not_there_is_what_is_missing(osgrepro: Any) -> None:
    said = osgrepro("report", "nowhere/d.parquet")
    assert (said.code, "is not a folder" in said.err) == (2, False)


def test_no_folder_is_one_message(osgrepro: Any, runs: str) -> None:
    said = osgrepro("report", runs, "-o", "none/r.html")
    assert said.code == 2
    assert "none is not a folder" in said.err


def test_the_figures_are_files_too(osgrepro: Any, runs: str, tmp_path: Path) -> None:
    said = osgrepro("report", runs, "--figures", "figures")
    assert said.code == 0, said.err
    names = {path.suffix for path in (tmp_path / "figures").iterdir()}
    assert names == {".svg", ".pdf", ".png", ".csv"}
    begins = {".pdf": b"%PDF", ".png": b"\x89PNG", ".svg": b"<svg"}
    for suffix, begin in begins.items():
        (path,) = (tmp_path / "figures").glob(f"overview{suffix}")
        assert path.read_bytes().startswith(begin)
    assert osgrepro("report", runs, "--figures", "figures", "-o", "other.html").code == 2


def test_the_page_carries_the_same_findings(osgrepro: Any, runs: str, tmp_path: Path) -> None:
    osgrepro("report", runs)
    page = (tmp_path / "d-report.html").read_text()
    text = page.partition('<script type="application/json" id="findings">')[2]
    carried = json.loads(text.partition("</script>")[0])
    assert carried == json.loads(osgrepro("analyze", runs, "--json").out)


def test_names_in_a_page_are_only_text(osgrepro: Any, tmp_path: Path) -> None:
    bad = "</script><script>alert(1)</script>"
    dataset.write(tmp_path / "d.parquet", [exported.row(1, hardware=bad, campaign=bad)])
    osgrepro("report", "d.parquet")
    assert "<script>alert" not in (tmp_path / "d-report.html").read_text()


def test_a_dataset_is_never_replaced(osgrepro: Any, runs: str, tmp_path: Path) -> None:
    before = (tmp_path / runs).read_bytes()
    said = osgrepro("report", runs, "-o", runs, "--force")
    assert (said.code, "no report replaces" in said.err) == (2, True)
    assert (tmp_path / runs).read_bytes() == before


def test_a_refusal_of_figures_leaves_no_page(osgrepro: Any, runs: str, tmp_path: Path) -> None:
    assert osgrepro("report", runs, "-o", "first.html", "--figures", "figures").code == 0
    assert osgrepro("report", runs, "-o", "new.html", "--figures", "figures").code == 2
    assert not (tmp_path / "new.html").exists()


def test_a_report_of_a_part_says_so(osgrepro: Any, runs: str, tmp_path: Path) -> None:
    said = osgrepro("report", runs, "--format", "markdown", "--only", "hardware=a", "-o", "r.md")
    assert said.code == 0, said.err
    assert "Only a part of the dataset: hardware a." in (tmp_path / "r.md").read_text()


def test_tables_for_a_paper_are_written_whole_or_refused(
    osgrepro: Any, runs: str, tmp_path: Path
) -> None:
    said = osgrepro("report", runs, "--tables", "t")
    assert said.code == 0, said.err
    assert "wrote 2 tables to t" in said.err
    names = [path.name for path in (tmp_path / "t").iterdir()]
    assert len(names) == 4
    assert {"summary.md", "summary.tex"} < set(names)
    again = osgrepro("report", runs, "--tables", "t", "-o", "other.html")
    assert again.code == 2
    assert "already exists" in again.err
    assert not (tmp_path / "other.html").exists()


def test_bibtex_is_printed_and_nothing_written(osgrepro: Any, runs: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    said = osgrepro("report", runs, "--bibtex")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("@misc{osgrepro,")
    assert sorted(tmp_path.iterdir()) == before


def test_each_cell_leads_to_the_results_of_its_runs(osgrepro: Any, tmp_path: Path) -> None:
    runs = tmp_path / "mine.runs"
    (runs / "returned" / "results" / "00").mkdir(parents=True)
    rows = [exported.row(number, file=f"00/{number} &.json") for number in (1, 2)]
    rows += [exported.row(3, file="../../secret.json"), exported.row(4, file="/etc/passwd")]
    for row in rows[:2]:
        (runs / "returned" / "results" / row["file"]).write_text("{}")
    (runs / "secret.json").write_text("{}")
    dataset.write(runs / "dataset.parquet", rows)
    assert osgrepro("report", "mine.runs/dataset.parquet").code == 0
    page = (runs / "dataset-report.html").read_text()
    assert '<a href="returned/results/00/1%20%26.json">' + rows[0]["run_id"] in page
    assert page.count("returned/results/00/") == 2
    assert "secret" not in page
    assert "/etc/passwd" not in page
    assert all(row["run_id"] in page for row in rows)
    # From another folder the links lead there, too.
    assert osgrepro("report", "mine.runs/dataset.parquet", "-o", "r.html").code == 0
    assert '<a href="mine.runs/returned/results/00/' in (tmp_path / "r.html").read_text()


def test_where_figures_can_not_go_is_said_with_what_to_name(
    osgrepro: Any, runs: str, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("mine")
    for option in ("--figures", "--tables"):
        said = osgrepro("report", runs, option, "taken")
        assert (said.code, f"{option} taken: is no folder" in said.err) == (2, True)
        assert "name a folder in one that you may write to" in said.err
        assert osgrepro("report", runs, option, "taken/below").code == 2
    assert (tmp_path / "taken").read_text() == "mine"
    assert not list(tmp_path.glob("*.html"))


def test_bibtex_writes_nothing_so_that_files_beside_it_are_refused(
    osgrepro: Any, runs: str, tmp_path: Path
) -> None:
    said = osgrepro("report", runs, "--bibtex", "--figures", "f", "--tables", "t")
    assert (said.code, said.out) == (2, "")
    assert "run the command twice: once with --bibtex, once with --figures --tables" in said.err
    assert not (tmp_path / "f").exists()
