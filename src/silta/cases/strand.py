"""What a worker answers for when she leaves: plugged into the memberships of ``access``."""

from uuid import UUID

from django.urls import reverse

from silta.access.models import Membership
from silta.access.queries import OpenWork
from silta.cases.queries import leaving
from silta.cases.rules.definitions import definition
from silta.kernel.actor import Actor


def open_work(actor: Actor, membership: Membership) -> list[OpenWork]:
    """Her open cases in the unit, each with the page on which it is handed over; those the actor may not see are not told."""
    cases = leaving.led_by(actor, membership.user_id, membership.unit_id)
    return [
        OpenWork(case.person.name, str(definition(case.kind, case.definition_version).name), reverse("cases:hand_over", args=[case.pk]))
        for case in cases
    ]  # fmt: skip


def open_work_counts(actor: Actor, unit_id: UUID) -> dict[UUID, int] | None:
    """How many open cases each user is responsible for in the actor's own unit; of another unit, none is told."""
    return leaving.led_in(actor, unit_id)
