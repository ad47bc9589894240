"""The lead reviews the emergency accesses of her unit."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from silta.access import operations
from silta.access import queries as access
from silta.access.enums import Permission
from silta.access.models import EmergencyAccess
from silta.cases.queries import emergencies as queries
from silta.desk.forms import EmergencyReviewForm
from silta.desk.views import asking
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotFound, RuleBroken


@require_safe
def emergencies(request: HttpRequest) -> HttpResponse:
    """The unit's emergency accesses that nobody has reviewed: who opened whose data, and why."""
    return _page(request, asking.actor_of(request, Permission.EMERGENCY_REVIEW))


@require_POST
def review(request: HttpRequest, access_id: UUID) -> HttpResponse:
    """The lead's word on one emergency access."""
    actor = asking.actor_of(request, Permission.EMERGENCY_REVIEW)
    opened = EmergencyAccess.objects.filter(pk=access_id, unit_id=access.own_unit_id(actor)).first()
    if opened is None:
        raise NotFound(_("There is no such emergency access."), code="desk.no_emergency")
    form = EmergencyReviewForm(request.POST, prefix=str(access_id))
    if form.is_valid():
        try:
            operations.review_emergency_access(actor, access=opened, **form.cleaned_data)
        except RuleBroken as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        except Conflict as error:
            messages.warning(request, str(error.message))
            return redirect("desk:emergencies")
        else:
            messages.success(request, _("The review is recorded."))
            return redirect("desk:emergencies")
    return _page(request, actor, {access_id: form})


def _page(
    request: HttpRequest, actor: Actor, answered: dict[UUID, EmergencyReviewForm] | None = None
) -> HttpResponse:
    rows = [
        (one, (answered or {}).get(one.access.pk) or EmergencyReviewForm(prefix=str(one.access.pk)))
        for one in queries.awaiting_review(actor)
    ]
    return render(request, "desk/emergencies.html", {"rows": rows}, status=422 if answered else 200)
