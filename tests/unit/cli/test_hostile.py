"""Texts of jobs, slots and strangers' files through every command: shown, and never obeyed."""

from __future__ import annotations

import ast
import base64
import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import divergence_results
import hostile
import pyarrow as pa
import pytest

import osgrepro as package
from osgrepro.cli import console, tables
from osgrepro.cli.runs import coverage
from osgrepro.common import models, toml
from osgrepro.common.errors import CampaignError, OsgreproError
from osgrepro.common.models import RunState
from osgrepro.pool.condor import ClusterTransfers, Plugin
from osgrepro.results import dataset
from osgrepro.results.dataset.columns import COLUMNS
from osgrepro.workflow.results import analyzing
from osgrepro.workflow.runs.monitoring.coverage import CellCoverage
from osgrepro.workflow.runs.monitoring.status import Cell, Held
from osgrepro.workflow.runs.monitoring.transfers import Moved

KINDS = pytest.mark.parametrize("text", hostile.TEXTS.values(), ids=list(hostile.TEXTS))
# Where so many commands take seconds each: the first text is tried always, all others by sweeps.
FIRST = next(iter(hostile.TEXTS))
MOST = pytest.mark.parametrize(
    "text",
    [
        pytest.param(hostile.TEXTS[name], id=name, marks=[pytest.mark.sweep] * (name != FIRST))
        for name in hostile.TEXTS
    ],
)


def column(one: Any, text: str) -> Any:
    """Return a value of a column of texts that is ``text``, or holds it."""
    if one.type == pa.list_(pa.string()):
        return [text]
    if one.name == "data_json":
        return json.dumps([{"spec": text, "file": text, "sha256": text, "sample": False}])
    if one.name.endswith("_json"):
        return json.dumps({text: text})
    return text


def rows(text: str) -> list[dict[str, Any]]:
    """Return the runs of two cells, in which every column of texts is ``text``."""
    texts = {
        one.name: column(one, text)
        for one in COLUMNS
        if one.type in (pa.string(), pa.list_(pa.string()))
    }
    made = []
    for hardware in "AB":
        for repeat, status in ((1, "ok"), (2, "ok"), (3, "failed")):
            value = 0.5 + (hardware == "B") / 8
            ok = status == "ok"
            changes = {
                "run_id": f"{text}{hardware}{repeat}",
                "hardware": f"{text}{hardware}",
                "repeat": repeat,
                "seed": 1,
                "status": status,
                "final_weights": f"{text}{hardware}" if ok else None,
                "probe_sha256": f"{text}{hardware}" if ok else None,
                "probe_json": json.dumps({text: f"{text}{hardware}"}) if ok else None,
                "primary_value": value if ok else None,
                "primary_hex": value.hex() if ok else None,
                "metrics": [{"name": text, "value": value, "hex": value.hex()}] if ok else [],
                "emulated": False,
            }
            made.append({**texts, **changes})
    return made


def check(said: Any, text: str, *, code: int | None = 0) -> None:
    """Make sure that a command spoke, that no text meant anything, and that ``text`` is there."""
    assert code is None or said.code == code, said.err
    assert "Traceback" not in said.err
    for stream in (said.out, said.err):
        assert hostile.harmless(stream), stream
    told = hostile.dense(said.out + said.err)
    # A message keeps its lines, set in; some quote as Python does.
    forms = (hostile.shown(text), "".join(map(hostile.shown, text.split("\n"))), repr(text)[1:-1])
    assert any(hostile.dense(form)[:60] in told for form in forms)
    # Only what stands behind a mark of ours, or is set in, is of others.
    assert not re.search("^osgrepro: b", said.err, re.M), said.err


@MOST
def test_every_column_of_a_dataset(osgrepro: Any, tmp_path: Path, text: str) -> None:
    dataset.write(tmp_path / "d.parquet", rows(text))
    for how in ((), ("--full",)):
        check(osgrepro("analyze", "d.parquet", *how), text)
    found = osgrepro("analyze", "d.parquet", "--json")
    assert hostile.harmless(found.out)
    assert json.loads(found.out)["experiments"][0]["name"] == text
    check(osgrepro("probe", "d.parquet"), text)
    check(osgrepro("confirm", "d.parquet"), text, code=None)
    check(osgrepro("confirm", "d.parquet", "--twin", "osg-2022"), text, code=None)
    check(osgrepro("analyze", "d.parquet", "--definition", "list"), text)
    check(osgrepro("analyze", "d.parquet", "--definition", "all"), text)
    check(osgrepro("analyze", "d.parquet", "--definition", "0000"), text, code=2)
    check(osgrepro("analyze", "d.parquet", "--claim", "a.b > 1"), text, code=2)
    assert hostile.harmless(osgrepro("probe", "d.parquet", "--json").out)
    assert hostile.harmless(osgrepro("confirm", "d.parquet", "--json").out)


