"""Brings a database up to date: Django's migrations, the cache table, then the locks of row-level security."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction

_MARK = "silta:"


def migrate(*, verbosity: int = 1) -> int:
    """Migrates as the owner of the tables; returns how many tables are locked. Safe to run again.

    An upgrade is one transaction: whatever cuts it off (an error, a killed process), the database is then as it was, and
    the version before serves it on. It goes step by step where a migration asks for that (``atomic = False``: a large
    table is filled or indexed while people work; docs/schema-changes.md), and in an empty database, where there is
    nothing to lose and some libraries' first steps cannot share a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
    with _together() if fits_one_transaction() else nullcontext():
        locked = _migrate(verbosity)
    connection.close()  # The next connection takes on the role that the settings name.
    return locked


def fits_one_transaction() -> bool:
    """Whether everything that is still to be applied can be applied at once."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return bool(executor.loader.applied_migrations) and all(migration.atomic for migration, _back in plan)


@contextmanager
def _together() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        # Rows that one step writes are proved at once: a table with proofs outstanding cannot be changed by the next.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield


def _migrate(verbosity: int) -> int:
    from silta.access import operations as access

    call_command("migrate", interactive=False, verbosity=verbosity)
    call_command("createcachetable", verbosity=verbosity)
    locked = access.lock_tables()
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON TABLE django_migrations IS '{_MARK}{_declared()}'")
    return locked


def _declared() -> str:
    """One digest over everything that ``migrate`` applies: migrations and policies, of the rooms and of libraries."""
    from importlib.metadata import version

    rooms = Path(__file__).resolve().parents[1] / "silta"
    sources = sorted(
        [
            *rooms.glob("*/migrations/*.py"),
            *rooms.glob("*/policies.py"),
            *rooms.glob("*/policies/*.py"),
            rooms / "kernel/rowsecurity.py",
        ]
    )
    libraries = ("django", "django-allauth", "django-pghistory", "django-pgtrigger", "procrastinate")
    digest = hashlib.sha256(" ".join(version(name) for name in libraries).encode())
    for path in sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_up_to_date() -> bool:
    """Whether the database has been brought to what this version of the code declares."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass('public.django_migrations'), 'pg_class')")
        return bool(cursor.fetchone()[0] == _MARK + _declared())


def bring_up_to_date() -> bool:
    """Migrates where something has changed since the last time; says whether it did."""
    if is_up_to_date():
        return False
    migrate(verbosity=0)
    return True
