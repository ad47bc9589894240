"""Who asks, and for what part of a page."""

from enum import StrEnum
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.queries.worklist import Whose
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound

Choice = TypeVar("Choice", bound=StrEnum)


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
    leads = access.permits(actor, Permission.UNIT_OVERVIEW)
    return chosen(asked, Whose.UNIT if leads else Whose.MINE)


def chosen(text: str, otherwise: Choice) -> Choice:
    """The choice that the text of an address names; the other one where it names none."""
    return next((one for one in type(otherwise) if one.value == text), otherwise)
