"""How pages answer: whole, or only the part that changed."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases import queries
from silta.cases.models import Case
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound


def actor_of(request: HttpRequest) -> Actor:
    """Who acts; whoever has no role anywhere finds nothing here."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise NotFound(_("There is no such page."), code="cases.no_actor")
    return actor


def looking(request: HttpRequest, case_id: UUID) -> tuple[Actor, Case]:
    """Who looks, and the case she looks at, read into the journal; ``NotFound`` for whoever may not see it."""
    actor = actor_of(request)
    access.require(actor, Permission.CASE_VIEW)
    return actor, queries.get_for(actor, case_id)


def is_fragment(request: HttpRequest) -> bool:
    """Whether the page on the screen asked for a part of itself."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Sends the reader to another page."""
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def target_of(request: HttpRequest) -> str:
    """The part of the page on the screen that the answer will replace; empty for a whole page."""
    htmx: Any = getattr(request, "htmx", None)
    return str(htmx.target or "") if is_fragment(request) else ""
