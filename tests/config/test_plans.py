"""What does not rot unseen: how many queries each page of the bench asks, what they read, and by which plans.

Counts and plans, not times. In a region of two thousand people sequential scans are made unattractive, so that the server
plans as it would for a million: one that is left over has no index to take its place.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import override_settings
from syrupy.assertion import SnapshotAssertion

from config import database
from config.benching import plans, scratch, timing
from config.benching.timing import Side, Times
from config.crowding import loading
from silta.kernel import clock
from silta.workbench import demonstration
from tests.cast import as_owner

PEOPLE = 2000
# More than any page reads of a unit's few hundred clients, and less than there is of the journal alone.
MOST_ROWS = 8000
LEAST = 100
VOCABULARY = {"people_municipality"}
GROWING = {"accounts_user", "people_person", "cases_case", "cases_note", "audit_event", "access_grant"}
STATIC = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
Measured = dict[str, Times]


@pytest.fixture(scope="module")
def address(django_db_blocker: Any) -> Iterator[str]:
    """A region of its own, copied from a dozen told stories; its superuser's address."""
    server, name = os.environ["SILTA_TEST_SERVER"], f"test_plans_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as made:
        made.execute(f"CREATE DATABASE {name} TEMPLATE {database.NAME}")
    kept = connection.settings_dict["NAME"]
    # The moment stands still: pages show what was due when it was told.
    with django_db_blocker.unblock(), clock.at(clock.now()):
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            _tell()
            connection.close()
            superuser = database.with_user(server, "postgres", name)
            loading.multiply(superuser, people=PEOPLE)
            yield superuser
        finally:
            connection.close()
            connection.settings_dict["NAME"] = kept
            with psycopg.connect(server, autocommit=True) as gone:
                gone.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _tell() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE organisations_organisation, accounts_user, people_person, people_personevent CASCADE"
        )
    stories = list(itertools.islice(demonstration.showcases(), 0, None, 5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demonstration, "showcases", lambda: iter(stories))
        patch.setattr(demonstration, "LEAST_PEOPLE", len(stories))
        demonstration.begin(seed=1)
        demonstration.tell_brief(many=4, seed=1, done=len(stories), day=clock.today())


@pytest.fixture(scope="module")
def side(address: str) -> Iterator[Side]:
    """The region as a process that serves pages has it, to which reading a table from end to end costs too much."""
    name = urlsplit(address).path.removeprefix("/")
    made = scratch.connected(address, name=name)
    # To merge along a whole index pays where tables are small, as they are here only.
    made.settings_dict["OPTIONS"]["options"] += " -c enable_seqscan=off -c enable_mergejoin=off"
    finders.get_finder.cache_clear()
    with override_settings(STORAGES=STATIC):
        yield Side.of(made)
    made.close()


@pytest.fixture(scope="module")
def measured(side: Side) -> Measured:
    """Every page of the bench, asked for a few times."""
    return {times.page.name: times for (times,) in timing.measure([side], 1, reads_plans=True)}


def test_the_number_of_queries_of_a_page_is_as_it_was(
    measured: Measured, snapshot: SnapshotAssertion
) -> None:
    assert {name: len(times.queries) for name, times in measured.items()} == snapshot


def test_no_page_walks_through_a_table_that_grows(measured: Measured, side: Side) -> None:
    with scratch.entered(side.connection):
        large = plans.growing(LEAST) - VOCABULARY
    assert large >= GROWING
    walked = {
        (name, node.table, plan.query)
        for name, times in measured.items()
        for plan in times.planned
        for node in plan.walked_through(large)
    }
    assert walked == set()
    for name, times in measured.items():
        assert len(times.planned) >= 5, f"the plans of “{name}” were not seen"


def test_no_page_reads_as_much_as_there_is(measured: Measured, address: str) -> None:
    """What functions of the database read is in it too, though their plans are not seen."""
    with psycopg.connect(address) as looked:
        row = looked.execute("SELECT count(*) FROM audit_event").fetchone()
    assert row is not None
    assert row[0] > 2 * MOST_ROWS
    assert {name: times.rows_read for name, times in measured.items() if times.rows_read > MOST_ROWS} == {}


@pytest.mark.parametrize(
    ("indexes", "page"),
    [("access_grant_%", "case page"), ("cases_note_case%", "timeline"), ("people_person_pkey", "search")],
)
def test_a_missing_index_is_noticed(side: Side, address: str, indexes: str, page: str) -> None:
    with _hidden(address, indexes):
        side.connection.close()
        ((times,),) = timing.measure([side], 1, only=page, reads_plans=True)
        with scratch.entered(side.connection):
            large = plans.growing(LEAST)
    side.connection.close()
    assert [node for plan in times.planned for node in plan.walked_through(large)]


@contextmanager
def _hidden(address: str, indexes: str) -> Iterator[None]:
    """Within, the planner knows nothing of these indexes, as if they were dropped."""
    hide = (
        "UPDATE pg_index i SET indisvalid = %s FROM pg_class c"
        " WHERE c.oid = i.indexrelid AND c.relname LIKE %s AND i.indisvalid <> %s"
    )
    with psycopg.connect(address, autocommit=True) as server:
        assert server.execute(hide, [False, indexes, False]).rowcount
        try:
            yield
        finally:
            server.execute(hide, [True, indexes, True])
