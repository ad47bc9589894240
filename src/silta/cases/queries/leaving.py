"""Cases of those who leave: who answers for them, and of which nobody who works there answers any more."""

import datetime as dt
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from silta.access import queries as access
from silta.access.enums import Permission
from silta.access.models import Membership
from silta.access.rules import ROLES
from silta.cases.enums import Part, State
from silta.cases.models import Case, Participation
from silta.cases.queries import listing
from silta.kernel import clock
from silta.kernel.actor import Actor

_LEADS = sorted(code for code, role in ROLES.items() if Permission.CASE_ASSIGN in role.permissions)


def led_by(actor: Actor, user_id: UUID, unit_id: UUID) -> list[Case]:
    """The open cases that a worker is responsible for in a unit, by name; journalled as a list.

    Empty for a role that works with no cases.
    """
    if not access.permits(actor, Permission.CASE_VIEW):
        return []
    rows = Case.objects.filter(
        state=State.OPEN, participations__part=Part.RESPONSIBLE, participations__left_on__isnull=True,
        participations__user_id=user_id, participations__unit_id=unit_id,
    )  # fmt: skip
    found = list(rows.select_related("person").order_by("person__last_name", "person__first_names", "pk"))
    listing.journal(actor, found)
    return found


def led_in(actor: Actor, unit_id: UUID) -> dict[UUID, int] | None:
    """How many open cases each worker is responsible for in the actor's own unit.

    Counts only, so nothing is journalled. None for another unit, and for a role that works with no cases: there the
    database would count too few.
    """
    if unit_id != actor.unit_id or not access.permits(actor, Permission.CASE_VIEW):
        return None
    rows = Participation.objects.filter(
        part=Part.RESPONSIBLE,
        left_on__isnull=True,
        unit_id=unit_id,
        user__isnull=False,
        case__state=State.OPEN,
    )
    counted = rows.order_by().values_list("user_id").annotate(many=Count("case_id", distinct=True))
    return {user_id: many for user_id, many in counted if user_id is not None}


def _current(**where: object) -> "QuerySet[Membership]":
    today = clock.today()
    rows = Membership.objects.filter(valid_from__lte=today, user__is_active=True, **where)
    return rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=today))


def left_behind() -> "QuerySet[Participation]":
    """The parts of responsible people of open cases who do not work in that unit any more."""
    works = _current(user=OuterRef("user"), unit=OuterRef("unit"))
    rows = Participation.objects.filter(
        ~Exists(works), part=Part.RESPONSIBLE, left_on__isnull=True, case__state=State.OPEN
    )
    return rows.select_related("case__unit__organisation", "user", "unit").order_by("pk")


def lead_of(unit_id: UUID) -> Membership | None:
    """The lead of the unit: of several, the one who has led it longest; none where nobody leads it."""
    rows = _current(unit_id=unit_id, role__in=_LEADS).select_related("unit", "user")
    return rows.order_by("valid_from", "pk").first()


def left_on(user_id: UUID, unit_id: UUID) -> dt.date:
    """The last day of the worker's last membership in the unit; today where a membership goes on and she is gone."""
    today = clock.today()
    ended = Membership.objects.filter(user_id=user_id, unit_id=unit_id, valid_until__lt=today)
    last: dt.date | None = ended.aggregate(last=Max("valid_until"))["last"]
    return last or today
