"""Worlds of which it is known what decides the outcome class: machines, and classes given to them.

The machines are like those that a pool has: two makers, generations that share features, and
attributes that go along with each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from string import ascii_uppercase
from typing import Any

import numpy as np
import pandas as pd

_INTEL, _AMD = "GenuineIntel", "AuthenticAMD"
_COLUMNS = (
    *("logical_cpus", "cpu_vendor", "cpu_family", "cpu_model", "cpu_stepping", "cpu_cache_kb"),
    *("cpu_avx2", "cpu_avx512f", "cpu_avx512_vnni", "cpu_hypervisor", "cpu_microcode", "kernel"),
)
_ROWS: Sequence[tuple[Any, ...]] = (
    (40, _INTEL, "6", "63", "2", 25600, True, False, False, False, "0x49", "4.18"),
    (40, _INTEL, "6", "79", "1", 25600, True, False, False, False, "0xb00", "4.18"),
    (80, _INTEL, "6", "85", "4", 28160, True, True, False, False, "0x2006", "4.18"),
    (64, _INTEL, "6", "85", "7", 22528, True, True, True, False, "0x5003", "4.18"),
    (40, _INTEL, "6", "85", "7", 28160, True, True, True, True, "0x5003", "5.15"),
    (96, _INTEL, "6", "106", "6", 36864, True, True, True, False, "0xd000", "5.15"),
    (36, _INTEL, "6", "85", "4", 25600, True, True, False, True, "0x2006", "5.15"),
    (64, _AMD, "23", "49", "0", 512, True, False, False, False, "0x8301", "4.18"),
    (96, _AMD, "23", "49", "0", 512, True, False, False, False, "0x8301", "5.15"),
    (32, _AMD, "23", "49", "0", 512, True, False, False, True, "0x8301", "4.18"),
    (96, _AMD, "25", "1", "1", 512, True, False, False, False, "0xa001", "4.18"),
    (128, _AMD, "25", "1", "1", 512, True, False, False, False, "0xa001", "5.15"),
    (96, _AMD, "25", "17", "1", 1024, True, True, True, False, "0xa101", "5.15"),
)
_KERNELS = ("4.18", "5.14", "5.15", "6.1")
VARYING = tuple(name for name in _COLUMNS if name != "cpu_avx2")


def machines() -> pd.DataFrame:
    """Return thirteen machines, a row each, with their attributes."""
    frame = pd.DataFrame(_ROWS, columns=list(_COLUMNS))
    return frame.assign(hardware=[f"m{number:02}" for number in range(len(frame))])


def without_cause(random: np.random.Generator) -> pd.DataFrame:
    """Return machines whose classes have nothing to do with them: two to seven classes."""
    frame = machines()
    classes = int(random.integers(2, 8))
    return _labelled(frame, random.integers(0, classes, len(frame)))


def with_cause(random: np.random.Generator, attributes: Sequence[str]) -> pd.DataFrame:
    """Return machines whose values of these attributes decide the class, each in its own way."""
    frame = machines()
    values = list(zip(*(frame[name] for name in attributes), strict=True))
    known = sorted(set(values), key=str)
    letters = random.permutation(len(known))
    return _labelled(frame, [letters[known.index(value)] for value in values])


def either_or(attributes: tuple[str, str]) -> pd.DataFrame:
    """Return machines of two classes, by whether exactly one of two flags is set."""
    frame = machines()
    return _labelled(frame, frame[attributes[0]] ^ frame[attributes[1]])


FLAGS = ("cpu_avx512f", "cpu_avx512_vnni", "cpu_hypervisor")
PLANTED = ("one attribute", "an alias", "odd runs", "two attributes", "either of two flags")


def planted(kind: str, random: np.random.Generator) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return machines whose classes have a cause of one of the ``PLANTED`` kinds, and its name.

    The alias is a copy of the cause, under another attribute's name. Of five runs each, one in
    twenty is odd; two attributes leave at least two machines in one class.
    """
    if kind == "either of two flags":
        first, second = (str(name) for name in random.choice(FLAGS, 2, replace=False))
        return either_or((first, second)), (first, second)
    size = 2 if kind == "two attributes" else 1
    names = tuple(str(name) for name in random.choice(VARYING, size, replace=False))
    frame = with_cause(random, names)
    if kind == "two attributes" and frame["outcome"].nunique() == len(frame):
        return planted(kind, random)
    if kind == "an alias":
        copy = "cpu_stepping" if names[0] == "cpu_family" else "cpu_family"
        return frame.assign(**{copy: frame[names[0]]}), (copy,)
    return (with_odd_runs(random, frame, 0.05) if kind == "odd runs" else frame), names


