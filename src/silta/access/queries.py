"""May she? Every room asks here."""

from typing import Protocol
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from silta.access import rules
from silta.access.enums import Permission, Purpose
from silta.access.models import Grant, Membership, Representation
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed


class Scope(Protocol):
    """What ``access`` needs to know of a thing to decide: whose it is, and which units work with it."""

    @property
    def person_id(self) -> UUID:
        """The person the thing is about."""

    @property
    def unit_ids(self) -> frozenset[UUID]:
        """The units that take part now."""


def permits(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's role holds the permission at all, whatever it is about."""
    role = rules.ROLES.get(actor.role)
    return role is not None and permission in role.permissions


def allows(actor: Actor, permission: Permission, scope: Scope) -> bool:
    """Whether the actor may do this to this thing: her role permits it, and her unit takes part, or it is her own."""
    if actor.is_client:
        return scope.person_id == actor.person_id and permits(actor, permission)
    return permits(actor, permission) and actor.unit_id in scope.unit_ids


def require(actor: Actor, permission: Permission, scope: Scope | None = None) -> None:
    """Raises ``NotAllowed`` unless the actor may; without a scope, asks the role alone."""
    if not (permits(actor, permission) if scope is None else allows(actor, permission, scope)):
        raise NotAllowed(_("You cannot do this in the role you are acting in."), code=f"access.{permission}")


def covered_categories(actor: Actor, person_id: UUID) -> frozenset[str]:
    """The categories of the person's data that the acting unit's current grants cover."""
    now = clock.now()
    rows = Grant.objects.filter(unit_id=actor.unit_id, person_id=person_id, valid_from__lte=now).exclude(
        valid_until__lte=now
    )
    return frozenset(category for categories in rows.values_list("categories", flat=True) for category in categories)


def actor_for(user_id: UUID, chosen: UUID | None = None) -> Actor | None:
    """The actor of a user: by the membership or representation she chose, else by the first she has; none, if none.

    A choice that is not hers, or has ended, falls back to the first that stands.
    """
    today = clock.today()
    memberships = list(
        Membership.objects.filter(user_id=user_id, valid_from__lte=today)
        .exclude(valid_until__lt=today)
        .select_related("unit")
        .order_by("valid_from", "id")
    )
    found = next((row for row in memberships if row.pk == chosen), memberships[0] if memberships else None)
    if found is not None:
        return Actor(
            user_id=user_id,
            role=found.role,
            purpose=found.purpose,
            unit_id=found.unit_id,
            organisation_id=found.unit.organisation_id,
        )
    return _client_actor(user_id)


def _client_actor(user_id: UUID) -> Actor | None:
    today = clock.today()
    with connection.cursor() as cursor:
        # The row's policy asks who is acting; before there is an actor, the user herself is told to the database.
        cursor.execute("SELECT set_config('silta.user', %s, false)", [str(user_id)])
        own = (
            Representation.objects.filter(user_id=user_id, valid_from__lte=today)
            .exclude(valid_until__lt=today)
            .order_by("-is_self", "id")
            .first()
        )
        cursor.execute("SELECT set_config('silta.user', '', false)")
    if own is None:
        return None
    return Actor(user_id=user_id, role="client", purpose=Purpose.OWN_MATTER, person_id=own.person_id)
