"""What a description tells of the machine: values for columns of the dataset, and a name for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SITE_KEYS = ("GLIDEIN_Site", "GLIDEIN_ResourceName", "OSG_SITE_NAME")
_FLAGS = ("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile")

# Words of a CPU's or GPU's name that tell nothing of which one it is.
_NOISE = re.compile(
    r"\((?:R|TM|C)\)|@.*|\b(?:\d+-Core|Processor|CPU|AMD|Intel|NVIDIA|Tesla|Quadro|GeForce)\b", re.I
)
_GPU_MEMORY = re.compile(r"[\s-]\d+\s?GB\b", re.I)

Facts = dict[str, Any]


def facts(described: Mapping[str, Any], kind: str | None) -> Facts:
    """Return the columns that a description tells; what it does not tell is None.

    Without a ``kind`` it is a GPU's if it names a GPU that the job could see.
    """
    cpus = [cpu for cpu in _list(described.get("cpu")) if isinstance(cpu, Mapping)]
    env = _mapping(described.get("env"))
    os = _text(_mapping(described.get("os")).get("PRETTY_NAME"))
    known: Facts = {
        "host": _text(described.get("hostname")),
        "site": next((site for key in _SITE_KEYS if (site := _text(env.get(key)))), None),
        "os": os.strip('"') if os else None,
        **_cpu(cpus[0] if cpus else {}),
        "logical_cpus": len(cpus) or None,
    }
    gpu = _gpu(described.get("gpu"), env)
    if kind is None:
        kind = "gpu" if gpu["gpu_name"] else "cpu"
    return known | (gpu if kind == "gpu" else {"gpus": 0})


def _cpu(cpu: Mapping[str, Any]) -> Facts:
    said = _text(cpu.get("flags"))
    flags = set(said.split()) if said else None
    cache = re.fullmatch(r"(\d+) KB", _text(cpu.get("cache size")) or "")
    return {
        "cpu_vendor": _text(cpu.get("vendor_id")),
        "cpu_family": _integer(cpu.get("cpu family")),
        "cpu_model": _integer(cpu.get("model")),
        "cpu_stepping": _integer(cpu.get("stepping")),
        "cpu_model_name": _text(cpu.get("model name")),
        "cpu_microcode": _text(cpu.get("microcode")),
        "cpu_cache_kb": _integer(cache[1]) if cache else None,
        "cpu_hypervisor": None if flags is None else "hypervisor" in flags,
        **{f"cpu_{flag}": None if flags is None else flag in flags for flag in _FLAGS},
    }


def _gpu(block: Any, env: Mapping[str, Any]) -> Facts:
    log = _mapping(_mapping(block).get("nvidia_smi_log"))
    shown = log.get("gpu")
    listed = shown if isinstance(shown, list) else [shown]
    gpus: list[Mapping[str, Any]] = [gpu for gpu in map(_mapping, listed) if gpu]
    visible = [name for name in str(env.get("CUDA_VISIBLE_DEVICES") or "").split(",") if name]
    used = next((gpu for gpu in gpus if _is(gpu, visible)), gpus[0] if gpus else {})
    memory = _text(_mapping(used.get("fb_memory_usage")).get("total")) or ""
    amount = re.fullmatch(r"(\d+) MiB", memory)
    return {
        "gpus": len(visible) or len(gpus) or None,
        "gpu_name": _text(used.get("product_name")),
        "gpu_driver": _text(log.get("driver_version")),
        "gpu_memory_mb": _integer(amount[1]) if amount else None,
    }


def _is(gpu: Mapping[str, Any], visible: list[str]) -> bool:
    uuid = _text(gpu.get("uuid"))
    return bool(uuid) and any(str(uuid).startswith(name) for name in visible)


def cpu_name(machine_facts: Facts) -> str | None:
    """Return a name such as ``epyc-7513-128``: the model and the logical CPUs."""
    return _join(_slug(machine_facts.get("cpu_model_name")), machine_facts.get("logical_cpus"))


def gpu_name(machine_facts: Facts) -> str | None:
    """Return a name such as ``v100-pcie``: the product without the size of its memory."""
    name = machine_facts.get("gpu_name")
    return _slug(_GPU_MEMORY.sub(" ", name)) if name else None


def gpu_and_host_name(machine_facts: Facts) -> str | None:
    """Return a name such as ``v100-pcie-16gb-xeon-gold-6154-36``."""
    return _join(_slug(machine_facts.get("gpu_name")), cpu_name(machine_facts))


def _join(name: str | None, more: object) -> str | None:
    return (f"{name}-{more}" if more else name)[:64].rstrip("-._") if name else None


def _slug(text: str | None) -> str | None:
    words = re.sub(r"[^a-z0-9.]+", "-", _NOISE.sub(" ", text).lower()) if text else ""
    return words[:64].strip("-.") or None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _integer(value: Any) -> int | None:
    return int(value) if re.fullmatch(r"[0-9]{1,18}", str(value)) else None
