"""The unit at a glance, for its lead: who carries how much, what waits, what nobody has."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.queries import caseload, worklist
from silta.desk.views import asking


@require_safe
def unit(request: HttpRequest) -> HttpResponse:
    """Load by worker weighted by need, unassigned cases, waiting times, offered transfers, emergencies and rights to review."""
    actor = asking.actor_of(request, Permission.UNIT_OVERVIEW)
    context = {
        "overview": caseload.overview(actor),
        "offers": list(worklist.offered_to(actor)[: worklist.MOST_OFFERS]),
        "rights": access.own_units_review(actor),
        "emergencies": len(access.emergency_awaiting_review(actor)),
    }
    return render(request, "desk/unit.html", context)
