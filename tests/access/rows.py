"""One row for every table that speaks of a person, made from the model itself: a new table is tested on its first day."""

import datetime as dt
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from psycopg import sql
from psycopg.types.json import Jsonb

from config import database
from silta.access import policies
from silta.kernel.rowsecurity import Covered, TablePolicy
from tests.cast import key

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PERSON, CASE, UNIT, USER = key("row person"), key("row case"), key("unit employment"), key("eero")
# What a constraint of the table wants of a row, beyond the type of its columns.
_WANTED: dict[str, dict[str, Any]] = {
    "people_person": {"id": PERSON, "identity_code": "", "no_code_reason": "not_known"},
    "people_merge": {"duplicate_id": key("row duplicate")},
    "cases_case": {"id": CASE, "state": "open", "number": "9999-00001", "outcome": "", "ended_on": None},
    "cases_caseevent": {"pgh_obj_id": CASE},
    "people_personevent": {"pgh_obj_id": PERSON},
    "cases_participation": {"unit_id": UNIT, "part": "member"},
    "cases_transfer": {"to_unit_id": key("unit kela")},
    "cases_note": {"visibility": "shared", "kind": "observation", "text": "x"},
    "cases_noteevent": {"visibility": "shared"},
}


def covered() -> list[TablePolicy]:
    """Every policy of a table that holds rows about a person, by person and category."""
    return [policy for policy in policies.declared() if isinstance(policy.rule, Covered)]


def model_of(table: str) -> type[models.Model]:
    """The model of a table."""
    return next(
        model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table
    )


def category_of(policy: TablePolicy) -> str:
    """The category under which the table's test row is filed."""
    assert isinstance(policy.rule, Covered)
    literal = policy.rule.category.strip("'")
    return "social" if literal == "t.category" else literal


def row_for(table: str, **wanted: Any) -> dict[str, Any]:
    """A row of the table about ``PERSON`` in ``CASE``, recorded by Eero for his unit."""
    given = {**_WANTED.get(table, {}), **wanted}
    row: dict[str, Any] = {}
    for field in model_of(table)._meta.concrete_fields:
        if field.column in given:
            row[field.column] = given[field.column]
        elif not (isinstance(field, models.AutoField) or (field.null and field.column not in _NAMED)):
            row[field.column] = _value(field)
    return {column: Jsonb(value) if isinstance(value, dict) else value for column, value in row.items()}


_NAMED = {
    "pgh_obj_id": CASE, "person_id": PERSON, "case_id": CASE, "recorded_by_id": USER, "recorded_by": USER, "recorded_by_unit_id": UNIT,
    "recorded_by_unit": UNIT, "category": "social", "owner_unit_id": UNIT, "provider_unit_id": UNIT,
}  # fmt: skip


def _value(field: Any) -> Any:
    kinds: list[tuple[Any, Any]] = [
        (models.UUIDField, key("some row")), (models.DateTimeField, NOW),
        (models.DateField, NOW.date()), (models.BooleanField, False), (models.IntegerField, 1), (models.JSONField, {}),
        (ArrayField, ["identity"]), (models.CharField, "x"), (models.TextField, "x"),
    ]  # fmt: skip
    if field.column in _NAMED:
        return _NAMED[field.column]
    if isinstance(field, models.ForeignKey):
        return (
            _value(field.target_field)
            if not isinstance(field.target_field, models.UUIDField)
            else key("some row")
        )
    if field.primary_key and isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if field.blank and isinstance(field, models.CharField | models.TextField):
        return ""
    if field.choices:
        return field.choices[0][0]
    return next(value for kind, value in kinds if isinstance(field, kind))


def insert(table: str, row: dict[str, Any]) -> sql.Composed:
    """The statement that adds the row."""
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Literal, row.values()))
    )  # fmt: skip


def connect(role: str) -> psycopg.Connection[Any]:
    """A connection of its own to this run's database: a genuine sign-in as the role, no ``SET ROLE``."""
    from django.db import connection

    address = database.with_user(os.environ["SILTA_TEST_SERVER"], role, str(connection.settings_dict["NAME"]))
    return psycopg.connect(address, autocommit=True)


@contextmanager
def told(
    app: psycopg.Connection[Any],
    *,
    user: str = "eero",
    unit: str = "employment",
    role: str = "case_worker",
    person: uuid.UUID | None = None,
    looking: str = "",
) -> Iterator[None]:
    """A transaction in which the database was told who acts; undone at its end."""
    organisation = {"employment": "authority", "employment_other": "authority", "kela": "kela"}.get(unit, "")
    settings = {
        "user": str(key(user)), "unit": str(key(f"unit {unit}")) if unit else "", "role": role, "now": NOW.isoformat(),
        "organisation": str(key(f"organisation {organisation}")) if organisation else "",
        "person": str(person or ""), "looking": str(key(f"unit {looking}")) if looking else "",
    }  # fmt: skip
    with app.transaction(force_rollback=True):
        for name, value in settings.items():
            app.execute("SELECT set_config(%s, %s, true)", [f"silta.{name}", value])
        yield
