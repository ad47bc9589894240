"""Backup while working and restore to a moment: every table is as it was then, and nothing living is overwritten."""

import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import database, postgres
from tests.hostile.installation import (
    MAJOR,
    ROOT,
    Installation,
    Writer,
    contents,
    copied_from_the_tests_server,
)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A running installation, stopped at the end."""
    made = copied_from_the_tests_server(tmp_path / "home")
    (made.home / "secret-key").write_text("k" * 60)
    (made.home / "figures").mkdir()
    (made.home / "figures" / "key").write_text("f" * 64)
    (made.home / "figures" / "extract").mkdir()
    (made.home / "figures" / "extract" / "cases.parquet").write_text("made anew by the next run")
    (made.home / "files").mkdir()
    (made.home / "files" / "liite.txt").write_text("attached")
    try:
        yield made
    finally:
        made.stop()


_LOCKS = """
SELECT array(SELECT concat_ws(' ', c.relname, c.relrowsecurity, a.grantee::regrole, a.privilege_type) FROM pg_class c
             CROSS JOIN LATERAL aclexplode(c.relacl) a WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner ORDER BY 1),
  array(SELECT concat_ws(' ', tablename, policyname, permissive, roles, cmd) FROM pg_policies ORDER BY 1),
  array(SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1)
