"""The units that are called so, asked for while somebody types a name."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from silta.access import queries
from silta.access.enums import Permission
from silta.access.views.answers import actor_of
from silta.kernel.request import Request
from silta.ui import controls


@require_safe
def units(request: Request) -> HttpResponse:
    """The matches of a name among the units of today, or the usual ones where nothing is typed.

    Units are public knowledge; the answer is for whoever works in one, because those her unit works with come first.
    What an address asks beyond that, and cannot be understood, counts as not asked: the form itself checks the choice.
    """
    actor = actor_of(request)
    queries.require(actor, Permission.DEFINITIONS_VIEW)
    found = queries.Units(
        actor, kinds=[kind for kind in request.GET.get("kinds", "").split(",") if kind],
        within=_id(request.GET.get("within", "")), without=_id(request.GET.get("without", "")),
    )  # fmt: skip
    return HttpResponse(controls.matches(found, request.GET.get("text", "")))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
