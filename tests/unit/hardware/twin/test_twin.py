from __future__ import annotations

import copy

import pytest

from osgrepro.common import shipped, toml
from osgrepro.common.errors import TwinError
from osgrepro.hardware import twin

ZEN2 = twin.Here(
    vendor="AuthenticAMD",
    flags=frozenset({"avx", "avx2", "fma"}),
    l1d_kib=32,
    l2_kib=512,
    l3_kib=16384,
)
ZEN5 = twin.Here(
    vendor="AuthenticAMD",
    flags=frozenset({"avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16"}),
    l1d_kib=48,
    l2_kib=1024,
    l3_kib=32768,
)
FILE = shipped.folder("twins") / "osg-2022.toml"
CONTENT = toml.loads(FILE.read_text(), FILE.name)


@pytest.fixture
def study():
    return {one.name: one for one in twin.parse(CONTENT, "osg-2022").machine}


def problems(change):
    content = copy.deepcopy(CONTENT)
    change(content)
    with pytest.raises(TwinError) as caught:
        twin.parse(content, "t.toml")
    return caught.value.problems


def test_where_instructions_and_nearer_caches_agree_a_machine_stands_in(study):
    able = [name for name, one in study.items() if twin.compare(one, ZEN2).stands_in]
    assert able == ["epyc-7302", "epyc-7402", "epyc-7443", "epyc-7513", "epyc-7713", "epyc-7f52"]
    assert twin.compare(study["epyc-7513"], ZEN2).emulated == ("intra-op threads 128",)


def test_another_last_level_cache_is_told_and_is_no_obstacle(study):
    verdict = twin.compare(study["epyc-7713"], ZEN2)
    assert verdict.stands_in
    assert verdict.differences == ("L3 cache 32768 KiB, here 16384 KiB",)


def test_capped_instructions_do_not_make_up_for_other_caches(study):
    verdict = twin.compare(study["epyc-7302"], ZEN5)
    assert verdict.isa_cap == "AVX2"
    assert verdict.obstacles == (
        "L1d cache 32 KiB, here 48 KiB",
        "L2 cache 512 KiB, here 1024 KiB",
    )


def test_what_cannot_be_emulated_is_told(study):
    assert twin.compare(study["xeon-e5-2640-v4"], ZEN2).obstacles == (
        "vendor GenuineIntel, here AuthenticAMD",
        "L2 cache 256 KiB, here 512 KiB",
    )
    gold = twin.compare(study["xeon-gold-6242"], ZEN2)
    assert "avx512f, avx512_vnni: missing here" in gold.obstacles
    assert gold.isa_cap is None


@pytest.mark.parametrize(
    ("name", "cap"),
    [("xeon-gold-6148", "AVX512_CORE"), ("xeon-gold-6242", "AVX512_CORE_VNNI")],
)
def test_newer_instructions_than_the_machines_are_capped(study, name, cap):
    assert twin.compare(study[name], ZEN5).isa_cap == cap


def test_a_gpu_is_never_stood_in_for(study):
    gpu = twin.compare(study["gpu-a100"], ZEN2)
    assert gpu.obstacles == ("NVIDIA A100-PCIE-40GB: simulated, jobs run on the CPU",)


def test_a_machine_that_does_not_tell_its_caches_does_not_stand_in(study):
    silent = twin.Here(
        vendor="AuthenticAMD", flags=ZEN2.flags, l1d_kib=None, l2_kib=None, l3_kib=None
    )
    assert "L2 cache 512 KiB, here unknown" in twin.compare(study["epyc-7302"], silent).obstacles


def test_all_faults_of_a_file_are_told_with_their_places():
    def change(content):
        first, second, third = content["machine"][:3]
        del first["logical_cpus"]
        second["isa"] = ["avx9"]
        third["sockets"] = 2
        content["machine"][10]["gpu"]["capability"] = "7.0"
        content["pool"] = {}

    found = problems(change)
    assert "machine[0].logical_cpus: missing (epyc-7302)" in found
    assert "machine[1].isa[0]: input should be" in found[1]
    assert found[1].endswith("not 'avx9' (epyc-7402)")
    assert any(line.startswith("machine[2].sockets: unknown key; known are name") for line in found)
    assert any(line.startswith("machine[10].gpu.capability: ") for line in found)
    assert "pool: unknown key; known are twin, machine" in found
    assert len(found) == 5


def test_two_machines_may_not_share_an_execution_point():
    def change(content):
        content["machine"][1]["name"] = "EPYC.7302"

    assert problems(change) == (
        "machine[1].name (EPYC.7302): its execution point would be called 'epyc7302', "
        "as that of machine[0] (epyc-7302)",
    )


@pytest.mark.parametrize("machines", [[], "none", [1], {}])
def test_machines_are_tables(machines):
    assert all(
        line.startswith("machine") for line in problems(lambda c: c.update(machine=machines))
    )


@pytest.mark.parametrize("text", ["", 'a"b', "a\nb", "$(HOME)", "a\\", "a; b", "a\n"])
def test_a_text_that_could_leave_its_line_is_refused(text):
    (found,) = problems(lambda c: c["machine"][0].update(model_name=text))
    assert found.startswith("machine[0].model_name: ")
