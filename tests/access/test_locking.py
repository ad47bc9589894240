"""Bringing the policies up to date while others are at work: they go first, and the locks come after them."""

import time

import psycopg
import pytest
from django.db import OperationalError, connection

from silta.access import operations as access
from silta.access import policies
from silta.access.operations import locking
from tests.access.rows import connect
from tests.cast import Cast


@pytest.fixture
def pauses(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """As the keeper of the database, with short waits, and the pauses counted instead of slept."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
    taken: list[float] = []
    monkeypatch.setattr(locking, "_WAIT_MS", 50)
    monkeypatch.setattr(time, "sleep", taken.append)
    return taken


def _at_work() -> psycopg.Connection:
    """Somebody in the middle of writing a note."""
    other = connect("silta_owner")
    other.execute("BEGIN")
    other.execute("LOCK TABLE cases_note IN ROW EXCLUSIVE MODE")
    return other


def test_a_table_in_use_is_tried_again(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    with _at_work() as other:
        monkeypatch.setattr(time, "sleep", lambda pause: (pauses.append(pause), other.execute("COMMIT")))
        assert access.lock_tables() == len(list(policies.declared()))
    assert len(pauses) == 1


def test_a_table_that_stays_in_use_is_told_of(pauses: list[float]) -> None:
    with _at_work(), pytest.raises(OperationalError, match="lock timeout"):
        access.lock_tables()
    assert len(pauses) == locking._ATTEMPTS - 1


def test_the_application_makes_no_table_that_answers_in_the_place_of_another(pauses: list[float]) -> None:
    access.lock_tables()
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_database_privilege('silta_app', current_database(), 'TEMPORARY')")
        assert cursor.fetchone() == (False,)
    assert pauses == []
