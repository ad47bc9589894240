"""A form that was sent after its session had ended, given back to its typist in the place she had typed it for."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from silta.access import queries
from silta.access.views.answers import actor_of
from silta.accounts import operations as accounts
from silta.kernel.request import Request


@require_http_methods(["GET", "POST"])
def unsent(request: Request) -> HttpResponse:
    """What waits to be sent again; by POST it is thrown away. Of another place only the way there is shown."""
    actor = actor_of(request)
    if request.method == "POST":
        accounts.forget_unsent(request.session)
        return redirect("/me/" if actor.is_client else "/")
    kept = accounts.unsent_of(request.session, actor.user_id)
    place = queries.place_of(actor.user_id, UUID(kept.place)) if kept else None
    # A place that has ended falls back to another: then nothing of it is shown.
    if kept is None or place is None or str(place.choice) != kept.place:
        return render(request, "access/unsent.html", {"kept": None})
    if place.actor != actor:
        elsewhere = next((row for row in place.memberships if row.pk == place.choice), None)
        return render(request, "access/unsent.html", {"choice": place.choice, "elsewhere": elsewhere})
    return render(request, "access/unsent.html", {"kept": kept})
