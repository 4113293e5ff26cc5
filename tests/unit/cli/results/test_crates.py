"""``export`` and ``verify`` as a user meets them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import exported
import pytest

from osgrepro.common.errors import UsageError
from osgrepro.results import dataset
from osgrepro.workflow.replication import rerunning
from osgrepro.workflow.results import rerun_preview


@pytest.fixture(scope="module")
def exported_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the first test leaves what it exported, for the others to copy."""
    return tmp_path_factory.mktemp("exported")


@pytest.fixture
def crate(osgrepro: Any, tmp_path: Path, exported_once: Path) -> Path:
    """Return the crate of a campaign with a script and data of its own."""
    file = exported.campaign(tmp_path / "home")
    kept, made = exported_once / "crate", tmp_path / "out" / "crate"
    if not kept.exists():
        said = osgrepro("export", str(file), "--ro-crate", "out/crate")
        assert said.code == 0, said.err
        shutil.copytree(made.parent, kept)
        return made
    shutil.copytree(kept, made.parent)
    return made


def test_a_crate_has_all_that_another_try_needs(crate: Path) -> None:
    files = {path.relative_to(crate).as_posix() for path in crate.rglob("*") if path.is_file()}
    assert files == {
        "README.md",
        "campaign.toml",
        "containers/tensorflow-2.8.0/container.toml",
        "containers/tensorflow-2.8.0/requirements.txt",
        "data/mine.csv",
        "dataset.parquet",
        "findings.json",
        "images.json",
        "report.html",
        "ro-crate-metadata.json",
        "software/tensorflow-2.8.0.def",
        "train.py",
    }


def test_nothing_is_left_beside_it(crate: Path) -> None:
    assert [path.name for path in crate.parent.iterdir()] == ["crate"]


def test_a_whole_crate_is_verified(osgrepro: Any, crate: Path) -> None:
    said = osgrepro("verify", str(crate))
    assert said.code == 0
    assert "11 of 11 are intact" in said.out
    assert "the analysis finds the same again" in said.out


def test_its_campaign_is_still_a_campaign(osgrepro: Any, crate: Path) -> None:
    said = osgrepro("plan", str(crate / "campaign.toml"), "--json")
    assert said.code == 0, said.err


@pytest.mark.parametrize("damage", [b"", b"1,3\n", None])
def test_a_damaged_file_is_named_and_exit_1(osgrepro: Any, crate: Path, damage: Any) -> None:
    file = crate / "data" / "mine.csv"
    file.unlink()
    if damage is not None:
        file.write_bytes(damage)
    said = osgrepro("verify", str(crate), "--rerun")
    assert said.code == 1
    assert "data/mine.csv: " in said.err
    assert "10 of 11 are intact" in said.out


def test_findings_that_do_not_follow_are_shown(osgrepro: Any, crate: Path) -> None:
    file = crate / "findings.json"
    told = json.loads(file.read_text())
    told["data"]["ok"] = 7
    file.write_text(json.dumps(told))
    said = osgrepro("verify", str(crate))
    assert said.code == 1
    assert "data.ok: the crate has 7, the analysis 2" in said.out
    found = json.loads(osgrepro("verify", str(crate), "--json").out)
    assert found["differences"] == [{"where": "data.ok", "first": 7, "second": 2}]
    assert not found["sound"]


def test_other_versions_are_no_difference(osgrepro: Any, crate: Path) -> None:
    file = crate / "findings.json"
    told = json.loads(file.read_text())
    told["versions"]["scipy"] = "0.1"
    file.write_text(json.dumps(told))
    assert json.loads(osgrepro("verify", str(crate), "--json").out)["differences"] == []


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "%2e%2e/x"])
def test_a_crate_that_reaches_out_is_refused(osgrepro: Any, crate: Path, path: str) -> None:
    file = crate / "ro-crate-metadata.json"
    file.write_text(file.read_text().replace("data/mine.csv", path))
    said = osgrepro("verify", str(crate))
    assert said.code == 2
    assert "ro-crate-metadata.json" in said.err


