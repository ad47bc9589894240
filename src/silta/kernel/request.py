"""The request as views get it: who acts, and from which place the page was opened that now sends something."""

from uuid import UUID

from django.http import HttpRequest

from silta.kernel.actor import Actor
from silta.kernel.errors import OpenedElsewhere

PLACE_FIELD, PLACE_HEADER = "opened_in", "X-Silta-Place"


class Request(HttpRequest):
    """A request whose actor the middleware has found; ``place_key`` names the one of her places she acts from."""

    actor: Actor | None
    place_key: UUID | None


def place_of_page(request: HttpRequest) -> str:
    """The place that pages drawn for this request are opened in; empty where nobody acts."""
    return str(getattr(request, "place_key", None) or "")


def require_same_place(request: Request) -> None:
    """Lets through what was sent from a page that was opened in the place its user acts from now.

    In another tab she may have gone elsewhere meanwhile: what was meant for one unit would be written in the name of
    another. A form tells its place in a field; a fragment's request in a header, when it only reads, too. Raises
    ``OpenedElsewhere``; what tells no place was opened by no page of ours, and passes.
    """
    told = {request.headers.get(PLACE_HEADER, "")}
    if request.method == "POST":
        told.update(request.POST.getlist(PLACE_FIELD))
    here = place_of_page(request)
    for place in sorted(told - {""}):
        if place != here:
            raise OpenedElsewhere(place)
