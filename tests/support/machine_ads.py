"""A pool like a large one, made up: machine ads of many sites, pilots and kinds of machine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

# Family, model number, microarch, AVX-512, logical CPUs, cache, and how pilots spell the model.
_CPUS = (
    (23, 49, "x86_64-v3", False, 64, 512, "AMD EPYC 7302 16-Core Processor"),
    (23, 49, "x86_64-v3", False, 96, 512, "AMD EPYC 7402 24-Core Processor"),
    (25, 1, "x86_64-v3", False, 128, 512, "AMD EPYC 7513 32-Core Processor"),
    (25, 17, "x86_64-v4", True, 384, 1024, "AMD EPYC 9654 96-Core Processor"),
    (6, 79, "x86_64-v3", False, 40, 25600, "Intel(R) Xeon(R) CPU E5-2640 v4 @ 2.40GHz"),
    (6, 85, "x86_64-v4", True, 80, 28160, "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz"),
    (6, 45, "x86_64-v2", False, 32, 20480, "Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz"),
)
_GPUS = (("Tesla V100-PCIE-32GB", 7.0, 32510), ("NVIDIA A40", 8.6, 45416))


def pool(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield ``count`` ads: some pilots tell of the model, some of the site."""
    dice = random.Random(seed)
    for number in range(count):
        yield _ad(dice, number, count)


def _ad(dice: random.Random, number: int, count: int) -> dict[str, Any]:
    family, model, microarch, avx512, cpus, cache, name = dice.choice(_CPUS)
    machine = f"node{dice.randrange(count // 2 + 1)}.example.org"
    ad: dict[str, Any] = {
        "MyType": "Machine",
        "Name": f"slot1@glidein_{number}@{machine}",
        "Machine": machine,
        "SlotType": "Partitionable",
        "Cpus": dice.randrange(9),
        "TotalSlotCpus": 8,
    }
    if dice.random() < 0.01:
        return ad
    ad |= {
        "Arch": "X86_64",
        "Microarch": microarch,
        "CpuFamily": family,
        "CpuModelNumber": model,
        "DetectedCpus": cpus,
        "TotalCpus": 8.0,
        "has_avx": True,
    }
    if microarch != "x86_64-v2":
        ad["has_avx2"] = True
    if avx512:
        ad |= {"has_avx512f": True, "has_avx512dq": True}
    if dice.random() < 0.9:
        ad["CpuCacheSize"] = cache
    if dice.random() < 0.5:
        short = name.removeprefix("AMD ").partition(" 1")[0]
        ad["OSGVO_CPU_MODEL"] = dice.choice((name, f"{name}     ", short))
    if dice.random() < 0.9:
        ad["GLIDEIN_Site"] = f"Site{dice.randrange(60)}"
    if dice.random() < 0.1:
        ad |= _gpus(dice, number)
    return ad


def _gpus(dice: random.Random, number: int) -> dict[str, Any]:
    kinds = [dice.choice(_GPUS) for _ in range(dice.choice((1, 2)))]
    listed = [
        {"Id": f"GPU-{number}-{i}", "DeviceName": name, "Capability": power, "GlobalMemoryMb": size}
        for i, (name, power, size) in enumerate(kinds)
    ]
    ad = {"TotalSlotGPUs": len(kinds), "GPUs": len(kinds), "AvailableGPUs": listed}
    if len(set(kinds)) == 1:
        ad |= {f"GPUs_{key}": value for key, value in listed[0].items() if key != "Id"}
    return ad