"""


def _locks(address: str) -> tuple[object, ...] | None:
    """Every right but the owner's own, every policy and trigger; the server writes conditions another way after a dump,
    so what they say is compared by the doctor, who applies them anew."""
    with psycopg.connect(address, autocommit=True) as connection:
        return connection.execute(_LOCKS).fetchone()


def _only_set(folder: Path) -> Path:
    return next(path.parent for path in folder.glob("*/backup.json"))


def _moment(address: str) -> dt.datetime:
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    return row[0]


def _wait_for_log(address: str) -> None:
    """Until the follower has taken everything that is committed by now."""
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
        assert row is not None
        deadline = time.monotonic() + 180
        while not connection.execute(
            "SELECT 1 FROM pg_replication_slots WHERE slot_name = 'silta_backup' AND active AND restart_lsn IS NOT NULL"
            " AND EXISTS (SELECT 1 FROM pg_stat_replication WHERE flush_lsn >= %s)",
            [row[0]],
        ).fetchone():
            assert time.monotonic() < deadline, "the log of changes is not followed"
            time.sleep(0.2)


def test_a_backup_made_while_working_is_restored_to_a_moment_table_by_table(
    installation: Installation, tmp_path: Path
) -> None:
    kept, address = tmp_path / "kept", installation.start()
    writer = Writer(installation)
    writer.until(3)
    with subprocess.Popen(
        [sys.executable, "-m", "config.cli", "backup", str(kept), "--follow"],
        env=installation.environment, cwd=ROOT, stdout=subprocess.DEVNULL,
    ) as follower:  # fmt: skip
        try:
            made = installation.silta("backup", str(kept))
            assert made.returncode == 0, made.stderr
            assert "is made and whole" in made.stdout
            writer.until(len(writer.committed) + 5)
            writer.stop()
            then, moment = contents(address), _moment(address)
            time.sleep(0.05)
            with psycopg.connect(address, autocommit=True) as disaster:
                disaster.execute("DELETE FROM cases_note")
                disaster.execute("UPDATE people_person SET last_name = 'Hävinnyt'")
            _wait_for_log(address)
        finally:
            follower.terminate()
    assert contents(address) != then
    restored = Installation(tmp_path / "restored")
    try:
        ran = restored.silta("restore", str(kept), "--until", moment.isoformat())
        assert ran.returncode == 0, ran.stderr
        assert "The journal is whole" in ran.stdout
        back = contents(restored.start())
        assert back == then
        assert (restored.home / "secret-key").read_text() == "k" * 60
        assert (restored.home / "secret-key").stat().st_mode & 0o077 == 0
        assert (restored.home / "figures" / "key").read_text() == "f" * 64
        assert (restored.home / "figures" / "key").stat().st_mode & 0o077 == 0
        assert not (restored.home / "figures" / "extract").exists()
        assert (restored.home / "files" / "liite.txt").read_text() == "attached"
        with psycopg.connect(restored.start(), autocommit=True) as connection:
            found = {str(row[0]) for row in connection.execute("SELECT id FROM cases_case")}
            assert found >= set(writer.committed)
            assert connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
        again = restored.silta("restore", str(kept))
        assert again.returncode == 1
        assert "nothing is restored over it" in again.stderr
        assert contents(restored.start()) == then
    finally:
        restored.stop()


_SUBSCRIBED = """
INSERT INTO subscriptions_subscription (id, membership_id, name, url, kinds, secret, former_secret, created_at, failures, pause_reason)
SELECT gen_random_uuid(), id, 'Rekisteri', 'https://vastaanottaja.example/', ARRAY['case.opened'], 'sealed', '', now(), 0, ''
FROM access_membership ORDER BY id LIMIT 1
"""


def test_what_came_back_tells_no_other_system_until_somebody_resumes_it(
    installation: Installation, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    with psycopg.connect(installation.start(), autocommit=True) as connection:
        connection.execute(_SUBSCRIBED)
    assert installation.silta("backup", str(kept)).returncode == 0
    for options, told, paused in (([], "1 subscription", "restored"), (["--keep-telling"], "", "")):
        restored = Installation(tmp_path / f"restored{len(options)}")
        try:
            ran = restored.silta("restore", str(kept), *options)
            assert ran.returncode == 0, ran.stderr
            assert told in ran.stdout
            with psycopg.connect(restored.start(), autocommit=True) as connection:
                (row,) = connection.execute(
                    "SELECT pause_reason, paused_at IS NOT NULL, (SELECT count(*) FROM audit_event"
                    " WHERE action = 'subscriptions.pause') FROM subscriptions_subscription"
                ).fetchall()
            assert row == (paused, bool(paused), int(bool(paused)))
        finally:
            restored.stop()


def test_a_damaged_backup_and_a_moment_it_does_not_reach_are_told_in_a_sentence(
    installation: Installation, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    installation.start()
    assert installation.silta("backup", str(kept)).returncode == 0
    elsewhere = Installation(tmp_path / "elsewhere")
    late = elsewhere.silta("restore", str(kept), "--until", "2999-01-01T00:00")
    assert late.returncode == 1
    assert "could not be taken on to that moment" in late.stderr
    assert not elsewhere.data.exists()
    early = elsewhere.silta("restore", str(kept), "--until", "2001-01-01T00:00")
    assert early.returncode == 1
    assert "no finished backup" in early.stderr
    place = _only_set(kept)
    largest = max(
        (path for path in (place / "base" / "base").rglob("*") if path.is_file()),
        key=lambda path: path.stat().st_size,
    )
    with largest.open("r+b") as file:
        file.seek(4096)
        file.write(b"\x00\x01\x02\x03")
    for command in (["backup", str(kept), "--verify"], ["restore", str(kept)]):
        damaged = elsewhere.silta(*command)
        assert damaged.returncode == 1
        assert "is not whole" in damaged.stderr


def test_a_snapshot_of_a_server_of_ones_own_comes_back_into_an_empty_database(
    installation: Installation, tmp_path: Path
) -> None:
    server = database.start_embedded(installation.data).address
    owner = database.with_user(server, database.OWNER)
    by_address = installation.environment | {"DATABASE_URL": database.with_user(server, database.APP),
                                             "DATABASE_OWNER_URL": owner}  # fmt: skip
    kept, then = tmp_path / "kept", contents(database.with_user(server, "postgres"))

    def silta(*arguments: str, name: str) -> "subprocess.CompletedProcess[str]":
        environment = by_address | {
            "DATABASE_URL": database.with_user(server, database.APP, name),
            "DATABASE_OWNER_URL": database.with_user(server, database.OWNER, name),
        }
        return subprocess.run(
            [sys.executable, "-m", "config.cli", *arguments], env=environment, cwd=ROOT, capture_output=True,
            text=True, check=False,
        )  # fmt: skip

    assert silta("backup", str(kept), name=database.NAME).returncode == 0
    living = silta("restore", str(kept), name=database.NAME)
    assert living.returncode == 1
    assert "The database is not empty" in living.stderr
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE elsewhere OWNER silta_owner TEMPLATE template0")
    (installation.home / "files" / "liite.txt").unlink()
    (installation.home / "secret-key").write_text("another key than the one that was backed up")
    other_key = silta("restore", str(kept), name="elsewhere")
    assert other_key.returncode == 1
    assert "is another key than the backup's" in other_key.stderr
    (installation.home / "secret-key").unlink()
    (installation.home / "figures" / "key").write_text("another key of pseudonyms")
    other_pseudonyms = silta("restore", str(kept), name="elsewhere")
    assert other_pseudonyms.returncode == 1
    assert "figures/key is another key than the backup's" in other_pseudonyms.stderr
    (installation.home / "figures" / "key").unlink()
    ran = silta("restore", str(kept), name="elsewhere")
    assert ran.returncode == 0, ran.stderr
    assert contents(database.with_user(server, "postgres", "elsewhere")) == then
    assert _locks(database.with_user(server, "postgres", "elsewhere")) == _locks(
        database.with_user(server, "postgres")
    )
    assert silta("migrate", "--quiet", name="elsewhere").returncode == 0
    assert "ok     Row-level security is what the rooms declare" in silta("doctor", name="elsewhere").stdout


def test_programs_are_given_the_address_by_their_environment_and_not_on_the_command_line() -> None:
    given = postgres.environment("postgresql://silta_owner:p%40ss@db.example:5433/silta?sslmode=verify-full")
    assert {key: value for key, value in given.items() if key.startswith("PG")} == {
        "PGHOST": "db.example", "PGPORT": "5433", "PGUSER": "silta_owner", "PGPASSWORD": "p@ss",
        "PGDATABASE": "silta", "PGSSLMODE": "verify-full",
    }  # fmt: skip
    assert postgres.program("pg_dump", major=MAJOR).exists()
    assert os.access(postgres.program("pg_dump", major=15), os.X_OK)
