"""Switching the place one acts from, and the reference page of roles and grounds."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
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
            "is_all": ground.categories >= set(Category),
            "needs": _NEEDS[ground.needs](),
        }
        for ground in rules.grounds().values()
    ]
    given = [role for code, role in rules.ROLES.items() if code != "preview"]
    roles = [
        {"role": role, "permits": [_PERMITS[one] for one in Permission if one in role.permissions]}
        for role in given
    ]
    permissions = [
        {"name": _PERMITS[one], "code": one, "held": [one in role.permissions for role in given]}
        for one in Permission
    ]
    context = {"roles": roles, "permissions": permissions, "grounds": grounds}
    return render(request, "access/reference.html", context)


_PERMITS: dict[Permission, str | Promise] = {
    Permission.CASE_VIEW: gettext_lazy("See the cases the unit takes part in"),
    Permission.CASE_OPEN: gettext_lazy("Open a case"),
    Permission.CASE_WORK: gettext_lazy("Record and promise in a case"),
    Permission.CASE_LEAD: gettext_lazy("Lead the cases of the unit"),
    Permission.CASE_ASSIGN: gettext_lazy("Name who is responsible"),
    Permission.CASE_SELF_ATTACH: gettext_lazy("Join a case with a reason"),
    Permission.PERSON_REGISTER: gettext_lazy("Register a person"),
    Permission.PERSON_EDIT: gettext_lazy("Correct a person's details"),
    Permission.PERSON_MERGE: gettext_lazy("Join two registrations of one person"),
    Permission.GRANT_GIVE: gettext_lazy("Share data with another unit"),
    Permission.CONSENT_RECORD: gettext_lazy("Record a consent"),
    Permission.EMERGENCY_ACCESS: gettext_lazy("Open data in an emergency"),
    Permission.EMERGENCY_REVIEW: gettext_lazy("Review emergency access"),
    Permission.PROTECTED_REVEAL: gettext_lazy("See contact details under non-disclosure"),
    Permission.UNIT_OVERVIEW: gettext_lazy("See the unit's load"),
    Permission.FIGURES_VIEW: gettext_lazy("See the figures of her own unit"),
    Permission.FIGURES_REGION: gettext_lazy("See the figures of all units"),
    Permission.EXPORT: gettext_lazy("Take a list out as a file"),
    Permission.IMPORT: gettext_lazy("Bring clients in from a file"),
    Permission.JOURNAL_SEARCH: gettext_lazy("Search the journal"),
    Permission.RETENTION_OVERSEE: gettext_lazy("Oversee the erasure of data whose time is up"),
    Permission.RETENTION_HOLD: gettext_lazy("Hold the erasure of data"),
    Permission.MEMBERS_MANAGE: gettext_lazy("Invite and end members"),
    Permission.RIGHTS_REVIEW: gettext_lazy("Review who still needs her rights"),
    Permission.RIGHTS_OVERSEE: gettext_lazy("Oversee the reviews of rights, and begin one early"),
    Permission.SUBSCRIPTIONS_MANAGE: gettext_lazy("Have other systems told that something happened"),
    Permission.ORGANISATIONS_MANAGE: gettext_lazy("Keep organisations and units"),
    Permission.OWN_DATA_GIVE: gettext_lazy("Give clients their own data"),
    Permission.OWN_DATA: gettext_lazy("Read her own data and who has seen them"),
    Permission.OWN_PLAN_SAY: gettext_lazy("Say yes or no to her own plan"),
    Permission.OWN_CONSENT: gettext_lazy("Give and take back her own consents"),
    Permission.DEFINITIONS_VIEW: gettext_lazy("Read the rules"),
}


_NEEDS = {
    rules.Needs.NONE: lambda: _("Nothing but necessity"),
    rules.Needs.CONSENT: lambda: _("The client's consent"),
    rules.Needs.CONTRACT: lambda: _("A written contract"),
    rules.Needs.REASON: lambda: _("A reason, afterwards reviewed"),
}