_GPUS = (
    *(("A100", "8.0"), ("A30", "8.0"), ("A40", "8.6"), ("RTX 3090", "8.6"), ("V100", "7.0")),
    *(("TITAN V", "7.0"), ("T4", "7.5"), ("RTX 2080 Ti", "7.5"), ("L40", "8.9"), ("L4", "8.9")),
)


def gpu_hosts(random: np.random.Generator, gpus: int, hosts: int) -> pd.DataFrame:
    """Return so many hosts of each of so many GPUs, whose CPUs are drawn; no classes yet."""
    chosen = np.repeat(random.choice(len(_GPUS), gpus, replace=False), hosts)
    frame = machines().iloc[random.choice(len(_ROWS), len(chosen))].reset_index(drop=True)
    names, capabilities = zip(*(_GPUS[gpu] for gpu in chosen), strict=True)
    return frame.assign(
        hardware=[f"g{number:02}" for number in range(len(chosen))],
        gpu_name=names,
        gpu_capability=capabilities,
    )


def gpus_without_cause(random: np.random.Generator, gpus: int, hosts: int) -> pd.DataFrame:
    """Return hosts that end as their GPU does, whose class has nothing to do with anything."""
    frame = gpu_hosts(random, gpus, hosts)
    classes = random.integers(0, int(random.integers(2, 5)), gpus)
    return _labelled(frame, np.repeat(classes, hosts))


def gpus_by(random: np.random.Generator, attribute: str) -> pd.DataFrame:
    """Return two hosts of each of ten GPUs, whose class is by an attribute."""
    frame = gpu_hosts(random, len(_GPUS), 2)
    return _labelled(frame, pd.factorize(frame[attribute])[0])


def several_of_a_type(
    random: np.random.Generator, frame: pd.DataFrame, types: int, times: int, kernels: bool = False
) -> pd.DataFrame:
    """Return a world in which some types of machine stand ``times``, under names of their own.

    They end alike, and are alike but for the version of the ``kernels``, where these vary.
    """
    chosen = frame.iloc[random.choice(len(frame), types, replace=False)]
    further = [
        chosen.assign(hardware=chosen["hardware"] + f"-{number}") for number in range(2, times + 1)
    ]
    whole = pd.concat([frame, *further], ignore_index=True)
    return whole.assign(kernel=random.choice(_KERNELS, len(whole))) if kernels else whole


def by_site(random: np.random.Generator, sites: int, times: int) -> pd.DataFrame:
    """Return machines whose class is their site's, by nothing that was recorded.

    Each of the sites has so many machines, and a kernel, a libc, libraries and a hypervisor, or
    none, which have nothing to do with the class.
    """
    site = np.repeat(np.arange(sites), times)
    frame = machines().iloc[random.choice(len(_ROWS), len(site))].reset_index(drop=True)
    frame = frame.assign(
        hardware=[f"m{number:02}" for number in range(len(site))],
        site=[f"S{number}" for number in site],
        kernel=random.choice(_KERNELS[:3], sites)[site],
        glibc=random.choice(["2.28", "2.35"], sites)[site],
        libraries_sha256=random.choice(list("pqr"), sites)[site],
        cpu_hypervisor=(random.random(sites) < 0.5)[site],
    )
    return _labelled(frame, random.integers(0, 2, sites)[site])


def in_tables(frame: pd.DataFrame, tables: int) -> pd.DataFrame:
    """Return the same machines and classes in several software environments, two repeats each."""
    return pd.concat(
        [
            frame.assign(experiment="mnist", status="ok", software=f"s{table}", repeat=repeat)
            for table, repeat in product(range(tables), (1, 2))
        ],
        ignore_index=True,
    )


def with_odd_runs(
    random: np.random.Generator, frame: pd.DataFrame, share: float, repeats: int = 5
) -> pd.DataFrame:
    """Return several runs of each machine, of which a share ends in a class of its own."""
    rows = pd.concat([frame] * repeats, ignore_index=True)
    odd = random.random(len(rows)) < share
    return rows.assign(outcome=rows["outcome"].where(~odd, "Z"))


def _labelled(frame: pd.DataFrame, codes: Any) -> pd.DataFrame:
    letters = [ascii_uppercase[int(code)] for code in codes]
    return frame.assign(software="tf", outcome=letters)