@KINDS
def test_the_tables_of_collect(osgrepro: Any, tmp_path: Path, text: str, capfd: Any) -> None:
    dataset.write(tmp_path / "d.parquet", rows(text))
    path = tmp_path / "d.parquet"
    for made in (tables.outcomes(analyzing.preview(path)), tables.failures(path)):
        console.show(made)
        said = capfd.readouterr()
        assert hostile.harmless(said.out)
        last = hostile.dense(hostile.shown(text.splitlines()[-1]))[:20]
        assert last in hostile.dense(said.out)
    for line in tables.refusals({text: 2}, [{"reason": text, "file": text, "message": text}]):
        console.warn(line)
    said = capfd.readouterr()
    assert hostile.harmless(said.err)
    assert all(line.startswith(("warning: ", "  ")) for line in said.err.splitlines())


@MOST
def test_a_page_with_its_files_and_markdown(osgrepro: Any, tmp_path: Path, text: str) -> None:
    dataset.write(tmp_path / "d.parquet", rows(text))
    part = hostile.dense(hostile.shown(text))[:40]
    made = osgrepro("report", "d.parquet", "--title", text)
    assert made.code == 0, made.err
    page = (tmp_path / "d-report.html").read_text(encoding="utf-8")
    assert hostile.harmless(page)
    cells = re.sub(r"<(style|script|svg)\b.*?</\1>", "", page, flags=re.S)
    plain = re.sub(r"<[^>]*>", "", cells)
    unescaped = __import__("html").unescape(plain)
    assert part in hostile.dense(unescaped)
    assert "<script>a" not in page
    for encoded in re.findall(r"base64,([A-Za-z0-9+/=]+)", page):
        inside = base64.b64decode(encoded).decode()
        assert hostile.harmless(inside.replace("\r\n", "\n"))
        if not inside.startswith(("<", "{")):
            words = [word for line in csv.reader(io.StringIO(inside)) for word in line]
            assert any(part in hostile.dense(word) for word in words)
    told = osgrepro("analyze", "d.parquet", "--markdown")
    assert told.code == 0, told.err
    assert hostile.harmless(told.out)
    unquoted = re.sub(r"\\([\\`*<>|\[\]#~&!_])", r"\1", told.out)
    assert part in hostile.dense(unquoted)
    osgrepro("report", "d.parquet", "--format", "json", "-o", "f.json")
    found = json.loads((tmp_path / "f.json").read_bytes())
    assert found["experiments"][0]["name"] == text


@KINDS
def test_machine_ads(osgrepro: Any, tmp_path: Path, text: str) -> None:
    ad = {
        "MyType": "Machine",
        "CpuFamily": 25,
        "CpuModelNumber": 1,
        "Cpus": 4,
        "GPUs": 1,
        **dict.fromkeys(("Name", "Machine", "Arch", "Microarch", "OSGVO_CPU_MODEL"), text),
        **dict.fromkeys(("GLIDEIN_Site", "GPUs_DeviceName", "OSG_SITE"), text),
    }
    (tmp_path / "ads.json").write_text(json.dumps([ad]))
    listed = osgrepro("hardware", "list", "--ads", "ads.json", "--json")
    assert hostile.harmless(listed.out)
    (one,) = json.loads(listed.out)
    assert one["samples"] == [text]
    check(osgrepro("hardware", "list", "--ads", "ads.json"), "class")
    shown = osgrepro("hardware", "show", one["name"], "--ads", "ads.json")
    check(shown, text)
    made = osgrepro("hardware", "propose", "1", "--ads", "ads.json", "--out", "new.toml")
    assert made.code == 0, made.err
    assert toml.loads((tmp_path / "new.toml").read_text(), "new.toml")["hardware"]
    check(osgrepro("hardware", "propose", "1", "--ads", "ads.json"), "[[hardware]]")
    check(osgrepro("hardware", "show", text, "--ads", "ads.json"), text, code=2)


