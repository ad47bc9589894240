"""Locking the tables: the policies of the rooms, applied to the database."""

import time

from django.db import OperationalError, connection, transaction
from psycopg import errors

from silta.access import policies

_ATTEMPTS = 6
_WAIT_MS = 5_000
_PAUSE_SECONDS = 2.0


def lock_tables() -> int:
    """Brings row-level security in line with the rooms' declarations; run as the owner, after every migration.

    Whoever is at work meanwhile goes first: where a table is not free within some seconds, everything is let go and
    tried again. Returns the number of tables locked; raises ``OperationalError`` where they never became free.
    """
    for _attempt in range(_ATTEMPTS - 1):
        try:
            return _apply()
        except OperationalError as error:
            if not isinstance(error.__cause__, (errors.LockNotAvailable, errors.DeadlockDetected)):
                raise
        time.sleep(_PAUSE_SECONDS)
    return _apply()


def _apply() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_WAIT_MS}ms"])
        tables = [policy.table for policy in policies.declared()]
        columns = {
            table: {column.name for column in connection.introspection.get_table_description(cursor, table)}
            for table in tables
        }
        for statement in policies.statements(columns):
            cursor.execute(statement)
    return len(tables)
