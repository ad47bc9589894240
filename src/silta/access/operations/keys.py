"""The secret addresses of calendars: shown once, kept as a digest, revocable."""

import secrets

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries
from silta.access.models import FeedKey, Membership
from silta.access.queries.acting_for import digest_of
from silta.audit import operations as audit
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, NotFound


def own_membership(actor: Actor) -> Membership:
    """The membership the actor acts from; raises ``NotAllowed`` for whoever acts for no unit, or no longer."""
    today = clock.today()
    row = (
        Membership.objects.filter(
            user_id=actor.user_id,
            unit_id=queries.own_unit_id(actor),
            role=actor.role,
            purpose=actor.purpose,
            valid_from__lte=today,
        )
        .exclude(valid_until__lt=today)
        .first()
    )
    if row is None:
        raise NotAllowed(_("Only a worker of a unit can do this."), code="access.no_membership")
    return row


@transaction.atomic
def make_feed_key(actor: Actor) -> str:
    """Makes the secret of the actor's calendar address and returns it, once; the former secret stops to open.

    Raises ``NotAllowed`` for whoever acts for no unit.
    """
    membership, now = own_membership(actor), clock.now()
    for former in FeedKey.objects.filter(membership=membership, revoked_at__isnull=True):
        _revoke(actor, former)
    secret = secrets.token_urlsafe(32)
    key = FeedKey(membership=membership, digest=digest_of(secret), created_at=now)
    key.save(force_insert=True)
    audit.record(actor, "access.make_feed_key", subject=key)
    return secret


@transaction.atomic
def revoke_feed_key(actor: Actor, *, key: FeedKey) -> None:
    """Makes the address useless at once; raises ``NotFound`` for another user's key."""
    if key.membership.user_id != actor.user_id:
        raise NotFound(_("There is no such calendar address."), code="access.no_feed_key")
    _revoke(actor, key)


def _revoke(actor: Actor, key: FeedKey) -> None:
    key.revoked_at = clock.now()
    key.save(update_fields=["revoked_at"])
    audit.record(actor, "access.revoke_feed_key", subject=key)
