"""The dataset's columns: name, Arrow type, description, and where a record has the value.

A table, so that the schema, the reference in docs/ and the rows can't fall out of step. Units stand
in the names. What a record lacks, or has in another type than the column's, is null.
"""

from __future__ import annotations

import pyarrow as pa

from osgrepro.results.dataset import values
from osgrepro.results.dataset.added_columns import ADDED
from osgrepro.results.dataset.column_type import METRIC, SERIES, Column, at, made
from osgrepro.results.dataset.values import dump, integer, moment, number, text, truth

# Instructions that are known to decide which kernels the backends and oneDNN choose.
FLAGS = ("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile")


_TIME = pa.timestamp("us", tz="UTC")


COLUMNS: tuple[Column, ...] = (
    at("campaign", "result.definition.campaign", text, "The campaign's name."),
    at("run_id", "result.run_id", text, "The run: 24 hexadecimal digits; unique in the table."),
    at("experiment", "result.definition.experiment", text, "The experiment's name."),
    at("hardware", "result.definition.hardware", text, "The hardware environment's name."),
    at("software", "result.definition.software", text, "The software environment's name."),
    at("repeat", "result.definition.repeat", integer, "Which of the identical executions, from 1."),
    at(
        "status", "result.status", text, "`ok`, or `failed` where no attempt finished its training."
    ),
    at("exit_code", "result.exit_code", integer, "The payload's exit code."),
    at("exception_type", "result.exception.type", text, "What ended a failed attempt."),
    at("exception_message", "result.exception.message", text, "The exception's message."),
    at("primary_metric", "result.primary", text, "The name of the experiment's primary metric."),
    made(
        "primary_value",
        pa.float64(),
        lambda r: values.primary(r, "value"),
        "The primary metric's value.",
    ),
    made(
        "primary_hex", pa.string(), lambda r: values.primary(r, "hex"), "The same to the last bit."
    ),
    made(
        "metrics",
        pa.list_(METRIC),
        values.metrics,
        "All metrics: name, value, and the value to the last bit.",
    ),
    at(
        "initial_weights",
        "result.fingerprints.initial_weights",
        text,
        "sha256 of the weights before training.",
    ),
    at(
        "final_weights",
        "result.fingerprints.final_weights",
        text,
        "sha256 of the weights after training.",
    ),
    at("predictions", "result.fingerprints.predictions", text, "sha256 of the predictions."),
    at("labels", "result.fingerprints.labels", text, "sha256 of the predicted labels."),
    made("losses", pa.list_(SERIES), values.losses, "The losses of each epoch, to the last bit."),
    at(
        "gradients_json",
        "result.fingerprints.gradients",
        dump,
        "Hashes of gradients, by step and variable.",
    ),
    made("probe_sha256", pa.string(), values.probe, "One sha256 of all hashes of a probe."),
    at("probe_json", "result.fingerprints.probe", dump, "A probe's hashes, by operation."),
    at("entry", "result.definition.entry", text, "The code that was executed."),
    at("code_sha256", "result.definition.code_sha256", text, "The sha256 of its source."),
    at("params_json", "result.definition.params", dump, "The experiment's parameters."),
    made("data_json", pa.string(), values.data, "The data files: spec, file, sha256, sample."),
    at("seed", "result.definition.seed", integer, "The run's seed, one of the campaign's."),
    at("image_sha256", "result.definition.image_sha256", text, "The image's sha256, if known."),
    at(
        "keras_backend",
        "result.provenance.framework.backend",
        text,
        "The backend: `tensorflow`, `jax` or `torch`.",
    ),
    at("framework_version", "result.provenance.framework.version", text, "The backend's version."),
    at("keras_version", "result.provenance.framework.keras_version", text, "Keras's version."),
    at("numpy_version", "result.provenance.framework.numpy_version", text, "NumPy's version."),
    made(
        "libraries_sha256",
        pa.string(),
        values.libraries,
        "One sha256 of the names and hashes of all loaded libraries that compute.",
    ),
    at(
        "python_version",
        "result.provenance.process.python",
        text,
        "The version of the image's Python.",
    ),
    at("cpu_vendor", "result.provenance.cpu.vendor", text, "The CPU's vendor, from /proc/cpuinfo."),
    at(
        "cpu_family",
        "result.provenance.cpu.family",
        integer,
        "The CPU's family, from /proc/cpuinfo.",
    ),
    at("cpu_model", "result.provenance.cpu.model", integer, "Its model's number, from there."),
    at("cpu_stepping", "result.provenance.cpu.stepping", integer, "Its stepping, from there."),
    at("cpu_model_name", "result.provenance.cpu.model_name", text, "Its model's name, from there."),
    at("cpu_microcode", "result.provenance.cpu.microcode", text, "Its microcode, from there."),
    at(
        "cpu_hypervisor",
        "result.provenance.cpu.hypervisor",
        truth,
        "Whether the CPU is that of a virtual machine.",
    ),
    *(
        made(f"cpu_{flag}", pa.bool_(), values.flag(flag), f"Whether the CPU has `{flag}`.")
        for flag in FLAGS
    ),
    made(
        "threads_requested",
        pa.string(),
        lambda r: str(r.result.definition.threads),
        "The campaign's `threads`: `host`, or a number.",
    ),
    at(
        "intra_op_threads",
        "result.provenance.threads.intra_op_effective",
        integer,
        "The effective size of the backend's intra-op pool.",
    ),
    at(
        "inter_op_threads",
        "result.provenance.threads.inter_op_effective",
        integer,
        "The effective size of the backend's inter-op pool, if it has one.",
    ),
    at("logical_cpus", "result.provenance.threads.logical_cpus", integer, "The machine's CPUs."),
    at(
        "usable_cpus",
        "result.provenance.threads.affinity_size",
        integer,
        "The CPUs in the affinity mask.",
    ),
    at("provisioned_cpus", "machine.Cpus", integer, "The CPUs that the slot gave the job."),
    made("gpus", pa.int64(), lambda r: len(r.result.provenance.gpus), "How many GPUs were seen."),
    made("gpu_name", pa.string(), lambda r: text(values.gpu(r, "name")), "The first usable GPU."),
    made(
        "gpu_capability",
        pa.string(),
        lambda r: text(values.gpu(r, "capability")),
        "That GPU's compute capability.",
    ),
    made("gpu_driver", pa.string(), lambda r: text(values.gpu(r, "driver")), "That GPU's driver."),
    made(
        "gpu_memory_mb",
        pa.int64(),
        lambda r: integer(values.gpu(r, "memory_mb")),
        "That GPU's memory, MiB.",
    ),
    at("slot", "machine.Name", text, "The slot, as the access point recorded it."),
    at("machine", "machine.Machine", text, "The machine, as the access point recorded it."),
    at("execution_point", "machine.OsgreproEP", text, "The mini-pool's name for the machine."),
    at("site", "result.provenance.host.site", text, "The site, if the pilot names it."),
    at("host", "result.provenance.host.name", text, "The host's own name."),
    at("os", "result.provenance.host.os", text, "The image's operating system."),
    at("kernel", "result.provenance.host.kernel", text, "The host's kernel."),
    at("glibc", "result.provenance.host.glibc", text, "The image's C library."),
    made(
        "container", pa.bool_(), values.container, "Whether the job was of the container universe."
    ),
    at(
        "emulated",
        "result.provenance.emulation.emulated",
        truth,
        "Whether the slot only stood in for its hardware.",
    ),
    made(
        "emulation",
        pa.list_(pa.string()),
        lambda r: list(map(text, r.result.provenance.emulation.what)),
        "What it emulated.",
    ),
    made(
        "not_emulated",
        pa.list_(pa.string()),
        lambda r: list(map(text, r.result.provenance.emulation.not_emulated)),
        "How it differed from what it stood in for.",
    ),
    at(
        "simulated_gpu",
        "result.provenance.emulation.simulated_gpu",
        truth,
        "Whether the GPU was only simulated.",
    ),
    at(
        "sample_data",
        "result.provenance.sample_data",
        truth,
        "Whether the data were samples, meant only for trying things out.",
    ),
    made(
        "started_at",
        _TIME,
        lambda r: moment(r.result.timings.started_at),
        "When the attempt started, UTC.",
    ),
    made("ended_at", _TIME, lambda r: moment(r.result.timings.ended_at), "When it ended, UTC."),
    at("wall_s", "result.timings.wall_s", number, "From start to end, seconds."),
    at("import_s", "result.timings.import_s", number, "Importing the backend, seconds."),
    at("data_s", "result.timings.data_s", number, "Reading the data, seconds."),
    at("fit_s", "result.timings.fit_s", number, "Training, seconds."),
    at("evaluate_s", "result.timings.evaluate_s", number, "Evaluating, seconds."),
    at(
        "peak_memory_mb",
        "result.provenance.process.peak_memory_mb",
        number,
        "The process's peak memory, MiB.",
    ),
    at("batch", "result.batch", text, "The submission's id."),
    at("cluster", "key.cluster", integer, "The job's ClusterId."),
    at("proc", "key.proc", integer, "The job's ProcId."),
    at("attempt", "result.attempt", integer, "Which start of the job, from 1."),
    at("payload_version", "result.payload.version", text, "The program that wrote the result."),
    at("payload_sha256", "result.payload.sha256", text, "The sha256 of that program."),
    at("checksum", "result.checksum", text, "The result's own checksum."),
    at("file", "source.file", text, "The result file, below returned/results."),
    at("file_bytes", "source.size_bytes", integer, "The size of that file, bytes."),
    at(
        "file_modified_ns",
        "source.modified_ns",
        integer,
        "When that file was last changed, ns since 1970.",
    ),
    made(
        "provenance_json", pa.string(), values.provenance, "All provenance except the machine ad."
    ),
    at("machine_ad_json", "result.provenance.machine_ad", dump, "The machine ad on the slot."),
    at("machine_json", "machine", dump, "The access point's record of the machine."),
    *ADDED,
)

REJECTED_COLUMNS: tuple[Column, ...] = (
    at("file", "source.file", text, "The file, below returned/results."),
    at("file_bytes", "source.size_bytes", integer, "The size of that file, bytes."),
    at(
        "file_modified_ns",
        "source.modified_ns",
        integer,
        "When that file was last changed, ns since 1970.",
    ),
    at("run_id", "run_id", text, "The run in its name, if there is one."),
    at(
        "reason",
        "reason",
        text,
        "Why it was not taken, in a stable word; `osgrepro help result` lists them.",
    ),
    at("message", "message", text, "The same in detail."),
)
