"""An installation of its own for a hostile day: a data folder with a copy of the tests' server, cast and all.

What is done to it (killed, stopped, filled, restored) is done to nobody else.
"""

import os
import select
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config import database, postgres

ROOT = Path(__file__).resolve().parents[2]
MAJOR = 18
_OWN = {
    "DATABASE_URL", "DATABASE_OWNER_URL", "SILTA_DATABASE_ROLE", "SILTA_MIGRATING", "SILTA_TEST_SERVER",
    "SILTA_SECRET_KEY",
}  # fmt: skip
_DIGEST = """SELECT count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text) COLLATE "C"), '')) FROM {} t"""
_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"


@dataclass
class Installation:
    """A data folder and the environment of a process that works in it with the embedded server."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a program of this installation gets, and nothing of the tests' own database."""
        kept = {key: value for key, value in os.environ.items() if key not in _OWN}
        return kept | {"SILTA_HOME": str(self.home), "SILTA_DEMONSTRATION": "0"}

    @property
    def data(self) -> Path:
        """The files of its server."""
        return self.home / "postgres"

    def start(self) -> str:
        """Starts the server, or joins it; returns its superuser's address of the database."""
        server = database.start_embedded(self.data).address
        with psycopg.connect(server, autocommit=True) as connection:
            others = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'test_%'"
            ).fetchall()
            for (name,) in others:  # The tests' own, copied along.
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        return database.with_user(server, "postgres")

    def stop(self, how: str = "fast") -> None:
        """Stops the server, in order or (``immediate``) as if it were killed; nothing where it does not run."""
        if (self.data / "postmaster.pid").exists():
            user = postgres.server_user()
            subprocess.run(
                [str(postgres.program("pg_ctl", major=MAJOR)), "-D", str(self.data), "-w", "-m", how, "stop"],
                user=user, group=user, cwd="/", check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip

    def silta(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs a command of the product to its end."""
        return subprocess.run(
            [sys.executable, "-m", "config.cli", *arguments], env=self.environment, cwd=ROOT,
            capture_output=True, text=True, check=False,
        )  # fmt: skip


def copied_from_the_tests_server(home: Path) -> Installation:
    """A new installation whose server is a copy of the tests' own: migrated, locked, with the cast."""
    made = Installation(home)
    home.mkdir(parents=True)
    if _tests_run_on_another_version():
        _brought_over(made)
        return made
    postgres.run(
        "pg_basebackup", "--pgdata", str(made.data), "--checkpoint=fast", "--no-sync",
        major=MAJOR, address=os.environ["SILTA_TEST_SERVER"],
    )  # fmt: skip
    for left in (".handle_pids.json", "backup_manifest", ".s.PGSQL.5432.lock"):
        (made.data / left).unlink(missing_ok=True)
    # The tests' server does not wait for its disk: what is answered here must outlive a server that is stopped at once.
    (made.data / "postgresql.auto.conf").write_text("")
    if user := postgres.server_user():
        for path in [made.data, *made.data.rglob("*")]:
            shutil.chown(path, user, user)
    return made


def _tests_run_on_another_version() -> bool:
    with psycopg.connect(os.environ["SILTA_TEST_SERVER"]) as connection:
        return connection.info.server_version // 10_000 != MAJOR


def _brought_over(made: Installation) -> None:
    """The embedded server does not read the files of another version: it is given a snapshot instead."""
    snapshot, tests_server = made.home / "snapshot", os.environ["SILTA_TEST_SERVER"]
    name = f"test_dump_{os.getpid()}"
    # Nobody may be in the template itself while other tests make their copies of it.
    with psycopg.connect(tests_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {database.NAME}")
        tests_own = database.with_user(tests_server, "postgres", name)
        postgres.run("pg_dump", "--format=custom", "--file", str(snapshot), major=MAJOR, address=tests_own)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    server = database.start_embedded(made.data).address
    database.make_roles(server)
    postgres.run(
        "pg_restore", "--exit-on-error", "--dbname", database.NAME, str(snapshot),
        major=MAJOR, address=database.with_user(server, "postgres"),
    )  # fmt: skip
    snapshot.unlink()
    made.stop()


def contents(address: str) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a digest over all of them: history, journal and queue included."""
    with psycopg.connect(address, autocommit=True) as connection:
        tables = [row[0] for row in connection.execute(_TABLES)]
        return {table: connection.execute(_DIGEST.format(f'"{table}"')).fetchone() for table in tables}


class Writer:
    """A process that opens cases by the real operations, one after another, and tells of each once it is committed."""

    def __init__(self, installation: Installation) -> None:
        address = installation.start()
        environment = installation.environment | {"DATABASE_URL": address, "DATABASE_OWNER_URL": address,
                                                  "SILTA_DATABASE_ROLE": "owner"}  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.writing"], env=environment, cwd=ROOT,
            stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self.committed: list[str] = []

    def until(self, count: int) -> None:
        """Waits until so many cases are committed."""
        assert self.process.stdout is not None
        while len(self.committed) < count:
            ready, _, _ = select.select([self.process.stdout], [], [], 180)
            line = self.process.stdout.readline() if ready else ""
            assert line, "the writer ended or stands still"
            self.committed.append(line.strip())

    def stop(self) -> None:
        """Lets it finish what it writes, and hears of all that it committed."""
        self.process.terminate()
        assert self.process.stdout is not None
        self.committed += [line.strip() for line in self.process.stdout]
        assert self.process.wait(180) == 0
        self.process.stdout.close()
