"""The journal cannot be changed unseen: not even by the owner of the tables."""

import datetime as dt
import threading
import uuid
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from silta.audit import operations as audit
from silta.audit import queries
from silta.audit.models import Event
from silta.kernel import clock
from silta.kernel.acting import acting, maintaining
from silta.kernel.actor import Actor
from tests.access.rows import connect
from tests.cast import Cast, as_owner, key

PERSON = key("aino person")


def _tell(actor: Actor, times: int = 5) -> list[Event]:
    for number in range(times):
        with acting(actor):
            audit.record(actor, "cases.view", person_id=PERSON, number=number)
    with as_owner():
        return list(
            Event.objects.filter(user_id=str(actor.user_id), action="cases.view").order_by("position")
        )


def _tamper(statement: str, *values: Any) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")


def test_an_untouched_journal_is_whole(cast: Cast) -> None:
    _tell(cast.eero)
    _tell(cast.kaisa)
    assert queries.first_broken_link() is None
    assert audit.verify() == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_event SET action = 'cases.open' WHERE id = %s",
        "UPDATE audit_event SET person_id = '' WHERE id = %s",
        "UPDATE audit_event SET at = at - interval '1 second' WHERE id = %s",
        "UPDATE audit_event SET outcome = 'refused' WHERE id = %s",
        "UPDATE audit_event SET details = '{\"number\": 9}' WHERE id = %s",
        "UPDATE audit_event SET unit_id = 'x' WHERE id = %s",
        "UPDATE audit_event SET digest = repeat('0', 64) WHERE id = %s",
    ],
)
def test_a_changed_event_is_found_where_it_stands(cast: Cast, change: str) -> None:
    event = _tell(cast.eero)[2]
    _tamper(change, event.pk)
    broken = queries.first_broken_link()
    assert broken == queries.BrokenLink(event.chain, event.position, event.pk, "changed")
    assert audit.verify()[0] == broken


def test_a_changed_event_with_a_digest_made_anew_breaks_the_next_link(cast: Cast) -> None:
    events = _tell(cast.eero)
    _tamper("UPDATE audit_event SET action = 'cases.open' WHERE id = %s", events[2].pk)
    _tamper("UPDATE audit_event e SET digest = audit_digest(e) WHERE id = %s", events[2].pk)
    assert queries.first_broken_link() == queries.BrokenLink(
        events[3].chain, events[3].position, events[3].pk, "foreign"
    )


def test_a_removed_event_is_missed_at_the_next(cast: Cast) -> None:
    events = _tell(cast.eero)
    _tamper("DELETE FROM audit_event WHERE id = %s", events[1].pk)
    assert queries.first_broken_link() == queries.BrokenLink(
        events[2].chain, events[2].position, events[2].pk, "missing"
    )


def test_a_cut_off_end_is_found_by_the_head(cast: Cast) -> None:
    last = _tell(cast.eero)[-1]
    _tamper("DELETE FROM audit_event WHERE id = %s", last.pk)
    assert queries.first_broken_link() == queries.BrokenLink(last.chain, last.position, None, "cut")


def test_an_inserted_event_is_found(cast: Cast) -> None:
    event = _tell(cast.eero)[-1]
    _tamper(
        "INSERT INTO audit_event SELECT (jsonb_populate_record(e, jsonb_build_object('id', %s::text,"
        " 'position', e.position + 1, 'previous_digest', e.digest))).* FROM audit_event e WHERE id = %s",
        str(uuid.uuid4()), event.pk,
    )  # fmt: skip
    broken = queries.first_broken_link()
    assert broken is not None
    assert (broken.position, broken.fault) == (event.position + 1, "changed")


def test_each_broken_chain_is_named_once_at_its_first_broken_link(cast: Cast) -> None:
    eeros, kaisas = _tell(cast.eero), _tell(cast.kaisa)
    for event in (eeros[1], eeros[3], kaisas[2]):
        _tamper("UPDATE audit_event SET action = 'cases.open' WHERE id = %s", event.pk)
    assert {link.event_id for link in audit.verify()} == {eeros[1].pk, kaisas[2].pk}


def test_the_owner_cannot_change_the_journal_by_mistake(cast: Cast) -> None:
    event = _tell(cast.eero)[0]
    for statement in (
        "UPDATE audit_event SET action = 'x' WHERE id = %s",
        "DELETE FROM audit_event WHERE id = %s",
    ):
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SAVEPOINT before")
            with pytest.raises(ProgrammingError, match="append-only"):
                cursor.execute(statement, [event.pk])
            cursor.execute("ROLLBACK TO SAVEPOINT before")


def test_nobody_writes_under_another_name(cast: Cast) -> None:
    with pytest.raises(Exception, match="row-level security"), acting(cast.vaino):
        audit.record(cast.eero, "cases.view", person_id=PERSON)


