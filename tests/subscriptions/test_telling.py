"""Telling: who may know is told, signed and once more when it failed; a stranger learns of nothing."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from silta.access import operations as access
from silta.access.models import Grant, Membership
from silta.audit import queries as journal
from silta.audit.models import Event
from silta.cases.enums import NoteKind, Visibility
from silta.cases.operations import actions, notes, path
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.outbox import operations as outbox
from silta.outbox import rules as messages
from silta.outbox.enums import Reason, State
from silta.outbox.models import Message
from silta.outbox.rules import Answer
from silta.subscriptions import operations, rules
from silta.subscriptions.enums import Kind, PauseReason
from silta.subscriptions.models import Bookmark, Subscription
from silta.subscriptions.operations import telling
from tests.cases import situations
from tests.cast import Cast, also_works_in, as_owner
from tests.outbox.receiver import Received, Receiver, receiving

EVERYTHING = list(Kind)


@pytest.fixture(autouse=True)
def _here(settings: Any) -> None:
    settings.MESSAGES_STAY_HERE = True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def lead_of(cast: Cast, name: str, unit: str) -> Actor:
    """One of the cast, as the lead of a unit."""
    row = also_works_in(cast, name, unit, "unit_lead")
    return Actor(
        getattr(cast, name).user_id, row.role, row.purpose, row.unit_id, cast.unit(unit).organisation_id
    )


def subscribed(actor: Actor, url: str, kinds: list[Kind] = EVERYTHING) -> tuple[Subscription, str]:
    """A subscription, made before anything happens."""
    with acting(actor):
        made = operations.subscribe(actor, name="Oma rekisteri", url=url, kinds=kinds)
    operations.read_on()
    return made


def told_kinds(receiver: Receiver) -> list[str]:
    """The kinds of what was received, in order."""
    return [json.loads(request.body)["type"] for request in receiver.received]


def is_signed(request: Received, secret: str) -> bool:
    """Whether the request carries the signature of this secret."""
    mine = messages.signature(
        secret, message_id=request.headers["webhook-id"], timestamp=int(request.headers["webhook-timestamp"]),
        body=request.body,
    )  # fmt: skip
    return mine in request.headers["webhook-signature"].split()


def tell() -> int:
    """What the worker does each minute."""
    operations.read_on()
    return operations.deliver(seconds=5)


def messages_there() -> list[Message]:
    """All messages, the oldest first, past row-level security."""
    with as_owner():
        return list(Message.objects.order_by("id"))


def test_the_lead_is_told_of_her_units_case_by_numbers_alone(cast: Cast, receiver: Receiver) -> None:
    _made, secret = subscribed(cast.paula, receiver.url)
    case = situations.case_of_aino(cast)
    with acting(cast.eero):
        step = actions.add_action(cast.eero, case=case, text="Soita Mäkisen Puuhun")
        notes.write_note(cast.eero, case=case, kind=NoteKind.OBSERVATION, text="Tuli ajoissa.")
    tell()
    assert told_kinds(receiver) == ["case.opened", "action.changed", "note.written"]
    opened, added, _noted = (json.loads(request.body) for request in receiver.received)
    assert opened["data"] == {"case_id": str(case.pk), "subject_type": "case", "subject_id": str(case.pk)}
    assert added["data"] == {"case_id": str(case.pk), "subject_type": "action", "subject_id": str(step.pk)}
    sent = b"".join(request.body for request in receiver.received).decode()
    for word in (
        "Aino",
        "Korhonen",
        "Puuhun",
        "ajoissa",
        str(case.person_id),
        str(cast.eero.user_id),
        case.number,
    ):
        assert word not in sent
    assert all(is_signed(request, secret) for request in receiver.received)
    assert {message.state for message in messages_there()} == {State.DELIVERED}


def test_what_happened_is_told_once(cast: Cast, receiver: Receiver) -> None:
    subscribed(cast.paula, receiver.url)
    situations.case_of_aino(cast)
    assert (tell(), tell()) == (1, 0)


def test_only_what_was_chosen_is_told_and_nothing_from_before(cast: Cast, receiver: Receiver) -> None:
    case = situations.case_of_aino(cast)
    subscribed(cast.paula, receiver.url, [Kind.CASE_PHASE, Kind.CASE_OPENED])
    with acting(cast.eero):
        actions.add_action(cast.eero, case=case, text="Soita Mäkisen Puuhun")
        path.change_phase(cast.eero, case=situations.again(cast, case), phase="assessment", reason="Sovittu")
    tell()
    assert told_kinds(receiver) == ["case.phase_changed"]


def test_what_was_undone_is_not_told(cast: Cast, receiver: Receiver) -> None:
    """The journal is written in the transaction of the act; so what is told has been done."""
    subscribed(cast.paula, receiver.url)
    with acting(cast.eero):
        before = transaction.savepoint()
        situations.case_of_aino(cast)
        transaction.savepoint_rollback(before)
    assert tell() == 0


def test_a_strangers_subscription_never_learns_that_a_case_exists(cast: Cast, receiver: Receiver) -> None:
    """Väinö leads another unit of the very same authority."""
    vaino = lead_of(cast, "vaino", "employment_other")
    made, _secret = subscribed(vaino, receiver.url)
    situations.with_plan(cast)
    assert tell() == 0
    assert receiver.received == []
    assert messages_there() == []
    with acting(vaino):
        assert not Message.objects.filter(channel=made.pk).exists()


def test_a_unit_is_told_from_when_it_joins_and_of_no_row_it_may_not_read(
    cast: Cast, receiver: Receiver
) -> None:
    saara = lead_of(cast, "saara", "social")
    case = situations.case_of_aino(cast)
    subscribed(saara, receiver.url)
    with acting(cast.eero):
        actions.add_action(cast.eero, case=case, text="Ennen Saaraa")
    tell()
    assert receiver.received == []
    situations.invited(cast, case, "saara", "social", categories=["identity", "clienthood", "plan"])
    with acting(cast.eero):
        notes.write_note(
            cast.eero,
            case=case,
            kind=NoteKind.OBSERVATION,
            text="Oman yksikön.",
            visibility=Visibility.INTERNAL,
        )
        actions.add_action(cast.eero, case=case, text="Saaran jälkeen")
    tell()
    assert told_kinds(receiver) == ["network.changed", "action.changed"]


def test_access_is_asked_again_at_delivery(cast: Cast, receiver: Receiver) -> None:
    saara = lead_of(cast, "saara", "social")
    made, _secret = subscribed(saara, receiver.url)
    situations.in_network(cast)
    assert operations.read_on() > 0
    with as_owner():
        Grant.objects.filter(unit=saara.unit_id).update(valid_until=clock.now())
    operations.deliver(seconds=5)
    assert receiver.received == []
    withheld = [message for message in messages_there() if message.channel == made.pk]
    assert {(message.state, str(message.about)) for message in withheld} == {(State.WITHHELD, "{}")}


def test_a_receiver_that_fails_thrice_gets_the_same_message_a_fourth_time(cast: Cast) -> None:
    with receiving(500, 500, 500, 204) as receiver:
        _made, secret = subscribed(cast.paula, receiver.url)
        situations.case_of_aino(cast)
        operations.read_on()
        now, waits = clock.now(), []
        for _attempt in range(4):
            with time_machine.travel(now, tick=False):
                assert operations.deliver(seconds=5) == 1
                assert operations.deliver(seconds=5) == 0
            (message,) = messages_there()
            waits.append(message.due_at - now)
            now = message.due_at
    assert message.state == State.DELIVERED
    assert message.tries == 4
    assert waits[0] < waits[1] < waits[2]
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1
    assert len({request.body for request in receiver.received}) == 1
    assert len({request.headers["webhook-timestamp"] for request in receiver.received}) == 4
    assert all(is_signed(request, secret) for request in receiver.received)


def test_what_never_arrives_fails_and_pauses_the_subscription(cast: Cast) -> None:
    with receiving(500) as receiver:
        made, _secret = subscribed(cast.paula, receiver.url)
        case = situations.case_of_aino(cast)
        with acting(cast.eero):
            for number in range(rules.PAUSED_AFTER + 3):
                actions.add_action(cast.eero, case=case, text=f"Askel {number}")
        operations.read_on()
        now = clock.now()
        for _round in range(200):
            with time_machine.travel(now, tick=False):
                operations.deliver(seconds=5)
            now += dt.timedelta(minutes=15)
    states = [(message.state, message.reason) for message in messages_there()]
    assert State.WAITING not in {state for state, _reason in states}
    assert (State.FAILED, Reason.STATUS) in states
    assert (State.FAILED, Reason.PAUSED) in states
    # However much there was to tell, a receiver that was down was asked seldom.
    assert len(receiver.received) < 30
    with acting(cast.paula):
        row = Subscription.objects.get(pk=made.pk)
        assert (row.pause_reason, row.failures) == (PauseReason.FAILURES, rules.PAUSED_AFTER)
    with as_owner():
        event = Event.objects.get(action="subscriptions.pause")
    assert event.details == {"why": "failures"}


def test_what_waited_goes_at_once_when_the_receiver_is_back(cast: Cast) -> None:
    with receiving(500, 204) as receiver:
        subscribed(cast.paula, receiver.url)
        case = situations.case_of_aino(cast)
        with acting(cast.eero):
            for number in range(3):
                actions.add_action(cast.eero, case=case, text=f"Askel {number}")
        assert tell() == 1
        with acting(cast.eero):
            actions.add_action(cast.eero, case=case, text="Uusi askel")
        assert tell() == 0
        with time_machine.travel(clock.now() + dt.timedelta(minutes=2)):
            assert operations.deliver(seconds=5) == 5
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 5


def test_a_receiver_that_is_gone_is_left_in_peace(cast: Cast) -> None:
    with receiving(410) as receiver:
        made, _secret = subscribed(cast.paula, receiver.url)
        situations.in_network(cast)
        assert tell() == 1
        assert tell() == 0
    with acting(cast.paula):
        assert Subscription.objects.get(pk=made.pk).pause_reason == PauseReason.GONE
    assert {message.state for message in messages_there()} == {State.FAILED}


def test_whoever_leaves_takes_her_subscriptions_rights_with_her(cast: Cast, receiver: Receiver) -> None:
    made, _secret = subscribed(cast.paula, receiver.url)
    with as_owner():
        Membership.objects.filter(user_id=cast.paula.user_id).update(valid_until=dt.date(2020, 1, 2))
    situations.case_of_aino(cast)
    assert tell() == 0
    assert messages_there() == []
    with as_owner():
        assert Subscription.objects.get(pk=made.pk).pause_reason == PauseReason.MEMBERSHIP


def test_while_paused_nothing_is_gathered_and_afterwards_only_what_is_new(
    cast: Cast, receiver: Receiver
) -> None:
    made, _secret = subscribed(cast.paula, receiver.url)
    with as_owner():
        Subscription.objects.filter(pk=made.pk).update(
            paused_at=clock.now(), pause_reason="failures", failures=5
        )
    case = situations.case_of_aino(cast)
    assert tell() == 0
    with acting(cast.paula):
        operations.resume(cast.paula, subscription=made)
    with acting(cast.eero):
        actions.add_action(cast.eero, case=case, text="Uusi askel")
    tell()
    assert told_kinds(receiver) == ["action.changed"]


def test_both_secrets_sign_for_a_day(cast: Cast, receiver: Receiver) -> None:
    made, former = subscribed(cast.paula, receiver.url)
    with acting(cast.paula):
        new = operations.rotate_secret(cast.paula, subscription=made)
        operations.send_test(cast.paula, subscription=made)
    operations.deliver(seconds=5)
    with time_machine.travel(clock.now() + rules.BOTH_SIGN_FOR + dt.timedelta(minutes=1)):
        with acting(cast.paula):
            operations.send_test(cast.paula, subscription=made)
        operations.deliver(seconds=5)
    during, after = receiver.received
    assert is_signed(during, former)
    assert is_signed(during, new)
    assert is_signed(after, new)
    assert not is_signed(after, former)
    assert json.loads(during.body)["data"] == {}


def test_nothing_is_sent_to_a_place_inside_whatever_was_subscribed(
    cast: Cast, receiver: Receiver, settings: Any
) -> None:
    """The address is looked at when the message goes: a subscription of the demonstration is no way in later."""
    subscribed(cast.paula, receiver.url.replace("http://127.0.0.1", "https://localhost"))
    settings.MESSAGES_STAY_HERE = False
    situations.case_of_aino(cast)
    tell()
    assert receiver.received == []
    (message,) = messages_there()
    assert (message.state, message.reason) == (State.WAITING, Reason.ADDRESS)


def test_what_one_worker_has_in_hand_no_other_takes(cast: Cast) -> None:
    subscribed(cast.paula, "http://127.0.0.1:9/")
    situations.case_of_aino(cast)
    operations.read_on()
    assert outbox.take() is not None
    assert outbox.take() is None


def test_a_long_stretch_of_the_journal_is_read_to_its_end(
    cast: Cast, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_STRETCH", 2)
    subscribed(cast.paula, receiver.url)
    case = situations.case_of_aino(cast)
    with acting(cast.eero):
        for number in range(5):
            actions.add_action(cast.eero, case=case, text=f"Askel {number}")
    assert operations.read_on() == 6
    assert operations.read_on() == 0


def test_what_is_stopped_in_the_middle_of_an_attempt_stays_so(cast: Cast) -> None:
    made, _secret = subscribed(cast.paula, "http://127.0.0.1:9/")
    situations.case_of_aino(cast)
    operations.read_on()
    message = outbox.take()
    assert message is not None
    with as_owner():
        outbox.stop(made.pk)
    settled = outbox.settle(message, Answer(500, Reason.STATUS))
    assert (settled.state, settled.reason) == (State.FAILED, Reason.PAUSED)


def test_a_secret_that_cannot_be_read_pauses_and_a_new_one_helps(
    cast: Cast, receiver: Receiver, settings: Any
) -> None:
    made, _secret = subscribed(cast.paula, receiver.url)
    settings.SECRET_KEY = "another installation's"
    situations.case_of_aino(cast)
    tell()
    with acting(cast.paula):
        row = Subscription.objects.get(pk=made.pk)
        assert row.pause_reason == PauseReason.SECRET
        new = operations.rotate_secret(cast.paula, subscription=row)
        operations.resume(cast.paula, subscription=row)
        operations.send_test(cast.paula, subscription=row)
    operations.deliver(seconds=5)
    assert is_signed(receiver.received[0], new)


def test_a_worker_that_died_in_the_middle_leaves_the_message_to_another(
    cast: Cast, receiver: Receiver
) -> None:
    subscribed(cast.paula, receiver.url)
    situations.case_of_aino(cast)
    operations.read_on()
    taken = outbox.take()
    assert taken is not None
    assert operations.deliver(seconds=5) == 0
    with time_machine.travel(clock.now() + messages.LEASE + dt.timedelta(seconds=1)):
        assert operations.deliver(seconds=5) == 1
    assert receiver.received[0].headers["webhook-id"] == str(taken.pk)


def test_settled_messages_are_forgotten_after_thirty_days_and_waiting_ones_are_not(
    cast: Cast, receiver: Receiver
) -> None:
    subscribed(cast.paula, receiver.url)
    situations.case_of_aino(cast)
    tell()
    with time_machine.travel(clock.now() + dt.timedelta(days=messages.KEPT_DAYS - 1)):
        assert outbox.forget() == 0
    with time_machine.travel(clock.now() + dt.timedelta(days=messages.KEPT_DAYS, minutes=1)):
        situations.invited(cast, situations.case_of_aino(cast, kind="coaching"), "saara", "social")
        operations.read_on()
        waiting = [message.pk for message in messages_there() if message.state == State.WAITING]
        assert outbox.forget() == 1
    assert [message.pk for message in messages_there()] == waiting


def test_acts_pay_nothing_where_nobody_subscribes_and_nothing_where_somebody_does(cast: Cast) -> None:
    """Nothing is written beside the journal when something is done; the worker reads it afterwards."""
    case = situations.case_of_aino(cast)

    def statements() -> int:
        with acting(cast.eero):
            before = len(connection.queries_log)
            actions.add_action(cast.eero, case=case, text="Askel")
            return len(connection.queries_log) - before

    connection.force_debug_cursor = True
    try:
        alone = statements()
        subscribed(cast.paula, "http://127.0.0.1:9/")
        assert statements() == alone
    finally:
        connection.force_debug_cursor = False


def test_the_bookmark_keeps_up_where_nobody_subscribes(cast: Cast) -> None:
    situations.in_network(cast)
    assert operations.read_on() == 0
    with as_owner():
        reached = Bookmark.objects.get().positions
    assert reached == {str(chain): end for chain, end in journal.ends().items()}
    assert sum(reached.values()) > 0


def test_emergencies_and_other_acts_of_access_are_told_to_nobody(cast: Cast, receiver: Receiver) -> None:
    subscribed(cast.paula, receiver.url)
    case = situations.case_of_aino(cast)
    tell()
    with acting(cast.saara):
        access.open_emergency_access(
            cast.saara,
            person_id=case.person_id,
            reason="Asiakas ei vastaa, huoli turvallisuudesta.",
            minutes=30,
        )
    tell()
    assert told_kinds(receiver) == ["case.opened"]
