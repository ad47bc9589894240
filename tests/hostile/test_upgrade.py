"""From the previous release with data, and back: nothing of what was there is lost, and a cut-off upgrade was none.

``data/previous-release.json`` names the last migration of each room in the previous release. Nothing has been released
yet, so it names the end of the foundation; with each release it is written anew.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config import database, postgres
from tests.hostile.installation import MAJOR, ROOT
from tests.hostile.serving import until

KILLS = max(2, int(os.environ.get("SILTA_TEST_KILLS", "25")) // 10)
SEED = 20260302
_MARK = "SELECT obj_description('django_migrations'::regclass, 'pg_class')"
_COLUMNS = """
SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY column_name) FROM information_schema.columns
JOIN pg_class ON relname = table_name AND relkind = 'r' AND relnamespace = 'public'::regnamespace
WHERE table_schema = 'public' GROUP BY table_name
"""
_CHANGING = """
SELECT count(*) FROM pg_locks JOIN pg_class c ON c.oid = relation JOIN pg_database d ON d.oid = database
WHERE d.datname = current_database() AND mode = 'AccessExclusiveLock' AND relname !~ '^pg_'
"""
# What tells of the migrating itself.
_OF_THE_WAY = {"django_migrations", "django_content_type", "auth_permission", "config_cache"}


class Installed:
    """A database of its own with the cast and cases, at the end of the previous release or at today's."""

    def __init__(self, name: str) -> None:
        server = os.environ["SILTA_TEST_SERVER"]
        self.address = database.with_user(server, "postgres", name)
        kept = {key: value for key, value in os.environ.items() if key != "SILTA_DATABASE_ROLE"}
        owner = database.with_user(server, database.OWNER, name)
        self.environment = kept | {"DATABASE_URL": owner, "DATABASE_OWNER_URL": owner}

    def run(self, *arguments: str, **more: str) -> None:
        environment = self.environment | {"SILTA_DATABASE_ROLE": "owner"} | more
        ran = subprocess.run(
            [sys.executable, "-m", *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr[-3000:]

    def go_back(self) -> None:
        """To the previous release, by the migrations' own way back."""
        self.run("tests.hostile.going_back", SILTA_MIGRATING="1")

    def migrating(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "config.cli", "migrate", "--quiet"], env=self.environment, cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def asked(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.address, autocommit=True) as reader:
            return reader.execute(query).fetchall()

    def columns(self) -> dict[str, str]:
        return {table: names for table, names in self.asked(_COLUMNS) if table not in _OF_THE_WAY}

    def contents(self, columns: dict[str, str]) -> dict[str, tuple[Any, ...]]:
        """How many rows each table has, and a digest over these columns of all of them."""
        return {
            table: self.asked(
                f"SELECT count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text) COLLATE \"C\"), ''))"
                f' FROM (SELECT {names} FROM "{table}") t'
            )[0]
            for table, names in columns.items()
        }

    def shape(self) -> list[str]:
        """Every table, column, constraint, index, function, trigger, policy and right, as PostgreSQL writes them."""
        told = postgres.run("pg_dump", "--schema-only", major=MAJOR, address=self.address)
        # A key that changes from dump to dump is no part of the shape; columns stand in the order of their making.
        return sorted(
            line.strip().rstrip(",")
            for line in told.splitlines()
            if not line.startswith(("\\restrict", "\\unrestrict", "--"))
        )


@pytest.fixture(scope="module")
def template() -> Iterator[str]:
    """Today's database with the cast, clients and cases of an import."""
    name = f"test_upgrade_{os.getpid()}"
    with psycopg.connect(os.environ["SILTA_TEST_SERVER"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} OWNER {database.OWNER} TEMPLATE {database.NAME}")
        try:
            made = Installed(name)
            made.run("tests.hostile.importing", "40", "1")
            made.run("config.cli", "worker", "--once")
            assert made.asked("SELECT count(*) FROM cases_case") == [(40,)]
            yield name
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def installed(template: str) -> Iterator[Installed]:
    """A copy of it for one test."""
    name = f"{template}_copy"
    with psycopg.connect(os.environ["SILTA_TEST_SERVER"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} OWNER {database.OWNER} TEMPLATE {template}")
        try:
            yield Installed(name)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_every_migration_of_ours_can_be_taken_back() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    one_way = {
        f"{room}.{name}: {operation.describe()}"
        for (room, name), migration in loader.disk_migrations.items()
        if migration.__module__.startswith("silta.")
        for operation in migration.operations
        if not operation.reversible
    }
    assert one_way == set()


@pytest.mark.django_db
def test_the_previous_release_is_a_state_that_its_migrations_know() -> None:
    import json

    from tests.hostile.going_back import PREVIOUS

    known = MigrationLoader(connection).disk_migrations
    assert {leaf for leaf in json.loads(PREVIOUS.read_text()).items() if leaf not in known} == set()


def test_an_upgrade_keeps_every_row_and_can_be_backed_out_of(installed: Installed) -> None:
    shape, whole = installed.shape(), installed.contents(installed.columns())
    installed.go_back()
    before = installed.columns()
    assert before.keys() < whole.keys(), "the previous release has every table of today: name an earlier one"
    old = installed.contents(before)
    assert old["cases_case"][0] == 40
    assert installed.asked("SELECT count(*) FROM people_person") == [(41,)]
    installed.run("config.cli", "migrate", "--quiet")
    assert installed.contents(before) == old
    assert installed.shape() == shape
    kept = {table for table in old if installed.columns()[table] == before[table]}
    assert {table for table in kept if installed.contents(before)[table] != whole[table]} == set()


def _cut_off(installed: Installed, seconds: float) -> bool:
    """An upgrade killed so long after it began to change tables; where it was over by then, it is taken back."""
    upgrade = installed.migrating()
    until(
        lambda: upgrade.poll() is not None or installed.asked(_CHANGING) != [(0,)],
        "the upgrade to change a table",
    )
    time.sleep(seconds)
    if upgrade.poll() is not None:
        assert upgrade.returncode == 0
        installed.go_back()
        return False
    upgrade.send_signal(signal.SIGKILL)
    upgrade.wait()
    return True


def test_an_upgrade_that_is_killed_in_the_middle_was_none(installed: Installed) -> None:
    shape = installed.shape()
    installed.go_back()
    columns, old_shape = installed.columns(), installed.shape()
    old = installed.contents(columns)
    steps = "SELECT count(*) FROM django_migrations"
    applied, mark = installed.asked(steps), installed.asked(_MARK)
    chance = random.Random(SEED)  # noqa: S311 - moments to kill at, told so that a run can be repeated
    for _kill in range(KILLS):
        until(lambda: _cut_off(installed, chance.uniform(0.0, 0.2)), "a blow in the middle of an upgrade")
        until(
            lambda: (
                installed.asked("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
                == [(1,)]
            ),
            "the server to let go of it",
        )
        assert installed.asked(steps) == applied
        assert installed.asked(_MARK) == mark
        assert installed.shape() == old_shape
        assert installed.contents(columns) == old
    assert installed.migrating().wait(180) == 0
    assert installed.shape() == shape
    assert installed.contents(columns) == old
