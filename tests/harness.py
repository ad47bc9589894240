"""Makes the throw-away database before Django reads its settings; loaded first of all (``-p tests.harness``).

Each run starts its own embedded server, migrates one template as the owner, writes the cast into it, and gives every
worker a copy. With ``SILTA_TEST_KEEP`` (a folder) the server's data stay for the next run and are made anew only when
migrations, policies or the cast have changed: for a developer's own short rounds, not for CI. With
``SILTA_TEST_POSTGRES`` (a folder of programs) the server is an installed one (``tests/installed.py``).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from config import database, embedded, messages
from tests import installed

ROOT = Path(__file__).resolve().parents[1]
_THROW_AWAY: list[Path] = []


def _stamp() -> str:
    sources = [*ROOT.glob("src/silta/*/migrations/*.py"), *ROOT.glob("src/silta/*/policies.py"), *ROOT.glob("src/silta/*/policies/*.py"),
               ROOT / "src/silta/kernel/rowsecurity.py", ROOT / "tests/cast.py", ROOT / "requirements/run.txt"]  # fmt: skip
    return (
        str(installed.programs() or "")
        + hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()
    )


def _start() -> str:
    kept = os.environ.get("SILTA_TEST_KEEP")
    folder = Path(kept) if kept else Path(tempfile.mkdtemp(prefix="silta-test-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "static").mkdir(
        exist_ok=True
    )  # whitenoise warns of a missing folder, and a warning is an error
    os.environ["SILTA_HOME"] = str(folder)
    stamp = folder / "stamp"
    fresh = not (stamp.exists() and stamp.read_text() == _stamp())
    if fresh and kept:
        _stop(folder)
        shutil.rmtree(folder / "postgres", ignore_errors=True)
    if not kept:
        _THROW_AWAY.append(folder)
    programs = installed.programs()
    server = (
        installed.start(folder / "postgres", programs)
        if programs
        else database.start_embedded(folder / "postgres").address
    )
    with psycopg.connect(server, autocommit=True) as connection:
        # Nor does it tidy up by itself: a test would meet its locks and its new statistics at a moment nobody chose.
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
        for (name,) in connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'test_%'"
        ).fetchall():
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    if fresh:
        database.make_roles(server)
        owner = database.with_user(server, database.OWNER)
        environment = os.environ | {"DATABASE_URL": owner, "DATABASE_OWNER_URL": owner}
        for module, arguments in (("config.cli", ["migrate"]), ("tests.seeding", [])):
            subprocess.run([sys.executable, "-m", module, *arguments], env=environment, check=True, cwd=ROOT,
                           stdout=subprocess.DEVNULL)  # fmt: skip
        stamp.write_text(_stamp())
    return server


def _stop(folder: Path) -> None:
    if programs := installed.programs():
        installed.stop(folder / "postgres", programs)
        return
    if (folder / "postgres" / "postmaster.pid").exists():
        embedded.started(folder / "postgres").stop()


def _prepare() -> None:
    if "SILTA_TEST_SERVER" not in os.environ:
        messages.compile_all()
        os.environ["SILTA_TEST_SERVER"] = _start()
    server = os.environ["SILTA_TEST_SERVER"]
    name = f"test_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {database.NAME}")
    # The tests sign in as the superuser and take on the application's role, so that they can arrange rows as the
    # owner inside the very transaction in which the application's role then acts.
    superuser = database.with_user(server, "postgres", name)
    os.environ |= {"DATABASE_URL": superuser, "DATABASE_OWNER_URL": superuser, "SILTA_DATABASE_ROLE": "owner"}


def pytest_unconfigure(config: pytest.Config) -> None:
    """Removes the throw-away data at the end of the run."""
    for folder in _THROW_AWAY:
        _stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


_prepare()
