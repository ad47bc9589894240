"""Today: what needs the worker, what waits for others, what has been quiet, and the coming week."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

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
from silta.cases import queries as cases
from silta.cases.queries import caseload, going, worklist_page
from silta.cases.queries.caseload import Appointment
from silta.cases.queries.worklist import Band, Whose
from silta.cases.queries.worklist_page import Row
from silta.cases.rules import definitions
from silta.desk import navigation, rows
from silta.desk.views import asking
from silta.kernel import clock
from silta.kernel.actor import Actor

WEEK = 7


@dataclass(frozen=True, slots=True)
class Strip:
    """One day of the coming week."""

    day: dt.date
    is_today: bool
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
    kinds = [versions[0] for versions in definitions.definitions().values()]
    return render(
        request,
        "desk/start.html",
        {"places": places, "kinds": kinds, "welcome": _WELCOMES.get(actor.role, "")},
    )


def _worklist(request: HttpRequest, actor: Actor, whose: Whose) -> HttpResponse:
    pages = worklist_page.board(actor, whose)
    first = clock.today()
    appointments = caseload.agenda(actor, first, first + dt.timedelta(days=WEEK - 1))
    is_lead = access.permits(actor, Permission.UNIT_OVERVIEW)
    shown = [row for page in pages.values() for row in page.rows]
    journal(actor, "desk.today", shown)
    reader = rows.Reader.of(request, whose)
    context = {
        "whose": whose,
        "may_open": access.permits(actor, Permission.CASE_OPEN),
        "bands": [{"band": band.value, "count": pages[band].total, "rows": rows.drawn(pages[band], band, reader)} for band in Band],
        "counts": {band.value: page.total for band, page in pages.items()},
        "next": next(iter(appointments), None),
        "week": week(appointments, first),
        "loads": caseload.loads(actor) if is_lead else None,
        "going": going.counted(actor),
        "emergencies": len(access.emergency_awaiting_review(actor)) if is_lead else 0,
    }  # fmt: skip
    return render(request, "desk/today.html", context)


def _more(request: HttpRequest, actor: Actor, whose: Whose, band: Band) -> HttpResponse:
    page = worklist_page.page(actor, whose, band, request.GET.get("after", ""))
    journal(actor, "desk.today", page.rows)
    return HttpResponse(rows.drawn(page, band, rows.Reader.of(request, whose)))


@require_safe
def why(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Why a case is on the list: every reason with its rule, source and inputs; a fragment, or a page of its own."""
    actor = asking.actor_of(request, Permission.CASE_VIEW)
    whose = asking.whose_of(request, actor)
    row = worklist_page.row_for(actor, whose, cases.get_for(actor, case_id))
    context = {"row": row, "reasons": rows.reasons(row, rows.Reader.of(request, whose))}
    return render(request, "desk/_why.html" if asking.is_fragment(request) else "desk/why.html", context)


def week(appointments: Sequence[Appointment], first: dt.date) -> list[Strip]:
    """The days of the coming week on which something falls, today always."""
    days = [first + dt.timedelta(days=number) for number in range(WEEK)]
    strips = [Strip(day, day == first, tuple(one for one in appointments if one.on == day)) for day in days]
    return [strip for strip in strips if strip.is_today or strip.appointments]


def journal(actor: Actor, action: str, shown: Sequence[Row], **details: Any) -> None:
    """One entry for a list that was shown: of how many people, and of whom."""
    if shown:
        people = sorted({str(row.case.person_id) for row in shown})
        audit.record(actor, action, kind=Kind.READ, people=people, count=len(people), **details)
