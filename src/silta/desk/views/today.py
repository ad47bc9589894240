"""Today: what needs the worker, what waits for others, what has been quiet, and this week."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from silta.access import queries as access
from silta.access.enums import Permission
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.cases.queries import caseload, worklist_page
from silta.cases.queries.caseload import Appointment
from silta.cases.queries.worklist import Band, Filters, Whose
from silta.cases.queries.worklist_page import Page, Row
from silta.desk import navigation
from silta.desk.views import asking
from silta.kernel import clock
from silta.kernel.actor import Actor

WEEK = 7


@dataclass(frozen=True, slots=True)
class Strip:
    """One day of this week."""

    day: dt.date
    is_today: bool
    is_weekend: bool
    appointments: tuple[Appointment, ...]


_WELCOMES: dict[str, str | Promise] = {
    "evaluator": _("You read definitions and figures. You see no clients."),
    "data_protection_officer": _("You search the journal of your organisation. You see no cases."),
    "keeper": _("You keep organisations, units and users. You see no clients."),
}


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The first page: a client is sent to her own pages, and roles without clients get what they can do."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return render(request, "desk/nobody.html")
    if actor.is_client:
        try:
            return redirect("portal:home")
        except NoReverseMatch:
            return render(request, "desk/nobody.html")
    if not access.permits(actor, Permission.CASE_VIEW):
        return _start(request, actor)
    whose = asking.whose_of(request, actor)
    if asking.is_fragment(request):
        return _more(request, actor, whose, asking.chosen(request.GET.get("band", ""), Band.NEEDS))
    return _worklist(request, actor, whose)


def _start(request: HttpRequest, actor: Actor) -> HttpResponse:
    places = [item for item in navigation.items(actor) if item.url != reverse("desk:today")]
    return render(request, "desk/start.html", {"places": places, "welcome": _WELCOMES.get(actor.role, "")})


def _worklist(request: HttpRequest, actor: Actor, whose: Whose) -> HttpResponse:
    pages = {band: worklist_page.page(actor, whose, band, Filters()) for band in Band}
    counts = {band: _count(actor, whose, band, found) for band, found in pages.items()}
    first = clock.today()
    appointments = caseload.agenda(actor, first, first + dt.timedelta(days=WEEK - 1))
    is_lead = access.permits(actor, Permission.UNIT_OVERVIEW)
    journal(actor, "desk.today", [row for found in pages.values() for row in found.rows])
    context = {
        "whose": whose,
        "is_lead": is_lead,
        "may_open": access.permits(actor, Permission.CASE_OPEN),
        "bands": [
            {"band": band.value, "page": pages[band], "count": counts[band]}
            for band in (Band.WAITING, Band.QUIET)
        ],
        "needs": pages[Band.NEEDS],
        "counts": {band.value: number for band, number in counts.items()},
        "next": next(iter(appointments), None),
        "week": week(appointments, first),
        "overview": caseload.overview(actor) if is_lead else None,
        "emergencies": len(access.emergency_awaiting_review(actor)) if is_lead else 0,
    }
    return render(request, "desk/today.html", context)


def _more(request: HttpRequest, actor: Actor, whose: Whose, band: Band) -> HttpResponse:
    page = worklist_page.page(actor, whose, band, Filters(), request.GET.get("after", ""))
    journal(actor, "desk.today", page.rows)
    return render(request, "desk/_rows.html", {"page": page, "band": band.value, "whose": whose})


def _count(actor: Actor, whose: Whose, band: Band, page: Page) -> int:
    return worklist_page.count(actor, whose, band) if page.next else len(page.rows)


def week(appointments: Sequence[Appointment], first: dt.date) -> list[Strip]:
    """The next seven days, today first, each with what falls on it."""
    days = [first + dt.timedelta(days=number) for number in range(WEEK)]
    return [
        Strip(day, day == first, day.weekday() >= 5, tuple(one for one in appointments if one.on == day))  # noqa: PLR2004 - Saturday
        for day in days
    ]


def journal(actor: Actor, action: str, rows: Sequence[Row], **details: Any) -> None:
    """One entry for a list that was shown: of how many people, and of whom."""
    if rows:
        people = sorted({str(row.case.person_id) for row in rows})
        audit.record(actor, action, kind=Kind.READ, people=people, count=len(people), **details)