def test_a_link_out_of_the_crate_is_damage(osgrepro: Any, crate: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    (crate / "data" / "mine.csv").rename(outside)
    (crate / "data" / "mine.csv").symlink_to(outside)
    said = osgrepro("verify", str(crate))
    assert said.code == 1
    assert "leads out of the crate" in said.err


@pytest.mark.parametrize("text", ["", "{", "[]", '{"@graph": 1}', "\x00"])
def test_metadata_that_are_none_are_one_message(osgrepro: Any, crate: Path, text: str) -> None:
    (crate / "ro-crate-metadata.json").write_text(text)
    said = osgrepro("verify", str(crate))
    assert said.code == 2
    assert "ro-crate-metadata.json" in said.err


@pytest.mark.parametrize("name", ["dataset.parquet", "findings.json"])
def test_a_crate_without_its_core_is_refused(osgrepro: Any, crate: Path, name: str) -> None:
    (crate / name).unlink()
    said = osgrepro("verify", str(crate))
    assert said.code == 2
    assert f"{name} is missing" in said.err


def test_a_folder_that_is_no_crate_is_refused(osgrepro: Any, tmp_path: Path) -> None:
    assert osgrepro("verify", str(tmp_path)).code == 2
    assert osgrepro("verify", str(tmp_path / "none")).code == 2


def test_a_folder_with_something_in_it_is_not_touched(osgrepro: Any, crate: Path) -> None:
    before = (crate / "README.md").read_bytes()
    campaign = crate.parents[1] / "home" / "mine.toml"
    said = osgrepro("export", str(campaign), "--ro-crate", str(crate))
    assert said.code == 2
    assert "already exists" in said.err
    assert (crate / "README.md").read_bytes() == before


def test_what_a_rerun_will_lack_is_said(osgrepro: Any, tmp_path: Path) -> None:
    file = exported.campaign(tmp_path / "home")
    (tmp_path / "far.csv").write_text("1\n")
    text = exported.CAMPAIGN.replace("data/mine.csv", str(tmp_path / "far.csv"))
    file.write_text(text)
    said = osgrepro("export", str(file), "--ro-crate", "crate")
    assert said.code == 0
    assert "far.csv: lies outside the campaign's folder" in said.err
    assert "far.csv" in (tmp_path / "crate" / "README.md").read_text()


def test_a_data_file_never_takes_the_place_of_the_dataset(osgrepro: Any, tmp_path: Path) -> None:
    file = exported.campaign(tmp_path / "home")
    (file.parent / "dataset.parquet").write_text("mine\n")
    file.write_text(exported.CAMPAIGN.replace("data/mine.csv", "dataset.parquet"))
    said = osgrepro("export", str(file), "--ro-crate", "crate")
    assert "the crate has something else named dataset.parquet" in said.err
    assert len(dataset.read(tmp_path / "crate" / "dataset.parquet", ["repeat"])) == 2


def test_nothing_collected_is_nothing_to_export(osgrepro: Any, tmp_path: Path) -> None:
    file = exported.campaign(tmp_path / "home")
    (file.parent / "mine.runs" / "dataset.parquet").unlink()
    said = osgrepro("export", str(file), "--ro-crate", "crate")
    assert said.code == 2
    assert "osgrepro collect" in said.err
    assert not (tmp_path / "crate").exists()


def test_author_and_licence_are_in_the_metadata(osgrepro: Any, tmp_path: Path) -> None:
    file = exported.campaign(tmp_path / "home")
    words = ("--author", "Ada <https://orcid.org/0>", "--author", "Bo", "--license", "CC-BY-4.0")
    assert osgrepro("export", str(file), "--ro-crate", "crate", *words).code == 0
    graph = json.loads((tmp_path / "crate" / "ro-crate-metadata.json").read_text())["@graph"]
    root = next(entity for entity in graph if entity["@id"] == "./")
    assert root["author"] == [{"@id": "https://orcid.org/0"}, {"@id": "#author-2"}]
    assert root["license"] == {"@id": "https://spdx.org/licenses/CC-BY-4.0"}


def test_an_author_without_a_name_is_refused(osgrepro: Any, tmp_path: Path) -> None:
    file = exported.campaign(tmp_path / "home")
    assert osgrepro("export", str(file), "--ro-crate", "c", "--author", "<x>").code == 2
    assert not (tmp_path / "c").exists()


def test_files_that_nothing_vouches_for_are_damage(osgrepro: Any, crate: Path) -> None:
    (crate / ".DS_Store").write_text("a system's own")
    assert osgrepro("verify", str(crate)).code == 0
    (crate / "more.py").write_text("print()\n")
    said = osgrepro("verify", str(crate))
    assert (said.code, "more.py: has no sha256" in said.err) == (1, True)
    (crate / "more.py").unlink()
    metadata = crate / "ro-crate-metadata.json"
    told = json.loads(metadata.read_text())
    for one in told["@graph"]:
        one.pop("sha256", None)
    metadata.write_text(json.dumps(told))
    said = osgrepro("verify", str(crate))
    assert (said.code, "0 of 11 are intact" in said.out) == (1, True)


def named(crate: Path, old: str, new: str) -> None:
    """Let the campaign of a crate say ``new``, and its metadata vouch for that."""
    file = crate / "campaign.toml"
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    file.write_text(file.read_text().replace(old, new))
    metadata = crate / "ro-crate-metadata.json"
    after = hashlib.sha256(file.read_bytes()).hexdigest()
    metadata.write_text(metadata.read_text().replace(before, after))


SECRET = "0600 and nobody's business"
SOFTWARE = 'name = "tensorflow-2.8.0"'


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("data/mine.csv", "{outside}", "experiment[0].data[0] (own)"),
        ("data/mine.csv", "../secret.csv", "experiment[0].data[0] (own)"),
        ("data/mine.csv", "~/secret.csv", "experiment[0].data[0] (own)"),
        ("data/mine.csv", "~nobody-here/x.csv", "experiment[0].data[0] (own)"),
        ("data/mine.csv", "link/secret.csv", "experiment[0].data[0] (own)"),
        ("data/mine.csv", "loop/secret.csv", "experiment[0].data[0] (own)"),
        ("data/mine.csv", r"a\u0000b/x.csv", "experiment[0].data[0] (own)"),
        ("data/mine.csv", "x" * 5000 + "/x.csv", "experiment[0]"),
        ("data/mine.csv", "{outside}#sha256=" + "0" * 64, "experiment[0].data[0] (own)"),
        ("train.py", "/etc/x.py", "experiment[0].entry"),
        ("train.py", "../x.py", "experiment[0].entry"),
        ("train.py", "link/x.py", "experiment[0].entry"),
        ("train.py", "x" * 5000 + ".py", "experiment[0]"),
        (SOFTWARE, SOFTWARE + '\nimage = "{outside}"', "software[0].image"),
        (SOFTWARE, SOFTWARE + '\nimage = "../x.sif"', "software[0].image"),
        (SOFTWARE, SOFTWARE + '\nimage = "link/x.sif"', "software[0].image"),
        (SOFTWARE, SOFTWARE + '\nimage = "a\\u0000b.sif"', "software[0].image"),
        (SOFTWARE, SOFTWARE + '\nimage = "/cvmfs/../x"', "software[0].image"),
        (SOFTWARE, SOFTWARE + '\nimage = "osdf:///o/../../x.sif"', "software[0].image"),
        (SOFTWARE, 'name = "linked"', "software[0] (linked)"),
        ("[[hardware]]", '[submit]\nextra = ["priority = 3"]\n[[hardware]]', "submit.extra"),
        ("[[hardware]]", "x = " + "[" * 5000 + "\n[[hardware]]", "campaign.toml"),
        ("data/mine.csv", ".hidden/mine.csv", ".hidden/mine.csv: has no sha256"),
    ],
)
def test_a_crate_names_nothing_outside_of_itself(
    osgrepro: Any, crate: Path, tmp_path: Path, old: str, new: str, place: str
) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text(SECRET)
    outside.chmod(0o600)
    (crate / "link").symlink_to(tmp_path)
    (crate / "loop").symlink_to(crate / "loop")
    (crate / "containers" / "linked").symlink_to(tmp_path)
    (crate / ".hidden").mkdir()
    (crate / ".hidden" / "mine.csv").write_text("7\n")
    named(crate, old, new.replace("{outside}", str(outside)))
    said = osgrepro("verify", str(crate), "--rerun", "--yes")
    assert said.code == 2, said.err
    assert place in said.err
    assert SECRET not in said.out + said.err
    assert not list(tmp_path.rglob("*.rerun"))