def test_a_table_named_as_the_heads_of_the_chains_forges_no_link(cast: Cast) -> None:
    before = _tell(cast.eero)[-1].position
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE audit_chainhead AS SELECT n AS chain, 900000 AS position, 'forged' AS digest"
            " FROM generate_series(0, 63) n"
        )
        cursor.execute("GRANT ALL ON audit_chainhead TO PUBLIC")
    last = _tell(cast.eero)[-1].position
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE pg_temp.audit_chainhead")
    assert last == before + 5
    assert audit.verify() == []


def test_what_is_left_after_shortening_is_whole(cast: Cast) -> None:
    events = _tell(cast.eero)
    with maintaining():
        before = Event.objects.count()
        assert audit.shorten(events[3].at) == 3
        assert Event.objects.count() == before - 3
    assert queries.first_broken_link() is None
    with acting(cast.eero):
        audit.record(cast.eero, "cases.view", person_id=PERSON)
    assert queries.first_broken_link() is None
    _tamper("DELETE FROM audit_event WHERE id = %s", events[3].pk)
    broken = queries.first_broken_link()
    assert broken is not None
    assert broken.position == events[4].position


def test_a_fully_shortened_chain_goes_on(cast: Cast) -> None:
    _tell(cast.eero)
    with maintaining():
        audit.shorten(clock.now() + dt.timedelta(days=1))
        assert not Event.objects.exists()
    assert queries.first_broken_link() is None
    _tell(cast.eero)
    assert queries.first_broken_link() is None


def test_the_seal_changes_with_every_event(cast: Cast) -> None:
    first = queries.seal()
    _tell(cast.eero, 1)
    assert queries.seal() != first


def test_two_writers_at_once_keep_the_chain_sound(django_db_setup: None) -> None:
    """The same user in two windows, and another beside her: real connections, the application's own sign-in."""
    user, other = str(key("eero")), str(key("kaisa"))
    barrier = threading.Barrier(3)
    failures: list[BaseException] = []

    def write(who: str) -> None:
        try:
            with connect("silta_app") as app:
                barrier.wait(timeout=10)
                for number in range(25):
                    with app.transaction():
                        app.execute("SELECT set_config('silta.user', %s, true)", [who])
                        app.execute(_INSERT, [uuid.uuid4(), clock.now(), who, f'{{"number": {number}}}'])
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failures.append(error)

    threads = [threading.Thread(target=write, args=[who]) for who in (user, user, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with connect("postgres") as superuser:
        try:
            assert not failures
            rows = superuser.execute(
                "SELECT chain, count(*), count(DISTINCT position), count(DISTINCT previous_digest), bool_and(digest ="
                " audit_digest(e)) FROM audit_event e WHERE user_id = ANY (%s) GROUP BY chain ORDER BY 2 DESC",
                [[user, other]],
            ).fetchall()
            assert sum(row[1] for row in rows) == 75
            for _chain, count, positions, links, sound in rows:
                assert count == positions == links
                assert sound
        finally:
            _forget(superuser)


_INSERT = """INSERT INTO audit_event (id, at, kind, action, outcome, user_id, unit_id, organisation_id, role, purpose,
  person_id, subject_type, subject_id, ground, recipient_unit_id, details, chain, position, previous_digest, digest)
  VALUES (%s, %s, 'write', 'cases.view', 'done', %s, '', '', '', '', '', '', '', '', '', %s, 0, 0, '', '')"""


def _forget(superuser: psycopg.Connection[Any]) -> None:
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("DELETE FROM audit_event")
    superuser.execute(
        "UPDATE audit_chainhead SET position = 0, digest = '', kept_from_position = 1, kept_from_digest = ''"
    )


def test_the_client_and_the_officer_read_page_by_page(cast: Cast) -> None:
    _tell(cast.eero, 7)
    with acting(cast.aino):
        first = queries.events_of_person([PERSON], size=5)
        rest = queries.events_of_person([PERSON], key=first.next_key or "", size=5)
    assert [len(first.events), len(rest.events), rest.next_key] == [5, 2, None]
    assert not {event.pk for event in first.events} & {event.pk for event in rest.events}
    with acting(cast.officer):
        assert (
            len(queries.search(queries.Search(person_ids=(PERSON,), user_id=cast.eero.user_id)).events) == 7
        )
        assert not queries.search(queries.Search(user_id=cast.kaisa.user_id)).events
        assert not queries.search(queries.Search(until=clock.now() - dt.timedelta(days=1))).events
    with acting(cast.vaino):
        assert not queries.events_of_person([PERSON]).events
    with acting(cast.paula):
        assert len(queries.events_of_person([PERSON]).events) == 7, "the lead oversees her unit"
    with acting(cast.saara):
        assert not queries.search(queries.Search(person_ids=(PERSON,))).events
