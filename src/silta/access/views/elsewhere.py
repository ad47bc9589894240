"""A page was opened in one place and sent from another: nothing is written, and nothing typed is lost."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from silta.access import queries
from silta.access.queries import ActingRequest, Place
from silta.accounts import operations as accounts

_CONFLICT = 409


def answer(request: ActingRequest, opened_in: str) -> HttpResponse:
    """Says where the page was opened and where she acts now, and offers the way back.

    Of a whole page's form what was typed waits there, sealed, as a form does whose session had ended. A fragment's
    request leaves the page and all that is typed in it as it is: the word comes above it.
    """
    there = _place(request, opened_in)
    context = {
        "choice": there.choice if there else None,
        "there": _named(there),
        "here": _named(request.place),
    }
    if request.headers.get("HX-Request") == "true":
        response = render(request, "access/_elsewhere.html", context, status=_CONFLICT)
        response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
        return response
    context["is_kept"] = there is not None and _keep(request, there)
    return render(request, "access/elsewhere.html", context, status=_CONFLICT)


def _place(request: ActingRequest, opened_in: str) -> Place | None:
    """The place the page was opened in, where it is still one of the user's own."""
    try:
        asked = UUID(opened_in)
    except ValueError:
        return None
    found = queries.place_of(request.user.pk, asked) if request.user.pk else None
    return found if found is not None and found.choice == asked else None


def _named(place: Place | None) -> object:
    """The unit of the place; none where she acts in her own matter, or no more."""
    rows = place.memberships if place else ()
    return next((row.unit for row in rows if place is not None and row.pk == place.choice), None)


def _keep(request: ActingRequest, there: Place) -> bool:
    # A page's own navigation says so; a script's request (a draft) leaves the page in place.
    if request.method != "POST" or request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return False
    return accounts.keep_typed(
        request.session, request.POST, path=request.get_full_path(), place=str(there.choice),
        user_id=there.actor.user_id, had_files=bool(request.FILES),
    )  # fmt: skip
