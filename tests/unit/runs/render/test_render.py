"""Templates, submit descriptions, specs: whole texts against golden files, and what is refused."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import classad2
import htcondor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import GOLDEN

from osgrepro import campaign
from osgrepro.campaign import matrix
from osgrepro.common.errors import RenderError
from osgrepro.common.models import Campaign, Code, DataFile, Gpus, Image, Matrix
from osgrepro.runs import render
from osgrepro.runs.render import extra, guard

BATCH = "0123456789abcdef0123456789abcdef"
PATHS = render.SubmissionPaths(
    initial_folder="/home/ada/demo.runs/returned/landing",
    log="../events/tf-2.8.1.log",
    payload="../../payload/payload.pyz",
    spec="../../submit/tf-2.8.1/spec.json",
    items="/home/ada/demo.runs/submit/tf-2.8.1/items.csv",
    inputs="../../inputs",
    blank="../../submit/tf-2.8.1/result.json",
    logs="../logs",
    results="../results",
)
DEMO: dict[str, Any] = {
    "campaign": {"name": "demo", "repeats": 2},
    "experiment": [
        {
            "name": "digits",
            "entry": "experiments.mnist_convnet:run",
            "data": ["sample:digits"],
            "params": {"epochs": 2},
            "metrics": ["test_accuracy"],
            "primary": "test_accuracy",
        },
        {
            "name": "mine",
            "entry": "scripts/train.py",
            "arguments": ["--epochs", "2"],
            "metrics_file": "metrics.json",
            "metrics": ["accuracy"],
            "primary": "accuracy",
        },
    ],
    "software": [{"name": "tf-2.8", "image": "/images/tf-2.8.sif"}],
    "hardware": [
        {"name": "epyc", "requirements": "CpuFamily == 23 && CpuModelNumber == 49"},
        {"name": "xeon", "requirements": 'regexp("Gold 6148$", OSGVO_CPU_MODEL)'},
        {
            "name": "a100",
            "gpus": {"device": "A100", "minimum_capability": 8.0, "minimum_memory_mb": 30000},
        },
    ],
    "submit": {
        "project": "Reproducibility",
        "duration": "Medium",
        "extra": ['MY.DESIRED_Sites = "UChicago"', "priority = 5"],
    },
}


def expand(parsed: Campaign) -> Matrix:
    code = {
        e.name: Code(
            entry=e.entry,
            sha256="c" * 64,
            path=Path("/home/ada") / e.entry if e.entry.endswith(".py") else None,
        )
        for e in parsed.experiments
    }
    data = {
        e.name: tuple(
            DataFile(spec=spec, file_name="digits.npz", sha256="d" * 64, sample=True)
            for spec in e.data
        )
        for e in parsed.experiments
    }
    return matrix.expand(parsed, code=code, data=data)


def submissions(unmatched: str = "", **changes: Any) -> tuple[render.Submission, ...]:
    parsed = campaign.parse(DEMO | changes, "demo.toml")
    images = {
        entry.name: Image(software=entry.name, location=entry.image or "", sha256="e" * 64)
        for entry in parsed.software
    }
    return render.submissions(expand(parsed), images, unmatched=(unmatched,))


def same_as_golden(text: str, name: str) -> bool:
    file = GOLDEN / name
    if os.environ.get("OSGREPRO_UPDATE_GOLDEN"):
        file.write_text(text)
    return file.read_text() == text


def test_a_template_that_is_not_there_is_named() -> None:
    with pytest.raises(RenderError, match=r"no-such\.j2"):
        render.text("no-such.j2")


def test_a_template_never_fills_a_missing_value_with_nothing() -> None:
    with pytest.raises(RenderError, match="undefined"):
        render.text("campaign.sub.j2")


def test_one_submission_for_each_image_and_shape() -> None:
    cpu, gpu = submissions()
    assert [cpu.name, gpu.name] == ["tf-2.8.1", "tf-2.8.2"]
    assert {run.hardware for run in cpu.runs} == {"epyc", "xeon"}
    assert {run.hardware for run in gpu.runs} == {"a100"}
    assert len(cpu.runs) + len(gpu.runs) == 12


def test_runs_that_no_slot_matches_are_clusters_behind_the_others() -> None:
    cpu, gpu, later = submissions("epyc")
    assert later.name == "tf-2.8.1.unmatched"
    assert {run.hardware for run in later.runs} == {"epyc"}
    assert {run.hardware for run in cpu.runs} == {"xeon"}
    described = [htcondor2.Submit(one.description(PATHS, batch=BATCH)) for one in (cpu, gpu, later)]
    # The campaign's own priority is 5; the last line of a description counts.
    assert [int(one["priority"]) for one in described] == [5, 5, 4]


def test_without_a_priority_of_the_campaign_the_last_have_one_below_0() -> None:
    *_, later = submissions("epyc", submit={})
    assert int(htcondor2.Submit(later.description(PATHS, batch=BATCH))["priority"]) == -1


@pytest.mark.parametrize(("index", "name"), [(0, "demo-cpu"), (1, "demo-gpu")])
def test_descriptions_and_items_are_the_golden_ones(index: int, name: str) -> None:
    submission = submissions()[index]
    description = submission.description(PATHS, batch=BATCH, common=index == 0)
    assert same_as_golden(description, f"{name}.sub")
    assert same_as_golden("".join(f"{line}\n" for line in submission.items()), f"{name}.items")


def test_htcondor_understands_the_description() -> None:
    for submission in submissions():
        described = htcondor2.Submit(submission.description(PATHS, batch=BATCH))
        assert described["MY.OsgreproBatch"] == f'"{BATCH}"'
        assert described.getQArgs().endswith(f"from {PATHS.items}")


def test_rows_stand_in_the_order_of_the_ids() -> None:
    cpu, _ = submissions()
    assert tuple(line.split(",")[0] for line in cpu.items()) == cpu.run_ids


def test_the_spec_names_a_script_by_its_file_name() -> None:
    spec = submissions()[0].spec(BATCH)
    assert spec["experiments"]["mine"]["entry"] == "train.py"
    assert spec["experiments"]["digits"]["entry"] == "experiments.mnist_convnet:run"
    assert set(spec["hardware"]) == {"epyc", "xeon"}


def test_a_campaign_without_its_image_says_which() -> None:
    parsed = campaign.parse(DEMO, "demo.toml")
    with pytest.raises(RenderError, match=r"software tf-2\.8"):
        render.submissions(expand(parsed), {})


def test_two_files_of_one_name_are_refused() -> None:
    twice = [{**DEMO["experiment"][1], "name": name} for name in ("one", "two")]
    cpu = submissions(experiment=twice)[0]
    code = dict(cpu.matrix.code)
    code["two"] = Code(entry="scripts/train.py", sha256="f" * 64, path=Path("/b/train.py"))
    other = Matrix(
        campaign=cpu.matrix.campaign, runs=cpu.matrix.runs, code=code, data=cpu.matrix.data
    )
    said = r"the experiments one and two read different files named train\.py: "
    with pytest.raises(RenderError, match=said):
        render.submissions(other, {"tf-2.8": cpu.image})[0].files()


@pytest.mark.parametrize("sha256", ["ab", None])
def test_two_files_of_one_name_in_one_experiment_are_named(sha256: str | None) -> None:
    cpu = submissions()[0]
    name = cpu.experiments[0].name
    files = tuple(
        DataFile(
            spec=f"data/{part}/images.npz",
            file_name="images.npz",
            sha256=sha256 and part + sha256 * 30,
            path=None,
            sample=False,
        )
        for part in ("test", "train")
    )
    other = replace(cpu.matrix, data={**cpu.matrix.data, name: files})
    said = (
        rf"the experiment {name} reads different files named images\.npz: "
        r"data/test/images\.npz and data/train/images\.npz"
    )
    with pytest.raises(RenderError, match=said):
        replace(cpu, matrix=other).files()


@pytest.mark.parametrize(
    "requirements",
    [
        "true\nqueue 1000",
        "true\rqueue",
        "$(run_id) == 1",
        "$ENV(HOME) == 1",
        "$$(Name) == 1",
        "$$([1])",
        "true) || (true",
        "true || (",
        'Name == "x',
        "true // rest",
        "true /* rest",
        "true # rest",
        "true \\",
        "true \\ ",
        "'x",
        "",
    ],
)
def test_a_requirement_that_leaves_its_place_is_refused(requirements: str) -> None:
    hardware = [{"name": "epyc", "requirements": requirements}]
    with pytest.raises(RenderError, match="hardware epyc: requirements"):
        submissions(hardware=hardware)[0].description(PATHS, batch=BATCH)


@pytest.mark.parametrize(
    "line",
    [
        "queue",
        "queue 5",
        "queue = 5",
        "+Extra = 1",
        "executable = /bin/sh",
        "EXECUTABLE = /bin/sh",
        'MY.Cmd = "/bin/sh"',
        "my.requirements = true",
        "Requirements=true",
        "transfer_input_files = /etc/passwd",
        "TransferInput = /etc/passwd",
        "on_exit_remove = true",
        'MY.OsgreproRunId = "x"',
        "max_materialize = 1",
        "run_id = x",
        "include : /etc/passwd",
        "if true",
        "use feature:gpus",
        "requirements @=end",
        "rank = $(run_id)",
        "rank = 1\nqueue",
        "rank = 1 \\",
        "rank = 1 \\ ",
        "rank == 1",
        "rank =",
        "getenv = true",
        "environment = X=1",
        'MY.Environment = "X=1"',
        'MY.DAGManNodesLog = "/home/me/.bashrc"',
        "dagman_log = /home/me/x",
        "singularity_image = /x.sif",
        "x509userproxy = /tmp/x509up_u0",
        "use_oauth_services = box",
        "transfer_plugins = x=/bin/sh",
        "checkpoint_exit_code = 85",
        "coresize = 1000000",
        "job_queue_management = x",
        "arc_rte = x",
        "some_command_of_the_future = 1",
        "MY.SomeAttribute = 1",
        "priority = high",
        "priority = 1; queue",
        "nice_user = perhaps",
        "notification = sometimes",
        "notify_user = -oProxyCommand=x",
        "accounting_group = a b",
        "concurrency_limits = $(X)",
        "concurrency_limits = disk licence",
        "MY.WantFlocking = userHome(1)",
        "MY.DESIRED_Sites = (",
    ],
)
def test_an_extra_line_that_is_not_allowed_is_refused(line: str) -> None:
    with pytest.raises(RenderError, match=r"submit\.extra\[0\]"):
        submissions(submit={"extra": [line]})[0].description(PATHS, batch=BATCH)


@pytest.mark.parametrize(
    "line",
    [
        "accounting_group = group_physics.ml",
        "accounting_group_user = ada@example.org",
        "Notification = Never",
        "notification = always",
        "notification = COMPLETE",
        "notification = error",
        "notify_user = ada@example.org",
        "nice_user = True",
        "nice_user = false",
        "priority = -5",
        "rank = Mips + 1000 * (Cpus > 4)",
        "concurrency_limits = licence:2, disk",
        "keep_claim_idle = 300",
        'my.desired_sites = "UChicago, SU-ITS"',
        "description = the second try, without the bug",
        "MY.want_campus_pools = true",
    ],
)
def test_an_extra_line_of_who_how_urgently_and_where_is_taken(line: str) -> None:
    description = submissions(submit={"extra": [line]})[0].description(PATHS, batch=BATCH)
    assert line in description.splitlines()
    key = line.split(" = ", maxsplit=1)[0]
    described = htcondor2.Submit(description)
    assert key.lower() in {name.lower() for name in described.keys()}  # noqa: SIM118


def test_every_extra_line_that_is_refused_is_told_at_once_and_what_to_do() -> None:
    lines = ["getenv = true", "priority = 1", "x509userproxy = /tmp/x"]
    with pytest.raises(RenderError) as caught:
        extra.lines(lines)
    first, second = caught.value.message.splitlines()
    assert first.startswith("submit.extra[0]: 'getenv = true': ")
    assert "`environment` of [[software]]" in first
    assert second.startswith("submit.extra[2]: ")
    assert "allowed are accounting_group, " in caught.value.hint


@pytest.mark.parametrize("path", ["a,b", "a\nb", 'a"b', "$(x)", "a\\b", " a", "", "a;b"])
def test_a_path_that_htcondor_would_split_is_refused(path: str) -> None:
    with pytest.raises(RenderError):
        guard.path(path, "workspace")


@pytest.mark.parametrize("device", ['A100", true', "A100\n", "A(1)", "", "A100$"])
def test_a_device_is_a_plain_name(device: str) -> None:
    with pytest.raises(RenderError):
        render.device_expression(Gpus(device=device))


def test_a_dot_in_a_device_means_a_dot_and_a_name_is_a_whole_word() -> None:
    expression = classad2.ExprTree(render.device_expression(Gpus(device="A100.4")) or "")

    def fits(name: str) -> object:
        return expression.eval(scope=classad2.ClassAd({"DeviceName": name}))

    assert fits("NVIDIA a100.4 80GB") is True
    assert fits("NVIDIA A100-4") is False
    assert fits("NVIDIA A100.40") is False


def test_what_stands_in_quotes_opens_and_ends_nothing() -> None:
    for requirements in ("'a (name' == 1", 'Name == "a ) // b # c"', "true"):
        assert guard.expression(f" {requirements} ", "requirements") == requirements


@pytest.mark.parametrize("name", ["epyc\n", "epyc ", "-epyc", "ep,yc", ""])
def test_a_name_is_a_name_to_its_last_character(name: str) -> None:
    with pytest.raises(RenderError, match="hardware: "):
        guard.name(name, "hardware")


@given(st.text())
def test_no_text_breaks_out_of_a_name(text: str) -> None:
    try:
        accepted = guard.name(text, "name")
    except RenderError:
        return
    assert accepted == text
    assert accepted.replace(".", "").replace("_", "").replace("-", "").isascii()
    assert accepted.replace(".", "").replace("_", "").replace("-", "").isalnum()


@given(
    st.text(alphabet=st.sampled_from("ab1 \"'\\()[]{}/*#$=&|<>,.\n\r\t\x00\x1f\x85"), max_size=30)
)
def test_no_expression_breaks_out_of_its_parentheses(text: str) -> None:
    hardware = [{"name": "other"}, {"name": "epyc", "requirements": text}]
    submission = submissions(hardware=hardware)[0]
    try:
        description = submission.description(PATHS, batch=BATCH)
    except RenderError:
        return
    plain = submissions(hardware=[{"name": "other"}, {"name": "epyc"}])[0]
    lines = plain.description(PATHS, batch=BATCH).splitlines()
    assert len(description.splitlines()) == len(lines)
    described = htcondor2.Submit(description)
    assert sorted(described.keys()) == sorted(htcondor2.Submit("\n".join(lines)).keys())
    wanted = f"({text.strip()}))) && !member(TARGET.OsgreproEP"
    # Nothing in it expanded, and the parentheses around it still stand.
    assert wanted in described.expand("requirements")


@given(st.text(max_size=40))
def test_no_extra_line_adds_another(text: str) -> None:
    try:
        accepted = extra.lines((f"rank = {text}",))
    except RenderError:
        return
    described = htcondor2.Submit("\n".join(accepted))
    assert list(described.keys()) == ["rank"]
    assert described.getQArgs() in (None, "")


def test_a_folder_in_cvmfs_is_not_transferred() -> None:
    image = Image(software="tf-2.8", location="/cvmfs/images.org/tf:latest", sha256=None)
    first = replace(submissions()[0], image=image)
    for common in (False, True):
        text = first.description(PATHS, batch=BATCH, common=common)
        submitted = htcondor2.Submit(text)
        assert submitted["transfer_container"] == "false"
        assert submitted["container_is_common"] == "false"


@pytest.mark.parametrize(("common", "enough"), [(True, 1), (False, 3)])
def test_a_job_whose_container_fails_its_test_is_held_after_a_few(
    common: bool, enough: int
) -> None:
    commands = htcondor2.Submit(submissions()[0].description(PATHS, batch=BATCH, common=common))

    def value(command: str, times: int) -> object:
        vacates = {"NumVacatesByReason": {"SingularityTestFailed": times}}
        started = {"NumJobStarts": times, "NumShadowStarts": times, "JobStatus": 1}
        started["NumJobCompletions"] = 0
        return classad2.ExprTree(commands[command]).eval(scope=classad2.ClassAd(vacates | started))

    assert value("periodic_hold", enough) is True
    assert value("periodic_hold", enough - 1) is False
    assert value("periodic_hold_reason", enough) == render.NO_CONTAINER
    slots = classad2.ClassAd({"NumJobStarts": 0, "NumShadowStarts": 10, "NumJobCompletions": 0})
    assert classad2.ExprTree(commands["periodic_hold"]).eval(scope=slots) is True
    told = classad2.ExprTree(commands["periodic_hold_reason"]).eval(scope=slots)
    assert told == render.TEN_SLOTS


class Policy:
    """What the description of one cluster says of a job in a certain state."""

    def __init__(self, *, common: bool = False, **options: Any) -> None:
        submit = DEMO["submit"] | options
        description = submissions(submit=submit)[0].description(PATHS, batch=BATCH, common=common)
        self.commands = htcondor2.Submit(description)

    def says(self, command: str, **job: Any) -> Any:
        state = {"NumJobCompletions": 1, "NumJobStarts": 1, "NumShadowStarts": 1, "JobStatus": 2}
        return classad2.ExprTree(self.commands[command]).eval(scope=classad2.ClassAd(state | job))


@pytest.mark.parametrize(
    ("code", "began_s_ago", "completions", "final"),
    [
        *((code, ago, 1, True) for code in (20, 40) for ago in (1, 3600)),
        *((code, ago, 1, False) for code in (1, 30, 126, 127, 137) for ago in (1, 3600)),
        (10, 3600, 1, True),
        (10, 1, 1, False),
        (10, 1, 2, True),
    ],
)
def test_what_may_be_the_slots_fault_is_tried_elsewhere(
    code: int, began_s_ago: int, completions: int, final: bool
) -> None:
    began = {"JobCurrentStartExecutingDate": int(time.time()) - began_s_ago}
    job = began | {"ExitCode": code, "NumJobCompletions": completions}
    assert Policy().says("retry_until", **job) is final


def test_common_files_tie_a_run_to_its_execution_point() -> None:
    policy = Policy(common=True)
    assert [policy.says("retry_until", ExitCode=code) for code in (1, 10, 30)] == [
        True,
        True,
        False,
    ]
    assert policy.says("on_exit_hold", ExitCode=127) is True


def test_a_program_that_never_begins_is_held_after_the_last_machine_and_says_why() -> None:
    policy = Policy(max_retries=2)
    for code, reason in ((127, render.NOT_BEGUN), (137, render.KILLED)):
        held = [
            policy.says("on_exit_hold", ExitCode=code, NumJobCompletions=times)
            for times in (1, 2, 3)
        ]
        assert held == [False, False, True]
        assert policy.says("on_exit_hold_reason", ExitCode=code) == f"{reason} (exit code {code})"
    assert policy.says("on_exit_hold", ExitCode=30, NumJobCompletions=3) is False


def test_a_run_that_finds_no_other_machine_is_held_unless_it_has_a_result() -> None:
    policy = Policy()
    waits = {"JobStatus": 1, "EnteredCurrentStatus": int(time.time()) - 90_000}
    assert policy.says("periodic_hold", ExitCode=1, **waits) is True
    assert policy.says("periodic_remove", ExitCode=1, **waits) is False
    assert policy.says("periodic_hold_reason", ExitCode=1).startswith(render.NOT_BEGUN)
    for code in (10, 30):
        assert policy.says("periodic_hold", ExitCode=code, **waits) is False
        assert policy.says("periodic_remove", ExitCode=code, **waits) is True
    waits["EnteredCurrentStatus"] += 86_400 - 3700 + 90
    assert policy.says("periodic_remove", ExitCode=30, **waits) is False


def test_machines_are_avoided_that_failed_the_run_or_everything() -> None:
    requirements = Policy().commands["requirements"]
    job = {"OsgreproHardware": "epyc", "NumJobCompletions": 1, "MachineAttrMachine2": "bad"}
    job["OsgreproAvoided"] = ["unfit", "ep"]
    machine = {"CpuFamily": 23, "CpuModelNumber": 49}
    for changes, name, wanted in (
        ({}, "good", True),
        ({}, "bad", False),
        ({"NumJobCompletions": 0}, "bad", True),
        # What the brake names gets no run, also none that has not failed.
        ({"NumJobCompletions": 0}, "unfit", False),
        ({"NumJobCompletions": 0, "OsgreproAvoided": []}, "unfit", True),
    ):
        scope = classad2.ClassAd(job | changes)
        target = classad2.ClassAd(machine | {"Machine": name})
        assert classad2.ExprTree(requirements).eval(scope=scope, target=target) is wanted


def test_more_memory_is_asked_for_only_where_the_campaign_says_so() -> None:
    assert "retry_request_memory" not in Policy().commands
    assert Policy(retry_request_memory_mb=8192).commands["retry_request_memory"] == "8192MB"
    assert "retry_request_memory" not in Policy(retry_request_memory_mb=1).commands


def test_runs_that_ask_for_more_are_clusters_of_their_own() -> None:
    parsed = campaign.parse(DEMO, "demo.toml")
    images = {
        entry.name: Image(software=entry.name, location=entry.image or "", sha256="e" * 64)
        for entry in parsed.software
    }
    plain = render.submissions(expand(parsed), images)
    more = render.Requests(memory_mb=90_000, execute_s=100)
    first, last = plain[0].runs[0].run_id, plain[0].runs[-1].run_id
    raised = render.submissions(expand(parsed), images, requests={first: more, last: more})
    assert [submission.name for submission in raised if submission.name.endswith(".more")] == [
        f"{plain[0].name}.more"
    ]
    (own,) = (submission for submission in raised if submission.name.endswith(".more"))
    assert own.run_ids == (first, last)
    assert (own.shape.memory_mb, own.shape.disk_mb) == (90_000, plain[0].shape.disk_mb)
    text = own.description(PATHS, batch="b")
    assert "\nrequest_memory = 90000MB\n" in text
    # It would be less than the campaign's, so that one counts.
    assert "\nallowed_execute_duration = 36000\n" in text
    assert '\nMY.JobDurationCategory = "Medium"\n' in text
