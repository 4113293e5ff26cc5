"""Bad input as a user meets it: ``analyze`` and ``report`` on real datasets, ``import`` of YAML."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from osgrepro.results import dataset

NAN, INF = float("nan"), float("inf")
BAD = ("</script><script>alert(1)</script>", "=1+1", "@SUM(1)", "+1", "-1", "a|b", "\x1b[31m")


def row(hardware: str, value: float, repeat: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a run as a row of the dataset."""
    return {
        "campaign": "c",
        "run_id": f"{hardware}{repeat}",
        "experiment": "mnist",
        "software": "tf",
        "hardware": hardware,
        "repeat": repeat,
        "status": "ok",
        "primary_metric": "accuracy",
        "metrics": [{"name": "accuracy", "value": value, "hex": value.hex()}],
        **changes,
    }


TWO_UNITS = [row(h, v, k) for h, v in (("a", 0.85), ("b", 85.5)) for k in (1, 2)]
CASES = {
    "no rows": [],
    "one environment": [row("a", 0.5, k) for k in (1, 2)],
    "one repeat": [row(name, 0.5) for name in "ab"],
    "all failed": [row(name, 0.5, status="failed", metrics=[]) for name in "ab"],
    "constant": [row(name, 0.5, k) for name in "abc" for k in (1, 2)],
    "NaN": [row(name, NAN, k) for name in "ab" for k in (1, 2)],
    "infinite": [row("a", INF, 1), row("a", 0.5, 2), row("b", -INF, 1), row("b", 0.5, 2)],
    "missing metrics": [row("a", 0.5, 1), row("a", 0.5, 2, metrics=[]), row("b", 0.5, 1)],
    "two units": TWO_UNITS,
    "unbalanced": [row("a", 0.5, k) for k in range(1, 9)] + [row("b", 0.25)],
    "duplicated": [row("a", 0.5)] * 3 + [row("b", 0.25)] * 2,
    "odd names": [row(name, 0.5 + k / 8, k) for name in BAD for k in (1, 2)],
}

QUICK = ("no rows", "NaN", "odd names")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.sweep] * (name not in QUICK)) for name in CASES],
)
@pytest.mark.filterwarnings("error")
def test_it_is_analysed_and_reported(osgrepro: Any, tmp_path: Path, name: str) -> None:
    dataset.write(tmp_path / "d.parquet", CASES[name])
    told = osgrepro("analyze", "d.parquet", "--full")
    made = osgrepro("report", "d.parquet", "--figures", "figures")
    page = (tmp_path / "d-report.html").read_text()
    for said in (told, made):
        assert said.code == 0, said.err
        assert "\x1b[31m" not in said.out
        assert not re.search(r"Traceback|Warning|np\.float", said.out + said.err)
        assert not re.search(r"\b(nan|inf)\b", said.out)
    shown = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r">[^<]*\b(nan|inf|np\.float64)\b[^<]*<", shown)
    assert "<script>alert" not in page


def test_no_name_is_a_formula_in_a_csv(osgrepro: Any, tmp_path: Path) -> None:
    dataset.write(tmp_path / "d.parquet", CASES["odd names"])
    assert osgrepro("report", "d.parquet", "--figures", "figures").code == 0
    files = list((tmp_path / "figures").glob("*.csv"))
    assert files
    for file in files:
        with file.open(newline="", encoding="utf-8") as lines:
            words = [word for line in csv.reader(lines) for word in line]
        for word in words:
            number = re.fullmatch(r"[-+]?\d[\d.eE+-]*", word) and word not in BAD
            assert number or not word.startswith(("=", "+", "-", "@", "\t", "\r")), (file, word)


def test_two_units_are_said_before_everything_that_follows_of_them(
    osgrepro: Any, tmp_path: Path
) -> None:
    dataset.write(tmp_path / "d.parquet", TWO_UNITS)
    said = osgrepro("analyze", "d.parquet").out
    assert "accuracy of mnist seems to be recorded in two units" in said.split("repeatability")[0]
    osgrepro("report", "d.parquet")
    assert "seems to be recorded in two units" in (tmp_path / "d-report.html").read_text()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: !!python/object/apply:os.system [exit 1]\n", "could not determine"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "it has aliases"),
    ],
)
def test_dangerous_yaml_is_one_message(osgrepro: Any, tmp_path: Path, text: str, why: str) -> None:
    inside = tmp_path / "old" / "tf" / "cpu" / "7"
    inside.mkdir(parents=True)
    (inside / "a.csv").write_text(
        "date_time,epochs,test_loss,test_accuracy\n2022-07-11 18:30:11,2,0.25,0.5\n"
    )
    (inside / "a_system_info.yaml").write_text(text)
    said = osgrepro("import", "old")
    assert said.code == 2
    assert why in said.err
    assert "Traceback" not in said.err
    assert not list(tmp_path.glob("*.parquet"))


# Leaves a process some memory beyond what it has after loading all that an analysis needs.
STARVED = """
import re, resource, sys
import pyarrow.parquet, scipy.stats
from osgrepro import cli
from osgrepro.analysis import findings
size = int(re.search(r"VmSize:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (size + int(sys.argv.pop()) * 2**20,) * 2)
cli.main()
"""


def test_too_little_memory_is_one_message(tmp_path: Path) -> None:
    rows = [row(name, 0.5, cpu_model_name=name * 20_000_000) for name in "abc"]
    dataset.write(tmp_path / "d.parquet", rows)
    said = [
        subprocess.run(
            [sys.executable, "-c", STARVED, "analyze", "d.parquet", "--json", megabytes],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        for megabytes in ("80", "2000")
    ]
    assert [one.returncode for one in said] == [1, 0], said[1].stderr
    assert "the memory of this machine is too small for this" in said[0].stderr
    assert "a part of the runs" in said[0].stderr
    assert "Traceback" not in said[0].stderr
    assert said[0].stdout == ""
