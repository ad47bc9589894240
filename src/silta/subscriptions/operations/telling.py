"""Telling receivers what has happened: the journal is read on, and what it tells is sent to those who may know it.

The journal is written in the transaction of each act, so nothing that was done goes untold and nothing undone is told; and
those who act pay nothing for it. Runs in the worker, as the owner of the database.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction

from silta.access import queries as access
from silta.audit import operations as audit
from silta.audit import queries as journal
from silta.audit.models import Event
from silta.kernel import clock
from silta.kernel.acting import acting, maintaining
from silta.outbox import operations as outbox
from silta.outbox import rules as messages
from silta.outbox.enums import Reason, State
from silta.outbox.models import Message
from silta.outbox.rules import Answer
from silta.subscriptions import queries, rules
from silta.subscriptions.enums import TEST, PauseReason
from silta.subscriptions.models import Bookmark, Subscription
from silta.subscriptions.queries import Subject

# How much of each chain of the journal is passed in one transaction.
_STRETCH = 5000


def read_on(*, seconds: float = 10.0) -> int:
    """Reads the journal on to its end, or as far as the time allows, and puts out what subscribers may know.

    Returns how many messages. Where another worker reads at this moment, and where nobody subscribes, it does nothing but
    keep up. What a subscriber may not know leaves no trace in her subscription.
    """
    until, told = time.monotonic() + seconds, 0
    while True:
        more, is_behind = _read_stretch()
        told += more
        if not is_behind or time.monotonic() > until:
            return told


@transaction.atomic
def _read_stretch() -> tuple[int, bool]:
    """Reads one stretch of each chain; returns how many messages came of it, and whether more is there to read."""
    with maintaining():
        bookmark = Bookmark.objects.select_for_update(skip_locked=True).order_by("id").first()
        if bookmark is None:
            return 0, False
        running = list(
            Subscription.objects.filter(ended_at__isnull=True, paused_at__isnull=True).order_by("id")
        )
        past = {int(chain): position for chain, position in bookmark.positions.items()}
        wanted = {kind for one in running for kind in one.kinds}
        actions = [action for action, kind in rules.KIND_OF.items() if kind in wanted]
        ends = journal.ends()
        events, reached = journal.written_since(past, actions, most=_STRETCH) if running else ([], ends)
    told = sum(_put_out(subscription, events) for subscription in running) if events else 0
    if reached != past:
        with maintaining():
            Bookmark.objects.filter(pk=bookmark.pk).update(positions=reached)
    return told, any(reached[chain] < end for chain, end in ends.items())


def _put_out(subscription: Subscription, events: Sequence[Event]) -> int:
    """Puts out what this subscription tells of; pauses it where its maker is gone."""
    since = max(filter(None, (subscription.created_at, subscription.resumed_at)))
    wanted = [
        (event, subject)
        for event in events
        if rules.KIND_OF[event.action] in subscription.kinds
        and event.at >= since
        and (subject := Subject.of(event.subject_type, event.subject_id))
    ]
    if not wanted:
        return 0
    actor = access.actor_of_membership(subscription.membership_id)
    if actor is None:
        _pause(subscription, PauseReason.MEMBERSHIP)
        return 0
    with acting(actor):
        known = queries.known_to(actor, {subject for _event, subject in wanted})
    news = [
        _message(subscription, event, subject, known[subject])
        for event, subject in wanted
        if subject in known
    ]
    with maintaining():
        return len(outbox.put_behind(subscription.pk, news))


def _message(subscription: Subscription, event: Event, subject: Subject, case_id: UUID) -> Message:
    now = clock.now()
    about = {"case_id": str(case_id), "subject_type": subject.table, "subject_id": str(subject.key)}
    return Message(
        channel=subscription.pk, kind=rules.KIND_OF[event.action], about=about, happened_at=event.at, queued_at=now,
        due_at=now,
    )  # fmt: skip


def deliver(*, seconds: float) -> int:
    """Sends what is due, one message after another, until nothing is or the time is over; returns how many attempts."""
    until, attempts = time.monotonic() + seconds, 0
    while time.monotonic() < until and (message := outbox.take()) is not None:
        _deliver(message)
        attempts += 1
    return attempts


def _deliver(message: Message) -> None:
    """One attempt. Whether the receiver may still know of it is asked anew, however long the message has waited."""
    with maintaining():
        subscription = Subscription.objects.filter(pk=message.channel, ended_at__isnull=True).first()
        if subscription is not None and subscription.paused_at is not None:
            outbox.stop(subscription.pk)
            return
    if subscription is None or not _may_be_told(subscription, message):
        outbox.withhold(message)
        return
    try:
        secrets = _secrets_of(subscription)
    except InvalidToken:
        _pause(subscription, PauseReason.SECRET)
        return
    answer = outbox.attempt(message, url=subscription.url, secrets=secrets)
    _count(subscription, outbox.settle(message, answer), answer)


def _may_be_told(subscription: Subscription, message: Message) -> bool:
    if message.kind == TEST:
        return True
    actor = access.actor_of_membership(subscription.membership_id)
    if actor is None:
        return False
    subject = Subject(message.about["subject_type"], UUID(message.about["subject_id"]))
    with acting(actor):
        return subject in queries.known_to(actor, [subject])


def _secrets_of(subscription: Subscription) -> list[str]:
    """What signs now; raises ``InvalidToken`` where the secret cannot be read. A former one that cannot is left out."""
    cipher = messages.cipher([settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)])
    secrets = [cipher.decrypt(subscription.secret.encode()).decode()]
    if subscription.former_until is not None and clock.now() < subscription.former_until:
        with suppress(InvalidToken):
            secrets.append(cipher.decrypt(subscription.former_secret.encode()).decode())
    return secrets


def _count(subscription: Subscription, message: Message, answer: Answer) -> None:
    """Counts what failed for good in a row, and pauses the subscription where it is too much."""
    if answer.status == rules.GONE:
        _pause(subscription, PauseReason.GONE)
    elif message.state == State.FAILED and message.reason != Reason.PAUSED:
        with maintaining():
            row = Subscription.objects.select_for_update().get(pk=subscription.pk)
            row.failures += 1
            row.save(update_fields=["failures"])
        if row.failures >= rules.PAUSED_AFTER:
            _pause(row, PauseReason.FAILURES)
    elif message.state == State.DELIVERED and subscription.failures:
        with maintaining():
            Subscription.objects.filter(pk=subscription.pk).update(failures=0)


def pause_restored() -> int:
    """Pauses every subscription of a database that has come back from a backup; returns how many told until then.

    Two installations may stand on one backup, and only one of them is to tell: its keepers resume there what they want.
    """
    with maintaining():
        running = list(
            Subscription.objects.filter(ended_at__isnull=True, paused_at__isnull=True).order_by(
                "created_at", "id"
            )
        )
    for subscription in running:
        _pause(subscription, PauseReason.RESTORED)
    return len(running)


def _pause(subscription: Subscription, reason: PauseReason) -> None:
    """Pauses a subscription, once: what waits has failed, and whoever keeps it is told on her pages and in the journal."""
    with maintaining():
        running = Subscription.objects.filter(pk=subscription.pk, paused_at__isnull=True)
        if running.update(paused_at=clock.now(), pause_reason=reason):
            outbox.stop(subscription.pk)
            audit.record(None, "subscriptions.pause", subject=subscription, why=str(reason))
