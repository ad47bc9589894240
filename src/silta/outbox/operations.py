"""Putting messages out, sending them, noting what came of it, and forgetting them.

A message is taken for an attempt in one transaction and its outcome noted in another, so that nothing is locked while the
network is waited for. A worker that dies in between leaves a lease that runs out: the message is sent again, under the
same id. So each arrives at least once.
"""

import datetime as dt
import json
import random
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q

from silta.kernel import clock
from silta.kernel.acting import maintaining
from silta.outbox import gateways, rules
from silta.outbox.enums import Reason, State
from silta.outbox.models import Message
from silta.outbox.rules import Answer

_BATCH = 1000


def put(messages: Iterable[Message]) -> list[Message]:
    """Puts messages in the queue, in the transaction of whoever has something to tell."""
    return Message.objects.bulk_create(messages, batch_size=_BATCH)


def put_behind(channel: UUID, messages: Sequence[Message]) -> list[Message]:
    """Puts messages behind those that a receiver which does not answer has not taken yet; else as ``put`` does."""
    stuck = Message.objects.filter(channel=channel, state=State.WAITING, tries__gt=0)
    until = stuck.aggregate(until=Max("due_at"))["until"]
    for message in messages:
        message.due_at = max(message.due_at, until or message.due_at)
    return put(messages)


@transaction.atomic
def put_again(message: Message) -> Message:
    """Puts a message that failed in the queue once more, under its own id; of any other, nothing."""
    now = clock.now()
    failed = Message.objects.filter(pk=message.pk, state=State.FAILED)
    failed.update(
        state=State.WAITING, queued_at=now, due_at=now, tries=0, reason="", status=None, settled_at=None
    )
    message.refresh_from_db()
    return message


def take() -> Message | None:
    """Takes the message that is due first and leases it to this worker; none, if none is due.

    What another worker takes at this moment is passed by. Runs as the owner of the database.
    """
    now = clock.now()
    with maintaining():
        due = Message.objects.filter(
            Q(leased_until__isnull=True) | Q(leased_until__lt=now), state=State.WAITING, due_at__lte=now
        )
        message = due.order_by("due_at", "id").select_for_update(skip_locked=True).first()
        if message is not None:
            message.leased_until = now + rules.LEASE
            message.save(update_fields=["leased_until"])
    return message


def attempt(message: Message, *, url: str, secrets: Sequence[str]) -> Answer:
    """Sends a message that was taken, signed by each secret; outside of any transaction that others wait for.

    A message whose time is over is not sent any more.
    """
    now = clock.now()
    if now - message.queued_at > rules.TRIED_FOR:
        return Answer(reason=Reason.LATE)
    body = json.dumps(
        {
            "type": message.kind, "id": str(message.pk), "timestamp": message.happened_at.isoformat(),
            "data": message.about,
        },
        ensure_ascii=False,
    ).encode()  # fmt: skip
    signed = rules.headers(secrets, message_id=str(message.pk), timestamp=int(now.timestamp()), body=body)
    return gateways.post(url, body=body, headers=signed, stays_here=settings.MESSAGES_STAY_HERE)


def settle(message: Message, answer: Answer) -> Message:
    """Notes what came of an attempt: arrived, to be tried again, or failed for good.

    All that waits for the same receiver waits with a message that failed, and goes at once after one that arrived: a
    receiver that is down is asked seldom, however much there is to tell it. Runs as the owner of the database.
    """
    now = clock.now()
    with maintaining():
        message = Message.objects.select_for_update().get(pk=message.pk)
        if message.state != State.WAITING and answer.reason is not None:
            return message  # It was stopped meanwhile.
        message.leased_until, message.tried_at = None, now
        message.status, message.reason = answer.status, answer.reason or ""
        message.tries += 1
        others = Message.objects.filter(channel=message.channel, state=State.WAITING).exclude(pk=message.pk)
        delay = None
        if answer.reason is None:
            _settled(message, State.DELIVERED, now)
            others.filter(due_at__gt=now).update(due_at=now)
        elif answer.reason != Reason.LATE:
            delay = rules.delay_after(message.tries, random.random())  # noqa: S311 - spreads load, guards nothing
        if answer.reason is not None and delay is None:
            _settled(message, State.FAILED, now)
        elif delay is not None:
            message.due_at = now + delay
            others.filter(due_at__lt=message.due_at).update(due_at=message.due_at)
        message.save()
    return message


def withhold(message: Message) -> Message:
    """Settles a message that may not be sent any more, and forgets what it would have told."""
    with maintaining():
        message.leased_until, message.about = None, {}
        _settled(message, State.WITHHELD, clock.now())
        message.save()
    return message


def stop(channel: UUID) -> int:
    """Fails everything that waits in a channel, in the transaction of whoever pauses or ends it; returns how many."""
    waiting = Message.objects.filter(channel=channel, state=State.WAITING)
    return waiting.update(state=State.FAILED, reason=Reason.PAUSED, settled_at=clock.now(), leased_until=None)


def forget() -> int:
    """Erases messages settled longer than ``rules.KEPT_DAYS`` ago; returns how many. Runs as the owner of the database."""
    before = clock.now() - dt.timedelta(days=rules.KEPT_DAYS)
    with maintaining():
        gone, _tables = Message.objects.filter(settled_at__lt=before).delete()
    return gone


def _settled(message: Message, state: State, now: dt.datetime) -> None:
    message.state, message.settled_at = state, now
