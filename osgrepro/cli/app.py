"""The command ``osgrepro`` and its exit codes: 0 done, 1 failed, 2 the user can fix it."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from contextlib import suppress
from typing import Annotated

import typer

import osgrepro
from osgrepro.cli import console, verbs
from osgrepro.common.errors import OsgreproError

app = typer.Typer(
    name="osgrepro",
    help="Run one deep-learning experiment on every kind of hardware and software of an HTCondor "
    "pool, and learn whether its conclusion survives.",
    no_args_is_help=True,
    cls=verbs.Verbs,
    pretty_exceptions_enable=False,
    # Help and complaints as they are written: in Rich's markup [[hardware]] is a style.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


_STDERR = 2


def _version(wanted: bool) -> None:
    if wanted:
        console.say(f"osgrepro {osgrepro.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version_wanted: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _settle() -> None:
    """Have the three standard descriptors, whatever the caller closed, and end as on Ctrl-C.

    What is opened else would get their numbers, and a program that we start would have it there.
    Who ends us by a signal ends what we started, too.
    """
    while (spare := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(spare)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda received, _frame: sys.exit(128 + received))


def main() -> None:
    """Run the command line, and turn every expected error into a message and an exit code."""
    _settle()
    console.speak_safely()
    try:
        sys.exit(app(standalone_mode=False))
    except OsgreproError as error:
        console.fail(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (MemoryError, ImportError) as error:  # Arrow's own is one of them
        if isinstance(error, ImportError) and _UNLOADED not in str(error):
            raise
        console.fail(OsgreproError("the memory of this machine is too small for this", hint=_ROOM))
        sys.exit(1)
    except typer.Abort:
        console.note("stopped")
        sys.exit(1)
    except OSError as error:
        where = error.filename or (_unwritten() if error.errno in _FULL else None)
        if error.errno not in _EXPLAINED and where is None:
            raise
        failure = f"{where}: {error.strerror}" if where else f"{error.strerror}"
        console.fail(OsgreproError(failure, hint=_EXPLAINED.get(error.errno or 0, "")))
        sys.exit(1)
    except Exception as error:
        # Typer's own complaints, whose base is click's or Typer's, by the version. They repeat
        # what was typed, so they go through our own door too.
        if not hasattr(error, "show") or not hasattr(error, "exit_code"):
            raise
        said = io.StringIO()
        error.show(said)
        console.usage(said.getvalue())
        sys.exit(error.exit_code)


def _unwritten() -> str | None:
    """Return the name of standard output if it takes nothing more, and let it take no more."""
    try:
        os.write(sys.stdout.fileno(), b"\n")
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return "standard output"
    return None


# What the loader says of a library for which there is no room.
_UNLOADED = "failed to map segment"
_ROOM = (
    "nothing was written: use a machine with more memory, or a part of the runs "
    "(`osgrepro.analyze` takes a data frame)"
)
_FULL = (errno.ENOSPC, errno.EDQUOT)
_PATHS = (errno.ENOENT, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR)
_EXPLAINED = {
    errno.ENOSPC: "the disk is full; make room and run the command again, nothing was lost",
    errno.EDQUOT: "your disk quota is used up; make room and run the command again",
    errno.EACCES: "check who may read and write there",
    errno.EROFS: "choose a folder that you can write to, with --workspace",
    **dict.fromkeys(_PATHS, "check the path"),
}
