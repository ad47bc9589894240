"""Who asks, and for what part of a page."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.queries.worklist import Whose
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound


def actor_of(request: HttpRequest, *permissions: Permission) -> Actor:
    """The actor, where her role permits all of this; raises ``NotFound`` otherwise: forbidden looks like absent."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not all(access.permits(actor, permission) for permission in permissions):
        raise NotFound(_("There is no such page."), code="desk.not_found")
    return actor


def is_fragment(request: HttpRequest) -> bool:
    """Whether the page asks for a part of itself."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def whose_of(request: HttpRequest, actor: Actor) -> Whose:
    """The list that was asked for; a lead sees her unit's first, everybody else her own."""
    asked = request.GET.get("whose") or request.POST.get("whose") or ""
    if asked in Whose:
        return Whose(asked)
    return Whose.UNIT if access.permits(actor, Permission.UNIT_OVERVIEW) else Whose.MINE
