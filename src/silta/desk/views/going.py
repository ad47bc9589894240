"""The ended cases whose data will be erased, for those who can still do something about it."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.queries import going as queries
from silta.desk.views import asking


@require_safe
def going(request: HttpRequest) -> HttpResponse:
    """Which cases go and when: a lead those of the unit, with the way to hold one; a worker those she was responsible for."""
    actor = asking.actor_of(request, Permission.CASE_VIEW)
    page = queries.page(actor, request.GET.get("after", ""))
    context = {
        "rows": page.rows, "may_hold": access.permits(actor, Permission.RETENTION_HOLD),
        "first": request.path if "after" in request.GET else "",
        "next": f"{request.path}?{urlencode({'after': page.next})}" if page.next else "",
    }  # fmt: skip
    return render(request, "desk/going.html", context)