@KINDS
def test_what_is_held_and_what_is_empty(capfd: Any, text: str) -> None:
    held = Held(run_id=text, cluster=1, proc=1, reason=text, code=1, advice=text)
    cell = Cell(experiment=text, hardware=text, software=text, counts={RunState.HELD: 1})
    empty = CellCoverage(
        experiment=text, hardware=text, software=text, counts={text: 1}, why=(text,)
    )
    moved = Moved(
        name=text, transfers=ClusterTransfers(cluster=1, jobs=1, eps=1, plugins={text: Plugin()})
    )
    for made in (
        *(tables.held([held], text), tables.cells([cell]), coverage.block(text, [empty])),
        *(coverage.reasons([empty]), tables.transfers([moved]), tables.plugins({text: Plugin()})),
        console.table(text, title=text),
    ):
        console.show(made)
        said = capfd.readouterr().out
        assert hostile.harmless(said)
        assert hostile.dense(hostile.shown(text))[:10] in hostile.dense(said)


@MOST
def test_a_campaign_its_file_and_what_it_is_asked_for(
    osgrepro: Any, tmp_path: Path, text: str
) -> None:
    quoted = json.dumps(text)
    (tmp_path / "train.py").write_text("print(1)\n")
    content = f"""
[campaign]
name = "c"
[[experiment]]
name = "e"
entry = "train.py"
params = {{ {quoted} = {quoted} }}
metrics = ["m"]
primary = "m"
[[software]]
name = "s"
image = {quoted}
[[hardware]]
name = "h"
requirements = {quoted}
proves = {quoted}
{quoted} = {quoted}
[{quoted}]
a = 1
"""
    # TOML has no escape for the character that JSON writes as \u007f or less than a control.
    (tmp_path / "c.toml").write_text(content, encoding="utf-8")
    for argv in (("plan", "c.toml"), ("plan", text), ("plan", "demo", "--only", text)):
        # A name that no file can have is the system's fault to tell, and 1.
        check(osgrepro(*argv), text, code=2 if len(text) < 256 else None)
    check(osgrepro("run", "demo", "--cell", text), text, code=2)
    for verb in (("build", text), ("lock", text), ("diverge", text, text), ("twin", "check", text)):
        check(osgrepro(*verb), text, code=2 if len(text) < 256 else None)
    check(osgrepro("pool", text), text, code=2)
    check(osgrepro(text), text, code=2)


@pytest.mark.parametrize(
    "text",
    [*hostile.TEXTS.values(), "half \ud800"],
    ids=[*hostile.TEXTS, "half of a character"],
)
def test_results_that_are_compared(osgrepro: Any, tmp_path: Path, text: str) -> None:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [filled(item) for item in value]
        return text if isinstance(value, str) else value

    for name in "ab":
        made = divergence_results.result(status="failed", exit_code=10)
        made["exception"] = {"type": text, "message": text, "traceback": text}
        made["provenance"]["cpu"] = {"model_name": f"{text}{name}", "flags": [text]}
        made["provenance"]["host"] = filled({"name": "x", "site": "x", "kernel": "x"})
        made["provenance"]["framework"] = {"backend": text, "version": f"{text}{name}"}
        for key in ("campaign", "experiment", "software", "hardware", "entry"):
            made["definition"][key] = text
        made["metrics"] = {}
        made["fingerprints"]["gradients"][1] = {f"0:{text}": name * 64}
        divergence_results.seal(tmp_path / f"{name}.json", made)
    check(osgrepro("diverge", "a.json", "b.json"), text, code=None)
    assert hostile.harmless(osgrepro("diverge", "a.json", "b.json", "--json").out)
    said = osgrepro("twin", "from", "a.json", "--name", text)
    assert hostile.harmless(said.out + said.err)


