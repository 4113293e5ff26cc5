"""A record proves the hardware of its cell, or shows what it landed on instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import trial

from osgrepro.common.models import Gpus, Hardware
from osgrepro.pool import condor
from osgrepro.results import dataset, records
from osgrepro.workflow import loading

MATRIX = trial.expand(1, ("host",))
(RUN,) = MATRIX.runs
STUDY = {item.name: item for item in loading.load("osg-2022").campaign.hardware}

# What /proc/cpuinfo and nvidia-smi say on machines of the study's models, and on their neighbours.
LANDED = {
    "epyc-7302": ((23, 49, "AMD EPYC 7302 16-Core Processor"), None),
    "epyc-7402": ((23, 49, "AMD EPYC 7402 24-Core Processor"), None),
    "epyc-7443": ((25, 1, "AMD EPYC 7443 24-Core Processor"), None),
    "epyc-7513": ((25, 1, "AMD EPYC 7513 32-Core Processor"), None),
    "epyc-7713": ((25, 1, "AMD EPYC 7713 64-Core Processor"), None),
    "epyc-7f52": ((23, 49, "AMD EPYC 7F52 16-Core Processor"), None),
    "xeon-e5-2640-v4": ((6, 79, "Intel(R) Xeon(R) CPU E5-2640 v4 @ 2.40GHz"), None),
    "xeon-e5-2650-v3": ((6, 63, "Intel(R) Xeon(R) CPU E5-2650 v3 @ 2.30GHz"), None),
    "xeon-gold-6148": ((6, 85, "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz"), None),
    "xeon-gold-6242": ((6, 85, "Intel(R) Xeon(R) Gold 6242 CPU @ 2.80GHz"), None),
    "gpu-v100": ((6, 85, "Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz"), "Tesla V100-PCIE-32GB"),
    "gpu-a40": ((25, 17, "AMD EPYC 9354 32-Core Processor"), "NVIDIA A40"),
    "gpu-a100": ((25, 17, "AMD EPYC 9354 32-Core Processor"), "NVIDIA A100-SXM4-40GB"),
    "another CPU": ((23, 49, "AMD EPYC 7702 64-Core Processor"), None),
    "another GPU": ((25, 17, "AMD EPYC 9354 32-Core Processor"), "NVIDIA RTX A4000"),
}


def record(
    cpu: str | None = None,
    *,
    gpu: str | None = None,
    seen: dict[str, Any] | None = None,
    recorded: dict[str, Any] | None = None,
    status: str = "ok",
) -> records.Record:
    content = trial.result(MATRIX, RUN, "ab", cluster=1, proc=0, status=status)
    content["provenance"] |= {
        "cpu": {"model_name": cpu},
        "gpus": [{"name": gpu}] if gpu else [],
        "machine_ad": {"Name": "slot1_1@host"} | (seen or {}),
    }
    return records.Record(
        source=records.Source(file="", size_bytes=1, modified_ns=1),
        result=records.Result.model_validate(content),
        machine=recorded or {},
    )


def elsewhere(found: records.Record, requirements: str = "true", **proves: str) -> str | None:
    environment = Hardware(name="epyc", requirements=requirements, **proves)
    return records.check_hardware(found, environment, dataset.row, condor)


@pytest.mark.parametrize("landed", LANDED)
def test_every_machine_of_the_study_proves_its_own_environment_and_no_other(landed: str) -> None:
    (family, model, name), gpu = LANDED[landed]
    ad = {"CpuFamily": family, "CpuModelNumber": model}
    found = record(name, gpu=gpu, seen=ad, recorded=ad)
    proved = {
        environment.name
        for environment in STUDY.values()
        if records.check_hardware(found, environment, dataset.row, condor) is None
    }
    assert proved == {landed} & STUDY.keys()


def test_a_machine_that_lies_about_its_model_is_found_out() -> None:
    lie = {"CpuFamily": 23, "CpuModelNumber": 49, "OSGVO_CPU_MODEL": "AMD EPYC 7302"}
    found = record("AMD EPYC 7402 24-Core Processor", seen=lie, recorded=lie)
    said = records.check_hardware(found, STUDY["epyc-7302"], dataset.row, condor)
    assert said == 'cpu_model_name = "AMD EPYC 7402 24-Core Processor": not epyc-7302'


@pytest.mark.parametrize(
    ("proves", "proved"),
    [
        ('regexp("7302", cpu_model_name)', True),
        ('regexp("7302", CPU_Model_Name)', True),
        ('regexp("7402", cpu_model_name)', False),
        ('regexp("A100", gpu_name)', False),  # undefined: a machine without a GPU proves none
        ("no_such_column == 1", False),
        ('cpu_model_name < 5 || "no" / 2', False),  # an error
        ("GLIDEIN_Model == 7", True),
        ("TARGET.GLIDEIN_Model == 7", True),
        ("MY.GLIDEIN_Model == 7", False),
        ('experiment == "stand-in" && TARGET.experiment == "lie"', True),  # columns win
        ('gpu_name == "A100"', False),  # also a column that is empty
        ("size(emulation) == 0", True),
        ("OnlyRecorded == 1 && Both == 2", True),
    ],
)
def test_the_record_must_show_what_is_to_be_proved(proves: str, proved: bool) -> None:
    found = record(
        "AMD EPYC 7302",
        seen={"GLIDEIN_Model": 7, "experiment": "lie", "gpu_name": "A100", "both": 1},
        recorded={"OnlyRecorded": 1, "Both": 2},
    )
    assert (elsewhere(found, proves=proves) is None) is proved


@pytest.mark.parametrize(
    ("requirements", "refuted"),
    [
        ("true", False),
        ("CpuFamily == 23", False),
        ("CpuFamily == 6", True),
        ("TARGET.CpuFamily == 6", True),
        ("GLIDEIN_Site == 1", False),  # not known
        ("CpuFamily == 6 && GLIDEIN_Site == 1", True),
        # The slot that was made for the job has less memory than the one that was asked for.
        ("Memory >= 8192", False),
        ("Memory >= 8192 && CpuFamily == 6", True),
        ("PartitionableSlot =?= true", False),
        ("has_avx512f =?= true", True),
    ],
)
def test_requirements_must_not_be_false_of_the_machine(requirements: str, refuted: bool) -> None:
    ad = {"CpuFamily": 23, "Memory": 2048, "DynamicSlot": True}
    assert (elsewhere(record(seen=ad), requirements) is not None) is refuted


def test_what_a_machine_shows_instead_is_said() -> None:
    found = record(seen={"CpuFamily": 25})
    assert elsewhere(found, "CpuFamily == 23") == "CpuFamily = 25: not epyc"
    assert elsewhere(found, proves="MY.gpu_name == 1") == "gpu_name = undefined: not epyc"
    # A column that JSON has no form for, such as a time, is said as well.
    assert "started_at = " in str(elsewhere(found, proves="started_at == 1"))


def test_a_failed_attempt_need_not_have_come_so_far_as_to_prove_anything() -> None:
    proves = 'regexp("7302", cpu_model_name)'
    assert elsewhere(record(None, status="failed"), proves=proves) is None
    assert elsewhere(record("AMD EPYC 7402", status="failed"), proves=proves) is not None


@pytest.mark.parametrize("value", [2**70, "\ud800", "a\0b", {"a": 1}, [1, None], None])
def test_what_no_classad_can_hold_proves_nothing(value: Any) -> None:
    assert elsewhere(record(seen={"Odd": value}), proves='Odd == "a"') is not None


def test_a_slot_that_stands_in_for_another_machine_proves_that_one() -> None:
    said = {"OSGVO_CPU_MODEL": "AMD EPYC 7302 16-Core Processor", "CpuFamily": 23}
    proves = 'regexp("EPYC 7302", cpu_model_name) && cpu_family == 23'
    real = record("AMD EPYC", seen=said)
    assert elsewhere(real, proves=proves)

    emulated = real.result.model_copy(deep=True)
    emulated.provenance.__dict__["emulation"] = emulated.provenance.emulation.model_copy(
        update={"emulated": True}
    )
    stood_in = replace(real, result=emulated)
    assert elsewhere(stood_in, proves=proves) is None
    assert elsewhere(stood_in, proves="!emulated")


A100 = Hardware(name="a100", requirements="true", gpus=Gpus(count=1, device="A100"))


def on_gpu(status: str = "ok", **provenance: Any) -> str | None:
    found = record(status=status)
    changed = found.result.provenance.model_copy(update=provenance)
    result = found.result.model_copy(update={"provenance": changed})
    return records.check_hardware(replace(found, result=result), A100, dataset.row, condor)


SIMULATED = record().result.provenance.emulation.model_copy(update={"simulated_gpu": True})


@pytest.mark.parametrize(
    ("provenance", "said"),
    [
        ({}, "1 GPU(s) asked for, but none seen: not a100"),
        ({"gpus": [{"name": "A100", "visible": False}]}, "none seen"),
        ({"gpus": [{"name": "A100", "visible": True}], "gpu_used": False}, "none used"),
        ({"gpus": [{"name": "A100", "visible": True}]}, None),
        ({"gpus": [{"name": "A100", "visible": True}], "gpu_used": True}, None),
        ({"framework": {"gpus": [{"device": "cuda:0"}]}}, None),
        ({"gpu_used": True}, None),
        ({"emulation": SIMULATED, "gpu_used": False}, None),
    ],
)
def test_a_run_with_gpus_must_have_had_one(provenance: dict[str, Any], said: str | None) -> None:
    found = on_gpu(**provenance)
    assert found is None if said is None else said in str(found)


def test_an_attempt_that_failed_need_not_show_a_gpu() -> None:
    assert on_gpu(status="failed") is None
