"""Agreed services across cases: what was agreed and has not been delivered (REQ-001-26)."""

import datetime as dt

from django.db.models import Q, QuerySet

from silta.cases.enums import WAITED_FOR, State
from silta.cases.models import AgreedService
from silta.cases.queries.reaching import visible_to
from silta.kernel.actor import Actor

_SILENT_DAYS = 30


def agreed_not_delivered(actor: Actor, *, today: dt.date) -> "QuerySet[AgreedService]":
    """Services of the actor's open cases that should have started and have not: the longest waiting first.

    A service should have started on its expected day; one without such a day, when a month has gone since it was
    agreed. Row-level security keeps plans that the unit has no ground to know out of the list.
    """
    waiting = AgreedService.objects.filter(
        Q(expected_on__lt=today)
        | Q(expected_on__isnull=True, agreed_on__lt=today - dt.timedelta(days=_SILENT_DAYS)),
        state__in=WAITED_FOR,
        case__state=State.OPEN,
        case__in=visible_to(actor).values("pk"),
    )
    return waiting.select_related("case__person", "provider_unit__organisation").order_by("agreed_on", "id")
