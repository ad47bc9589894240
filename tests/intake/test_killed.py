"""A process that is killed in the middle of an import: what was committed stays, and the rest comes when it goes on."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from config import database
from tests.hostile.gate import Gate
from tests.intake.conftest import CASELOAD

PAULA = "paula.laine@tyollisyys.example"
TABLES = (
    "people_person", "people_residence", "people_contactpoint", "access_grant", "cases_case", "cases_participation",
    "cases_statuschange", "cases_planversion", "cases_review", "cases_note", "cases_deadline", "intake_tie",
)  # fmt: skip
# What the worker does with a file it finds in its queue.
GO_ON = """
from config import starting
starting.set_up()
from django.db import connection
from silta.access.models import Membership
from silta.intake import jobs
from silta.intake.models import File
from silta.kernel.acting import maintaining
with maintaining():
    file = File.objects.get()
    role = Membership.objects.get(user=file.recorded_by_id, unit=file.unit_id).role
jobs.run_file(file_id=str(file.pk), user_id=str(file.recorded_by_id), unit_id=str(file.unit_id), role=role)
"""

VERIFY = """
import sys
from config import starting
starting.set_up()
from silta.audit import operations as audit
from silta.kernel.acting import maintaining
with maintaining():
    sys.exit(len(audit.verify()))
"""


@contextmanager
def own_database(name: str) -> Iterator[dict[str, str]]:
    """A database of its own with the cast, committed to by other processes; yields the environment that names it."""
    server = os.environ["SILTA_TEST_SERVER"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {database.NAME}')
        try:
            yield os.environ | {
                "DATABASE_URL": database.with_user(server, database.APP, name),
                "DATABASE_OWNER_URL": database.with_user(server, database.OWNER, name),
            }
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def importing(environment: dict[str, str], path: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "config.cli", "import", str(path), "--as", PAULA, "--write"],
        env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def counts(environment: dict[str, str]) -> dict[str, int]:
    """How many rows each table holds, and how many rows of the file stand how."""
    with psycopg.connect(environment["DATABASE_OWNER_URL"]) as connection:
        found = {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in TABLES
        }
        states = connection.execute("SELECT state, count(*) FROM intake_row GROUP BY state").fetchall()
        events = connection.execute(
            "SELECT action, count(*) FROM audit_event WHERE action NOT LIKE 'intake.%' GROUP BY action"
        ).fetchall()
        return {**found, **dict(states), **dict(events)}


def test_a_killed_import_keeps_what_it_committed_and_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    path = tmp_path / "asiakkaat.csv"
    path.write_bytes(b"\r\n".join(CASELOAD.read_bytes().split(b"\r\n")[:600]))
    with (
        own_database(f"test_killed_{os.getpid()}") as killed,
        own_database(f"test_whole_{os.getpid()}") as whole,
    ):
        superuser = database.with_user(
            os.environ["SILTA_TEST_SERVER"], "postgres", f"test_killed_{os.getpid()}"
        )
        with psycopg.connect(superuser, autocommit=True) as connection:
            gate = Gate(connection)
            process = importing(killed, path)
            gate.reached()
            gate.let_one_through()
            gate.reached()
            process.send_signal(signal.SIGKILL)
            process.wait(30)
            gate.bury()
        middle = counts(killed)
        assert 0 < middle["done"] == middle["cases_case"]
        assert middle["ready"] > 0
        subprocess.run([sys.executable, "-c", GO_ON], env=killed, check=True)
        assert importing(whole, path).wait(240) == 0
        assert counts(killed) == counts(whole)
        assert "ready" not in counts(killed)
        subprocess.run([sys.executable, "-c", VERIFY], env=killed, check=True)
