"""The calendar: a page, and a feed at a secret address that tells case numbers and initials, never names or health."""

import datetime as dt
from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from icalendar import Calendar, Event

from silta.access import operations as access_operations
from silta.access import queries as access
from silta.access.enums import Permission
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.cases.queries import caseload
from silta.cases.queries.caseload import Appointment
from silta.desk.views import asking
from silta.kernel import clock
from silta.kernel.acting import acting
from silta.kernel.errors import NotFound

WEEKS = 6
_FEED_BEFORE, _FEED_AFTER = dt.timedelta(days=31), dt.timedelta(days=366)


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The coming six weeks, and the address for one's own calendar."""
    actor = asking.actor_of(request, Permission.CASE_VIEW)
    today = clock.today()
    monday = today - dt.timedelta(days=today.weekday())
    appointments = caseload.agenda(actor, monday, monday + dt.timedelta(days=7 * WEEKS - 1))
    if appointments:
        people = sorted({str(one.person_id) for one in appointments})
        audit.record(actor, "desk.calendar", kind=Kind.READ, people=people, count=len(people))
    return render(
        request, "desk/calendar.html",
        {"weeks": _weeks(appointments, monday), "today": today, "keys": access.feed_keys_of(actor)},
    )  # fmt: skip


def _weeks(
    appointments: Sequence[Appointment], monday: dt.date
) -> list[list[tuple[dt.date, list[Appointment]]]]:
    return [
        [
            (day, [one for one in appointments if one.on == day])
            for day in (monday + dt.timedelta(days=7 * week + number) for number in range(7))
        ]
        for week in range(WEEKS)
    ]


@require_POST
def make_address(request: HttpRequest) -> HttpResponse:
    """Makes a new secret address and shows it once; the one before stops to open."""
    actor = asking.actor_of(request, Permission.CASE_VIEW)
    secret = access_operations.make_feed_key(actor)
    url = request.build_absolute_uri(f"/calendar/{secret}.ics")
    return render(request, "desk/calendar_address.html", {"url": url})


@require_POST
def revoke_address(request: HttpRequest) -> HttpResponse:
    """Makes the addresses useless at once."""
    actor = asking.actor_of(request, Permission.CASE_VIEW)
    for key in access.feed_keys_of(actor):
        access_operations.revoke_feed_key(actor, key=key)
    messages.success(request, str(_("The calendar address no longer opens.")))
    return redirect("desk:calendar")


@login_not_required
@require_safe
def calendar_feed(_request: HttpRequest, secret: str) -> HttpResponse:
    """The feed of whoever made the secret; an unknown, revoked or ended one is not found."""
    actor = access.actor_by_feed_key(secret)
    if actor is None or not access.permits(actor, Permission.CASE_VIEW):
        raise NotFound(_("There is no such page."), code="desk.no_feed")
    today = clock.today()
    with acting(actor):
        appointments = caseload.agenda(actor, today - _FEED_BEFORE, today + _FEED_AFTER)
        people = sorted({str(one.person_id) for one in appointments})
        audit.record(actor, "desk.calendar_feed", kind=Kind.READ, people=people, count=len(people))
    response = HttpResponse(_ical(appointments), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response


def _ical(appointments: Sequence[Appointment]) -> bytes:
    feed = Calendar()
    feed.add("prodid", "-//Silta//calendar//FI")
    feed.add("version", "2.0")
    feed.add("x-wr-calname", "Silta")
    for one in appointments:
        event = Event()
        event.add("uid", f"{one.id}@silta")
        event.add("dtstamp", clock.now())
        event.add("dtstart", one.on)
        event.add("dtend", one.on + dt.timedelta(days=1))
        event.add("summary", _summary(one))
        event.add("transp", "TRANSPARENT")
        feed.add_component(event)
    content: bytes = feed.to_ical()
    return content


def _summary(one: Appointment) -> str:
    """Initials, the number of the case, and for a timer its name; what was promised stays in Silta."""
    initials = "".join(part[0] for part in (one.first_name, one.last_name) if part)
    what = one.what if one.source else gettext("action")
    return f"{initials} {one.number}: {what}"
