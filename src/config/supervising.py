"""Keeps child processes running: one that dies is started anew, and none outlives its parent."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

PATIENCE = 10.0
_RESTARTS, _WITHIN = 5, 60.0
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_log = logging.getLogger("silta.processes")
_ON_PARENTS_DEATH = 1  # PR_SET_PDEATHSIG of Linux


@dataclass
class Child:
    """One child: what it is called, how it is started, and with which environment; ``ends``: it has an end of its own."""

    name: str
    command: list[str]
    environment: dict[str, str]
    ends: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    started: deque[float] = field(default_factory=lambda: deque(maxlen=_RESTARTS))

    def start(self) -> None:
        """Starts the child as the leader of a process group of its own."""
        self.started.append(time.monotonic())
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread only
        )

    def is_failing(self) -> bool:
        """Whether it has died so often of late that starting it again would not help."""
        return len(self.started) == _RESTARTS and time.monotonic() - self.started[0] < _WITHIN

    def end(self, number: int) -> None:
        """Sends a signal to the child's whole group, its own children included."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


def _die_with_parent() -> None:
    """In the child, before it runs: the kernel ends it when its parent is gone, even one killed without warning."""
    ctypes.CDLL(None).prctl(_ON_PARENTS_DEATH, signal.SIGTERM)


class Stopped(Exception):  # noqa: N818 - not an error: the word to stop
    """The program was told to stop."""


def _told_to_stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(signal.Signals(number).name)


def listen() -> None:
    """From here on SIGINT, SIGTERM and SIGHUP (unless ignored, as under nohup) stop the program in order."""
    for number in _STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGTERM:
            signal.signal(number, _told_to_stop)


def keep(
    children: list[Child], *, ready: Callable[[], None], tend: Callable[[], None] = lambda: None,
    patience: float = PATIENCE,
) -> int:  # fmt: skip
    """Starts the children and keeps them until the program is told to stop; returns its exit status.

    A child that dies is started anew; one that dies five times within a minute ends the program with status 1.
    ``tend`` is called all the while, for what else has to be kept; after ``patience`` in seconds whoever has not ended is
    killed. Call ``listen`` first.
    """
    try:
        for child in children:
            child.start()
        ready()
        return _watch(children, tend)
    except Stopped:
        return 0
    finally:
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)
        _end(children, patience)


def _watch(children: list[Child], tend: Callable[[], None]) -> int:
    while True:
        time.sleep(0.5)
        tend()
        for child in children:
            if child.process is None or child.process.poll() is None:
                continue
            child.end(signal.SIGKILL)
            if child.ends and child.process.returncode == 0:
                child.process = None
                continue
            if child.is_failing():
                _log.error("The %s keeps ending by itself; see the lines above. Silta stops.", child.name)
                return 1
            _log.warning(
                "The %s ended (status %s) and is started anew.", child.name, child.process.returncode
            )
            child.start()


def _end(children: list[Child], patience: float) -> None:
    for child in children:
        if child.process is not None:
            child.process.terminate()
    deadline = time.monotonic() + patience
    for child in children:
        if child.process is not None:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.end(signal.SIGKILL)
                child.process.wait()
            child.end(signal.SIGKILL)
