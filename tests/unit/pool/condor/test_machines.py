"""Machine ads of the live pool and of saved files, as plain values."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import Any

import classad2
import htcondor2
import pytest
import trial

from osgrepro.common.errors import PoolError, UsageError
from osgrepro.pool.condor import machines
from osgrepro.pool.condor.configuration import configure
from osgrepro.workflow.campaign import feasibility

LONG = """\
AvailableGPUs = { GPUs_GPU_a0223334 }
CpuFamily = 26
GPUs_GPU_a0223334 = [ Id = "GPU-a0223334"; Capability = 8.0; DeviceName = "A100" ]
Machine = "ep1"
MyType = "Machine"
Name = "slot1@ep1"
Requirements = Start && TARGET.RequestCpus > 0
SlotType = "Partitionable"
TotalCpus = 1.0
TotalSlotCpus = 2 * 4
has_avx2 = TRUE

Machine = "ep1"
MyType = "Machine"
Name = "slot1_1@ep1"
SlotType = "Dynamic"

MyType = "Machine"
name = "slot1@a \\"quoted\\" ep"
CPUFAMILY = 6
Microarch = undefined
Memory = 1 +
"""

FIRST = {
    "AvailableGPUs": [{"Id": "GPU-a0223334", "Capability": 8.0, "DeviceName": "A100"}],
    "CpuFamily": 26,
    "GPUs_GPU_a0223334": {"Id": "GPU-a0223334", "Capability": 8.0, "DeviceName": "A100"},
    "Machine": "ep1",
    "MyType": "Machine",
    "Name": "slot1@ep1",
    "SlotType": "Partitionable",
    "TotalCpus": 1.0,
    "TotalSlotCpus": 8,
    "has_avx2": True,
}
SECOND = {"MyType": "Machine", "Name": 'slot1@a "quoted" ep', "CpuFamily": 6}


def saved(folder: Path, content: str | bytes) -> Path:
    path = folder / "machines.ads"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def as_json(text: str) -> list[Any]:
    """The same ads as HTCondor itself writes them in JSON, without what is no expression."""
    blocks = text.replace("Memory = 1 +\n", "").split("\n\n")
    ads = (classad2.parseNext(block, classad2.Parser.Old) for block in blocks)
    return [json.loads(ad.printJson()) for ad in ads]


def test_the_long_form_becomes_values_without_dynamic_slots(tmp_path: Path) -> None:
    assert machines.read(saved(tmp_path, LONG)) == [FIRST, SECOND]


def test_a_list_in_json_has_the_same_values(tmp_path: Path) -> None:
    path = saved(tmp_path, json.dumps(as_json(LONG)))
    assert machines.read(path) == [FIRST, SECOND]


def test_so_has_an_object_a_line(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(ad) for ad in as_json(LONG))
    assert machines.read(saved(tmp_path, f"\n{lines}\n")) == [FIRST, SECOND]


def test_more_attributes_are_read_where_they_are_asked_for(tmp_path: Path) -> None:
    text = 'Name = "slot1@ep"\nOsgreproEP = "host"\nHasSIF = true\n'
    assert machines.read(saved(tmp_path, text), ["OSGREPROep"]) == [
        {"Name": "slot1@ep", "OSGREPROep": "host"}
    ]


PROJECTED = """\
Name = "slot1@a"
Machine = "a"
Cpus = 2
GPUs = 0

Name = "slot1_1@a"
Machine = "a"
Cpus = 4
GPUs = 1

Name = "slot1_12@a"
Machine = "a"
Cpus = 2

Name = "slot1@epyc@b"
Machine = "b"
Cpus = 8

Name = "slot1_1@epyc@b"
Machine = "b"
Cpus = 1

