"""Subscriptions as those see them who keep them, and what a subscription may tell."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases import queries as cases
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound
from silta.outbox import queries as outbox
from silta.outbox.enums import State
from silta.outbox.models import Message
from silta.subscriptions.models import Subscription

PAGE = 50
_ROOM, _CASE = "cases", "case"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act was done to: the name of its table in the room of cases, and its key."""

    table: str
    key: UUID

    @classmethod
    def of(cls, label: str, key: str) -> "Subject | None":
        """The subject of an entry of the journal; none where it is nothing that may be told of."""
        room, _dot, table = label.partition(".")
        return cls(table, UUID(key)) if room == _ROOM else None


def known_to(actor: Actor, subjects: Collection[Subject]) -> Mapping[Subject, UUID]:
    """Of these subjects those that the actor may know of now, each with its case.

    Both locks are asked: the case is among hers, and row-level security lets the row itself through. To be called
    within ``acting(actor)``.
    """
    by_table: dict[str, list[UUID]] = defaultdict(list)
    for subject in subjects:
        by_table[subject.table].append(subject.key)
    case_of: dict[Subject, UUID] = {}
    for table, keys in by_table.items():
        column = "pk" if table == _CASE else "case_id"
        rows = apps.get_model(_ROOM, table)._default_manager.filter(pk__in=keys).order_by()
        case_of |= {Subject(table, key): case for key, case in rows.values_list("pk", column)}
    visible = cases.visible_to(actor).filter(pk__in=set(case_of.values())).order_by()
    hers = set(visible.values_list("pk", flat=True))
    return {subject: case for subject, case in case_of.items() if case in hers}


@dataclass(frozen=True, slots=True)
class Shown:
    """A subscription in the list, with what waits and what failed."""

    row: Subscription
    waiting: int
    failed: int


def subscriptions(actor: Actor) -> list[Shown]:
    """The subscriptions the actor keeps, the standing ones first: a lead those of her unit, the keeper all.

    Raises ``NotAllowed`` without the permission to manage subscriptions.
    """
    rows = list(_kept_by(actor).select_related("membership__unit", "membership__user"))
    counted = Message.objects.filter(
        channel__in=[row.pk for row in rows], state__in=[State.WAITING, State.FAILED]
    )
    by_state = counted.order_by().values_list("channel", "state").annotate(number=Count("pk"))
    numbers = {(channel, state): number for channel, state, number in by_state}
    shown = [
        Shown(row, numbers.get((row.pk, State.WAITING), 0), numbers.get((row.pk, State.FAILED), 0))
        for row in rows
    ]
    return sorted(shown, key=lambda one: one.row.ended_at is not None)


def subscription_for(actor: Actor, subscription_id: UUID) -> Subscription:
    """One subscription the actor keeps; raises ``NotFound`` for any other."""
    rows = _kept_by(actor).select_related("membership__unit", "membership__user")
    row = rows.filter(pk=subscription_id).first()
    if row is None:
        raise NotFound(_("There is no such subscription."), code="subscriptions.not_found")
    return row


@dataclass(frozen=True, slots=True)
class Deliveries:
    """A page of messages, the newest first, and the key of its last where more follow."""

    messages: list[Message]
    next_key: UUID | None


def deliveries(
    subscription: Subscription, *, state: State | None = None, after: UUID | None = None
) -> Deliveries:
    """A page of what was sent, is to be sent or failed."""
    found = list(outbox.messages_of(subscription.pk, state=state, after=after)[: PAGE + 1])
    return Deliveries(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def message_for(subscription: Subscription, message_id: UUID) -> Message:
    """One message of the subscription; raises ``NotFound`` for any other."""
    row = outbox.messages_of(subscription.pk).filter(pk=message_id).first()
    if row is None:
        raise NotFound(_("There is no such message."), code="subscriptions.no_message")
    return row


def _kept_by(actor: Actor) -> "QuerySet[Subscription]":
    access.require(actor, Permission.SUBSCRIPTIONS_MANAGE)
    if access.permits(actor, Permission.ORGANISATIONS_MANAGE):
        return Subscription.objects.all()
    return Subscription.objects.filter(membership__unit_id=access.own_unit_id(actor))
