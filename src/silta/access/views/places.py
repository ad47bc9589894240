"""Switching the place one acts from, and the reference page of roles and grounds."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from silta.access import queries, rules
from silta.access.enums import Category, Permission
from silta.access.middleware import SESSION_KEY
from silta.access.views.answers import actor_of
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.kernel.acting import acting
from silta.kernel.errors import NotFound
from silta.kernel.request import Request
from silta.organisations.enums import Kind as OrganisationKind


@require_POST
def switch(request: queries.ActingRequest) -> HttpResponse:
    """Acts from now on for another of the user's own units, or in her own matter; a place that is not hers is not found."""
    try:
        chosen = UUID(request.POST.get("membership", ""))
    except ValueError:
        raise NotFound("", code="access.no_place") from None
    place = queries.place_of(request.user.pk, chosen) if request.user.pk else None
    if place is None or place.choice != chosen:
        raise NotFound("", code="access.no_place")
    request.session[SESSION_KEY] = str(chosen)
    request.place, request.place_key = place, place.choice
    with acting(place.actor):
        audit.record(place.actor, "access.switch", kind=Kind.SIGN_IN)
    if request.headers.get("HX-Request") == "true":
        return render(request, "access/_switched.html")
    messages.success(request, _("You now act in another role."))
    asked = request.POST.get("next", "")
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(asked)
    return redirect("/me/" if place.actor.is_client else "/")


@require_GET
def reference(request: Request) -> HttpResponse:
    """Who may do what, and which grounds hold: the two pages a data-protection officer reads."""
    actor = actor_of(request)
    queries.require(actor, Permission.DEFINITIONS_VIEW)
    kinds = dict(OrganisationKind.choices)
    grounds = [
        {
            "ground": ground,
            "from": [kinds[kind] for kind in sorted(ground.from_kinds)],
            "to": [kinds[kind] for kind in sorted(ground.to_kinds)],
            "categories": [category.label for category in Category if category in ground.categories],
            "needs": _NEEDS[ground.needs](),
        }
        for ground in rules.grounds().values()
    ]
    roles = [role for code, role in rules.ROLES.items() if code != "preview"]
    permissions = [
        {"code": permission, "held": [permission in role.permissions for role in roles]}
        for permission in Permission
    ]
    return render(
        request, "access/reference.html",
        {"roles": roles, "permissions": permissions, "grounds": grounds, "home": reverse("access:reference")},
    )  # fmt: skip


_NEEDS = {
    rules.Needs.NONE: lambda: _("Nothing but necessity"),
    rules.Needs.CONSENT: lambda: _("The client's consent"),
    rules.Needs.CONTRACT: lambda: _("A written contract"),
    rules.Needs.REASON: lambda: _("A reason, afterwards reviewed"),
}
