"""The archive's command line: exit code 20 for what was typed wrong, and no result."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from osgrepro.payload import VERSION, cli
from osgrepro.payload.processes import child


@pytest.mark.parametrize("argv", [[], ["fly"], ["run"], ["run", "--repeat", "many"]])
def test_wrong_arguments_are_bad_input(argv, capsys):
    assert cli.main(argv) == 20
    assert "osgrepro:" in capsys.readouterr().err


def test_an_unreadable_spec_is_bad_input_without_a_result(slot):
    code, output, result = slot.run(spec="none.json")
    assert code == 20
    assert "none.json" in output
    assert result is None


def test_a_run_id_with_a_path_writes_nothing(slot):
    code, _, result = slot.run(run_id="../../outside")
    assert code == 20
    assert result is None
    assert not (slot.folder.parent / "outside").exists()


def test_the_folder_of_results_is_there_even_without_a_result(slot):
    slot.run(spec="none.json")
    assert list((slot.folder / "results").iterdir()) == []


def test_a_scratch_folder_that_cannot_be_written_is_a_bad_slot(slot):
    (slot.folder / "results").write_text("in the way")
    code, output, _ = slot.run()
    assert code == 30
    assert "results: can't be created" in output


def test_a_machine_that_gives_no_process_is_a_bad_slot(slot, monkeypatch, capsys):
    def refuse(*_arguments, **_options):
        raise OSError(11, "Resource temporarily unavailable")

    slot.save()
    monkeypatch.chdir(slot.folder)
    monkeypatch.setattr(child.subprocess, "Popen", refuse)
    assert cli.main(slot.argv()[2:]) == 30
    assert "Resource temporarily unavailable" in capsys.readouterr().err
    assert not list(slot.folder.glob(".osgrepro-*"))


def test_results_go_where_they_are_wanted(slot):
    assert slot.run(out="elsewhere")[0] == 0
    assert len(list(slot.folder.glob("elsewhere/01/*.json"))) == 1


def test_a_job_has_one_result_file_and_no_folder_of_them(slot):
    (slot.folder / "result.json").touch()
    assert slot.run(result="result.json")[0] == 0
    assert json.loads((slot.folder / "result.json").read_text())["status"] == "ok"
    assert not (slot.folder / "results").exists()


def test_the_archive_tells_its_version(archive):
    done = subprocess.run(
        [sys.executable, str(archive), "--version"], stdout=subprocess.PIPE, check=True
    )
    assert done.stdout.decode().strip() == VERSION


def test_help_names_the_command(archive):
    done = subprocess.run(
        [sys.executable, str(archive), "--help"], stdout=subprocess.PIPE, check=True
    )
    assert "payload.pyz" in done.stdout.decode()
