"""Locking the tables: the policies of the rooms, applied to the database."""

from django.db import connection, transaction

from silta.access import policies


def lock_tables() -> int:
    """Brings row-level security in line with the rooms' declarations; run as the owner, after every migration.

    Returns the number of tables locked.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        tables = [policy.table for policy in policies.declared()]
        columns = {
            table: {column.name for column in connection.introspection.get_table_description(cursor, table)}
            for table in tables
        }
        for statement in policies.statements(columns):
            cursor.execute(statement)
    return len(tables)
