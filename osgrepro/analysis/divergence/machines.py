"""What differs of the software and the machines of two results: what may have parted them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from osgrepro.analysis.divergence.values import Candidate
from osgrepro.analysis.findings import NOT_RECORDED

_NONE = "none"

# (what, section of the provenance, field); the section "" is the result's definition.
_FIELDS = (
    ("software environment", "", "software"),
    ("image sha256", "", "image_sha256"),
    ("backend", "framework", "backend"),
    ("backend's version", "framework", "version"),
    ("backend's build", "framework", "git_version"),
    ("backend's compiler", "framework", "compiler_version"),
    ("Keras", "framework", "keras_version"),
    ("NumPy", "framework", "numpy_version"),
    ("float type", "framework", "float_type"),
    ("deterministic operations", "framework", "op_determinism"),
    ("TensorFloat-32", "framework", "tensor_float_32"),
    ("TensorFloat-32 of matrix products", "framework", "matmul_tf32"),
    ("TensorFloat-32 of cuDNN", "framework", "cudnn_tf32"),
    ("precision of matrix products", "framework", "matmul_precision"),
    ("reductions in float16", "framework", "fp16_reduction"),
    ("reductions in bfloat16", "framework", "bf16_reduction"),
    ("cuDNN chooses by time", "framework", "cudnn_benchmark"),
    ("PyTorch's CPU kernels", "framework", "cpu_capability"),
    ("attention", "framework", "attention"),
    ("NCCL", "framework", "nccl_version"),
    ("torch.compile", "framework", "compiled"),
    ("denormals flushed", "framework", "denormals_flushed"),
    ("threads asked for", "", "threads"),
    ("intra-op threads", "threads", "intra_op_effective"),
    ("inter-op threads", "threads", "inter_op_effective"),
    ("CPUs of the affinity mask", "threads", "affinity_size"),
    ("CPU", "cpu", "model_name"),
    ("CPU family", "cpu", "family"),
    ("CPU model", "cpu", "model"),
    ("CPU stepping", "cpu", "stepping"),
    ("CPU flushes to zero", "cpu", "flush_to_zero"),
    ("CPU takes denormals as zero", "cpu", "denormals_are_zero"),
    ("C library", "host", "glibc"),
    ("Python", "process", "python"),
    ("hash seed", "process", "hash_seed"),
)
# Flags of /proc/cpuinfo that name instructions a numerical library chooses its kernels by.
_ISA = ("sse", "ssse", "avx", "fma", "f16c", "amx", "xop", "asimd", "sve", "neon")
# Names of the image's file: the image's sha256 tells more.
_BORING = ("APPTAINER_NAME", "SINGULARITY_NAME", "GLIDEIN_Site")
_VERBOSE = ("onednn_verbose", "dnnl_verbose")


def candidates(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Candidate, ...]:
    """Return what differs of the provenance of two results, software first.

    What one of the two could not read is left out: nothing says that it differs.
    """
    ours, theirs = a["provenance"], b["provenance"]
    return (
        *_fields(a, b),
        *_isa(_flags(ours), _flags(theirs)),
        *_both("cache", _caches(ours), _caches(theirs)),
        *_gpus(ours["gpus"], theirs["gpus"]),
        *_libraries(ours["libraries"], theirs["libraries"]),
        *_both("oneDNN", _onednn(ours), _onednn(theirs)),
        *_both("variable", _variables(ours), _variables(theirs), either=True),
        *_emulation(a, b),
    )


def machine(result: Mapping[str, Any]) -> str:
    """Return where a result was computed, in a few words."""
    provenance = result["provenance"]
    gpus = [str(gpu.get("name")) for gpu in provenance["gpus"] if gpu.get("visible")]
    threads = provenance["threads"].get("intra_op_effective")
    words = [
        provenance["host"].get("name"),
        provenance["cpu"].get("model_name"),
        *gpus,
        None if threads is None else f"{threads} thread{'' if threads == 1 else 's'}",
    ]
    return ", ".join(str(word) for word in words if word) or NOT_RECORDED


def _fields(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Candidate]:
    for what, section, field in _FIELDS:
        ours, theirs = (
            (side["provenance"][section] if section else side["definition"]).get(field)
            for side in (a, b)
        )
        if ours is not None and theirs is not None and ours != theirs:
            yield Candidate(what=what, a=_shown(ours), b=_shown(theirs))


def _both(
    what: str, a: Mapping[str, str], b: Mapping[str, str], *, either: bool = False
) -> Iterator[Candidate]:
    """Yield what differs of named facts; with ``either``, also what one of them alone has."""
    for name in sorted({*a, *b} if either else {*a} & {*b}):
        if a.get(name) != b.get(name):
            yield Candidate(what=f"{what} {name}", a=a.get(name, _NONE), b=b.get(name, _NONE))


def _flags(provenance: Mapping[str, Any]) -> set[str] | None:
    flags = provenance["cpu"].get("flags")
    return {str(flag) for flag in flags if str(flag).startswith(_ISA)} if flags else None


def _isa(a: set[str] | None, b: set[str] | None) -> Iterator[Candidate]:
    if a is not None and b is not None and a != b:
        only = (" ".join(sorted(more - less)) or _NONE for more, less in ((a, b), (b, a)))
        yield Candidate(what="instructions that the other lacks", a=next(only), b=next(only))


def _caches(provenance: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"L{cache.get('level')} {cache.get('type')}": str(cache["size"])
        for cache in provenance["cpu"].get("caches") or ()
        if isinstance(cache, Mapping) and cache.get("size")
    }


def _gpus(a: list[Any], b: list[Any]) -> Iterator[Candidate]:
    seen = [[gpu for gpu in gpus if gpu.get("visible")] for gpus in (a, b)]
    for what, field in (("GPU", "name"), ("GPU driver", "driver"), ("MIG", "mig")):
        ours, theirs = (", ".join(str(g.get(field)) for g in gpus) or _NONE for gpus in seen)
        if ours != theirs:
            yield Candidate(what=what, a=ours, b=theirs)


def _libraries(a: list[Any], b: list[Any]) -> Iterator[Candidate]:
    """Yield each library that has another sha256, or that one of the two alone had loaded."""
    if not (a and b):  # one attempt ended before it could tell
        return
    ours, theirs = (
        {posixpath.basename(str(lib.get("path"))): lib.get("sha256") for lib in libraries}
        for libraries in (a, b)
    )
    for name in sorted({*ours, *theirs}):
        hash_a, hash_b = (known.get(name, "not loaded") for known in (ours, theirs))
        if hash_a is not None and hash_b is not None and hash_a != hash_b:
            yield Candidate(what=f"library {name}", a=str(hash_a), b=str(hash_b))


def _onednn(provenance: Mapping[str, Any]) -> dict[str, str]:
    """Return what oneDNN said: its version, instruction set and threads, and what it ran.

    Of each kind of primitive the implementations in the order in which they were first called.
    """
    facts: dict[str, str] = {}
    ran: dict[str, dict[str, None]] = {}
    for line in provenance["framework"].get("onednn_verbose") or ():
        words = [word for word in str(line).split(",") if word != "v1"]
        if words[0] not in _VERBOSE:
            continue
        if "exec" in words and len(words) > (at := words.index("exec")) + 4:
            _, primitive, implementation, direction = words[at + 1 : at + 5]
            ran.setdefault(f"{primitive} {direction}", {})[implementation or "unnamed"] = None
        for word in words:
            name, separator, value = word.partition(":")
            if separator and name in ("isa", "nthr") and value:
                facts[name] = value
        if words[1:2] == ["info"] and words[-1].startswith("oneDNN v"):
            facts["version"] = words[-1].removeprefix("oneDNN ")
    return facts | {what: ", ".join(names) for what, names in ran.items()}


def _variables(provenance: Mapping[str, Any]) -> dict[str, str]:
    environment = provenance["environment"]
    return {name: str(text) for name, text in environment.items() if name not in _BORING}


def _emulation(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Candidate]:
    ours, theirs = (
        ", ".join(map(str, side["provenance"]["emulation"]["what"])) or _NONE for side in (a, b)
    )
    if ours != theirs:
        yield Candidate(what="emulated", a=ours, b=theirs)


def _shown(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
