"""For whom a user may act: her memberships, those she represents, the keys of her calendar and the tokens of her programs."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Purpose
from silta.access.models import FeedKey, Membership, Representation, Token
from silta.accounts.models import User
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound
from silta.kernel.request import Request
from silta.kernel.statements import Statement
from silta.organisations.models import Unit
from silta.ui.programs import Remembers

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
    """A request with the place its user acts from; ``before_view`` is where a refusal takes the database back to.

    ``refused`` is what a program's call ended in, for the middleware to undo and to journal; ``answers`` is what its
    token was answered before.
    """

    place: Place | None
    before_view: str
    refused: Exception | None
    answers: Remembers


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
    row = _standing_membership(membership_id, clock.today())
    return _as_member(row).actor if row else None


def _standing_membership(membership_id: UUID, today: dt.date) -> Membership | None:
    """The membership with its unit; none where it has ended, or its user was shut out."""
    rows = Membership.objects.filter(pk=membership_id, valid_from__lte=today, user__is_active=True)
    return rows.exclude(valid_until__lt=today).select_related("unit__organisation").first()


def actor_of_membership(membership_id: UUID) -> Actor | None:
    """The actor of exactly this membership; none where it has ended, or its user was shut out."""
    row = _standing_membership(membership_id, clock.today())
    return _as_member(row).actor if row else None


@dataclass(frozen=True, slots=True)
class Program:
    """A token that somebody showed: the actor behind it, or why there is none (``refused``: a word for the journal)."""

    token: Token
    actor: Actor | None
    refused: str = ""
    is_first_today: bool = False


def program_of(secret: str) -> Program | None:
    """Who acts by this secret of a token; none where no token has it.

    Its last day of use is noted by a function of the database, the one thing this reading writes. A token that was
    revoked or is over, and one whose owner was shut out or works there no more, has no actor.
    """
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM silta_use_token(%s, %s)", [digest_of(secret), today])
        found = cursor.fetchone()
    if found is None:
        return None
    key, membership_id, scopes, expires_on, is_revoked, is_new_day = found
    token = Token(id=key, membership_id=membership_id, scopes=scopes, expires_on=expires_on)
    if is_revoked or expires_on < today:
        return Program(token, None, "revoked" if is_revoked else "expired")
    row = _standing_membership(membership_id, today)
    if row is None:
        return Program(token, None, "membership_ended")
    actor = replace(_as_member(row).actor, token_id=key, scopes=frozenset(scopes))
    return Program(token, actor, is_first_today=is_new_day)


def actor_by_token(secret: str) -> Actor | None:
    """The actor behind the secret of a token, within its scopes; none where it is unknown or does not hold."""
    program = program_of(secret)
    return program.actor if program else None


def tokens_of(actor: Actor) -> list[Token]:
    """The user's own tokens, of all her places, the newest first; those that are over too."""
    rows = Token.objects.filter(membership__user_id=actor.user_id)
    return list(rows.select_related("membership__unit__organisation"))


def token_for(actor: Actor, token_id: UUID) -> Token:
    """One of the user's own tokens; raises ``NotFound`` for any other."""
    row = (
        Token.objects.filter(membership__user_id=actor.user_id, pk=token_id)
        .select_related("membership")
        .first()
    )
    if row is None:
        raise NotFound(_("There is no such token."), code="access.no_token")
    return row


def feed_keys_of(actor: Actor) -> list[FeedKey]:
    """The actor's own calendar keys that still open, the newest first."""
    return list(FeedKey.objects.filter(membership__user_id=actor.user_id, revoked_at__isnull=True))