def test_a_campaign_that_is_a_link_out_is_not_run(
    osgrepro: Any, crate: Path, tmp_path: Path
) -> None:
    (crate / "campaign.toml").rename(tmp_path / "mine.toml")
    (crate / "campaign.toml").symlink_to(tmp_path / "mine.toml")
    said = osgrepro("verify", str(crate), "--rerun", "--yes")
    assert (said.code, "campaign.toml: leads out of the crate" in said.err) == (1, True)


def test_a_rerun_shows_what_it_executes_and_wants_a_yes(osgrepro: Any, crate: Path) -> None:
    said = osgrepro("verify", str(crate), "--rerun")
    assert said.code == 2
    assert "give --yes" in said.err
    for file in ("train.py", "data/mine.csv"):
        assert hashlib.sha256((crate / file).read_bytes()).hexdigest() in said.out
    assert "image     tensorflow-2.8.0, to be built from Debian bullseye" in said.out
    assert "runs      2: the crate does not say how long they took" in said.out
    assert not crate.with_name("crate.rerun").exists()


@pytest.mark.parametrize(
    "submit",
    [
        '[submit]\nextra = ["priority = 1"]\nmax_idle = 7\n',
        '[submit]\nmax_idle = 7  # extra = [\nextra = [\n "rank = a[1]", # ]\n "priority = 1"]\n',
        '[submit]\nmax_idle = 7\nextra = ["description = ]"] # his own\n',
    ],
)
def test_submit_commands_do_not_travel(osgrepro: Any, tmp_path: Path, submit: str) -> None:
    file = exported.campaign(tmp_path / "home")
    file.write_text(f"{exported.CAMPAIGN}\n# mine\n{submit}")
    file.chmod(0o600)
    assert osgrepro("export", str(file), "--ro-crate", "crate").code == 0
    made = (tmp_path / "crate" / "campaign.toml").read_text()
    assert "# mine" in made
    assert "priority" not in made
    assert (tmp_path / "crate" / "campaign.toml").stat().st_mode & 0o777 == 0o600
    assert rerunning.load(tmp_path / "crate").campaign.submit.max_idle == 7


