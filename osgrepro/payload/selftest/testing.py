"""The process of the self-test: computes, compares, and tells the supervisor before each step."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional, Union

from .. import provenance
from ..backends import Backend
from ..context import Channel
from ..faults import SlotError
from ..spec import Task
from ..training import scripts
from . import calculators, sums


def test(task: Task, channel: Channel, environ: Mapping[str, str] = os.environ) -> int:
    """Test the slot and tell ``channel`` what was found; the exit code says nothing.

    Only a device that can't compute is a fault; whatever else goes wrong here is the training's to
    meet, or the self-test's own.
    """
    try:
        collector = provenance.Collector()
        known = provenance.before(collector, task, environ)
        channel.send(provenance={**known, "errors": collector.errors})
        _Test(task, channel, environ, known).run()
    except SlotError as error:
        channel.send(fault=str(error))
    except BaseException as error:  # a framework may exit
        channel.send(untested=f"{type(error).__name__}: {error}")
    channel.send(outcome={})
    return 0


class _Test:
    """What is tested, and what was."""

    def __init__(
        self, task: Task, channel: Channel, environ: Mapping[str, str], known: Mapping[str, Any]
    ) -> None:
        self._channel, self._environ, self._known = channel, environ, known
        self._gpus = 0 if known["emulation"]["simulated_gpu"] else task.gpus
        self._program = _is_program(task)
        self._sums = sums.every()
        self._devices: List[Dict[str, Any]] = []

    def run(self) -> None:
        """Test the CPU, and the GPUs that were asked for."""
        self._channel.send(doing="importing NumPy", optional=False)
        numpy = calculators.numpy()
        if numpy is not None:
            self._test(numpy, "CPU", self._known["cpu"].get("model_name"), None)
        if not self._gpus:
            return
        # A program may need none of what is imported here.
        doing = "importing what computes on GPUs"
        self._channel.send(doing=doing, optional=self._program)
        for backend in calculators.frameworks(self._environ, program=self._program):
            devices = backend.devices()
            if devices:
                for place, device in enumerate(devices):
                    self._test(backend, f"GPU {place}", device["name"], place)
                return

    def _test(
        self,
        calculator: Union[calculators.NumPy, Backend],
        device: str,
        name: Optional[str],
        gpu: Optional[int],
    ) -> None:
        title = f"{calculator.title} {getattr(calculator.module, '__version__', '')}".rstrip()
        tested: Dict[str, Any] = {"device": device, "name": name, "by": title, "sums": []}
        self._devices.append(tested)
        known = ", ".join(filter(None, (name, self._driver() if gpu is not None else None)))
        for known_sum in self._sums:
            place = f"{device} ({known})" if known else device
            doing = f"{place}, {known_sum.name} by {title}"
            self._channel.send(doing=doing, optional=False)
            try:
                fault = known_sum.fault(calculator.answer(known_sum.name, known_sum.operands, gpu))
            except MemoryError:
                raise
            except Exception as error:
                raise SlotError(f"{doing}: {type(error).__name__}: {error}") from error
            if fault is not None:
                raise SlotError(f"{doing}: {fault}")
            tested["sums"].append(known_sum.name)
            self._channel.send(devices=self._devices)

    def _driver(self) -> Optional[str]:
        drivers = [gpu.get("driver") for gpu in self._known["gpus"] if gpu.get("visible")]
        return f"driver {drivers[0]}" if drivers and drivers[0] else None


def _is_program(task: Task) -> bool:
    try:
        return scripts.is_program(task)
    except (OSError, SyntaxError, ValueError):  # the training says what is wrong with it
        return True
