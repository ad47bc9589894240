"""Pages to look things up: versions of the plan, the client's details, and the same person twice."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from silta.access import queries as access
from silta.access.enums import Category, Permission
from silta.cases import queries
from silta.cases.forms.people import MergeForm
from silta.cases.models import PlanVersion
from silta.cases.operations import merging
from silta.cases.queries import casepage, caseplan, registered
from silta.cases.views import answers
from silta.cases.views.deeds import REFUSED, do_once
from silta.kernel.errors import NotAllowed, NotFound, RuleBroken


@require_GET
def plans(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The versions of the plan, and the difference between any two of them."""
    actor, case = answers.looking(request, case_id)
    if Category.PLAN not in access.covered_categories(actor, case.person_id, matter_id=case.pk):
        raise NotAllowed(_("There is no such page."), code="cases.plan_not_covered")
    versions = caseplan.plan_versions(case)
    newer = _version(request.GET.get("newer"), versions, 0)
    older = _version(request.GET.get("older"), versions, 1)
    context = {
        "case": case,
        "versions": versions,
        "newer": newer,
        "older": older,
        "difference": queries.plan_difference(older, newer) if older and newer else None,
    }
    return render(request, "cases/plans.html", context)


def _version(asked: str | None, versions: list[PlanVersion], otherwise: int) -> PlanVersion | None:
    found = next((one for one in versions if str(one.number) == asked), None)
    return found or (versions[otherwise] if len(versions) > otherwise else None)


@require_GET
def person(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The client's details: names, languages, where she lives, how to reach her; hidden where safety asks so."""
    actor, case = answers.looking(request, case_id)
    context = {
        "case": case,
        "rights": casepage.rights_of(actor, case),
        "details": registered.details_of(actor, case),
    }
    return render(request, "cases/person.html", context)


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Two rows that may be one person, side by side; the lead joins them, with a reason."""
    actor = answers.actor_of(request)
    case = queries.get_for(actor, case_id)
    access.require(actor, Permission.PERSON_MERGE, case.scope)
    sent = request.POST if request.method == "POST" else request.GET
    pair = registered.pair_of(case, sent.get("other", ""))
    form = MergeForm(request.POST if request.method == "POST" else None)
    context = {
        "case": case,
        "doubles": registered.doubles_of(case),
        "pair": pair,
        "merges": registered.merges_of(case),
        "form": form,
    }
    if request.method == "GET":
        return render(request, "cases/merge.html", context)
    if pair is None:
        raise NotFound(_("There is no such page."), code="cases.no_pair")
    if not form.is_valid():
        return render(request, "cases/merge.html", context, status=REFUSED)
    reason, other = form.cleaned_data["reason"], pair.other
    try:
        do_once(
            form.cleaned_data.get("submission"),
            lambda: merging.merge_people(actor, person=case.person, duplicate=other, reason=reason),
        )
    except RuleBroken as broken:
        form.refuse(broken.field, broken.message)
        return render(request, "cases/merge.html", context, status=REFUSED)
    messages.success(request, str(_("The two are now one person. You can undo it on this page.")))
    return redirect(reverse("cases:merge", args=[case.pk]))


@require_http_methods(["POST"])
def unmerge(request: HttpRequest, case_id: UUID, merge_id: UUID) -> HttpResponse:
    """Takes a merge apart again."""
    actor = answers.actor_of(request)
    case = queries.get_for(actor, case_id)
    access.require(actor, Permission.PERSON_MERGE, case.scope)
    found = next((one for one in registered.merges_of(case) if one.pk == merge_id), None)
    if found is None:
        raise NotFound(_("There is no such page."), code="cases.merge_not_found")
    form = MergeForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(_("Write the reason for undoing the merge.")))
    else:
        merging.undo_merge(actor, merge=found, reason=form.cleaned_data["reason"])
        messages.success(request, str(_("The merge was undone.")))
    return redirect(reverse("cases:merge", args=[case.pk]))