def test_a_rerun_tells_its_time_from_the_crates_results(osgrepro: Any, tmp_path: Path) -> None:
    file = exported.campaign(tmp_path / "home")
    rows = [exported.row(1, wall_s=1800.0), exported.row(2, wall_s=2400.0)]
    dataset.write(file.parent / "mine.runs" / "dataset.parquet", rows, force=True)
    assert osgrepro("export", str(file), "--ro-crate", "crate").code == 0
    said = osgrepro("verify", "crate", "--rerun")
    assert "runs      2: 1 h 20 min of computing, by the crate's own results" in said.out


def test_what_was_agreed_to_is_what_is_run(crate: Path) -> None:
    loaded = rerunning.load(crate)
    agreed = rerun_preview.outline(crate, loaded)
    other = replace(agreed, runs=1)
    with pytest.raises(UsageError, match="has changed since you agreed to it"):
        rerunning.start(crate, loaded, None, agreed=other)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["dataset.parquet", "findings.json"])
def test_the_core_is_no_link_out(osgrepro: Any, crate: Path, tmp_path: Path, name: str) -> None:
    (crate / name).rename(tmp_path / name)
    (crate / name).symlink_to(tmp_path / name)
    said = osgrepro("verify", str(crate))
    assert (said.code, "a link that leads out" in said.err) == (2, True)


@pytest.mark.parametrize(
    "path",
    [
        *(r"data\u0000mine.csv", "x" * 5000, "a/" * 3000 + "b", r"\u001b]0;x", r"\u202egpj.csv"),
        *(r"\ud800", "", ".", "a//b", "data", "loop", "file:///etc/passwd", "%00", "%ff%fe"),
        *("data/mine.csv/x", "http://localhost:1/x", r"C:\\x"),
    ],
)
def test_no_name_in_the_metadata_ends_in_a_traceback(osgrepro: Any, crate: Path, path: str) -> None:
    (crate / "loop").symlink_to(crate / "loop")
    file = crate / "ro-crate-metadata.json"
    file.write_text(file.read_text().replace("data/mine.csv", path))
    said = osgrepro("verify", str(crate))
    assert said.code in (1, 2), said.err
    assert "Traceback" not in said.err
    assert "\x1b]" not in said.err
    assert "\u202e" not in said.err


@pytest.mark.parametrize(
    "value", [7, None, ["x"], {"@id": "x"}, True, "", "0" * 64, "z" * 10_000, "\x00"]
)
def test_no_sha256_in_the_metadata_ends_in_a_traceback(
    osgrepro: Any, crate: Path, value: Any
) -> None:
    file = crate / "ro-crate-metadata.json"
    told = json.loads(file.read_text())
    for one in told["@graph"]:
        if one["@id"] == "data/mine.csv":
            one["sha256"] = value
    file.write_text(json.dumps(told))
    said = osgrepro("verify", str(crate))
    assert (said.code, "Traceback" in said.err) in ((1, False), (2, False))


@pytest.mark.parametrize("kind", ["fifo", "folder", "device", "loop", "surrogate", "deep"])
@pytest.mark.parametrize("name", ["data/mine.csv", "dataset.parquet", "ro-crate-metadata.json"])
def test_no_member_of_a_crate_ends_in_a_traceback(
    osgrepro: Any, crate: Path, kind: str, name: str
) -> None:
    file = crate / name
    if kind == "surrogate":
        (crate / os.fsdecode(b"\xff\x1b[31m.csv")).write_text("x")
    elif kind == "deep":
        file.write_bytes(b"[" * 100_000)
    else:
        file.unlink()
        {
            "fifo": lambda: os.mkfifo(file),
            "folder": file.mkdir,
            "device": lambda: file.symlink_to("/dev/zero"),
            "loop": lambda: file.symlink_to(file),
        }[kind]()
    said = osgrepro("verify", str(crate))
    assert (said.code, "Traceback" in said.err) in ((1, False), (2, False))


def test_metadata_larger_than_any_are_not_read(osgrepro: Any, crate: Path) -> None:
    with (crate / "ro-crate-metadata.json").open("r+b") as file:
        file.truncate(1 << 40)
    said = osgrepro("verify", str(crate))
    assert (said.code, "more than the metadata of any crate" in said.err) == (2, True)
