"""Ads beside the job: parsed, selected, and never a secret among them."""

from __future__ import annotations

import pytest

from osgrepro.payload.provenance import classads

MACHINE = r"""
Name = "slot1_1@epyc7513@host"
Cpus = 1
LoadAvg = 1.5
BigNumber = 1.0E+09
HasSIF = true
Undefined = undefined
Path = "C:\\x \"quoted\""
Requirements = START && (TARGET.Cpus <= 4)
Start = true
ClaimId = "<127.0.0.1:9618>#1#1#secret"
Capability = "secret"
StartdIpAddr = "<127.0.0.1:9618>"
OsgreproEmulated = true
OsgreproEmulation = "intra-op threads 4"
not a line
"""


def test_values_get_their_types():
    ad = classads.parse(MACHINE)
    assert ad["Name"] == "slot1_1@epyc7513@host"
    assert ad["Cpus"] == 1
    assert ad["LoadAvg"] == 1.5
    assert ad["BigNumber"] == 1e9
    assert ad["HasSIF"] is True
    assert ad["Undefined"] is None
    assert ad["Path"] == 'C:\\x "quoted"'
    assert ad["Requirements"] == "START && (TARGET.Cpus <= 4)"


def test_the_machine_ad_is_whole_but_for_secrets():
    recorded = classads.machine(classads.parse(MACHINE))
    assert set(classads.parse(MACHINE)) - set(recorded) == {"ClaimId", "Capability"}


@pytest.mark.parametrize(
    "name", ["ClusterId", "MachineAttrName0", "RequestGPUs", "ContainerImage", "OsgreproRunId"]
)
def test_these_attributes_of_a_job_are_recorded(name):
    assert classads.job({name: 1}) == {name: 1}


@pytest.mark.parametrize(
    "name", ["Environment", "Env", "Arguments", "Args", "Owner", "Iwd", "x509userproxy", "Cmd",
             "OAuthServicesNeeded", "MachineAttrToken0", "TransferInput"]
)  # fmt: skip
def test_these_are_not(name):
    assert classads.job({name: 1}) == {}


def test_without_a_job_there_are_no_ads():
    assert classads.read(None) is None
    assert classads.machine(None) is None
    assert classads.job(None) is None


def test_what_the_slot_pretends_is_told():
    assert classads.emulation(classads.parse(MACHINE)) == {
        "emulated": True,
        "what": ["intra-op threads 4"],
        "not_emulated": [],
        "simulated_gpu": False,
    }


def test_a_simulated_gpu_is_emulation():
    assert classads.emulation({"OsgreproSimulatedGpu": True})["emulated"] is True


@pytest.mark.parametrize("ad", [None, {}, {"OsgreproEmulated": "true"}])
def test_a_real_slot_pretends_nothing(ad):
    assert classads.emulation(ad) == {
        "emulated": False,
        "what": [],
        "not_emulated": [],
        "simulated_gpu": False,
    }


def test_each_thing_that_is_not_as_pretended_is_told():
    ad = classads.parse('OsgreproNotEmulated = "vendor A, here B; L2 cache 1 KiB, here 2 KiB"')
    told = classads.emulation(ad)["not_emulated"]
    assert told == ["vendor A, here B", "L2 cache 1 KiB, here 2 KiB"]
