"""The dataset's columns: name, Arrow type, description, and where a record has the value.

A table, so that the schema, the reference in docs/ and the rows can't fall out of step. Units stand
in the names. What a record lacks, or has in another type than the column's, is null.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from osgrepro.common.errors import UNFORESEEN, RecordError
from osgrepro.results.dataset import values
from osgrepro.results.dataset.values import dump, integer, moment, number, text, truth
from osgrepro.results.records import Record, Rejected

METRIC = pa.struct([("name", pa.string()), ("value", pa.float64()), ("hex", pa.string())])
SERIES = pa.struct([("name", pa.string()), ("hex", pa.list_(pa.string()))])

# Instructions that are known to decide which kernels the backends and oneDNN choose.
FLAGS = ("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile")


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column; ``get`` takes a record (a rejected file for the rejects' table)."""

    name: str
    type: Any
    description: str
    get: Callable[[Any], Any]


_TYPES: dict[Callable[[Any], Any], Any] = {
    text: pa.string(),
    integer: pa.int64(),
    number: pa.float64(),
    truth: pa.bool_(),
    dump: pa.string(),
}


def _walk(start: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        start = start.get(step) if isinstance(start, Mapping) else getattr(start, step, None)
    return start


def _at(name: str, path: str, kind: Callable[[Any], Any], description: str) -> Column:
    steps = tuple(path.split("."))
    return Column(
        name=name,
        type=_TYPES[kind],
        description=description,
        get=lambda record: kind(_walk(record, steps)),
    )


def _made(name: str, kind: Any, get: Callable[[Record], Any], description: str) -> Column:
    return Column(name=name, type=kind, description=description, get=get)


_TIME = pa.timestamp("us", tz="UTC")

# Columns that datasets of the first version lack: they are null there, and no reason to refuse it.
ADDED: tuple[Column, ...] = (
    _at("cpu_cache_kb", "", integer, "The cache size in /proc/cpuinfo; null for collected rows."),
    _at("origin", "", text, "The file that the row was imported from; null for collected rows."),
    _at(
        "test_set",
        "result.provenance.data.test_set.items",
        integer,
        "How many items were predicted at the end.",
    ),
    _at(
        "baseline",
        "result.provenance.data.test_set.most_frequent_share",
        number,
        "The share of the most frequent class among them: what a trivial model reaches.",
    ),
    _at(
        "environment_json",
        "result.definition.environment",
        dump,
        "The environment variables that the campaign sets for the run.",
    ),
    _at(
        "base_pinned",
        "result.provenance.image.base_pinned",
        truth,
        "Whether the image's base in a registry was named by its digest; null where it has none.",
    ),
    _made(
        "filled",
        pa.list_(pa.string()),
        lambda _: None,
        "What an import filled, and from which file; null for collected rows.",
    ),
    _made(
        "seeded",
        pa.bool_(),
        values.seeded,
        "Whether all random numbers were seeded: false where the framework's certainly were not, "
        "null where it is not known.",
    ),
    _at(
        "deterministic_ops",
        "result.provenance.framework.op_determinism",
        truth,
        "Whether the framework allowed deterministic operations alone, where that is known.",
    ),
    _at(
        "gpu_used",
        "result.provenance.gpu_used",
        truth,
        "Whether the training used a GPU; null where that was not to be seen.",
    ),
    _at(
        "image_sha256_source",
        "result.provenance.image.sha256_source",
        text,
        "`measured` of the file that the slot had, or `declared` by the campaign.",
    ),
    _at(
        "definition",
        "definition",
        text,
        "What the run has in common with those of other seeds, repeats, hardware and software: 12 "
        "hexadecimal digits; null for imported rows.",
    ),
)

COLUMNS: tuple[Column, ...] = (
    _at("campaign", "result.definition.campaign", text, "The campaign's name."),
    _at("run_id", "result.run_id", text, "The run: 24 hexadecimal digits; unique in the table."),
    _at("experiment", "result.definition.experiment", text, "The experiment's name."),
    _at("hardware", "result.definition.hardware", text, "The hardware environment's name."),
    _at("software", "result.definition.software", text, "The software environment's name."),
    _at(
        "repeat", "result.definition.repeat", integer, "Which of the identical executions, from 1."
    ),
    _at("status", "result.status", text, "`ok`, or `failed` where no attempt trained to its end."),
    _at("exit_code", "result.exit_code", integer, "The payload's exit code."),
    _at("exception_type", "result.exception.type", text, "What ended a failed attempt."),
    _at("exception_message", "result.exception.message", text, "What the exception said."),
    _at("primary_metric", "result.primary", text, "The name of the experiment's primary metric."),
    _made("primary_value", pa.float64(), lambda r: values.primary(r, "value"), "Its value."),
    _made(
        "primary_hex", pa.string(), lambda r: values.primary(r, "hex"), "Its value to the last bit."
    ),
    _made(
        "metrics",
        pa.list_(METRIC),
        values.metrics,
        "All metrics: name, value, and to the last bit.",
    ),
    _at("initial_weights", "result.fingerprints.initial_weights", text, "sha256 before training."),
    _at("final_weights", "result.fingerprints.final_weights", text, "sha256 after training."),
    _at("predictions", "result.fingerprints.predictions", text, "sha256 of the predictions."),
    _at("labels", "result.fingerprints.labels", text, "sha256 of the predicted labels."),
    _made("losses", pa.list_(SERIES), values.losses, "The losses of each epoch, to the last bit."),
    _at("gradients_json", "result.fingerprints.gradients", dump, "Hashes by step and variable."),
    _made("probe_sha256", pa.string(), values.probe, "One sha256 of all hashes of a probe."),
    _at("probe_json", "result.fingerprints.probe", dump, "Hashes by operation, of a probe."),
    _at("entry", "result.definition.entry", text, "What was executed."),
    _at("code_sha256", "result.definition.code_sha256", text, "The sha256 of its source."),
    _at("params_json", "result.definition.params", dump, "The experiment's parameters."),
    _made("data_json", pa.string(), values.data, "The data files: spec, file, sha256, sample."),
    _at("seed", "result.definition.seed", integer, "The run's seed, one of the campaign's."),
    _at("image_sha256", "result.definition.image_sha256", text, "The image's sha256, if known."),
    _at(
        "keras_backend",
        "result.provenance.framework.backend",
        text,
        "What computed: `tensorflow`, `jax` or `torch`.",
    ),
    _at("framework_version", "result.provenance.framework.version", text, "The backend's own."),
    _at("keras_version", "result.provenance.framework.keras_version", text, "Keras's own."),
    _at("numpy_version", "result.provenance.framework.numpy_version", text, "NumPy's own."),
    _made(
        "libraries_sha256",
        pa.string(),
        values.libraries,
        "One sha256 of the names and hashes of all loaded libraries that compute.",
    ),
    _at("python_version", "result.provenance.process.python", text, "The image's Python."),
    _at("cpu_vendor", "result.provenance.cpu.vendor", text, "As /proc/cpuinfo says."),
    _at("cpu_family", "result.provenance.cpu.family", integer, "As /proc/cpuinfo says."),
    _at("cpu_model", "result.provenance.cpu.model", integer, "As /proc/cpuinfo says."),
    _at("cpu_stepping", "result.provenance.cpu.stepping", integer, "As /proc/cpuinfo says."),
    _at("cpu_model_name", "result.provenance.cpu.model_name", text, "As /proc/cpuinfo says."),
    _at("cpu_microcode", "result.provenance.cpu.microcode", text, "As /proc/cpuinfo says."),
    _at("cpu_hypervisor", "result.provenance.cpu.hypervisor", truth, "On a virtual machine."),
    *(
        _made(f"cpu_{flag}", pa.bool_(), values.flag(flag), f"Whether the CPU has `{flag}`.")
        for flag in FLAGS
    ),
    _made(
        "threads_requested",
        pa.string(),
        lambda r: str(r.result.definition.threads),
        "The campaign's `threads`: `host`, or a number.",
    ),
    _at(
        "intra_op_threads",
        "result.provenance.threads.intra_op_effective",
        integer,
        "The effective size of the backend's intra-op pool.",
    ),
    _at(
        "inter_op_threads",
        "result.provenance.threads.inter_op_effective",
        integer,
        "The effective size of the backend's inter-op pool, if it has one.",
    ),
    _at("logical_cpus", "result.provenance.threads.logical_cpus", integer, "The machine's CPUs."),
    _at("usable_cpus", "result.provenance.threads.affinity_size", integer, "The affinity mask's."),
    _at("provisioned_cpus", "machine.Cpus", integer, "What the slot gave the job."),
    _made("gpus", pa.int64(), lambda r: len(r.result.provenance.gpus), "How many GPUs showed."),
    _made("gpu_name", pa.string(), lambda r: text(values.gpu(r, "name")), "The first usable GPU."),
    _made(
        "gpu_capability", pa.string(), lambda r: text(values.gpu(r, "capability")), "Of that GPU."
    ),
    _made("gpu_driver", pa.string(), lambda r: text(values.gpu(r, "driver")), "Of that GPU."),
    _made(
        "gpu_memory_mb", pa.int64(), lambda r: integer(values.gpu(r, "memory_mb")), "Of that GPU."
    ),
    _at("slot", "machine.Name", text, "The slot, as the access point recorded it."),
    _at("machine", "machine.Machine", text, "The machine, as the access point recorded it."),
    _at("execution_point", "machine.OsgreproEP", text, "The mini-pool's name for it."),
    _at("site", "result.provenance.host.site", text, "The site, where the pilot tells it."),
    _at("host", "result.provenance.host.name", text, "The host's own name."),
    _at("os", "result.provenance.host.os", text, "The image's operating system."),
    _at("kernel", "result.provenance.host.kernel", text, "The host's kernel."),
    _at("glibc", "result.provenance.host.glibc", text, "The image's C library."),
    _made("container", pa.bool_(), values.container, "Whether the job ad says container universe."),
    _at("emulated", "result.provenance.emulation.emulated", truth, "The slot only pretended."),
    _made(
        "emulation",
        pa.list_(pa.string()),
        lambda r: list(map(text, r.result.provenance.emulation.what)),
        "What it pretended.",
    ),
    _made(
        "not_emulated",
        pa.list_(pa.string()),
        lambda r: list(map(text, r.result.provenance.emulation.not_emulated)),
        "In what the slot was not like what it stood in for.",
    ),
    _at("simulated_gpu", "result.provenance.emulation.simulated_gpu", truth, "No GPU was there."),
    _at("sample_data", "result.provenance.sample_data", truth, "The data are samples to try with."),
    _made("started_at", _TIME, lambda r: moment(r.result.timings.started_at), "The start, UTC."),
    _made("ended_at", _TIME, lambda r: moment(r.result.timings.ended_at), "The end, UTC."),
    _at("wall_s", "result.timings.wall_s", number, "From start to end, seconds."),
    _at("import_s", "result.timings.import_s", number, "Importing the backend, seconds."),
    _at("data_s", "result.timings.data_s", number, "Reading the data, seconds."),
    _at("fit_s", "result.timings.fit_s", number, "Training, seconds."),
    _at("evaluate_s", "result.timings.evaluate_s", number, "Evaluating, seconds."),
    _at(
        "peak_memory_mb", "result.provenance.process.peak_memory_mb", number, "The process's, MiB."
    ),
    _at("batch", "result.batch", text, "The submission's id."),
    _at("cluster", "key.cluster", integer, "The job's ClusterId."),
    _at("proc", "key.proc", integer, "The job's ProcId."),
    _at("attempt", "result.attempt", integer, "Which start of the job, from 1."),
    _at("payload_version", "result.payload.version", text, "The program that wrote the result."),
    _at("payload_sha256", "result.payload.sha256", text, "Its sha256."),
    _at("checksum", "result.checksum", text, "The result's own checksum."),
    _at("file", "source.file", text, "The result file, below returned/results."),
    _at("file_bytes", "source.size_bytes", integer, "Its size."),
    _at("file_modified_ns", "source.modified_ns", integer, "Its time of change, ns since 1970."),
    _made("provenance_json", pa.string(), values.provenance, "All provenance but the machine ad."),
    _at("machine_ad_json", "result.provenance.machine_ad", dump, "The machine ad on the slot."),
    _at("machine_json", "machine", dump, "The access point's record of the machine."),
    *ADDED,
)

REJECTED_COLUMNS: tuple[Column, ...] = (
    _at("file", "source.file", text, "The file, below returned/results."),
    _at("file_bytes", "source.size_bytes", integer, "Its size."),
    _at("file_modified_ns", "source.modified_ns", integer, "Its time of change, ns since 1970."),
    _at("run_id", "run_id", text, "The run that its name says, if it says one."),
    _at("reason", "reason", text, "Why, in a stable word; `osgrepro help result` lists them."),
    _at("message", "message", text, "Why, in detail."),
)


_BY_NAME = {column.name: column for column in COLUMNS}


def row(record: Record, names: Collection[str]) -> dict[str, Any]:
    """Return the named columns of a record; names of no column are left out."""
    return {name: _BY_NAME[name].get(record) for name in names if name in _BY_NAME}


def check(record: Record) -> None:
    """See that every column can be made of a record, before it stands among others.

    Raises
    ------
    RecordError
        If one can't, with its name.
    """
    for column in COLUMNS:
        try:
            column.get(record)
        except UNFORESEEN as error:
            raise RecordError(f"{column.name}: {error}"[:200], reason="schema") from None


def schema(columns: tuple[Column, ...]) -> Any:
    """Return the Arrow schema, with each column's description as its metadata."""
    return pa.schema(
        [
            pa.field(column.name, column.type, metadata={"description": column.description})
            for column in columns
        ]
    )


def plain_table(rows: Iterable[Mapping[str, Any]]) -> Any:
    """Return rows that are mappings from column names as an Arrow table; missing names are null."""
    listed = list(rows)
    arrays = [pa.array([row.get(c.name) for row in listed], c.type) for c in COLUMNS]
    return pa.Table.from_arrays(arrays, schema=schema(COLUMNS))


def table(columns: tuple[Column, ...], rows: list[Record] | list[Rejected]) -> Any:
    """Return records (or rejected files) as an Arrow table."""
    arrays = [pa.array([column.get(row) for row in rows], column.type) for column in columns]
    return pa.Table.from_arrays(arrays, schema=schema(columns))
