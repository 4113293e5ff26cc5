from __future__ import annotations

import json


def test_check_tells_every_machine_of_the_study(osgrepro):
    said = osgrepro("twin", "check", "--json")
    assert said.code == 0
    found = {one["machine"]: one for one in json.loads(said.out)}
    assert len(found) == 13
    assert not found["gpu-a100"]["stands_in"]
    assert "intra-op threads 64" in found["epyc-7302"]["emulated"]
    table = osgrepro("twin", "check", "osg-2022")
    count = sum(one["stands_in"] for one in found.values())
    assert table.out.endswith(f"this machine can stand in for {count} of 13\n")


def test_the_users_mistakes_are_exit_2_and_start_nothing(osgrepro, tmp_path):
    (tmp_path / "t.toml").write_text('[twin]\nname = "t"\n\n[[machine]]\nname = "m"\n')
    for argv in (
        ["twin", "check", "osg-2023"],
        ["twin", "check", "t.toml"],
        ["twin", "from", "nowhere.json"],
        ["pool", "up", "--twin", "osg-2023"],
        ["pool", "up", "--twin", "osg-2022", "--only", "epyc-9999"],
        ["pool", "up", "--only", "epyc-7302"],
    ):
        said = osgrepro(*argv)
        assert said.code == 2, argv
        assert "Traceback" not in said.err
    assert "t.toml: machine[0].logical_cpus: missing (m)" in osgrepro("twin", "check", "t.toml").err
    assert not (tmp_path / "pool_dir").exists()
