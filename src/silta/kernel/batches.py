"""Many rows of one table written or changed in one statement, as an import brings them.

The rows travel as one JSON document that PostgreSQL turns into rows of the table's own type, so that no value is adapted
one by one: Django's ``bulk_create`` and ``bulk_update`` do the same at several times the cost in Python. What all rows of
a batch have in common (who wrote them, when, for which unit, whatever is empty) is told once. Row-level security,
constraints and triggers see the rows as they see any others. Every value must be one whose text PostgreSQL reads: no
bytes, no expressions of the database.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import DateField, Field, Model, UUIDField
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=Model)
# A column, the attribute that holds its value, and how its values are written where JSON has no such kind of them.
_Column = tuple[str, str, Callable[[Any], str] | None]


class Unawaited(str):
    """A statement of which nobody asks what it found or how many rows it wrote: it need not be waited for (``flowing``)."""

    __slots__ = ()


@contextmanager
def flowing() -> Iterator[None]:
    """Within a transaction: the database works on unawaited statements while Python prepares the next.

    Every other statement waits for itself and all before it, savepoints apart. What the database refuses of an unawaited
    one is raised there or at the end, as the error of Django's that it is, but no longer where it was sent: what must
    know which statement it was does it again without. Foreign keys are looked up by each statement, for at the COMMIT
    Python would only wait.
    """

    def wait(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        if not isinstance(sql, Unawaited) and not sql.startswith(("SAVEPOINT", "RELEASE SAVEPOINT")):
            with connection.wrap_database_errors:
                pipeline.sync()
        return answer

    with (
        connection.wrap_database_errors,
        connection.connection.pipeline() as pipeline,
        connection.execute_wrapper(wait),
        connection.cursor() as cursor,
    ):
        cursor.execute(Unawaited("SET CONSTRAINTS ALL IMMEDIATE"))
        yield


def new(model: type[Row], **values: Any) -> Row:
    """A new row made of the values of its columns, by the names of their attributes (``case_id``); the rest is as usual.

    What the model's own constructor makes, at a tenth of its cost, for rows that are made by the thousand. Related rows
    are given by their ids only. Raises ``TypeError`` for a name that is no column.
    """
    usual, makers = _usual(model)
    if not values.keys() <= usual.keys():
        raise TypeError(f"{model.__name__} has no columns {sorted(values.keys() - usual.keys())}")
    row = model.__new__(model)
    made = {name: make() for name, make in makers if name not in values}
    row.__dict__ = {"_state": ModelState(), **usual, **made, **values}
    return row


@cache
def _usual(model: type[Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """The usual value of each column, and by which those are made that are made anew for each row."""
    fields = model._meta.concrete_fields
    makers = [
        (field.attname, field.default) for field in fields if field.has_default() and callable(field.default)
    ]
    made = dict(makers)
    return {field.attname: None if field.attname in made else field.get_default() for field in fields}, makers


def bulk_insert(rows: Sequence[Model]) -> None:
    """Writes new rows of one model, in their order; their keys are there already."""
    if not rows:
        return
    model = type(rows[0])
    _send(
        _insert(model), rows, _columns(model, tuple(field.attname for field in model._meta.concrete_fields))
    )
    for row in rows:
        row._state.adding = False


def bulk_change(rows: Sequence[Model], columns: Sequence[str]) -> None:
    """Writes these columns of rows of one model that are there already; a column is named as its value is."""
    if not rows:
        return
    # The keys once more, so that the planner goes by them whatever it believes of the size of a fresh table.
    model = type(rows[0])
    statement, keys = _change(model, tuple(columns)), [row.pk for row in rows]
    _send(statement, rows, _columns(model, ("id", *columns)), keys)


def _send(
    statement: Unawaited, rows: Sequence[Model], columns: Sequence[_Column], *further: list[Any]
) -> None:
    held = [row.__dict__ for row in rows]
    told = {}
    for column, name, written in columns:
        values: list[Any] = [one[name] for one in held]
        told[column] = [value and written(value) for value in values] if written else values
    with connection.cursor() as cursor:
        cursor.execute(statement, [*documents(told), *further])


def _id(value: Any) -> str:
    """Without hyphens: PostgreSQL reads an id so as well, and Python writes it in a third of the time."""
    return f"{value.int:032x}" if type(value) is UUID else str(value)


def documents(told: Mapping[str, Sequence[Any]]) -> tuple[str, str]:
    """Columns with their values, one for each row, as two documents: what all rows share, and what is each row's own.

    PostgreSQL makes rows of them by ``jsonb_populate_recordset``, over a row made of what is shared.
    """
    shared = {column: values[0] for column, values in told.items() if _is_shared(values)}
    own = [column for column in told if column not in shared]
    if own:
        each = [dict(zip(own, row, strict=True)) for row in zip(*map(told.__getitem__, own), strict=True)]
    else:
        each = [{} for _row in next(iter(told.values()))]
    return _encode(shared), _encode(each)


_encode = json.JSONEncoder(check_circular=False, default=str).encode


def _is_shared(values: Sequence[Any]) -> bool:
    first = values[0]
    if first and isinstance(first, (dict, list)):
        # Python takes 1 and true in a document for equal.
        return all(value is first for value in values)
    # Most columns that differ do so at the end already.
    return bool(values[-1] == first) and values.count(first) == len(values)


@cache
def _columns(model: type[Model], names: tuple[str, ...]) -> tuple[_Column, ...]:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return tuple((str(fields[name].column), name, _written(fields[name])) for name in names)


def _written(field: "Field[Any, Any]") -> Callable[[Any], str] | None:
    kind = getattr(field, "target_field", field)
    if isinstance(kind, UUIDField):
        return _id
    return str if isinstance(kind, DateField) else None


@cache
def _insert(model: type[Model]) -> Unawaited:
    table, names = _quoted(
        model._meta.db_table, *(str(field.column) for field in model._meta.concrete_fields)
    )
    return Unawaited(f"INSERT INTO {table} ({names}) SELECT {names} FROM {_told(table)}")  # noqa: S608 - names of the model


@cache
def _change(model: type[Model], columns: tuple[str, ...]) -> Unawaited:
    table, _names = _quoted(model._meta.db_table)
    changes = ", ".join(f'"{name}" = told."{name}"' for name in columns)
    return Unawaited(
        f"UPDATE {table} kept SET {changes} FROM {_told(table)} AS told"  # noqa: S608 - names of the model
        " WHERE kept.id = told.id AND kept.id = ANY (%s)"
    )


def _told(table: str) -> str:
    return f"jsonb_populate_recordset(jsonb_populate_record(NULL::{table}, %s::jsonb), %s::jsonb)"


def _quoted(table: str, *columns: str) -> tuple[str, str]:
    quote = connection.ops.quote_name
    return quote(table), ", ".join(map(quote, columns))
