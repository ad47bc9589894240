"""Emergency access: opened with a reason, and closed early. The lead reviews it at her desk."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from silta.access import operations, queries, rules
from silta.access.enums import Permission
from silta.access.forms import EmergencyForm
from silta.access.models import EmergencyAccess
from silta.access.views.answers import actor_of, tell_at_field
from silta.audit import operations as audit
from silta.audit.enums import Kind, Outcome
from silta.kernel import clock
from silta.kernel.errors import Conflict, NotFound, RuleBroken
from silta.kernel.request import Request
from silta.people import queries as people


def open_access(request: Request) -> HttpResponse:
    """The form, and the opening itself; shows what of the user's own is open now."""
    actor = actor_of(request)
    queries.require(actor, Permission.EMERGENCY_ACCESS)
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.open_emergency_access(
                actor, person_id=people.id_by_code(form.cleaned_data["identity_code"]),
                reason=form.cleaned_data["reason"], minutes=form.cleaned_data["minutes"],
                reveals_protected=form.cleaned_data["reveals_protected"],
            )  # fmt: skip
        except NotFound:
            form.add_error("identity_code", _("Nobody with this code is in the register."))
            audit.record(
                actor, "access.open_emergency", kind=Kind.READ, outcome=Outcome.REFUSED, why="nobody"
            )
        except RuleBroken as error:
            tell_at_field(form, error)
        else:
            messages.success(
                request, _("The data are open to you for the time you chose. Your lead will review this.")
            )
            return redirect("access:emergency")
    now = clock.now()
    mine = EmergencyAccess.objects.filter(
        recorded_by_id=actor.user_id, unit_id=queries.own_unit_id(actor), ends_at__gt=now
    )
    context = {"form": form, "mine": list(mine.select_related("person")), "limits": rules.emergency_limits()}
    return render(request, "access/emergency.html", context)


@require_POST
def close_access(request: Request, access_id: UUID) -> HttpResponse:
    """Ends one's own emergency access before its time."""
    actor = actor_of(request)
    try:
        operations.close_emergency_access(actor, access=_access(access_id))
    except Conflict as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, _("The emergency access is closed."))
    return redirect("access:emergency")


def _access(access_id: UUID) -> EmergencyAccess:
    found = (
        EmergencyAccess.objects.select_related("recorded_by", "unit", "grant").filter(pk=access_id).first()
    )
    if found is None:
        raise NotFound("", code="access.no_emergency")
    return found
