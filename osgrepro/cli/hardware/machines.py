"""``osgrepro hardware``: what kinds of machine a pool has, and which of them to take."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from osgrepro import hardware as room
from osgrepro.cli import console
from osgrepro.cli.arguments import Json, PoolChoice
from osgrepro.cli.helping import Commands
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Json as JsonObject
from osgrepro.hardware import HardwareClass
from osgrepro.workflow.hardware import machines as hardware

app = typer.Typer(help="The kinds of machine that a pool has.", no_args_is_help=True, cls=Commands)


def register(parent: typer.Typer) -> None:
    """Add these commands to ``parent``."""
    parent.add_typer(app, name="hardware")


Ads = Annotated[
    Path | None,
    typer.Option(
        "--ads",
        metavar="FILE",
        help="Machine ads saved with `condor_status -json` or `condor_status -l`, instead of those "
        "of a pool.",
        show_default=False,
    ),
]


@app.command("list")
def list_(
    ads: Ads = None,
    gpu: Annotated[
        bool | None,
        typer.Option("--gpu/--cpu", help="Only classes with GPUs, or without.", show_default=False),
    ] = None,
    pool: PoolChoice = None,
    as_json: Json = False,
) -> None:
    """List the hardware classes of a pool, those with the most slots first."""
    classes = hardware.gather(ads, pool.value if pool else None)
    shown = _of_kind(classes, gpu)
    if as_json:
        console.json([_as_json(hardware_class) for hardware_class in shown])
        return
    right = ("CPUs each", "slots", "machines", "CPUs", "sites")
    table = console.table("class", "CPU", "microarch", "AVX", "GPU", *right, right=right)
    table.columns[0].no_wrap = True  # a name is there to be copied
    table.columns[0].min_width = max(
        (len(hardware_class.name) for hardware_class in shown), default=0
    )
    for hardware_class in shown:
        numbers = (
            hardware_class.slots,
            hardware_class.machines,
            f"{hardware_class.cpus:g}",
            len(hardware_class.sites),
        )
        table.add_row(
            *(
                hardware_class.name,
                hardware_class.cpu,
                hardware_class.traits.microarch or room.UNKNOWN,
            ),
            hardware_class.traits.instructions.replace("avx512_", "avx512"),
            hardware_class.gpu,
            _number(hardware_class.traits.cpus),
            *map(str, numbers),
        )
    console.show(table)
    console.note(
        f"{len(shown)} classes, {sum(hardware_class.slots for hardware_class in shown)} slots"
    )


def _of_kind(classes: Iterable[HardwareClass], gpu: bool | None) -> list[HardwareClass]:
    """Return the classes with GPUs, or without; all of them where it doesn't matter."""
    return [class_ for class_ in classes if gpu in (None, bool(class_.traits.gpus))]


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="CLASS", help="A name from `hardware list`.")],
    ads: Ads = None,
    pool: PoolChoice = None,
    as_json: Json = False,
) -> None:
    """Show a hardware class: what it is, where it is, and what selects it."""
    hardware_class = hardware.find(hardware.gather(ads, pool.value if pool else None), name)
    if as_json:
        console.json(_as_json(hardware_class))
        return
    for label, value in _facts(hardware_class):
        console.say(f"{label:<18}{value}")
    console.say("")
    console.say(f"requirements = {room.requirements(hardware_class)}")
    console.say(f"proves = {room.proves(hardware_class)}")


