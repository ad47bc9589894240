"""Case numbers can be taken and nothing else, whatever the application asks: signed in as its own role."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from silta.cases.models import Case
from silta.kernel import clock
from tests.access.rows import connect, told
from tests.cases.situations import case_of_aino, ended
from tests.cast import Cast, as_owner

App = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def app(django_db_setup: None) -> Iterator[App]:
    """A genuine sign-in as the application."""
    with connect("silta_app") as connection:
        yield connection


def taken(app: App, year: int, how_many: int = 1) -> int:
    """The last of the numbers that were taken."""
    row = app.execute("SELECT silta_take_numbers(%s, %s)", [year, how_many]).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM cases_casenumber",
        "INSERT INTO cases_casenumber (year, last) VALUES (2019, 7)",
        "INSERT INTO cases_casenumber AS c (year, last) VALUES (2019, 1) ON CONFLICT (year) DO UPDATE SET last = 9",
        "UPDATE cases_casenumber SET last = 0",
        "DELETE FROM cases_casenumber",
        "TRUNCATE cases_casenumber",
    ],
)
def test_the_counter_is_neither_read_nor_set(app: App, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege), told(app):
        app.execute(statement)


def test_numbers_follow_each_other(app: App) -> None:
    with told(app):
        first = taken(app, 2025)
        assert taken(app, 2025) == first + 1
        assert taken(app, 2025, 40) == first + 41


@pytest.mark.parametrize(
    ("year", "how_many"), [(2025, 0), (2025, -5), (2025, 10_001), (2027, 1), (1899, 1), (2025, None)]
)
def test_the_counter_is_not_turned_back_nor_run_ahead(app: App, year: int, how_many: int) -> None:
    with pytest.raises(errors.InvalidParameterValue), told(app):
        taken(app, year, how_many)


@pytest.mark.parametrize("role", ["", "client", "supervisor", "keeper", "preview", "evaluator"])
def test_who_opens_no_cases_takes_no_numbers(app: App, role: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege), told(app, role=role):
        taken(app, 2025)


def test_a_preview_takes_no_numbers(app: App) -> None:
    with pytest.raises(errors.InsufficientPrivilege), told(app, looking="kela"):
        taken(app, 2025)


def test_cases_of_one_year_have_numbers_in_order(cast: Cast) -> None:
    first = ended(cast, case_of_aino(cast))
    second = case_of_aino(cast)
    with as_owner():
        one, other = (Case.objects.get(pk=case.pk).number for case in (first, second))
    assert one.startswith(f"{clock.today().year}-")
    assert int(other.partition("-")[2]) == int(one.partition("-")[2]) + 1
