"""The verbs ``twin`` and ``pool up --twin``: this machine in the place of machines elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from osgrepro.common import shipped, texts, toml
from osgrepro.common.errors import PoolError, RecordError, UsageError, did_you_mean
from osgrepro.common.models import NAME_PATTERN, Json, Notify, silent
from osgrepro.hardware import twin
from osgrepro.hardware.twin import Here, Machine, Twin, Verdict
from osgrepro.pool import minipool
from osgrepro.pool.minipool import ExecutionPoint, Pool, Settings
from osgrepro.results import records

# Importing TensorFlow and training a small network.
_TRAINING_MB = 1024
_CACHES = {("1", "Data"): "l1d_kib", ("2", "Unified"): "l2_kib", ("3", "Unified"): "l3_kib"}
_ISA = ("avx2", "avx512f", "avx512_vnni")


def load(source: str) -> Twin:
    """Read a twin's file, or a shipped twin by its name.

    Raises
    ------
    UsageError
        If there is no such file, or it can't be read.
    TwinError
        With all problems of its content.
    """
    path = Path(source)
    known = sorted(file.stem for file in shipped.folder("twins").glob("*.toml"))
    if not path.exists() and source in known:
        path = shipped.folder("twins") / f"{source}.toml"
    if not path.is_file():
        raise UsageError(
            f"{source}: no such twin{did_you_mean(source, known)}",
            hint=f"name a file, or one of the shipped twins: {', '.join(known)}",
        )
    try:
        text = texts.decoded(_read(path))
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{source}: not UTF-8 text: {error.reason} at byte {error.start}"
        ) from None
    return twin.parse(toml.loads(text, source), source)


def here(root: Path = Path("/")) -> Here:
    """Return what this machine is; ``root`` is where /proc and /sys lie."""
    first = (root / "proc/cpuinfo").read_text(errors="replace").split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    facts = {name.strip(): value.strip() for name, _, value in pairs}
    sizes: dict[str, int | None] = dict.fromkeys(_CACHES.values())
    for folder in sorted((root / "sys/devices/system/cpu/cpu0/cache").glob("index*")):
        cache = {name: _text(folder / name) for name in ("level", "type", "size")}
        sizes.update(_cache_size(cache))
    return Here(
        vendor=facts.get("vendor_id"), flags=frozenset(facts.get("flags", "").split()), **sizes
    )


def check(loaded_twin: Twin, machine: Here | None = None) -> tuple[Verdict, ...]:
    """Return for each machine of a twin whether this one can stand in for it, and why not."""
    own = machine or here()
    return tuple(twin.compare(member, own) for member in loaded_twin.machine)


def execution_points(verdicts: Sequence[Verdict]) -> tuple[ExecutionPoint, ...]:
    """Return an execution point in the place of each machine."""
    return tuple(
        ExecutionPoint(
            name=verdict.machine.ep_name,
            threads=verdict.machine.logical_cpus,
            isa=verdict.isa_cap,
            gpu=twin.gpu_attributes(verdict.machine.gpu) if verdict.machine.gpu else None,
            attributes=twin.attributes(verdict.machine),
            not_emulated="; ".join((*verdict.obstacles, *verdict.differences)),
        )
        for verdict in verdicts
    )


def up(
    source: str,
    *,
    only: Sequence[str] = (),
    memory_mb: int | None = None,
    directory: Path | None = None,
    notify: Notify = silent,
) -> Pool:
    """Start the mini-pool as the twin of a pool elsewhere.

    Parameters
    ----------
    source : str
        A twin's file, or a shipped twin by its name.
    only : sequence of str
        The machines to stand in for; none: all.
    memory_mb : int, optional
        Of each execution point, which then share the memory; None: an equal share.
    directory : Path, optional
        The pool's folder.

    Raises
    ------
    UsageError
        If the twin is faulty, or has no such machine.
    PoolError
        If another pool is up, or the machine's memory is not enough.
    """
    eps = execution_points(check(_selected(load(source), only)))
    running = minipool.find(directory)
    if running is not None and running.eps != eps:
        raise PoolError(
            "the mini-pool is up with other execution points",
            hint="`osgrepro pool down` stops it; queued jobs stay queued",
        )
    settings = Settings(
        directory=directory or minipool.default_directory(),
        eps=eps,
        memory_mb=memory_mb,
        least_memory_mb=_TRAINING_MB,
    )
    return minipool.up(settings, notify)


def from_result(path: Path, name: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Return a twin's description (TOML) of the machine in a result, and the facts it lacks.

    Raises
    ------
    UsageError
        If the file is not a result, or ``name`` is not a valid name.
    """
    try:
        provenance = records.parse(_read(path)).provenance
    except RecordError as error:
        raise UsageError(
            f"{path}: not a valid result: {error.message}", hint="name a RESULT.json"
        ) from None
    cpu, threads = provenance.cpu, provenance.threads
    model_name = cpu.get("model_name")
    if name is None:
        plain = re.sub(r"\(\w+\)|@.*|\bCPU\b|\d+-Core|Processor", " ", str(model_name or "machine"))
        name = "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:64].strip("-") or "machine"
    if not re.match(NAME_PATTERN, name):
        raise UsageError(f"--name {name!r}: letters, digits, '.', '_' and '-', at most 64")
    sizes: dict[str, int | None] = dict.fromkeys(_CACHES.values())
    for cache in cpu.get("caches") or ():
        sizes.update(_cache_size(cache))
    flags = cpu.get("flags") or ()
    facts = {
        "vendor": cpu.get("vendor"),
        "family": cpu.get("family"),
        "model": cpu.get("model"),
        "model_name": model_name,
        "logical_cpus": threads.get("logical_cpus"),
        "isa": [flag for flag in _ISA if flag in flags] if flags else None,
        **sizes,
        "gpu": _gpu(provenance.gpus),
    }
    missing = tuple(key for key, value in facts.items() if value is None and key != "gpu")
    known = {key: value for key, value in facts.items() if value is not None}
    if not missing:  # what is written has to be readable again
        twin.parse({"twin": {"name": name}, "machine": [{"name": name, **known}]}, str(path))
    return _toml(name, known, missing), missing