Name = "slot2@b"
Machine = "b"
Cpus = 1
"""


def test_projected_ads_tell_dynamic_slots_by_their_names_and_count_what_was_cut_off(
    tmp_path: Path,
) -> None:
    ads = machines.read(saved(tmp_path, PROJECTED))
    told = [(ad["Name"], ad.get("TotalSlotCpus"), ad.get("TotalSlotGPUs")) for ad in ads]
    assert told == [("slot1@a", 8, 1), ("slot1@epyc@b", 9, None), ("slot2@b", None, None)]


def test_a_slot_that_tells_its_size_or_its_type_is_believed(tmp_path: Path) -> None:
    text = (
        'Name = "slot1@a"\nCpus = 0\nTotalSlotCpus = 64\n\nName = "slot1_1@a"\nCpus = 4\n\n'
        'Name = "slot1_2@a"\nSlotType = "Static"\n'
    )
    one, two = machines.read(saved(tmp_path, text))
    assert (one["TotalSlotCpus"], two["Name"]) == (64, "slot1_2@a")


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
@pytest.mark.parametrize("json_form", [True, False])
def test_a_byte_order_mark_says_the_encoding(
    tmp_path: Path, encoding: str, json_form: bool
) -> None:
    text = json.dumps(as_json(LONG)) if json_form else LONG
    marked = text if encoding in ("utf-8-sig", "utf-16", "utf-32") else f"\ufeff{text}"
    path = saved(tmp_path, marked.encode(encoding))
    assert machines.read(path) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfeN", "not in the encoding that its byte-order mark announces"),
        ('Name = "slot1_1@a"\nCpus = 1\n', "has only dynamic slots"),
        ("", "no machine ad"),
        ("\n\n", "no machine ad"),
        ("[]", "no machine ad"),
        ('[{"MyType": "Job", "Name": "x"}]', "no machine ad"),
        ('MyType = "Job"\nName = "x"\n', "no machine ad"),
        ('Name = "slot1@ep"\n<html>\n', "line 2: neither JSON nor the long form"),
        ("Name                OpSys      Arch   State\n", "line 1: neither"),
        (b"\x89PNG\r\n\x1a\n\x00", "line 1: neither"),
        ('[{"Name": "slot1@ep"}', "neither JSON nor"),
        ("[1, 2]", "not an ad"),
        ('{"Name": "a"}\n{"Name": ', "neither JSON nor"),
    ],
)
def test_what_is_no_file_of_machine_ads_is_refused(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        machines.read(saved(tmp_path, content))
    assert "machines.ads" in caught.value.message
    assert "condor_status" in caught.value.hint


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_can_not_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"No such file|Is a directory"):
        machines.read(tmp_path / name)


@pytest.fixture
def collector(tmp_path: Path):
    """Makes a listener that takes connections and drops them, or says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    held = []

    def serve(*, drops: bool) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if drops:
                connection.close()
            else:
                held.append(connection)

    def start(*, drops: bool) -> Path:
        threading.Thread(target=serve, kwargs={"drops": drops}, daemon=True).start()
        config = tmp_path / "config"
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        config.write_text(f"COLLECTOR_HOST = {address}\nQUERY_TIMEOUT = 1\n")
        return config

    yield start
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    configure(None)


@pytest.mark.parametrize("drops", [True, False])
def test_a_collector_that_does_not_answer_is_a_message(collector, drops: bool) -> None:
    with pytest.raises(PoolError, match=r"machines can't be listed: .*collector"):
        machines.query(collector(drops=drops))


def test_a_pool_without_a_configuration_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(PoolError, match="no such configuration"):
        machines.query(tmp_path / "none")


class Collector:
    ads: tuple[classad2.ClassAd, ...] = ()

    def query(self, ad_type: Any, constraint: str, projection: list[str]) -> list[Any]:
        asked = classad2.ExprTree(constraint)
        assert {"Name", "CpuFamily", "AvailableGPUs", "Extra"} <= set(projection)
        return [ad for ad in self.ads if asked.eval(ad) is True]


def test_a_pool_without_machines_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(htcondor2, "Collector", Collector)
    with pytest.raises(PoolError, match="does not know any machines"):
        machines.query(attributes=["Extra"])


def test_the_live_ads_are_values_without_dynamic_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = LONG.replace("Memory = 1 +\n", "").split("\n\n")
    ads = tuple(classad2.parseNext(block, classad2.Parser.Old) for block in blocks)
    monkeypatch.setattr(Collector, "ads", ads)
    monkeypatch.setattr(htcondor2, "Collector", Collector)
    assert list(machines.query(attributes=["Extra"])) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "content",
    [
        'MyType = "Machine"\nName = "a"\nStart = x ===\n',
        '[{"MyType": "Machine", "Name": "a", "Start": [1]}]',
        '[{"MyType": "Machine", "Name": "a", "GPUs_\\u0000": 1, "Memory": "/Expr(1 + 1)/"}]',
        f'MyType = "Machine"\nName = "a"\nMemory = {"9" * 5000}\n',
    ],
)
def test_an_attribute_that_condor_could_not_read_ends_nothing(tmp_path: Path, content: str) -> None:
    saved(tmp_path, content)
    found = feasibility.of_file(trial.expand(1), tmp_path / "machines.ads")
    assert {one.matching for one in found} == {0}
