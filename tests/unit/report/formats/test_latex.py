"""Words of a table as LaTeX: each is printed as it is, and none is a command."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import hostile
import pytest

from osgrepro.report.formats.latex import escaped, table
from osgrepro.report.values import Table


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("test_accuracy", r"test\_accuracy"),
        ("s_R, 95 %", r"$s_{\mathrm{R}}$, 95\,\%"),
        ("class_r", r"class\_r"),
        ("p ≤ 5 %", r"p $\leq$ 5\,\%"),
        ("78.84 to 86.91 %", r"78.84 to 86.91\,\%"),
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("a & b # c ~ d ^ e $f$", r"a \& b \# c \textasciitilde{} d \textasciicircum{} e \$f\$"),
        ("[2ex] gpu", "{[}2ex] gpu"),
        ("*star", "{*}star"),
        ("a--b---c", "a-{}-b-{}-{}-c"),
        ("a – b", r"a \textendash{} b"),
        ("why?`no!`", "why?{}`no!{}`"),
        ("``x'' ,,y", "`{}`x'{}' ,{},y"),
        ("two\nlines % here", r"two\textbackslash{}nlines\,\% here"),
    ],
)
def test_a_word_is_printed_as_it_is(text: str, told: str) -> None:
    assert escaped(text) == told


@pytest.mark.parametrize("text", hostile.TEXTS.values(), ids=hostile.TEXTS.keys())
def test_no_text_is_a_command(text: str) -> None:
    told = escaped(text)
    assert hostile.harmless(told)
    assert "\n" not in told
    ours = r"\\(textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar)\{\}"
    bare = re.sub(
        rf"{ours}|\{{[\[*]?\}}|\\(ldots|textendash)\{{\}}|\\texttt\{{\\char34\}}|\$-\$|\\[&%$#_{{}},]",
        "",
        told,
    )
    assert not set("\\&%$#_{}~^") & set(bare)


def made(rows: int) -> str:
    """Return a table of so many rows."""
    words = tuple((f"m_{number}", "1") for number in range(rows))
    content = Table(columns=("hardware", "s_R"), rows=words, right=("s_R",))
    return table(content, caption="a_b", label="tab:x")


def test_a_table_has_a_row_for_each_and_its_numbers_at_the_right() -> None:
    told = made(2).splitlines()
    assert r"\begin{tabular}{lr}" in told
    end = r"\tabularnewline"
    assert rf"hardware & $s_{{\mathrm{{R}}}}$ {end}" in told
    rows = [told.index(rf"m\_{number} & 1 {end}") for number in (0, 1)]
    assert rows[0] < rows[1] < told.index(r"\bottomrule")
    assert r"\caption{a\_b}" in told
    assert r"\label{tab:x}" in told


def test_what_no_page_holds_goes_on_to_the_next() -> None:
    told = made(60)
    assert r"\begin{longtable}{lr}" in told
    assert r"\begin{tabular}" not in told
    assert told.count("m\\_") == 60


SUMMARY = Table(
    columns=("experiment", "metric", "software", "range", "spread", "s_r", "s_R", "s_R, 95 %"),
    rows=tuple(
        (experiment, metric, software, "78.84 to 86.91 %", "8.07", tied, "0.382", "0.905 to 4.34")
        for experiment, metric in (
            ("bidirectional_lstm_imdb", "validation_accuracy"),
            ("mnist", "f1_score"),
        )
        for software, tied in (
            ("image-2.8.0", "tied (p ≤ 53 %)"),
            ("image-22.03", "tied (p ≤ 5 %)"),
        )
    ),
    right=("range", "spread", "s_r", "s_R", "s_R, 95 %"),
)
MANY = tuple(f"dockerhub-2.{number}.0" for number in range(9))
CELLS = Table(
    columns=("hardware", *MANY),
    rows=tuple((f"xeon-{n}", *["84.52 to 86.51 %, 5 classes"] * len(MANY)) for n in range(4)),
    right=MANY,
)


def test_what_is_too_wide_has_notes_and_headings() -> None:
    told = table(SUMMARY, caption="All", label="tab:x")
    end = r"\tabularnewline"
    assert r"\caption{All $^{a}$ p $\leq$ 53\,\%. $^{b}$ p $\leq$ 5\,\%.}" in told
    assert rf"\multicolumn{{6}}{{l}}{{experiment, metric}} {end}" in told
    assert rf"\multicolumn{{6}}{{l}}{{mnist, f1\_score}} {end}" in told
    assert told.count(r"\quad image-2.8.0 & 78.84 to 86.91\,\% & 8.07 & tied$^{a}$ & 0.382") == 2


def test_a_name_that_comes_again_later_is_a_heading_again() -> None:
    names = ("bidirectional_lstm_imdb", "imbalanced_classification", "bidirectional_lstm_imdb")
    rows = tuple((name, *["0123456789 ab"] * 4) for name in names)
    content = Table(columns=("experiment", "a", "b", "c", "d"), rows=rows)
    told = table(content, caption="", label="x")
    headings = re.findall(r"multicolumn\{4\}\{l\}\{(\w+)", told.replace(r"\_", "_"))
    assert headings == ["experiment", *names]


def test_what_no_page_is_wide_enough_for_is_several_tables() -> None:
    told = table(CELLS, caption="All", label="tab:x")
    assert told.count(r"\begin{tabular}") > 2
    assert told.count(r"\caption") == told.count(r"\begin{table}") == 1
    assert all(told.count(name) == 1 for name in MANY)
    assert told.count("84.52") == len(MANY) * 4


@pytest.mark.parametrize("content", [SUMMARY, CELLS])
def test_no_table_is_wider_than_the_text(content: Table, tmp_path: Path) -> None:
    if not shutil.which("pdflatex"):
        pytest.skip("needs pdflatex")
    text = table(content, caption="c", label="tab:x")
    packages = r"\usepackage{booktabs}\usepackage{longtable}"
    page = rf"\documentclass{{article}}{packages}\begin{{document}}{text}\end{{document}}"
    (tmp_path / "t.tex").write_text(page)
    program = ("pdflatex", "-halt-on-error", "t.tex")
    printed = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Overfull" not in printed.stdout


@pytest.mark.parametrize("rows", [1, 60])
def test_latex_prints_every_word(rows: int, tmp_path: Path) -> None:
    if not all(map(shutil.which, ("pdflatex", "pdftotext"))):
        pytest.skip("needs pdflatex and pdftotext")
    names = ("[2ex] gpu", "*star", "a--b---c", 'q"uote', "[*]", "plain")
    content = Table(columns=("[hard] ware", "*n"), rows=tuple((name, "1") for name in names * rows))
    packages = r"\usepackage{booktabs}\usepackage{longtable}"
    text = table(content, caption="[c] -- x", label="tab:x")
    page = tmp_path / "t.tex"
    page.write_text(rf"\documentclass{{article}}{packages}\begin{{document}}{text}\end{{document}}")
    made = ("pdflatex", "-halt-on-error", page.name), ("pdftotext", "-layout", "t.pdf", "-")
    for words in made:
        printed = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    for name in (*names, "[hard] ware", "[c] -- x"):
        assert name in printed.stdout.replace("”", '"')