def _selected(loaded_twin: Twin, only: Sequence[str]) -> Twin:
    known: dict[str, Machine] = {machine.name: machine for machine in loaded_twin.machine}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise UsageError(
            f"the twin {loaded_twin.twin.name} has no machine {', '.join(unknown)}"
            f"{did_you_mean(unknown[0], known) if len(unknown) == 1 else ''}",
            hint=f"it has {', '.join(known)}",
        )
    if not only:
        return loaded_twin
    return loaded_twin.model_copy(
        update={"machine": tuple(known[name] for name in dict.fromkeys(only))}
    )


def _gpu(gpus: Sequence[Json]) -> Json | None:
    visible = next((gpu for gpu in gpus if gpu.get("visible")), None)
    if visible is None:
        return None
    try:
        capability = float(visible.get("capability") or "")
    except ValueError:
        return None
    facts = {"device": visible.get("name"), "capability": capability}
    facts["memory_mb"] = visible.get("memory_mb")
    return None if None in facts.values() else facts


def _toml(name: str, facts: Json, missing: Sequence[str]) -> str:
    lines = [
        "[twin]",
        f"name = {toml.value(name)}",
        "",
        "[[machine]]",
        f"name = {toml.value(name)}",
    ]
    lines += [f"{key} = {toml.value(value)}" for key, value in facts.items()]
    lines += [f"# {key}: not in the result" for key in missing]
    return "\n".join(lines) + "\n"


def _cache_size(cache: Json) -> dict[str, int | None]:
    """Return the size of one cache, as sysfs tells it, under the name that a twin has for it."""
    key = _CACHES.get((str(cache.get("level")), str(cache.get("type"))))
    size = re.fullmatch(r"(\d+)K", str(cache.get("size")))
    return {key: int(size.group(1))} if key and size else {}


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(records.MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}", hint="check the path and who may read it"
        ) from None
    return data
