"""The officer's search of the journal, within her organisation."""

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from silta.access import queries
from silta.access.enums import Permission
from silta.access.forms import JournalForm
from silta.access.views.answers import actor_of
from silta.accounts.models import User
from silta.audit.enums import Outcome
from silta.audit.queries import Search
from silta.kernel import clock
from silta.kernel.request import Request
from silta.people import queries as people


def _wanted(form: JournalForm) -> Search | None:
    """What to search for; none where the person or the worker named is nobody's."""
    asked = form.cleaned_data
    person_id = people.id_by_code(asked["identity_code"]) if asked["identity_code"] else None
    user = User.objects.filter(email=asked["worker"].lower()).first() if asked["worker"] else None
    if (asked["identity_code"] and person_id is None) or (asked["worker"] and user is None):
        return None
    # Nothing is told of days to come, and the last day of the calendar has no day after it.
    last = min(asked["last"], clock.today()) if asked["last"] else None
    return Search(
        person_ids=tuple(people.identities_of(person_id)) if person_id else (), user_id=user.pk if user else None, first=_midnight(asked["first"]),
        until=_midnight(last, days=1), outcome=Outcome.REFUSED if asked["refused"] else None,
    )  # fmt: skip


def _midnight(day: dt.date | None, *, days: int = 0) -> dt.datetime | None:
    return dt.datetime.combine(day + dt.timedelta(days=days), dt.time(), clock.HELSINKI) if day else None


@require_safe
def search(request: Request) -> HttpResponse:
    """Who did what to whose data; nothing is listed before something is asked."""
    actor = actor_of(request)
    queries.require(actor, Permission.JOURNAL_SEARCH)
    asked = any(request.GET.get(name) for name in JournalForm.base_fields)
    form = JournalForm(request.GET if asked else None)
    page, nobody = None, ""
    if asked and form.is_valid():
        wanted = _wanted(form)
        if wanted is None:
            nobody = _("Nothing is found with these conditions.")
        else:
            page = queries.searched_journal(actor, wanted, key=request.GET.get("after", ""))
    address = request.GET.copy()
    address.pop("after", None)
    return render(
        request,
        "access/journal.html",
        {"form": form, "page": page, "nobody": nobody, "query": address.urlencode()},
    )
