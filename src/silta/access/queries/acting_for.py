"""For whom a user may act: her memberships, those she represents, and the keys of her calendar."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from silta.access.enums import Purpose
from silta.access.models import FeedKey, Membership, Representation
from silta.accounts.models import User
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.request import Request
from silta.kernel.statements import Statement
from silta.organisations.models import Unit

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Place:
    """The place a user acts from: the actor, which choice it came from, and what her organisation demands.

    ``memberships`` are all she could choose from, so that a page that offers them need not ask again.
    """

    actor: Actor
    choice: UUID
    requires_second_factor: bool = False
    memberships: tuple[Membership, ...] = ()


class ActingRequest(Request):
    """A request with the place its user acts from; ``before_view`` is where a refusal takes the database back to."""

    place: Place | None
    before_view: str


_MEMBERSHIPS = Statement(
    lambda user, today: (
        Membership.objects.filter(user_id=user, valid_from__lte=today)
        .exclude(valid_until__lt=today)
        .select_related("unit__organisation")
        .order_by("valid_from", "id")
    ),
    UUID,
    dt.date,
)


def memberships_of(user_id: UUID) -> list[Membership]:
    """The user's current memberships with unit and organisation, the oldest first."""
    return _MEMBERSHIPS(user_id, clock.today()).rows()


def representations_of(user_id: UUID) -> list[Representation]:
    """In whose matters the user may act herself: her own first.

    Runs as the user alone, since it is asked before there is an actor.
    """
    today = clock.today()
    with acting(Actor(user_id=user_id, role="", purpose="")):
        rows = Representation.objects.filter(user_id=user_id, valid_from__lte=today).exclude(
            valid_until__lt=today
        )
        return list(rows.order_by("-is_self", "id"))


def _as_member(row: Membership, among: Sequence[Membership] = ()) -> Place:
    organisation = row.unit.organisation
    actor = Actor(
        user_id=row.user_id,
        role=row.role,
        purpose=row.purpose,
        unit_id=row.unit_id,
        organisation_id=organisation.pk,
    )
    return Place(actor, row.pk, organisation.requires_second_factor, tuple(among))


def _as_client(row: Representation) -> Place:
    actor = Actor(user_id=row.user_id, role="client", purpose=Purpose.OWN_MATTER, person_id=row.person_id)
    return Place(actor, row.pk)


def place_of(user_id: UUID, chosen: UUID | None = None) -> Place | None:
    """The place a user acts from: the membership or representation she chose, else her first membership, else her own matter.

    A choice that is not hers, or has ended, falls back to the first that stands; none, if none stands.
    """
    memberships = memberships_of(user_id)
    for membership in memberships:
        if membership.pk == chosen:
            return _as_member(membership, memberships)
    if memberships and chosen is None:
        return _as_member(memberships[0], memberships)
    representations = representations_of(user_id)
    for representation in representations:
        if representation.pk == chosen:
            return _as_client(representation)
    if memberships:
        return _as_member(memberships[0], memberships)
    return _as_client(representations[0]) if representations else None


def actor_for(user_id: UUID, chosen: UUID | None = None) -> Actor | None:
    """The actor of a user, as ``place_of`` finds it."""
    place = place_of(user_id, chosen)
    return place.actor if place else None


def actor_as_unit(unit: Unit, purpose: str, *, looking: Actor | None = None) -> Actor:
    """An actor for previews: what would this unit see? ``looking`` is the worker who asks.

    Used with ``acting(...)``. The database lets through only what both units may see, so that a preview never shows
    more than its viewer already knows; it may write nothing but the journal, which names the viewer. Without
    ``looking`` nothing is let through.
    """
    return Actor(
        user_id=looking.user_id if looking else _NOBODY,
        role="preview",
        purpose=purpose,
        unit_id=unit.pk,
        organisation_id=unit.organisation_id,
        looking_unit_id=looking.unit_id if looking and looking.unit_id else _NOBODY,
    )


def workers_of(unit_id: UUID) -> list[User]:
    """The active users who work in the unit today, by name."""
    today = clock.today()
    current = Membership.objects.filter(unit_id=unit_id, valid_from__lte=today).exclude(valid_until__lt=today)
    return list(User.objects.filter(is_active=True, pk__in=current.values("user_id")))


def digest_of(secret: str) -> str:
    """What is kept of a secret: its SHA-256 digest."""
    return hashlib.sha256(secret.encode()).hexdigest()


def actor_by_feed_key(secret: str) -> Actor | None:
    """The actor behind the secret of a calendar address; none where it is unknown, revoked, or the membership ended.

    The key's last use is noted by a function of the database, the one thing this reading writes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT silta_use_feed_key(%s, %s)", [digest_of(secret), clock.now()])
        membership_id = cursor.fetchone()[0]
    if membership_id is None:
        return None
    today = clock.today()
    row = (
        Membership.objects.filter(pk=membership_id, valid_from__lte=today, user__is_active=True)
        .exclude(valid_until__lt=today)
        .select_related("unit__organisation")
        .first()
    )
    return _as_member(row).actor if row else None


def feed_keys_of(actor: Actor) -> list[FeedKey]:
    """The actor's own calendar keys that still open, the newest first."""
    return list(FeedKey.objects.filter(membership__user_id=actor.user_id, revoked_at__isnull=True))
