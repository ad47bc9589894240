"""Many rows of one table written or changed in one statement, as an import brings them.

The rows travel as one JSON document that PostgreSQL turns into rows of the table's own type, so that no value is adapted
one by one: Django's ``bulk_create`` and ``bulk_update`` do the same at several times the cost in Python. Row-level
security, constraints and triggers see the rows as they see any others. Every value must be one whose text PostgreSQL
reads: no bytes, no expressions of the database.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model


def bulk_insert(rows: Sequence[Model]) -> None:
    """Writes new rows of one model, in their order; their keys are there already."""
    if not rows:
        return
    model = type(rows[0])
    _send(_insert(model), rows, [(str(field.column), field.attname) for field in model._meta.concrete_fields])
    for row in rows:
        row._state.adding = False


def bulk_change(rows: Sequence[Model], columns: Sequence[str]) -> None:
    """Writes these columns of rows of one model that are there already; a column is named as its value is."""
    if not rows:
        return
    # The keys once more, so that the planner goes by them whatever it believes of the size of a fresh table.
    statement, keys = _change(type(rows[0]), tuple(columns)), [row.pk for row in rows]
    _send(statement, rows, [(name, name) for name in ("id", *columns)], keys)


def _send(
    statement: str, rows: Sequence[Model], columns: Sequence[tuple[str, str]], *further: list[Any]
) -> None:
    told = [{column: getattr(row, name) for column, name in columns} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(told, default=str), *further])


@cache
def _insert(model: type[Model]) -> str:
    table, names = _quoted(
        model._meta.db_table, *(str(field.column) for field in model._meta.concrete_fields)
    )
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"  # noqa: S608 - names of the model


@cache
def _change(model: type[Model], columns: tuple[str, ...]) -> str:
    table, _names = _quoted(model._meta.db_table)
    changes = ", ".join(f'"{name}" = told."{name}"' for name in columns)
    return (
        f"UPDATE {table} kept SET {changes} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS told"  # noqa: S608 - names of the model
        " WHERE kept.id = told.id AND kept.id = ANY (%s)"
    )


def _quoted(table: str, *columns: str) -> tuple[str, str]:
    quote = connection.ops.quote_name
    return quote(table), ", ".join(map(quote, columns))
