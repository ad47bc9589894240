"""The second lock: what the database itself lets through, whatever the application asks.

The tests sign in as the application's own role, on a connection of their own, against rows that are really there.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.utils import ProgrammingError
from psycopg import errors, sql

from silta.access.enums import Category
from silta.access.models import Membership
from silta.access.policies import declared
from silta.kernel.acting import acting
from silta.kernel.rowsecurity import Covered, TablePolicy
from silta.people.models import Person
from tests.access.rows import (
    CASE,
    NOW,
    PERSON,
    category_of,
    connect,
    covered,
    insert,
    model_of,
    row_for,
    told,
)
from tests.cast import Cast, key

LATER, EARLIER = NOW + dt.timedelta(hours=1), NOW - dt.timedelta(hours=1)
TABLES = [pytest.param(policy, id=policy.table) for policy in covered()]
App = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def owner(django_db_setup: None) -> Iterator[App]:
    """The superuser's connection, with one row about the same person in every covered table, and no grant."""
    with connect("postgres") as connection:
        connection.execute("SET session_replication_role = replica")
        made: list[tuple[str, str, Any]] = []
        for policy in covered():
            row = row_for(policy.table)
            connection.execute(insert(policy.table, row))
            key_column = model_of(policy.table)._meta.pk.column
            if key_column not in row:
                key_column = "pgh_obj_id" if "pgh_obj_id" in row else "id"
            made.append((policy.table, key_column, row[key_column]))
        yield connection
        for table, column, value in made:
            connection.execute(f'DELETE FROM {table} WHERE "{column}" = %s', [value])
        connection.execute("DELETE FROM access_grant WHERE person_id = %s", [PERSON])


@pytest.fixture(scope="module")
def app(owner: App) -> Iterator[App]:
    """A genuine sign-in as the application."""
    with connect("silta_app") as connection:
        yield connection


@pytest.fixture
def granted(owner: App) -> Iterator[Any]:
    """Gives a grant over the person, past every check; taken away after the test."""

    def give(*categories: str, **wanted: Any) -> None:
        row = {
            "id": uuid.uuid4(), "person_id": PERSON, "unit_id": key("unit employment"), "ground": "own_register",
            "categories": list(categories), "valid_from": EARLIER, "valid_until": None, "ended_reason": "",
            "source_type": "", "reference": "", "recorded_by_id": key("eero"), "recorded_at": EARLIER, **wanted,
        }  # fmt: skip
        owner.execute(insert("access_grant", row))

    yield give
    owner.execute("DELETE FROM access_grant WHERE person_id = ANY (%s)", [[PERSON, key("aino person")]])


def seen(app: App, policy: TablePolicy) -> int:
    """How many rows about the person the role sees now."""
    column = (
        "pgh_obj_id"
        if "personevent" in policy.table
        else "id"
        if policy.table == "people_person"
        else "person_id"
    )
    found = app.execute(f"SELECT count(*) FROM {policy.table} WHERE {column} = %s", [PERSON]).fetchone()
    assert found is not None
    return int(found[0])


def test_every_table_of_every_room_is_locked_and_declared(owner: App) -> None:
    rooms = [m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("silta.")]
    tables = {model._meta.db_table for model in rooms}
    assert tables == {policy.table for policy in declared()}
    locked = {
        row[0]
        for row in owner.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity"
        ).fetchall()
    }
    assert tables <= locked
    with_policies = {
        row[0] for row in owner.execute("SELECT tablename FROM pg_policies WHERE 'silta_app' = ANY(roles)")
    }
    assert tables <= with_policies


def test_every_table_that_names_a_person_is_covered_or_has_a_rule_of_its_own() -> None:
    open_tables = {
        policy.table
        for policy in declared()
        if not isinstance(policy.rule, Covered) and not hasattr(policy.rule, "using")
    }
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith("silta."):
            names_person = any(
                isinstance(field, models.ForeignKey) and field.related_model is Person
                for field in model._meta.fields
            )
            assert not (names_person and model._meta.db_table in open_tables), model


@pytest.mark.parametrize("policy", TABLES)
def test_a_unit_without_a_grant_sees_nothing(app: App, policy: TablePolicy) -> None:
    with told(app):
        assert seen(app, policy) == 0
    with told(app, user="vaino", unit="employment_other"):
        assert seen(app, policy) == 0
    with app.transaction(force_rollback=True):
        assert seen(app, policy) == 0, "nobody was told to the database"


