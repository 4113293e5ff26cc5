"""The door to HTCondor, as far as it needs no pool: expressions, logs, errors, what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from osgrepro.common.errors import PoolError, UsageError
from osgrepro.common.models import Hardware, RunState
from osgrepro.pool import condor
from osgrepro.pool.condor import translation
from osgrepro.runs.render import Requests

LOG = """\
000 (007.000.000) 2026-11-23 04:50:35 Job submitted from host: <127.0.0.1:9618>
    osgrepro batch b1
...
001 (007.000.000) 2026-11-23 04:50:39 Job executing on host: <127.0.0.1:9618>
\tSlotName: slot1_2@host@vm
\tCondorScratchDir = "/scratch"
\tCpus = 1
\tCpuFamily = 23
\tHasSIF = true
\tName = "slot1_2@host@vm"
...
"""
END = """\
005 (007.000.000) 2026-11-23 04:50:41 Job terminated.
\t(1) Normal termination (return value 30)
\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  Run Remote Usage
\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  Run Local Usage
\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  Total Remote Usage
\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  Total Local Usage
\t0  -  Run Bytes Sent By Job
\t0  -  Run Bytes Received By Job
\t0  -  Total Bytes Sent By Job
\t0  -  Total Bytes Received By Job
...
"""


def test_importing_says_and_contacts_nothing() -> None:
    environ = {key: value for key, value in os.environ.items() if key != "CONDOR_CONFIG"}
    done = subprocess.run(
        [sys.executable, "-c", "import osgrepro.pool.condor"],
        check=False,
        capture_output=True,
        env=environ,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("expression", ["a ==", "", "a b", "((a)", '"open'])
def test_what_is_no_expression_is_said_to_be_none(expression: str) -> None:
    assert expression in str(condor.check_expression(expression))


@pytest.mark.parametrize(
    ("terms", "said"),
    [(500, "more terms than HTCondor evaluates"), (100_000, "longer than 50,000")],
)
def test_an_expression_of_too_many_terms_is_refused_and_shown_in_part(
    terms: int, said: str
) -> None:
    # HTCondor parses both, and evaluates neither; of the longer one the process would end.
    told = str(condor.check_expression(" || ".join(["Cpus == 1"] * terms)))
    assert said in told
    assert "stringListMember" in told
    assert len(told) < 500


def test_what_a_slot_says_and_no_ad_can_hold_matches_nothing() -> None:
    environment = Hardware(name="h", requirements="CpuFamily == 23")
    for odd in (2**63, -(2**64), "\ud800", [2**64], {"a": {"b": 2**64}}, {"\0": 1}):
        slot = {"CpuFamily": odd, "Cpus": 8}
        assert not condor.matches("CpuFamily == 23", slot)
        assert condor.truth("CpuFamily == 23", {}, slot) is None
        assert condor.feasible(environment, [slot]).matching == 0
    deep = "1" + "+1" * 500
    assert condor.truth(deep, {}, {"Cpus": 1}) is None
    assert not condor.matches(deep, {"Cpus": 1})
    assert condor.feasible(Hardware(name="h", requirements=deep), [{"Cpus": 1}]).matching == 0


@pytest.mark.parametrize(
    "ads",
    [
        b'[{"Name": "slot1@a", "Cpus": 18446744073709551615, "CpuFamily": "/Expr(1 + 1)/"}]',
        b'Name = "slot1@a"\nCpuFamily = 1 + 1\nCpus = 1' + b" + 1" * 500 + b"\n",
        b'Name = "slot1@a"\nCpuFamily = 1 + 1\nCpus = 1' + b" + 1" * 100_000 + b"\n",
    ],
)
def test_a_saved_ad_keeps_all_but_what_htcondor_cannot_hold(tmp_path: Path, ads: bytes) -> None:
    (tmp_path / "ads").write_bytes(ads)
    assert condor.machines.read(tmp_path / "ads") == [{"Name": "slot1@a", "CpuFamily": 2}]


@pytest.mark.parametrize("expression", ["true", "CpuFamily == 23", 'regexp("EPYC$", Model)'])
def test_an_expression_has_no_fault(expression: str) -> None:
    assert condor.check_expression(expression) is None


@pytest.mark.parametrize(
    ("expression", "machine", "wanted"),
    [
        ("true", {}, True),
        ("false", {}, False),
        ("CpuFamily == 23", {"CpuFamily": 23}, True),
        ("TARGET.CpuFamily == 23", {"CpuFamily": 23}, True),
        ("CpuFamily == 23", {"CpuFamily": 6}, False),
        ("CpuFamily == 23", {}, False),
        ("1/0 == 1", {}, False),
        ("has_avx512f =?= true", {}, False),
        ("isUndefined(Model) || Model == 1", {}, True),
        ('Microarch >= "x86_64-v3"', {"Microarch": "x86_64-v4"}, True),
        ("Model == 1", {"Model": None}, False),
        ("CpuFamily", {"CpuFamily": 23}, True),
    ],
)
def test_a_machine_matches_only_where_the_expression_is_true(
    expression: str, machine: dict[str, Any], wanted: bool
) -> None:
    assert condor.matches(expression, machine) is wanted


def test_an_expression_tells_what_it_refers_to() -> None:
    found = condor.attributes('regexp("x", cpu_model_name) && TARGET.Cpus > 1 && isUndefined(B)')
    assert set(found) == {"cpu_model_name", "TARGET.Cpus", "B"}
    assert condor.attributes("true") == ()


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("a == 1", True),
        ("b == 2", True),
        ("TARGET.a == 3", True),
        ("a", True),
        ("a == 2", False),
        ("c == 1", None),
        ("empty == 4", None),
        ("1 / 0", None),
        ('a == "text"', None),
        ('member("x", several)', True),
        ('member("z", several)', False),
        ('member("x", unfit)', None),
    ],
)
def test_own_attributes_come_before_the_machines(expression: str, wanted: bool | None) -> None:
    own = {"a": 1, "empty": None, "several": ["x", "y"], "unfit": ["x", "a\0b"]}
    machine = {"A": 3, "b": 2, "empty": 4}
    assert condor.truth(expression, own, machine) is wanted


def test_a_log_is_read_on_from_where_another_reader_stopped(tmp_path: Path) -> None:
    log = tmp_path / "b1.log"
    log.write_text(LOG)
    first = condor.EventReader(log)
    submitted, started = first.new()
    assert (submitted.kind, submitted.cluster, submitted.proc) == ("SUBMIT", 7, 0)
    assert started.facts == {
        "Name": "slot1_2@host@vm",
        "Cpus": 1,
        "CpuFamily": 23,
        "HasSIF": True,
    }
    log.write_text(LOG + END)
    second = condor.EventReader(log, first.offset)
    (ended,) = second.new()
    assert (ended.kind, ended.facts["ReturnValue"]) == ("JOB_TERMINATED", 30)
    assert list(second.new()) == []


def test_an_event_that_is_still_being_written_comes_later(tmp_path: Path) -> None:
    log = tmp_path / "b1.log"
    log.write_text(LOG + END[:100])
    reader = condor.EventReader(log)
    assert [event.kind for event in reader.new()] == ["SUBMIT", "EXECUTE"]
    log.write_text(LOG + END)
    assert [event.kind for event in reader.new()] == ["JOB_TERMINATED"]


@pytest.mark.parametrize("place", ["returned", "returned/events", "returned/events/b1.log"])
def test_no_log_is_read_by_a_link_of_the_pools_user(tmp_path: Path, place: str) -> None:
    events = tmp_path / "returned" / "events"
    events.mkdir(parents=True)
    (events / "b1.log").write_text("")
    moved = tmp_path / "moved"
    (tmp_path / place).rename(moved)
    (tmp_path / place).symlink_to(moved)
    with pytest.raises(PoolError, match="can't be read: it is a link"):
        list(condor.EventReader(events / "b1.log").new())


def test_a_log_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "b1.log")
    with pytest.raises(PoolError, match="not a regular file"):
        list(condor.EventReader(tmp_path / "b1.log").new())


def test_a_log_that_is_not_there_yet_has_no_events(tmp_path: Path) -> None:
    assert list(condor.EventReader(tmp_path / "b1.log").new()) == []


def test_a_log_that_became_shorter_is_read_again_and_told_of(tmp_path: Path) -> None:
    log = tmp_path / "b1.log"
    log.write_text(LOG)
    reader = condor.EventReader(log, 10_000)
    assert [event.kind for event in reader.new()] == ["SUBMIT", "EXECUTE"]
    assert (reader.gaps, reader.offset) == (1, len(LOG))


FIRST = LOG + END
SECOND = FIRST.replace(".000.000)", ".001.000)")
JOB = ["SUBMIT", "EXECUTE", "JOB_TERMINATED"]


@pytest.mark.parametrize(
    ("damaged", "kinds", "gaps"),
    [
        pytest.param(FIRST + "\0" * 5000 + SECOND, JOB * 2, 1, id="zeros-between"),
        # The bindings make one event of the two halves.
        pytest.param(FIRST[:-60] + "\0" * 50 + SECOND, [*JOB, *JOB[1:]], 0, id="zeros-inside"),
        pytest.param(FIRST + "no event\n...\n" + SECOND, JOB * 2, 1, id="garbage"),
        pytest.param(FIRST[20:] + SECOND, [*JOB[1:], *JOB], 1, id="front-lost"),
        pytest.param(FIRST + "\0" * 5000, JOB, 0, id="zeros-at-the-end"),
        pytest.param(FIRST + SECOND[:30], JOB, 0, id="still-being-written"),
    ],
)
def test_what_can_be_read_of_a_damaged_log_is_read(
    tmp_path: Path, damaged: str, kinds: list[str], gaps: int
) -> None:
    log = tmp_path / "b1.log"
    log.write_text(damaged)
    reader = condor.EventReader(log)
    assert [event.kind for event in reader.new()] == kinds
    assert reader.gaps == gaps
    assert list(reader.new()) == []
    if gaps:
        assert reader.offset == len(damaged)


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PoolError, match="no such configuration") as caught:
        condor.connect(tmp_path / "condor_config")
    assert "pool up" in caught.value.hint


def test_a_machine_without_an_access_point_is_one_message(tmp_path: Path) -> None:
    config = tmp_path / "condor_config"
    config.write_text("COLLECTOR_HOST = 127.0.0.1:1\n")
    before = os.environ.get("CONDOR_CONFIG")
    with pytest.raises(PoolError, match="no access point") as caught:
        condor.connect(config)
    assert "pool up" in caught.value.hint
    assert os.environ.get("CONDOR_CONFIG") == before


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        ("Failed to connect to schedd", "pool up"),
        ("Unable to locate local daemon.", "Log in to one"),
        ("Unable to determine collector host.", "Log in to one"),
        ("AUTHENTICATE:1003:Failed to authenticate", "does not accept"),
        ("Number of submitted jobs would exceed MAX_JOBS_PER_OWNER", "queue is full"),
        ("No such directory: /w", "read the campaign's folder"),
        ("something else", "condor_config_val LOG"),
    ],
)
def test_the_bindings_errors_come_with_what_to_do(error: str, hint: str) -> None:
    with pytest.raises(PoolError) as caught, translation.translated("it failed"):
        raise ValueError(error)
    assert caught.value.message == f"it failed: {error}"
    assert hint in caught.value.hint


def test_an_advice_is_a_command_for_all_jobs_held_with_that_code() -> None:
    memory, duration, by_hand = (
        condor.LiveJob(proc=0, state=RunState.HELD, hold_code=code).advice for code in (34, 47, 1)
    )
    asks = [Requests(memory_mb=256, execute_s=60), Requests(memory_mb=3000)]
    again = condor.addressed(memory, "'my campaign.toml' --workspace w", 34, asks)
    assert "`osgrepro retry 'my campaign.toml' --workspace w --reason 34 --memory 6000`" in again
    again = condor.addressed(duration, "c.toml", 47, asks)
    assert "`osgrepro retry c.toml --reason duration --duration 120`" in again
    assert "`osgrepro release c.toml --reason by-hand`" in condor.addressed(by_hand, "c.toml", 1)
    assert "--memory 8192`" in condor.addressed(memory, "c.toml", 34)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("Job has exceeded allocated disk (9). Consider increasing the value of request_disk.", 34),
        ("disk usage exceeded allocated disk", 21),
    ],
)
def test_disk_is_told_from_memory_by_the_words(reason: str, code: int) -> None:
    job = condor.LiveJob(proc=0, state=RunState.HELD, hold_reason=reason, hold_code=code)
    said = condor.addressed(job.advice, "c.toml", code, [Requests(disk_mb=100)])
    assert f"`osgrepro retry c.toml --reason {code} --disk 200`" in said


@pytest.mark.parametrize("code", [21, 34])
def test_what_ran_out_is_told_by_the_subcode(code: int) -> None:
    memory, disk = (
        condor.LiveJob(proc=0, state=RunState.HELD, hold_code=code, hold_subcode=subcode).advice
        for subcode in (102, 104)
    )
    assert "--memory" in memory
    assert "--disk" in disk


def test_a_hold_is_named_by_what_ran_out() -> None:
    for code in (21, 34):
        assert "--reason memory " in condor.addressed("JOBS ", "c", code, (), 102)
        assert "--reason disk " in condor.addressed("JOBS ", "c", code, (), 104)
        assert f"--reason {code} " in condor.addressed("JOBS ", "c", code)


def test_reasons_are_names_and_codes_with_or_without_their_subcodes() -> None:
    codes = condor.codes_of(("memory", "47", "34/7"))
    cases = ((34, 102), (21, 102), (47, 3), (34, 7), (34, 104), (21, 0), (None, 0))
    assert [condor.is_held_for(*case, codes) for case in cases] == [True] * 4 + [False] * 3


@pytest.mark.parametrize("word", ["memori", "-1", "34/", "34/102/3", "", "٣"])
def test_what_is_no_reason_is_refused_with_those_that_are(word: str) -> None:
    with pytest.raises(UsageError, match="memory, disk, duration"):
        condor.codes_of((word,))


def test_a_single_equals_sign_is_hinted_at() -> None:
    assert "write ==" in str(condor.check_expression("CpuFamily = 23"))
    for other in ("a == 1 &&", "a =?= b c", "a <= 1 )", "a =!= 1 ("):
        assert "write ==" not in str(condor.check_expression(other))
