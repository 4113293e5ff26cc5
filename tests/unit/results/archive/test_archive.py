"""An archive of results: what becomes a row, what is filled, and what is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.common.errors import InputError
from osgrepro.common.models import NAME_PATTERN
from osgrepro.results.archive import machines, read_archive, result_files, yamls

HEADER = (
    "run_name,script_version,date_time,python_version,tensorflow_version,epochs,test_loss,"
    "test_accuracy\n"
)
LINE = ',1.2.0,2022-07-11 18:30:11.205257,"3.8.10 (default) \n[GCC 9.3.0]",2.8.0,30,0.25,0.5\n'
CPU = {
    "vendor_id": "GenuineIntel",
    "model name": "Intel(R) Xeon(R) Gold 6154 CPU @ 3.00GHz",
    "cpu family": "6",
    "cache size": "25344 KB",
    "flags": "fma avx512f",
}
GPU = {"product_name": "Tesla V100-PCIE-16GB", "uuid": "GPU-d34d", "fb_memory_usage": None}


def described(cpu: Mapping[str, Any] = CPU, gpus: Any = None, **changes: Any) -> str:
    block = None if gpus is None else {"nvidia_smi_log": {"driver_version": "470", "gpu": gpus}}
    env = {"OSG_SITE_NAME": "Crane", "CUDA_VISIBLE_DEVICES": "GPU-d34d"}
    content = {"cpu": [dict(cpu)] * 4, "env": env, "gpu": block, "hostname": "c1", **changes}
    return str(yaml.safe_dump(content)).replace("&id001", "").replace("*id001", "{}")


def rows(files: Mapping[str, str]) -> list[dict[str, Any]]:
    return [dict(row) for row in read_archive("old", files, files.__getitem__).rows]


def test_a_line_becomes_a_row_with_its_numbers_to_the_last_bit() -> None:
    row = rows({"tf/cpu/7/3/a.csv": HEADER + LINE, "tf/cpu/7/3/a_system_info.yaml": described()})[0]
    assert (row["software"], row["hardware"], row["experiment"]) == ("tf", "xeon-gold-6154-4", "a")
    assert (row["cluster"], row["proc"], row["repeat"], row["status"]) == (7, 3, 1, "ok")
    assert row["metrics"] == [
        {"name": "test_loss", "value": 0.25, "hex": (0.25).hex()},
        {"name": "test_accuracy", "value": 0.5, "hex": (0.5).hex()},
    ]
    assert (row["primary_metric"], row["primary_value"]) == ("test_accuracy", 0.5)
    assert (row["params_json"], row["python_version"]) == ('{"epochs": 30}', "3.8.10")
    assert (row["host"], row["site"], row["cpu_cache_kb"]) == ("c1", "Crane", 25344)
    assert (row["cpu_avx512f"], row["cpu_avx2"], row["gpus"]) == (True, False, 0)
    assert row["started_at"].isoformat() == "2022-07-11T18:30:11.205257+00:00"
    assert (row["origin"], row["filled"]) == ("old/tf/cpu/7/3/a.csv", [])


def test_repeats_count_on_over_the_files_of_a_cell_and_ids_differ() -> None:
    files = {
        f"tf/cpu/{job}/a.csv": HEADER + 2 * LINE.replace(":11.", f":1{job}.") for job in (7, 8)
    }
    files |= {f"tf/cpu/{job}/a_system_info.yaml": described() for job in (7, 8)}
    found = rows(files)
    assert [row["repeat"] for row in found] == [1, 2, 3, 4]
    assert len({row["run_id"] for row in found}) == 4
    assert all(re.fullmatch("[0-9a-f]{24}", row["run_id"]) for row in found)
    assert found == rows(dict(reversed(files.items())))


@pytest.mark.parametrize("bad", ["", "much", "0x1"])
def test_a_number_that_cannot_be_read_makes_a_failed_row(bad: str) -> None:
    row = rows({"tf/cpu/7/a.csv": HEADER + LINE.replace("0.25", bad)})[0]
    assert row["status"] == "failed"
    assert row["exception_message"] == f"test_loss: {bad!r} is not a number"
    assert [metric["name"] for metric in row["metrics"]] == ["test_accuracy"]


def test_a_line_that_ends_early_makes_a_failed_row() -> None:
    row = rows({"tf/cpu/7/a.csv": HEADER + "x,1.2.0\n"})[0]
    assert row["status"] == "failed"
    assert row["started_at"] is None


def test_a_loss_of_nan_is_a_result() -> None:
    row = rows({"tf/cpu/7/a.csv": HEADER + LINE.replace("0.25", "nan")})[0]
    assert row["status"] == "ok"
    assert row["metrics"][0] == {"name": "test_loss", "value": None, "hex": "nan"}


def test_a_missing_description_is_filled_from_beside_it_and_the_row_says_so() -> None:
    files = {
        "tf/cpu/7/a.csv": HEADER + LINE,
        "tf/cpu/7/b.csv": HEADER + LINE.replace(":11.", ":12."),
    }
    found = {
        row["experiment"]: row for row in rows(files | {"tf/cpu/7/b_system_info.yaml": described()})
    }
    assert found["a"]["hardware"] == found["b"]["hardware"]
    assert found["a"]["filled"] == [
        "all of the machine, from tf/cpu/7/b_system_info.yaml: no description"
    ]
    assert found["b"]["filled"] == []


def test_a_null_gpu_is_filled_from_beside_it() -> None:
    files = {"tf/gpu/7/a.csv": HEADER + LINE, "tf/gpu/7/a_system_info.yaml": described()}
    files |= {"tf/gpu/7/b.csv": HEADER + LINE, "tf/gpu/7/b_system_info.yaml": described(gpus=GPU)}
    row = rows(files)[0]
    assert (row["hardware"], row["gpu_name"]) == ("v100-pcie", "Tesla V100-PCIE-16GB")
    assert row["filled"] == ["gpu_name, gpu_driver, from tf/gpu/7/b_system_info.yaml"]


def test_nothing_is_filled_from_another_host() -> None:
    files = {"tf/gpu/7/a.csv": HEADER + LINE, "tf/gpu/7/a_system_info.yaml": described()}
    files |= {"tf/gpu/7/b_system_info.yaml": described(gpus=GPU, hostname="c2")}
    row = rows(files)[0]
    assert row["gpu_name"] is None
    assert row["hardware"] == "gpu-7"
    assert row["filled"] == ["the hardware's name, from the folder: no description tells it"]


def test_the_gpu_that_the_run_could_see_is_the_one() -> None:
    other = {"product_name": "NVIDIA A40", "uuid": "GPU-1"}
    text = described(gpus=[other, GPU | {"fb_memory_usage": {"total": "16160 MiB"}}])
    row = rows({"tf/gpu/7/a.csv": HEADER + LINE, "tf/gpu/7/a_system_info.yaml": text})[0]
    assert (row["gpu_name"], row["gpu_memory_mb"], row["gpus"]) == (GPU["product_name"], 16160, 1)


def test_one_gpu_on_two_kinds_of_host_is_two_hardware_environments() -> None:
    amd = CPU | {"model name": "AMD EPYC 7713 64-Core Processor"}
    files = {f"tf/gpu/{job}/a.csv": HEADER + LINE for job in (7, 8)}
    files["tf/gpu/7/a_system_info.yaml"] = described(gpus=GPU)
    files["tf/gpu/8/a_system_info.yaml"] = described(amd, gpus=GPU)
    assert [row["hardware"] for row in rows(files)] == [
        "v100-pcie-16gb-xeon-gold-6154-4",
        "v100-pcie-16gb-epyc-7713-4",
    ]


@given(st.text(max_size=200), st.integers(min_value=1, max_value=10**6))
def test_the_name_of_hardware_is_one_that_a_campaign_could_use(model: str, cpus: int) -> None:
    told = {"cpu_model_name": model, "logical_cpus": cpus, "gpu_name": model}
    for name in (
        machines.cpu_name(told),
        machines.gpu_name(told),
        machines.gpu_and_host_name(told),
    ):
        assert name is None or re.fullmatch(NAME_PATTERN, name)


def test_an_ordered_mapping_is_read_and_nothing_is_called() -> None:
    text = (
        "gpu: !!python/object/apply:collections.OrderedDict\n- - - a\n    - 1\n  - - b\n    - 2\n"
    )
    assert yamls.load(text, "f") == {"gpu": {"a": 1, "b": 2}}
    assert type(yamls.load(text, "f")["gpu"]) is dict


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: !!python/object/apply:os.system [exit 1]\n", "could not determine a constructor"),
        ("a: !!python/name:os.system\n", "could not determine a constructor"),
        (
            "a: !!python/object/apply:collections.OrderedDict [7]\n",
            "OrderedDict that is not made of pairs",
        ),
        ("a: !!python/object/apply:collections.OrderedDict {x: 1}\n", "expected a sequence"),
        (BOMB, "it has aliases"),
        ("a: [\n", "while parsing"),
        ("- 1\n", "not a mapping"),
        ("", "not a mapping"),
        ("? [a]\n: 1\n", "unhashable"),
        ("a: 2022-99-99\n", "month must be"),
        ('a: !!int ""\n', "IndexError"),
        ('a: !!float ""\n', "IndexError"),
        ('a: !!bool "x"\n', "KeyError"),
        ('a: !!timestamp "x"\n', "AttributeError"),
        (f"a: {'x' * yamls.MAX_CHARS}\n", "too many"),
    ],
)
def test_a_description_that_is_not_harmless_is_refused_with_its_file(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as raised:
        rows({"tf/cpu/7/a.csv": HEADER + LINE, "tf/cpu/7/a_system_info.yaml": text})
    assert raised.value.message.startswith("tf/cpu/7/a_system_info.yaml: ")
    assert "\n" not in raised.value.message


def test_a_description_that_is_nested_too_deep_is_refused() -> None:
    for deep in ("[" * 100_000, "{a: " * 100_000, "\n" + "- " * 100_000 + "1"):
        with pytest.raises(InputError, match="nested deeper than 100"):
            yamls.load("a: " + deep, "f")


def test_a_star_in_a_text_is_no_alias() -> None:
    assert yamls.load("a: 'x *b'\n", "f") == {"a": "x *b"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        (HEADER, "has a header, but no results"),
        ("epochs,test_loss\n1,2\n", "no column date_time, test_accuracy"),
        (HEADER + '"' + "x" * 200_000, "not a valid CSV file: field larger"),
        (HEADER.replace("\n", ",epochs\n") + LINE, "the column epochs is there twice"),
    ],
)
def test_a_result_file_without_results_is_refused_with_its_name(text: str, why: str) -> None:
    with pytest.raises(InputError, match=f"tf/cpu/7/a.csv: {why}"):
        rows({"tf/cpu/7/a.csv": text})


def test_a_line_with_more_fields_than_the_header_is_named() -> None:
    with pytest.raises(InputError, match=r"a\.csv, line 3: has more fields"):
        rows({"tf/cpu/7/a.csv": HEADER + LINE + LINE.rstrip() + ",7,8\n"})


def test_names_that_no_campaign_could_use_are_refused_together() -> None:
    with pytest.raises(InputError) as raised:
        result_files(["tf/cpu/7/a b.csv", "t f/cpu/7/a.csv", "tf/cpu/7/-rf.csv"])
    assert len(raised.value.message.splitlines()) == 3


def test_files_elsewhere_are_no_results() -> None:
    with pytest.raises(InputError, match="no result file"):
        result_files(["a.csv", "tf/a.csv", "tf/cpu/a.csv", "tf/tpu/7/a.csv", "tf/cpu/7/a.txt"])


@given(st.floats())
def test_every_float_keeps_its_bits(value: float) -> None:
    row = rows({"tf/cpu/7/a.csv": HEADER + LINE.replace("0.25", repr(value))})[0]
    back = float.fromhex(row["metrics"][0]["hex"])
    assert back == value or (math.isnan(back) and math.isnan(value))


def test_a_copied_file_is_no_repeat() -> None:
    text, machine = HEADER + LINE, described()
    later = text.replace("18:30", "19:30")
    files = {
        "tf/cpu/1/mnist.csv": text,
        "tf/cpu/1/mnist_copy.csv": text,
        "tf/cpu/2/mnist.csv": HEADER + LINE + later.removeprefix(HEADER),
        "tf/cpu/3/mnist.csv": text,
        **{f"tf/cpu/{job}/mnist_system_info.yaml": machine for job in (1, 2)},
        "tf/cpu/3/mnist_system_info.yaml": described(hostname="another"),
    }
    found = read_archive("old", files, files.__getitem__)
    assert [row["origin"] for row in found.rows] == [
        "old/tf/cpu/1/mnist.csv",
        "old/tf/cpu/2/mnist.csv",  # the later one
        "old/tf/cpu/3/mnist.csv",  # of another machine
    ]
    told = dict(found.passed_over)
    assert set(told) == {"tf/cpu/1/mnist_copy.csv", "tf/cpu/2/mnist.csv"}
    assert all("has 1 row identical to rows of tf/cpu/1/mnist.csv" in why for why in told.values())


def test_a_cluster_is_a_number_below_cpu_and_gpu_too() -> None:
    files = {"tf/cpu/1/mnist.csv": HEADER + LINE, "tf/cpu/abc/mnist.csv": HEADER + LINE}
    found = read_archive("old", files, files.__getitem__)
    assert len(found.rows) == 1
    ((path, why),) = found.passed_over
    assert path == "tf/cpu/abc/mnist.csv"
    assert "CLUSTER a number" in why


def test_the_folder_of_one_software_is_refused() -> None:
    files = {"cpu/1/mnist.csv": HEADER + LINE, "gpu/2/mnist.csv": HEADER + LINE}
    with pytest.raises(InputError, match="one level too deep") as caught:
        result_files(files)
    assert "the folder above" in caught.value.hint
