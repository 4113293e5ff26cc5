"""A process that works for the supervisor: started, listened to, and stopped with all it started.

The supervisor's signals only leave a note here; :meth:`Child.listen` sees it at once, whatever the
child is busy with.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import IO, Any, Callable, Dict, Mapping, Optional, Sequence

from .. import PACKAGE
from .channel import Receiver

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_GRACE_S = 3.0
# What a training process that has told its outcome gets to end: threads of a script may keep it.
_FAREWELL_S = 30.0
_PIECE_BYTES = 1 << 16
_PR_SET_PDEATHSIG = 1


def archive() -> Optional[str]:
    """Return the path of ``payload.pyz``, or None where the payload runs from a folder."""
    archive_path = getattr(globals().get("__loader__"), "archive", None)
    return None if archive_path is None else os.path.abspath(archive_path)


def self_command() -> Sequence[str]:
    """Return the command that starts this payload again."""
    here = archive()
    return [sys.executable, here] if here else [sys.executable, "-m", PACKAGE]


def die_with(parent: int) -> None:
    """Let the kernel end this process when its parent, ``parent``, is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(f"osgrepro: the supervisor {parent} is gone")


def signal_name(number: int) -> str:
    """Return a signal's name; a real-time signal has a number alone."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class Signals:
    """While entered: ``received`` is the first signal that told this process to stop."""

    def __init__(self) -> None:
        self.received: Optional[int] = None
        self.wakeup, self._write = os.pipe()
        os.set_blocking(self.wakeup, False)
        os.set_blocking(self._write, False)
        self._before: Dict[int, Any] = {}

    def __enter__(self) -> Signals:
        for number in (*STOPPING, signal.SIGCHLD):
            self._before[number] = signal.signal(number, self._note)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        return self

    def __exit__(self, *_error: object) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            # From here on the result is written: nothing may stop that any more.
            signal.signal(number, signal.SIG_IGN if number in STOPPING else handler)
        os.close(self.wakeup)
        os.close(self._write)

    def _note(self, number: int, _frame: Optional[FrameType]) -> None:
        if number in STOPPING and self.received is None:
            self.received = number


class Child:
    """One working process, and what it has told so far.

    Attributes
    ----------
    overdue : bool
        Whether it was ended because it took longer than it may; it tells nothing more then.
    """

    def __init__(
        self, argv: Sequence[str], environ: Mapping[str, str], output: Optional[IO[bytes]] = None
    ) -> None:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        ends = ["--channel", str(writing), "--parent", str(os.getpid())]
        try:
            self._process = subprocess.Popen(
                [*argv, *ends],
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                pass_fds=(writing,),
                start_new_session=True,
            )
        finally:
            os.close(writing)
        self._reading = reading
        self._receiver = Receiver()
        self.overdue = False

    @property
    def state(self) -> Dict[str, Any]:
        """What the process has told."""
        return self._receiver.state

    @property
    def returncode(self) -> int:
        """How the process ended; after :meth:`listen`. One that can't be killed is as killed."""
        code = self._process.returncode
        return -signal.SIGKILL if code is None else int(code)

    def listen(
        self,
        signals: Signals,
        heard: Callable[[Dict[str, Any]], None] = lambda _state: None,
        limit_s: Optional[float] = None,
    ) -> None:
        """Take what the process tells until it ends; end it when ``signals`` or the limit say so.

        A driver that hangs may keep even a killed process for ever: it is not waited for then.
        """
        late_at = None if limit_s is None else time.monotonic() + limit_s
        kill_at: Optional[float] = None
        over_at: Optional[float] = None
        with selectors.DefaultSelector() as selector:
            selector.register(self._reading, selectors.EVENT_READ)
            selector.register(signals.wakeup, selectors.EVENT_READ)
            while self._process.poll() is None:
                if signals.received is not None and kill_at is None:
                    self._signal(signal.SIGTERM)
                    kill_at = time.monotonic() + _GRACE_S
                if over_at is None and "outcome" in self.state:
                    over_at = time.monotonic() + _FAREWELL_S
                if any(map(_past, (kill_at, over_at, late_at))):
                    self._signal(signal.SIGKILL)
                self.overdue = self.overdue or _past(late_at)
                if late_at is not None and _past(late_at + _GRACE_S):
                    break
                selector.select(timeout=1.0)
                with contextlib.suppress(BlockingIOError):
                    os.read(signals.wakeup, _PIECE_BYTES)
                if not self._drain():
                    with contextlib.suppress(KeyError):
                        selector.unregister(self._reading)
                heard(self.state)
        self._drain()
        heard(self.state)
        os.close(self._reading)
        self._signal(signal.SIGKILL)  # what the process left behind in its session

    def _drain(self) -> bool:
        """Read what is there; return whether more may come."""
        try:
            while True:
                data = os.read(self._reading, _PIECE_BYTES)
                if not data:
                    return False
                self._receiver.feed(data)
        except BlockingIOError:
            return True

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def _past(moment: Optional[float]) -> bool:
    return moment is not None and time.monotonic() > moment
