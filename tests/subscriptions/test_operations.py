"""Keeping subscriptions: a lead makes them, the keeper sees to all, and nobody widens one."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, ProgrammingError

from silta.access import operations as access
from silta.access import queries as rights
from silta.audit import rules as sentences
from silta.audit.models import Event
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import NotAllowed, NotFound, RuleBroken
from silta.outbox.enums import State
from silta.outbox.models import Message
from silta.subscriptions import operations, queries, rules
from silta.subscriptions.enums import Kind
from silta.subscriptions.models import Subscription
from tests.cast import Cast, as_owner, key

URL = "https://vastaanottaja.example/silta"


def made(cast: Cast, name: str = "Oma rekisteri") -> tuple[Subscription, str]:
    """Paula's subscription."""
    with acting(cast.paula):
        return operations.subscribe(cast.paula, name=name, url=URL, kinds=[Kind.CASE_OPENED])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"), ({"url": "http://vastaanottaja.example/"}, "url"), ({"url": "vastaanottaja"}, "url"),
        ({"kinds": []}, "kinds"), ({"kinds": ["case.opened", "everything"]}, "kinds"), ({"kinds": ["test"]}, "kinds"),
        ({"so_far": rules.MOST_PER_UNIT}, "name"),
    ],
)  # fmt: skip
def test_a_subscription_has_a_name_an_address_and_kinds(wrong: dict[str, Any], field: str) -> None:
    sound: dict[str, Any] = {
        "name": "Oma",
        "url": URL,
        "kinds": ["case.opened"],
        "stays_here": False,
        "so_far": 0,
    }
    assert rules.problem(**sound) is None
    problem = rules.problem(**sound | wrong)
    assert problem is not None
    assert problem.field == field


def test_every_kind_stands_for_acts_of_the_journal() -> None:
    assert rules.KINDS.keys() == set(Kind)
    assert rules.KIND_OF.keys() <= sentences.sentences().keys()
    assert len(rules.KIND_OF) == sum(len(acts) for acts in rules.KINDS.values())


def test_the_secret_is_told_once_and_lies_sealed(cast: Cast) -> None:
    subscription, secret = made(cast)
    with as_owner():
        kept = Subscription.objects.get(pk=subscription.pk)
        events = [str(vars(event)) for event in Event.objects.order_by("id")]
    assert secret.startswith("whsec_")
    assert secret not in str(vars(kept))
    assert not [event for event in events if secret in event or "vastaanottaja" in event]


@pytest.mark.parametrize("name", ["eero", "kaisa", "vaino", "tiina", "officer", "admin", "aino", "hanna"])
def test_only_a_lead_subscribes(cast: Cast, name: str) -> None:
    actor = getattr(cast, name)
    with acting(actor), pytest.raises(NotAllowed):
        operations.subscribe(actor, name="Oma", url=URL, kinds=[Kind.CASE_OPENED])


def test_a_program_makes_no_subscription(cast: Cast) -> None:
    with acting(cast.paula):
        _token, secret = access.make_token(
            cast.paula, name="Siirto", scopes=["cases.read"], expires_on=clock.today() + dt.timedelta(days=9)
        )
    program = rights.actor_by_token(secret)
    assert program is not None
    with acting(program), pytest.raises(NotAllowed):
        operations.subscribe(program, name="Oma", url=URL, kinds=[Kind.CASE_OPENED])


def test_the_keeper_sees_and_ends_all_and_holds_no_secret(cast: Cast) -> None:
    subscription, _secret = made(cast)
    with acting(cast.admin):
        assert [shown.row.pk for shown in queries.subscriptions(cast.admin)] == [subscription.pk]
        with pytest.raises(NotAllowed):
            operations.rotate_secret(cast.admin, subscription=subscription)
        operations.end(cast.admin, subscription=subscription)
        operations.end(cast.admin, subscription=subscription)
    with acting(cast.paula), pytest.raises(RuleBroken):
        operations.send_test(cast.paula, subscription=subscription)
    with as_owner():
        assert Event.objects.filter(action="subscriptions.end").count() == 1


def test_to_others_it_does_not_exist(cast: Cast) -> None:
    subscription, _secret = made(cast)
    for name in ("eero", "vaino", "saara", "officer"):
        actor = getattr(cast, name)
        with acting(actor):
            assert not Subscription.objects.exists()
            with pytest.raises((NotAllowed, NotFound)):
                queries.subscription_for(actor, subscription.pk)
            with pytest.raises((NotAllowed, NotFound)):
                operations.end(actor, subscription=subscription)


@pytest.mark.parametrize(
    "change",
    [
        "url = 'https://x.example/'",
        "kinds = '{note.written}'",
        f"membership_id = '{key('membership saara')}'",
    ],
)
def test_where_of_what_and_in_whose_right_it_tells_never_changes(cast: Cast, change: str) -> None:
    made(cast)
    with (
        acting(cast.paula),
        pytest.raises(DatabaseError, match="Cannot update"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE subscriptions_subscription SET {change}")


def test_nobody_makes_one_in_anothers_name(cast: Cast) -> None:
    subscription, _secret = made(cast)
    for membership in ("membership eero", "membership saara"):
        copy = Subscription.objects.none().model(
            membership_id=key(membership), name="x", url=URL, kinds=["case.opened"], secret=subscription.secret,
            created_at=clock.now(),
        )  # fmt: skip
        with acting(cast.paula), pytest.raises(ProgrammingError), transaction.atomic():
            copy.save(force_insert=True)


def test_the_application_does_not_touch_the_bookmark(cast: Cast) -> None:
    for statement in ("SELECT * FROM subscriptions_bookmark", "DELETE FROM outbox_message"):
        with (
            acting(cast.paula),
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_only_what_failed_is_sent_again_and_only_while_it_runs(cast: Cast) -> None:
    subscription, _secret = made(cast)
    with acting(cast.paula):
        message = operations.send_test(cast.paula, subscription=subscription)
        assert operations.retry(cast.paula, subscription=subscription, message=message).state == State.WAITING
    with as_owner():
        Message.objects.update(
            state=State.FAILED, tries=8, reason="status", status=500, settled_at=clock.now()
        )
    with acting(cast.paula):
        again = operations.retry(cast.paula, subscription=subscription, message=message)
    assert (again.pk, again.state, again.tries, again.reason) == (message.pk, State.WAITING, 0, "")
    with as_owner():
        Subscription.objects.update(paused_at=clock.now(), pause_reason="failures")
    with acting(cast.paula), pytest.raises(RuleBroken):
        operations.retry(cast.paula, subscription=subscription, message=message)


def test_ending_stops_what_waits(cast: Cast) -> None:
    subscription, _secret = made(cast)
    with acting(cast.paula):
        operations.send_test(cast.paula, subscription=subscription)
        operations.end(cast.paula, subscription=subscription)
        assert [message.state for message in queries.deliveries(subscription).messages] == [State.FAILED]


def test_pages_of_messages_go_on_where_the_last_one_ended(cast: Cast) -> None:
    subscription, _secret = made(cast)
    with acting(cast.paula):
        for _number in range(queries.PAGE + 2):
            operations.send_test(cast.paula, subscription=subscription)
        first = queries.deliveries(subscription)
        second = queries.deliveries(subscription, after=first.next_key)
        assert (len(first.messages), len(second.messages), second.next_key) == (queries.PAGE, 2, None)
        assert queries.deliveries(subscription, state=State.FAILED).messages == []
