"""The journal cannot be changed unseen: not even by the owner of the tables."""

import datetime as dt
import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from silta.audit import operations as audit
from silta.audit import queries
from silta.audit.enums import Kind
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


def _at_once(*jobs: Callable[[psycopg.Connection[Any]], None]) -> None:
    """Does all at the same moment: real connections, the application's own sign-in."""
    barrier = threading.Barrier(len(jobs))
    failures: list[BaseException] = []

    def work(job: Callable[[psycopg.Connection[Any]], None]) -> None:
        try:
            with connect("silta_app") as app:
                barrier.wait(timeout=120)
                job(app)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failures.append(error)

    threads = [threading.Thread(target=work, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not failures
    assert not [thread for thread in threads if thread.is_alive()]


def _require_whole(superuser: psycopg.Connection[Any], *users: str, events: int) -> None:
    """So many events of these users; every position once, every link once, every digest that of its event."""
    rows = superuser.execute(
        "SELECT h.position, h.digest, count(*), count(DISTINCT e.position), count(DISTINCT e.previous_digest),"
        " bool_and(e.digest = audit_digest(e)), (array_agg(e.digest ORDER BY e.position DESC))[1]"
        " FROM audit_event e JOIN audit_chainhead h USING (chain) WHERE e.user_id = ANY (%s) GROUP BY h.chain",
        [list(users)],
    ).fetchall()
    assert sum(row[2] for row in rows) == events
    for position, digest, count, positions, links, sound, last in rows:
        assert count == positions == links == position
        assert sound
        assert last == digest


def _one_by_one(who: str, times: int = 25) -> Callable[[psycopg.Connection[Any]], None]:
    def write(app: psycopg.Connection[Any]) -> None:
        for number in range(times):
            with app.transaction():
                app.execute("SELECT set_config('silta.user', %s, true)", [who])
                app.execute(_INSERT, [uuid.uuid4(), clock.now(), who, f'{{"number": {number}}}'])

    return write


def _many_at_once(who: str, times: int = 10, size: int = 30) -> Callable[[psycopg.Connection[Any]], None]:
    """Every second transaction is undone, and in each a single event comes between the many."""
    act = {
        "at": clock.now().isoformat(), "kind": "write", "action": "cases.view", "outcome": "done", "user_id": who,
        "unit_id": "", "organisation_id": "", "role": "", "purpose": "",
    }  # fmt: skip
    own = {"person_id": "", "subject_type": "", "subject_id": "", "ground": "", "recipient_unit_id": ""}

    def write(app: psycopg.Connection[Any]) -> None:
        for number in range(times):
            with app.transaction(force_rollback=number % 2 == 1):
                app.execute("SELECT set_config('silta.user', %s, true)", [who])
                for _half in range(2):
                    told = [{**own, "id": str(uuid.uuid4()), "details": {}} for _one in range(size // 2)]
                    app.execute(
                        "SELECT audit_append_many(%s::jsonb, %s::jsonb)", [json.dumps(act), json.dumps(told)]
                    )
                    app.execute(_INSERT, [uuid.uuid4(), clock.now(), who, "{}"])

    return write


def test_two_writers_at_once_keep_the_chain_sound(django_db_setup: None) -> None:
    """The same user in two windows, and another beside her."""
    user, other = str(key("eero")), str(key("kaisa"))
    with connect("postgres") as superuser:
        try:
            _at_once(_one_by_one(user), _one_by_one(user), _one_by_one(other))
            _require_whole(superuser, user, other, events=75)
        finally:
            _forget(superuser)


def test_writers_of_many_events_and_of_single_ones_at_once_keep_the_chain_sound(
    django_db_setup: None,
) -> None:
    """An import in two processes, while the same user reads pages; half of the batches are undone."""
    user = str(key("paula"))
    with connect("postgres") as superuser:
        try:
            _at_once(_many_at_once(user), _many_at_once(user), _one_by_one(user), _one_by_one(user))
            _require_whole(superuser, user, events=2 * 5 * 32 + 50)
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


def _tell_many(actor: Actor, times: int = 5) -> list[Event]:
    with acting(actor):
        told = [audit.Told(PERSON, details={"number": number}) for number in range(times)]
        audit.record_many(actor, "cases.view", told, kind=Kind.READ)
    with as_owner():
        return list(
            Event.objects.filter(user_id=str(actor.user_id), action="cases.view").order_by("position")
        )


def test_events_of_one_statement_are_those_of_single_ones_in_their_order(cast: Cast) -> None:
    def told(events: list[Event]) -> list[dict[str, Any]]:
        linked = {"id", "at", "position", "previous_digest", "digest"}
        names = [field.attname for field in Event._meta.concrete_fields if field.attname not in linked]
        return [{name: getattr(event, name) for name in names} for event in events]

    alone, together = _tell(cast.eero, 3), _tell_many(cast.eero, 3)[3:]
    assert [event.details["number"] for event in together] == [0, 1, 2]
    assert told(together) == [{**one, "kind": Kind.READ} for one in told(alone)]
    assert [event.position for event in together] == [alone[-1].position + step for step in (1, 2, 3)]
    assert [event.previous_digest for event in together] == [
        event.digest for event in (alone[-1], *together[:2])
    ]
    assert audit.verify() == []
    _tell(cast.eero, 1)
    assert audit.verify() == [], "a single event goes on where many ended"


def test_many_events_of_nobody_are_none(cast: Cast) -> None:
    with acting(cast.eero):
        audit.record_many(cast.eero, "cases.view", [])
    assert not _tell_many(cast.eero, 0)


@pytest.mark.parametrize("number", [0, 50, 99])
def test_a_changed_event_among_many_is_found_where_it_stands(cast: Cast, number: int) -> None:
    event = _tell_many(cast.eero, 100)[number]
    _tamper("UPDATE audit_event SET person_id = '' WHERE id = %s", event.pk)
    assert audit.verify() == [queries.BrokenLink(event.chain, event.position, event.pk, "changed")]


def test_a_removed_event_among_many_is_missed_at_the_next(cast: Cast) -> None:
    events = _tell_many(cast.eero)
    _tamper("DELETE FROM audit_event WHERE id = %s", events[1].pk)
    assert audit.verify() == [
        queries.BrokenLink(events[2].chain, events[2].position, events[2].pk, "missing")
    ]


def test_many_events_that_are_undone_leave_nothing(cast: Cast) -> None:
    _tell(cast.eero, 2)
    before = queries.seal()
    with acting(cast.eero):
        audit.record_many(cast.eero, "cases.view", [audit.Told(PERSON)] * 9)
        transaction.set_rollback(True)
    assert queries.seal() == before
    assert len(_tell(cast.eero, 1)) == 3
    assert audit.verify() == []


def test_nobody_writes_many_under_another_name(cast: Cast) -> None:
    with pytest.raises(ProgrammingError, match="under another name"), acting(cast.vaino):
        audit.record_many(cast.eero, "cases.view", [audit.Told(PERSON)])
    with pytest.raises(ProgrammingError, match="under another name"), acting(cast.vaino):
        audit.record_many(None, "cases.view", [audit.Told(PERSON)])


def test_an_event_of_many_cannot_name_its_own_user_unit_or_link(cast: Cast) -> None:
    kaisa, before = str(cast.kaisa.user_id), _tell(cast.eero, 1)[-1]
    forged = {
        "id": str(uuid.uuid4()), "person_id": str(PERSON), "subject_type": "", "subject_id": "", "ground": "",
        "recipient_unit_id": "", "details": {}, "user_id": kaisa, "unit_id": "x", "chain": 1, "position": 900_000,
        "previous_digest": "forged", "digest": "forged",
    }  # fmt: skip
    act = {
        "at": clock.now().isoformat(), "kind": "read", "action": "cases.view", "outcome": "done", "organisation_id": "",
        "user_id": str(cast.eero.user_id), "unit_id": str(cast.eero.unit_id), "role": "", "purpose": "",
    }  # fmt: skip
    with acting(cast.eero), connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_append_many(%s::jsonb, %s::jsonb)", [json.dumps(act), json.dumps([forged])]
        )
    with as_owner():
        event = Event.objects.get(pk=forged["id"])
    assert (event.user_id, event.unit_id) == (str(cast.eero.user_id), str(cast.eero.unit_id))
    assert (event.chain, event.position) == (before.chain, before.position + 1)
    assert event.previous_digest == before.digest
    assert audit.verify() == []


def test_the_application_brings_no_links_of_its_own(cast: Cast) -> None:
    before = _tell(cast.eero, 1)[-1]
    event = Event(
        at=clock.now(), kind=Kind.READ, action="cases.view", user_id=str(cast.eero.user_id),
        unit_id=str(cast.eero.unit_id), chain=before.chain, position=900_000, previous_digest="0" * 64, digest="1" * 64,
    )  # fmt: skip
    with acting(cast.eero):
        event.save(force_insert=True)
    with as_owner():
        event.refresh_from_db()
    assert (event.position, event.previous_digest) == (before.position + 1, before.digest)
    assert audit.verify() == []


def test_a_link_that_the_owner_forges_is_found(cast: Cast) -> None:
    before = _tell(cast.eero, 1)[-1]
    event = Event(
        at=clock.now(), kind=Kind.READ, action="cases.view", user_id=str(cast.eero.user_id), chain=before.chain,
        position=before.position + 1, previous_digest=before.digest, digest="1" * 64,
    )  # fmt: skip
    with as_owner():
        event.save(force_insert=True)
    assert audit.verify() == [queries.BrokenLink(event.chain, event.position, event.pk, "changed")]