@pytest.mark.parametrize("policy", TABLES)
def test_a_grant_opens_its_own_category_to_its_own_unit_only(
    app: App, granted: Any, policy: TablePolicy
) -> None:
    granted(*set(Category) - {category_of(policy)})
    with told(app):
        assert seen(app, policy) == 0, "a grant of every other category"
    granted(category_of(policy))
    with told(app):
        assert seen(app, policy) == 1
    with told(app, user="vaino", unit="employment_other"):
        assert seen(app, policy) == 0


@pytest.mark.parametrize("policy", TABLES)
def test_a_grant_that_is_over_or_still_to_come_opens_nothing(
    app: App, granted: Any, policy: TablePolicy
) -> None:
    granted(*Category, valid_from=EARLIER - dt.timedelta(days=9), valid_until=EARLIER)
    granted(*Category, valid_from=EARLIER, valid_until=NOW)
    granted(*Category, valid_from=LATER)
    with told(app):
        assert seen(app, policy) == 0


@pytest.mark.parametrize("policy", TABLES)
def test_an_emergency_opens_to_its_user_alone(app: App, granted: Any, policy: TablePolicy) -> None:
    granted(*Category, ground="emergency", valid_until=LATER)
    with told(app):
        assert seen(app, policy) == 1
    with told(app, user="paula", role="unit_lead"):
        assert seen(app, policy) == 0


@pytest.mark.parametrize("policy", TABLES)
def test_what_is_not_seen_cannot_be_changed_or_removed(app: App, policy: TablePolicy) -> None:
    column = model_of(policy.table)._meta.pk.column
    for verb, statement in (
        ("UPDATE", f'UPDATE {policy.table} SET "{column}" = "{column}"'), ("DELETE", f"DELETE FROM {policy.table}"),
    ):  # fmt: skip
        if verb in policy.verbs:
            with told(app):
                assert app.execute(statement).rowcount == 0
        else:
            with pytest.raises(errors.InsufficientPrivilege), told(app):
                app.execute(statement)


@pytest.mark.parametrize("policy", [one for one in TABLES if one.values[0].table != "people_person"])
def test_nothing_is_added_to_a_person_the_unit_does_not_reach(
    app: App, granted: Any, policy: TablePolicy
) -> None:
    fresh = {} if "event" in policy.table else {"id": uuid.uuid4()}
    granted(*Category, unit_id=key("unit kela"))
    with pytest.raises(errors.InsufficientPrivilege), told(app):
        app.execute(insert(policy.table, row_for(policy.table, **fresh)))


@pytest.mark.parametrize("policy", [one for one in TABLES if "UPDATE" in one.values[0].verbs])
def test_a_row_never_becomes_another_persons_or_another_units(
    app: App, granted: Any, policy: TablePolicy
) -> None:
    granted(*Category)
    granted(*Category, person_id=key("aino person"))
    columns = {field.column for field in model_of(policy.table)._meta.concrete_fields}
    moves = {
        "person_id": key("aino person"),
        "recorded_by_unit_id": key("unit kela"),
        "recorded_by_unit": key("unit kela"),
    }
    for column in columns & set(moves):
        with pytest.raises(errors.InsufficientPrivilege), told(app):
            app.execute(
                sql.SQL("UPDATE {} SET {} = %s").format(sql.Identifier(policy.table), sql.Identifier(column)),
                [moves[column]],
            )


@pytest.mark.parametrize("policy", [one for one in TABLES if one.values[0].table.endswith("event")])
def test_history_is_written_by_the_database_alone(app: App, granted: Any, policy: TablePolicy) -> None:
    granted(*Category)
    with pytest.raises(errors.InsufficientPrivilege), told(app):
        app.execute(insert(policy.table, row_for(policy.table)))


def test_a_grant_of_one_case_does_not_open_another_organisations_case(app: App, granted: Any) -> None:
    """The wall: the employer's own matter gives no sight of the authority's, though it is the same person."""
    granted(
        *Category,
        unit_id=key("unit city_hr"),
        ground="employment_relation",
        source_type="cases.case",
        source_id=uuid.uuid4(),
    )
    with told(app, user="hanna", unit="city_hr", role="employer_coordinator"):
        for policy in covered():
            if (
                "case_id" in {field.column for field in model_of(policy.table)._meta.concrete_fields}
                or "cases_case" in policy.table
            ):
                assert seen(app, policy) == 0, policy.table
    granted(
        *Category,
        unit_id=key("unit city_hr"),
        ground="employment_relation",
        source_type="cases.case",
        source_id=CASE,
    )
    with told(app, user="hanna", unit="city_hr", role="employer_coordinator"):
        assert app.execute("SELECT count(*) FROM cases_case").fetchone() == (1,)


