"""The payload's commands: ``run`` on the slot, and the three processes that it starts for itself.

Exit codes: 0 the run is done; 10 training failed; 20 bad input; 30 bad slot (another may do
better); 40 interrupted. A result is written in every case in which the run could be named.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Callable, Dict, List, NoReturn, Optional

from . import VERSION, selftest, supervise
from .faults import FaultError, InputError, SlotError
from .processes.channel import Sender
from .processes.child import die_with
from .spec import Task, read_task
from .training import trace, train

_WORK: Dict[str, Callable[[Task, Sender], int]] = {
    "test": selftest.test,
    "train": train.train,
    "trace": trace.trace,
}


class _Parser(argparse.ArgumentParser):
    """Reports wrong arguments with the payload's own exit code."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message)


def main(argv: Optional[List[str]] = None) -> int:
    """Run one command; return the exit code."""
    given = sys.argv[1:] if argv is None else argv
    try:
        arguments = _parser().parse_args(given)
        task = _task(arguments)
        if arguments.command == "run":
            return supervise.run(task, given[1:])
        die_with(arguments.parent)
        return _WORK[arguments.command](task, Sender(arguments.channel))
    except FaultError as error:
        sys.stderr.write(f"osgrepro: {error}\n")
        return error.exit_code
    except OSError as error:  # no file, pipe or process to be had: the machine's trouble
        sys.stderr.write(f"osgrepro: {error}\n")
        return SlotError.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="payload.pyz", description="Do one run of a campaign on this machine.")
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    for name, text in (
        ("run", "do one attempt of a run and write its result"),
        ("test", "(internal) compute what is known, and tell the supervisor"),
        ("train", "(internal) train, and tell the supervisor"),
        ("trace", "(internal) look at the first steps, and tell the supervisor"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--spec", required=True, help="spec.json of the batch")
        command.add_argument("--run-id", required=True, help="24 hexadecimal digits")
        command.add_argument("--experiment", required=True, help="its name in the spec")
        command.add_argument("--hardware", required=True, help="its name in the spec")
        command.add_argument("--seed", required=True, type=int, help="of all random numbers")
        command.add_argument("--repeat", required=True, type=int, help="counted from 1")
        command.add_argument("--scratch", default=".", help="where data and scripts lie")
        command.add_argument("--out", help="folder of results (SCRATCH/results)")
        command.add_argument("--result", help="file of the one result, instead of that folder")
        if name != "run":
            command.add_argument("--channel", required=True, type=int, help="pipe to write to")
            command.add_argument("--parent", required=True, type=int, help="the supervisor's pid")
    return parser


def _task(arguments: argparse.Namespace) -> Task:
    scratch = os.path.abspath(arguments.scratch)
    out = os.path.abspath(arguments.out or os.path.join(scratch, "results"))
    if arguments.result is None:
        try:
            os.makedirs(out, exist_ok=True)
        except OSError as error:
            raise SlotError(f"{out}: can't be created: {error}") from error
    return read_task(
        arguments.spec,
        run_id=arguments.run_id,
        experiment=arguments.experiment,
        hardware=arguments.hardware,
        seed=arguments.seed,
        repeat=arguments.repeat,
        scratch=scratch,
        out=out,
        result=None if arguments.result is None else os.path.abspath(arguments.result),
    )
