"""Emergency accesses: those that are open, and those that wait for the lead's review."""

from uuid import UUID

from silta.access.enums import Permission
from silta.access.models import EmergencyAccess
from silta.access.queries.deciding import own_unit_id, require
from silta.kernel import clock
from silta.kernel.actor import Actor


def open_emergency(actor: Actor, person_id: UUID) -> EmergencyAccess | None:
    """The actor's own emergency access to the person that is open now, the last to end first; none, if none."""
    now = clock.now()
    rows = EmergencyAccess.objects.filter(
        person_id=person_id,
        unit_id=own_unit_id(actor),
        recorded_by_id=actor.user_id,
        starts_at__lte=now,
        ends_at__gt=now,
    )
    return rows.order_by("-ends_at").first()


def emergency_awaiting_review(actor: Actor) -> list[EmergencyAccess]:
    """The unit's emergency accesses nobody has reviewed yet, the oldest first.

    Raises ``NotAllowed`` without the permission to review.
    """
    require(actor, Permission.EMERGENCY_REVIEW)
    rows = EmergencyAccess.objects.filter(unit_id=own_unit_id(actor), reviewed_at__isnull=True)
    return list(rows.select_related("recorded_by", "unit", "grant").order_by("starts_at", "id"))


def emergencies_of(person_id: UUID) -> list[EmergencyAccess]:
    """The emergency accesses to a person that the viewer may know of, the newest first."""
    return list(EmergencyAccess.objects.filter(person_id=person_id).select_related("recorded_by", "unit"))
