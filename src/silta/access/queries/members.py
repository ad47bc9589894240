"""Who works where, for those who keep memberships."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from silta.access.enums import Permission
from silta.access.models import Membership
from silta.access.queries.deciding import own_unit_id, permits, require
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound


def members(actor: Actor) -> list[Membership]:
    """The memberships the actor keeps: a lead those of her unit, the keeper all; current ones first, ended ones after.

    Raises ``NotAllowed`` without the permission to manage members.
    """
    require(actor, Permission.MEMBERS_MANAGE)
    rows = Membership.objects.select_related("user", "unit__organisation")
    if not permits(actor, Permission.ORGANISATIONS_MANAGE):
        rows = rows.filter(unit_id=own_unit_id(actor))
    return sorted(
        rows, key=lambda row: (row.valid_until is not None, row.unit.name, row.user.name, str(row.pk))
    )


def membership_for(actor: Actor, membership_id: UUID) -> Membership:
    """One membership the actor keeps; raises ``NotFound`` for any other."""
    for row in members(actor):
        if row.pk == membership_id:
            return row
    raise NotFound(_("There is no such member."), code="access.no_membership")
