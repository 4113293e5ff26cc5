"""On which machine of a twin remote runs were, as far as their rows prove it.

Called where cells are matched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from osgrepro.analysis.replication import Row
from osgrepro.hardware.twin import Machine, Verdict

# What a row may say of its CPU, and what a twin does.
_CPU = {"cpu_vendor": "vendor", "cpu_family": "family", "cpu_model": "model"}
_ISA = ("avx2", "avx512f", "avx512_vnni")
_GPU = "a GPU "


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """What a remote name is here: ``name``, matched by ``how``; or None, and ``why``.

    ``never``: no other twin, name or campaign would change it.
    """

    name: str | None = None
    how: str = ""
    why: str = ""
    never: bool = False


def machine_match(
    name: str, rows: Sequence[Row], verdicts: Sequence[Verdict] | None, answers: Mapping[str, str]
) -> Match:
    """Return which machine of the twin stands for hardware, by what the runs on it prove."""
    if name in answers:
        return Match(name=answers[name], how=f"{name} is {answers[name]} as told")
    if verdicts is None:
        return Match(name=name)
    machines = {verdict.machine.name: verdict.machine for verdict in verdicts}
    seen = {ran_on(row) for row in rows}
    if len(seen) > 1:
        shown = sorted(machine or "an unknown one" for machine in seen)
        return Match(why=f"the runs were on several machines: {', '.join(shown)}")
    proved = seen.pop()
    if proved is not None:
        return _proved(name, proved, rows, machines)
    if name in machines:
        return Match(name=name)
    return Match(
        why=f"the twin has no machine {name}, and the runs do not say which one they were on"
    )


def _proved(name: str, proved: str, rows: Sequence[Row], machines: Mapping[str, Machine]) -> Match:
    """Return which of the twin's machines is the one that the runs say they were on."""
    how = "GPU" if proved.startswith(_GPU) else "CPU model and threads"
    same = [
        machine_name
        for machine_name, machine in machines.items()
        if not any(_contradictions(rows, machine))
    ]
    if name in same:
        return Match(name=name)
    if len(same) == 1:
        return Match(name=same[0], how=f"{name} is {same[0]} by {how}")
    if same:
        return Match(
            why=f"hardware {name}: {' and '.join(same)} of the twin are {proved}; "
            f"`--as {name}=NAME` says which one it is"
        )
    named_machine = f", and its {name} is {_is(machines[name])}" if name in machines else ""
    never = proved.startswith(_GPU)
    gpu = "; no GPU is ever emulated" if never else ""
    return Match(why=f"no machine of the twin is {proved}{named_machine}{gpu}", never=never)


def ran_on(row: Row) -> str | None:
    """Return the machine of a run in words: its GPU, or CPU model and threads; None if not told."""
    if row["gpu_name"]:
        return f"{_GPU}{row['gpu_name']}"
    threads = _threads(row)
    if row["cpu_model_name"] is None or threads is None:
        return None
    return f"{row['cpu_model_name']} with {threads} threads"


def _is(machine: Machine) -> str:
    if machine.gpu:
        return f"{_GPU}{machine.gpu.device}"
    return f"{machine.model_name} with {machine.logical_cpus} threads"


def _threads(row: Row) -> int | None:
    """Return the size of the intra-op pool that the machine gave; a pinned one is not its own."""
    pinned = row["threads_requested"] not in (None, "host")
    own = None if pinned else row["intra_op_threads"] or row["usable_cpus"]
    size = own or row["logical_cpus"]
    return int(size) if size else None


def _contradictions(rows: Sequence[Row], machine: Machine) -> Iterator[str]:
    """Yield in what runs say that they were on another machine; GPUs stand in many hosts."""
    seen = {said for row in rows if (said := ran_on(row))}
    if seen - {_is(machine)}:
        yield f"ran on {', '.join(sorted(seen - {_is(machine)}))}"
    if machine.gpu:
        return
    for column, field in _CPU.items():
        own = getattr(machine, field)
        deviating = {row[column] for row in rows if row[column] not in (None, own)}
        yield from (f"{column} {value}, the twin has {own}" for value in sorted(deviating, key=str))
    for flag in _ISA:
        if any(row[f"cpu_{flag}"] not in (None, flag in machine.isa) for row in rows):
            yield f"{flag}: not as the twin says"
