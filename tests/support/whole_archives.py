"""Whole archives in the layout of the 2022 study, and what becomes of one on the way."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st
from mutations import ODD, garbled, mutated

_HEADER = (
    "run_name,script_version,date_time,python_version,tensorflow_version,epochs,"
    "test_loss,test_accuracy"
)
_GPU = {
    **{"product_name": "Tesla V100-PCIE-16GB", "uuid": "GPU-d34d"},
    "fb_memory_usage": {"total": "16160 MiB"},
}
_FLOATS = st.floats().map(repr) | st.sampled_from(["nan", "-inf", "1e999", "1_0", "0x1", ""])
_MOMENTS = ("2022-07-11 18:30:11.2", "2022-07-11T18:30:11+02:00", "yesterday")


@st.composite
def _line(draw: st.DrawFn, number: int) -> str:
    moment = draw(st.sampled_from(_MOMENTS))
    epochs = draw(st.sampled_from(["30", "1e400", "2.0", ""]))
    return f",1.2.0,{moment}{number},3.8.10,2.8.0,{epochs},{draw(_FLOATS)},{draw(_FLOATS)}"


@st.composite
def _description(draw: st.DrawFn, gpu: bool) -> dict[str, Any]:
    model = draw(st.sampled_from(["Intel(R) Xeon(R) Gold 6154 CPU @ 3.00GHz", "AMD EPYC 7302"]))
    cpu = {
        **{"vendor_id": "GenuineIntel", "model name": model, "cpu family": "6", "model": "85"},
        **{"cache size": "25344 KB", "flags": "fma avx512f avx2"},
    }
    log = {"nvidia_smi_log": {"driver_version": "470", "gpu": _GPU}}
    return {
        "cpu": [dict(cpu) for _ in range(draw(st.integers(1, 3)))],
        "env": {"OSG_SITE_NAME": "Crane", "CUDA_VISIBLE_DEVICES": "GPU-d34d"},
        "gpu": log if gpu else None,
        "hostname": draw(st.sampled_from(["c1", "c2"])),
        "os": {"PRETTY_NAME": '"Ubuntu 20.04"'},
    }


@st.composite
def whole(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an archive that is right: texts of result files, descriptions as mappings, by path."""
    files: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["cpu", "gpu"]))
        job = f"{draw(st.integers(1, 9))}/{draw(st.sampled_from(['', '3/']))}"
        start = f"tf-{number % 2}/{kind}/{job}{'abc'[number]}"
        lines = [draw(_line(line)) for line in range(draw(st.integers(1, 3)))]
        files[f"{start}.csv"] = "\n".join([_HEADER, *lines, ""])
        if draw(st.booleans()):
            files[f"{start}_system_info.yaml"] = draw(_description(kind == "gpu"))
    return files


def texts(files: dict[str, Any]) -> dict[str, bytes]:
    """Return the files as they lie in the archive's folder."""
    return {path: _bytes(content) for path, content in files.items()}


def _bytes(content: Any) -> bytes:
    text = content if isinstance(content, str) else str(yaml.safe_dump(content))
    return text.encode("utf-8", "surrogatepass")


@st.composite
def broken(draw: st.DrawFn) -> dict[str, bytes]:
    """Draw an archive that is mostly wrong somewhere."""
    files = draw(whole())
    for path in sorted(files):
        if isinstance(files[path], dict):
            files[path] = draw(mutated(files[path]))
    made = texts(files)
    path = draw(st.sampled_from(sorted(made)))
    made[path] = draw(garbled(made[path]))
    if draw(st.booleans()):  # another name, or another file beside it
        name = draw(ODD.map(str) | st.sampled_from(["a.csv", "tf-0/cpu/1/README", "cpu/1/a.csv"]))
        made[name] = made[path] if draw(st.booleans()) else made.pop(path)
    return made