@app.command()
def propose(
    count: Annotated[int, typer.Argument(metavar="N", min=1, help="How many environments.")],
    ads: Ads = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="A new file for the tables.", dir_okay=False),
    ] = None,
    gpu: Annotated[
        bool | None,
        typer.Option("--gpu/--cpu", help="Only classes with GPUs, or without.", show_default=False),
    ] = None,
    pool: PoolChoice = None,
) -> None:
    """Write [[hardware]] tables for the N classes that differ most."""
    classes = hardware.gather(ads, pool.value if pool else None)
    wanted = _of_kind(classes, gpu)
    if not wanted:
        raise UsageError(f"the pool has no class {'with' if gpu else 'without'} GPUs")
    proposal = room.propose(wanted, count)
    if out is None:
        console.document(proposal.text().rstrip())
    else:
        hardware.save(proposal, out)
        console.say(f"wrote {len(proposal.chosen)} hardware environments to {out}")
    covered, all_ = proposal.numerical
    console.note(
        f"{len(proposal.chosen)} of {len(wanted)} classes ({covered} of {all_} numerical ones), "
        f"{proposal.slots} slots; left out: {len(proposal.left_out)} classes, "
        f"{proposal.slots_left_out} slots"
    )


def _number(value: float | None) -> str:
    return room.UNKNOWN if value is None else f"{value:g}"


def _whole(value: float | None) -> float | None:
    """Return a number without a fraction as an integer."""
    return value if value is None or value % 1 else int(value)


def _facts(hardware_class: HardwareClass) -> list[tuple[str, str]]:
    traits = hardware_class.traits
    facts = [
        ("class", hardware_class.name),
        ("CPU", hardware_class.cpu),
        ("vendor", traits.vendor or room.UNKNOWN),
        ("architecture", traits.arch or room.UNKNOWN),
        ("microarchitecture", traits.microarch or room.UNKNOWN),
        ("family, model", f"{_number(traits.family)}, {_number(traits.model)}"),
        ("instruction sets", traits.instructions),
        ("logical CPUs", _number(traits.cpus) + ("" if traits.detected else " (offered)")),
        ("cache", _number(traits.cache_kb) + ("" if traits.cache_kb is None else " KB")),
    ]
    for gpu in traits.gpus:
        numbers = (gpu.capability, gpu.memory_mb, gpu.driver)
        capability, memory, driver = map(_number, numbers)
        said = f"capability {capability}, {memory} MB, driver for CUDA {driver}"
        facts.append(("GPU", f"{gpu.name or room.UNKNOWN}, {said}"))
    spelled = [repr(spelling) for spelling in hardware_class.spellings if spelling is not None]
    facts.append(("spelled", ", ".join(sorted(spelled)) or "the ads have no model name"))
    amount = room.amount(hardware_class)
    facts.append(("amount", f"{amount}, {hardware_class.cpus:g} CPUs, {hardware_class.gpus} GPUs"))
    facts += [("site", f"{site}: {slots} slots") for site, slots in hardware_class.sites.items()]
    return [*facts, *(("slot", sample) for sample in hardware_class.samples)]


def _as_json(hardware_class: HardwareClass) -> JsonObject:
    traits = hardware_class.traits
    return {
        "name": hardware_class.name,
        "cpu": hardware_class.cpu,
        "gpu": hardware_class.gpu or None,
        "vendor": traits.vendor,
        "arch": traits.arch,
        "microarch": traits.microarch,
        "cpu_family": _whole(traits.family),
        "cpu_model": _whole(traits.model),
        "model_names": sorted(text for text in hardware_class.spellings if text is not None),
        "instructions": {flag: flag in traits.flags for flag in room.FLAGS},
        "logical_cpus": _whole(traits.cpus),
        "logical_cpus_detected": traits.detected,
        "cache_kb": _whole(traits.cache_kb),
        "gpus": [
            {
                "name": gpu.name,
                "capability": gpu.capability,
                "memory_mb": _whole(gpu.memory_mb),
                "driver": gpu.driver,
            }
            for gpu in traits.gpus
        ],
        "slots": hardware_class.slots,
        "machines": hardware_class.machines,
        "cpus": _whole(hardware_class.cpus),
        "gpu_count": hardware_class.gpus,
        "sites": dict(hardware_class.sites),
        "samples": list(hardware_class.samples),
        "requirements": room.requirements(hardware_class),
        "proves": room.proves(hardware_class),
    }
