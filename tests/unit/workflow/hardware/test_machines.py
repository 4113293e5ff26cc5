"""Where the verbs about hardware take their ads from, and what they write."""

from __future__ import annotations

from pathlib import Path

import machine_ads
import orjson
import pytest

from osgrepro import hardware as room
from osgrepro.common.errors import PoolError, UsageError
from osgrepro.pool import minipool
from osgrepro.pool.condor.configuration import configure
from osgrepro.workflow.hardware import machines as hardware


@pytest.fixture
def ads(tmp_path: Path) -> Path:
    path = tmp_path / "pool.json"
    path.write_bytes(orjson.dumps(list(machine_ads.pool(200))))
    return path


def test_a_saved_file_has_the_classes_of_its_ads(ads: Path) -> None:
    assert hardware.gather(ads) == room.classes(machine_ads.pool(200))


def test_a_file_and_a_pool_exclude_each_other(ads: Path) -> None:
    with pytest.raises(UsageError, match="--ads and --pool"):
        hardware.gather(ads, "local")


def test_without_any_pool_it_is_said_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("COLLECTOR_HOST = 127.0.0.1:1\nQUERY_TIMEOUT = 1\n")
    monkeypatch.setenv("CONDOR_CONFIG", str(config))
    monkeypatch.setattr(minipool, "find", lambda: None)
    with pytest.raises(PoolError, match="mini-pool is down") as caught:
        hardware.gather()
    assert "--ads" in caught.value.hint
    with pytest.raises(PoolError, match="mini-pool is down"):
        hardware.gather(pool="local")
    monkeypatch.undo()
    configure(None)


def test_a_class_is_found_by_its_name_and_a_near_one_is_named(ads: Path) -> None:
    found = hardware.gather(ads)
    assert hardware.find(found, found[3].name.upper()) is found[3]
    with pytest.raises(UsageError, match=f"did you mean .*{found[3].name}"):
        hardware.find(found, found[3].name + "x")


def test_a_proposal_is_written_once_and_never_over_a_file(ads: Path, tmp_path: Path) -> None:
    proposal = room.propose(hardware.gather(ads), 2)
    out = tmp_path / "new" / "hardware.toml"
    hardware.save(proposal, out)
    assert out.read_text() == proposal.text()
    with pytest.raises(UsageError, match="already exists"):
        hardware.save(proposal, out)
