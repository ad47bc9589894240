"""The figures of a unit's work are the keeper's, whatever the application asks: signed in as its own role."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.access.rows import connect, told
from tests.cast import key

App = psycopg.Connection[Any]
WORK = "SELECT * FROM silta_work_of(%s, ARRAY['consent'])"


@pytest.fixture(scope="module")
def app(django_db_setup: None) -> Iterator[App]:
    """A genuine sign-in as the application."""
    with connect("silta_app") as connection:
        yield connection


def test_the_keeper_counts_and_sees_no_row(app: App) -> None:
    with told(app, user="admin", unit="keeping", role="keeper"):
        assert app.execute(WORK, [key("unit employment")]).fetchone() == (0, 0, 0, 0, 0, 0, 0, [])
        assert app.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)


@pytest.mark.parametrize(
    "role", ["", "unit_lead", "case_worker", "data_protection_officer", "client", "preview"]
)
def test_nobody_else_counts(app: App, role: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege), told(app, role=role):
        app.execute(WORK, [key("unit employment")])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE organisations_unit SET name_fi = 'x'",
        "UPDATE organisations_organisation SET requires_second_factor = false",
    ],
)
def test_nobody_else_changes_an_organisation(app: App, statement: str) -> None:
    for role in ("unit_lead", "case_worker", "data_protection_officer", "client", ""):
        with told(app, role=role):
            assert app.execute(statement).rowcount == 0
    with told(app, user="admin", unit="keeping", role="keeper"):
        assert app.execute(statement).rowcount > 0