@KINDS
def test_archives_and_crates(osgrepro: Any, tmp_path: Path, text: str) -> None:
    # What a folder can be called; "." would be none.
    name = f"x{text[:40]}".replace("/", "|").replace("\x00", "")
    inside = tmp_path / "old" / name / "cpu" / "7"
    inside.mkdir(parents=True)
    with (inside / "a.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date_time", "epochs", "test_loss", "test_accuracy"])
        writer.writerow(["2022-07-11 18:30:11", "2", text.replace("\x00", "\x01"), "0.5"])
    (inside / "a_system_info.yaml").write_text(json.dumps({"cpu": {"model": text}, text: text}))
    said = osgrepro("import", "old")
    check(said, name, code=None)
    crate = tmp_path / "crate"
    crate.mkdir()
    graph = [{"@id": "ro-crate-metadata.json"}, {"@id": "./", "hasPart": [{"@id": text}]}]
    (crate / "ro-crate-metadata.json").write_text(json.dumps({"@graph": graph}))
    said = osgrepro("verify", "crate")
    assert hostile.harmless(said.out + said.err)


@KINDS
@pytest.mark.parametrize("terminal", [True, False])
def test_every_word_of_the_console(
    monkeypatch: pytest.MonkeyPatch, text: str, terminal: bool
) -> None:
    seen = io.StringIO()
    screen = console.Screen(file=seen, force_terminal=terminal, width=4000, color_system=None)
    monkeypatch.setattr(console, "out", screen)
    monkeypatch.setattr(console, "err", screen)
    console.say(text)
    console.styled(text, "bold")
    console.document(text)
    console.note(text)
    console.warn(text)
    console.usage(text)
    console.fail(OsgreproError(text, hint=text))
    console.fail(CampaignError(text, [text], hint=text))
    answers = iter(["y", "no", "", "YES "])
    monkeypatch.setattr("builtins.input", lambda: next(answers))
    assert [console.confirm(text) for _ in range(4)] == [True, False, False, True]
    screen.print(text, [text], {text: text}, sep=text)
    screen.rule(text)
    with console.progress() as notify:
        notify(models.Progress(what=text, done=1, total=2, unit=text))
    written = seen.getvalue()
    if terminal:  # what Rich itself sends to move its bars
        written = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]|\r", "", written)
        assert "\x1b" not in written.replace("\x1b[31m", "\x1b")
    assert hostile.harmless(written)
    assert written.count(hostile.shown(text).strip()) >= 10


def test_a_stream_that_has_not_all_letters_gets_those_it_has(tmp_path: Path) -> None:
    dataset.write(tmp_path / "d.parquet", rows("é 漢"))

    def said(*argv: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "osgrepro", "analyze", "d.parquet", *argv],
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
            capture_output=True,
            check=True,
        )
        return done.stdout.decode("ascii")

    assert "\\xe9 \\u6f22: 2 outcome classes" in said()
    assert said("--markdown").startswith("# d.parquet")
    assert json.loads(said("--json"))["experiments"][0]["name"] == "é 漢"


def test_a_file_name_that_is_no_text(osgrepro: Any, tmp_path: Path) -> None:
    name = b"\xff\x1b[31m.parquet".decode(errors="surrogateescape")
    said = osgrepro("analyze", name)
    assert (said.code, "\\udcff\\x1b[31m.parquet: no such file" in said.err) == (2, True)
    console.json({"path": name})


def test_only_the_console_knows_rich_and_writes_to_a_terminal() -> None:
    """Who writes past the door, or builds a text with markup, fails here."""
    root = Path(package.__file__).parent
    found = []
    for path in root.rglob("*.py"):
        inside = path.relative_to(root).as_posix()
        # The payload and the brake are other programs; what the brake prints is a file, its log.
        if inside == "cli/console.py" or inside.startswith(("payload/", "brake/")):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Call):
                names = [f"{ast.unparse(node.func)}()"]
            for name in names:
                if name.split(".")[0] == "rich" or name in (
                    *("print()", "input()", "typer.echo()", "typer.secho()", "typer.confirm()"),
                    *("typer.prompt()", "sys.stdout.write()", "sys.stderr.write()"),
                ):
                    found.append(f"{inside}:{node.lineno}: {name}")
    assert found == []


def test_commands_that_are_suggested_are_quoted() -> None:
    """A command with a value in it is made by texts.command, so that it can be pasted."""
    root = Path(package.__file__).parent
    verb = re.compile(r"osgrepro (?!lock of)[a-z]+( [a-z-]+)*[^`;,]*\{")
    found = []
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = (one.value if isinstance(one, ast.Constant) else "{" for one in node.values)
                if verb.search("".join(map(str, parts))):
                    found.append(f"{path.relative_to(root)}:{node.lineno}")
    assert found == []
