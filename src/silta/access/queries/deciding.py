"""May she? The one place that decides."""

from collections.abc import Collection, Iterable
from typing import Protocol
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from silta.access import rules
from silta.access.enums import Permission
from silta.access.models import Grant
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
    """Whether the actor's role holds the permission at all, whatever it is about; of a program, whether its token does too."""
    role = rules.ROLES.get(actor.role)
    if role is None or permission not in role.permissions:
        return False
    return actor.scopes is None or rules.scopes_permit(actor.scopes, permission)


def allows(actor: Actor, permission: Permission, scope: Scope) -> bool:
    """Whether the actor may do this to this thing: her role permits it, and her unit takes part, or it is her own."""
    if actor.is_client:
        return scope.person_id == actor.person_id and permits(actor, permission)
    return permits(actor, permission) and actor.unit_id in scope.unit_ids


def require(actor: Actor, permission: Permission, scope: Scope | None = None) -> None:
    """Raises ``NotAllowed`` unless the actor may; without a scope, asks the role alone."""
    if not (permits(actor, permission) if scope is None else allows(actor, permission, scope)):
        raise NotAllowed(
            _("You cannot do this in the role you are acting in."),
            code=f"access.{permission}",
            person_id=scope.person_id if scope is not None else None,
        )


def own_unit_id(actor: Actor) -> UUID:
    """The unit the actor works for; raises ``NotAllowed`` for whoever works for none."""
    if actor.unit_id is None:
        raise NotAllowed(_("Only a worker of a unit can do this."), code="access.no_unit")
    return actor.unit_id


def own_person_id(actor: Actor) -> UUID:
    """The person in whose own matter the client acts; raises ``NotAllowed`` for whoever is no client."""
    require(actor, Permission.OWN_DATA)
    if actor.person_id is None:
        raise NotAllowed(_("Only a client has a matter of her own."), code="access.not_a_client")
    return actor.person_id


def covered_categories(actor: Actor, person_id: UUID, *, matter_id: UUID | None = None) -> frozenset[str]:
    """The categories of the person's data that the acting unit's current grants cover.

    With ``matter_id`` (the id of a case) counts only the grants that reach into that matter: those that came from it,
    and those that came from no matter at all.
    """
    if actor.unit_id is None:
        return frozenset()
    now = clock.now()
    rows = Grant.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now),
        unit_id=actor.unit_id, person_id=person_id, valid_from__lte=now,
    )  # fmt: skip
    asked = rows.only("unit_id", "categories", "ground", "recorded_by_id", "source_type", "source_id")
    return covered_by(actor, asked, matter_id=matter_id)


def own_grants(actor: Actor, person_ids: Collection[UUID]) -> dict[UUID, list[Grant]]:
    """The acting unit's current grants over each of many people, in one query: what ``covered_by`` is asked with."""
    now = clock.now()
    found: dict[UUID, list[Grant]] = {person_id: [] for person_id in person_ids}
    if actor.unit_id is None:
        return found
    for grant in Grant.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now),
        unit_id=actor.unit_id, person_id__in=person_ids, valid_from__lte=now,
    ):  # fmt: skip
        found[grant.person_id].append(grant)
    return found


def covered_by(actor: Actor, grants: Iterable[Grant], *, matter_id: UUID | None = None) -> frozenset[str]:
    """What ``covered_categories`` answers, from the person's current grants that were read already."""
    return frozenset(
        category
        for grant in grants
        if actor.unit_id is not None
        and grant.unit_id == actor.unit_id
        # An emergency is opened to one user, not to her unit.
        and (grant.ground != "emergency" or grant.recorded_by_id == actor.user_id)
        and (matter_id is None or grant.source_type != rules.MATTER or grant.source_id == matter_id)
        for category in grant.categories
    )