def test_a_preview_shows_only_what_both_units_may_see(app: App, granted: Any) -> None:
    granted("plan", "clienthood")
    granted("plan", "health", unit_id=key("unit kela"))
    with told(app, unit="kela", role="preview", looking="employment"):
        assert app.execute("SELECT count(*) FROM cases_goal").fetchone() == (1,)
        assert app.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)
    with (
        pytest.raises(errors.InsufficientPrivilege),
        told(app, unit="kela", role="preview", looking="employment"),
    ):
        app.execute(insert("cases_goal", row_for("cases_goal", recorded_by_unit_id=key("unit kela"))))


def test_a_forgotten_filter_gives_nothing(cast: Cast) -> None:
    rooms = [model_of(policy.table) for policy in covered()]
    for actor in (cast.vaino, cast.eero, cast.tiina, cast.admin, None):
        with acting(actor):
            assert [model for model in rooms if model._default_manager.exists()] == []


def test_the_client_sees_herself_and_nobody_else(cast: Cast) -> None:
    with acting(cast.aino):
        assert Person.objects.get().first_names == "Aino Maria"


def test_the_application_owns_nothing_and_cannot_step_around(app: App, owner: App) -> None:
    row = owner.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'silta_app'"
    ).fetchone()
    assert row == (False, False, False, False)
    owned = owner.execute(
        "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = 'silta_app'"
    ).fetchone()
    assert owned == (0,)
    for statement in (
        "SET ROLE silta_owner",
        "SET session_replication_role = replica",
        "ALTER TABLE cases_note DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE cases_note DISABLE TRIGGER ALL",
        "DROP POLICY silta_read ON cases_note",
        "CREATE POLICY mine ON cases_note FOR SELECT TO silta_app USING (true)",
        "TRUNCATE cases_note",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION silta_unit() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
        "GRANT silta_owner TO silta_app",
    ):
        with pytest.raises(errors.InsufficientPrivilege), app.transaction():
            app.execute(statement)
    app.execute("SET row_security = off")
    with pytest.raises(errors.InsufficientPrivilege), app.transaction():
        app.execute("SELECT count(*) FROM cases_note")
    app.execute("SET row_security = on")
    assert app.execute("SET ROLE NONE; SELECT current_user").statusmessage
    assert app.execute("SELECT current_user").fetchone() == ("silta_app",)


def test_a_lead_makes_no_keeper_and_sets_nobodys_password(cast: Cast) -> None:
    lead, ids = cast.paula, {"lead": key("paula"), "unit": key("unit employment")}
    row = {"id": uuid.uuid4(), "user_id": key("eero"), "unit_id": ids["unit"], "purpose": "joint_support", "title": "",
           "phone": "", "valid_from": NOW.date(), "ended_reason": ""}  # fmt: skip
    with acting(lead), connection.cursor() as cursor:
        for role in ("keeper", "data_protection_officer", "evaluator", "client", "preview"):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                Membership(**row | {"role": role}).save(force_insert=True)
        for changed in ("role = 'keeper'", "purpose = 'keeping'", f"user_id = '{key('vaino')}'"):
            with pytest.raises(ProgrammingError, match="never changes"), transaction.atomic():
                cursor.execute(
                    f"UPDATE access_membership SET {changed} WHERE id = '{key('membership eero')}'"
                )
        cursor.execute("UPDATE accounts_user SET password = 'x' WHERE id <> %s", [ids["lead"]])
        assert cursor.rowcount == 0
        Membership(**row | {"role": "unit_lead"}).save(force_insert=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_chainhead SET position = 0",
        "SELECT * FROM audit_chainhead",
        "UPDATE access_erasurerun SET is_dry = false",
        "UPDATE access_erasurerelease SET reason = ''",
    ],
)
def test_the_application_cannot_touch_the_journal_it_wrote(app: App, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege), told(app):
        app.execute(statement)
