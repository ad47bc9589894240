"""Keeping subscriptions: made by a lead for her unit, overseen by the keeper, each act journalled."""

import secrets
from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.access.models import Membership
from silta.audit import operations as audit
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, RuleBroken
from silta.outbox import operations as outbox
from silta.outbox import rules as messages
from silta.outbox.models import Message
from silta.subscriptions import queries, rules
from silta.subscriptions.enums import TEST
from silta.subscriptions.models import Subscription


@transaction.atomic
def subscribe(actor: Actor, *, name: str, url: str, kinds: Collection[str]) -> tuple[Subscription, str]:
    """Makes a subscription for the place the actor acts from, and returns it with its secret, which is told this once.

    It tells what its maker may know, while she works there. Raises ``NotAllowed`` for whoever does not manage
    subscriptions or sees no cases, and for a program; ``RuleBroken`` where it has no name or kinds, or its address is
    none that messages go to.
    """
    if actor.token_id is not None:
        raise NotAllowed(_("A program makes no subscriptions."), code="subscriptions.by_token")
    access.require(actor, Permission.SUBSCRIPTIONS_MANAGE)
    access.require(actor, Permission.CASE_VIEW)
    own = access.own_unit_id(actor)
    so_far = Subscription.objects.filter(membership__unit_id=own, ended_at__isnull=True).count()
    problem = rules.problem(name, url, kinds, stays_here=settings.MESSAGES_STAY_HERE, so_far=so_far)
    if problem is not None:
        raise problem
    secret = messages.secret_of(secrets.token_bytes(messages.SECRET_BYTES))
    subscription = Subscription(
        membership=_own_membership(actor), name=name.strip(), url=url, kinds=sorted(set(kinds)), secret=_sealed(secret),
        created_at=clock.now(),
    )  # fmt: skip
    subscription.save(force_insert=True)
    audit.record(actor, "subscriptions.make", subject=subscription, kinds=subscription.kinds)
    return subscription, secret


@transaction.atomic
def rotate_secret(actor: Actor, *, subscription: Subscription) -> str:
    """Makes a new secret and returns it, once; for ``rules.BOTH_SIGN_FOR`` the former signs beside it.

    Raises ``NotFound`` for a subscription the actor does not keep, ``NotAllowed`` for whoever sees no cases.
    """
    access.require(actor, Permission.CASE_VIEW)
    row = _locked(actor, subscription)
    secret = messages.secret_of(secrets.token_bytes(messages.SECRET_BYTES))
    row.former_secret, row.former_until = row.secret, clock.now() + rules.BOTH_SIGN_FOR
    row.secret = _sealed(secret)
    row.save(update_fields=["secret", "former_secret", "former_until"])
    audit.record(actor, "subscriptions.rotate_secret", subject=row)
    return secret


@transaction.atomic
def end(actor: Actor, *, subscription: Subscription) -> Subscription:
    """Ends a subscription at once; what waited is not sent. Again it changes nothing."""
    row = _locked(actor, subscription)
    if row.ended_at is None:
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        outbox.stop(row.pk)
        audit.record(actor, "subscriptions.end", subject=row)
    return row


@transaction.atomic
def resume(actor: Actor, *, subscription: Subscription) -> Subscription:
    """Lets a paused subscription tell again, of what happens from now on; what happened meanwhile is not told.

    Raises ``RuleBroken`` where whoever made it works there no more.
    """
    row = _standing(actor, subscription)
    if access.actor_of_membership(row.membership_id) is None:
        raise RuleBroken(
            _("Whoever made this works here no more in this role. Make a new subscription."),
            code="subscriptions.no_maker",
        )
    if row.paused_at is not None:
        row.paused_at, row.pause_reason, row.failures = None, "", 0
        row.resumed_at = clock.now()
        row.save(update_fields=["paused_at", "pause_reason", "failures", "resumed_at"])
        audit.record(actor, "subscriptions.resume", subject=row)
    return row


@transaction.atomic
def send_test(actor: Actor, *, subscription: Subscription) -> Message:
    """Puts a message in the queue that tells of nothing, to try the address and the signature.

    Raises ``RuleBroken`` where the subscription has ended or is paused.
    """
    row, now = _standing(actor, subscription), clock.now()
    _require_running(row)
    message = Message(channel=row.pk, kind=TEST, happened_at=now, queued_at=now, due_at=now)
    audit.record(actor, "subscriptions.send_test", subject=row)
    return outbox.put([message])[0]


@transaction.atomic
def retry(actor: Actor, *, subscription: Subscription, message: Message) -> Message:
    """Puts a message that failed in the queue once more, under its own id.

    Raises ``RuleBroken`` where the subscription has ended or is paused.
    """
    row = _standing(actor, subscription)
    _require_running(row)
    audit.record(actor, "subscriptions.retry", subject=row, message=str(message.pk))
    return outbox.put_again(message)


def _own_membership(actor: Actor) -> Membership:
    """The membership the actor acts from; raises ``NotAllowed`` where it has just ended."""
    row = next(
        (
            one
            for one in access.memberships_of(actor.user_id)
            if (one.unit_id, one.role, one.purpose) == (actor.unit_id, actor.role, actor.purpose)
        ),
        None,
    )
    if row is None:
        raise NotAllowed(_("Only a worker of a unit can do this."), code="subscriptions.no_membership")
    return row


def _locked(actor: Actor, subscription: Subscription) -> Subscription:
    """The subscription as it stands now, locked; raises ``NotFound`` where the actor does not keep it."""
    Subscription.objects.select_for_update().filter(pk=subscription.pk).values_list("pk").first()
    return queries.subscription_for(actor, subscription.pk)


def _standing(actor: Actor, subscription: Subscription) -> Subscription:
    row = _locked(actor, subscription)
    if row.ended_at is not None:
        raise RuleBroken(_("The subscription has ended."), code="subscriptions.ended")
    return row


def _require_running(subscription: Subscription) -> None:
    if subscription.paused_at is not None:
        raise RuleBroken(_("Sending is paused. Let it go on first."), code="subscriptions.paused")


def _sealed(secret: str) -> str:
    return messages.cipher([settings.SECRET_KEY]).encrypt(secret.encode()).decode()
