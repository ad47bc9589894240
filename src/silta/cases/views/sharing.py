"""Who sees what, and why; the case as another unit sees it; and asking somebody in."""

from typing import Any
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
from silta.cases.forms.network import AskUnitForm, InviteForm
from silta.cases.models import Case
from silta.cases.operations import network
from silta.cases.queries import casepage, casepath, caserows, disclosing
from silta.cases.rules import definitions
from silta.cases.views import answers, choices, page
from silta.cases.views.deeds import REFUSED, do_once
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound, RuleBroken
from silta.organisations.models import Unit


@require_GET
def sharing(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Participants by categories with the grounds, and what went to whom, when."""
    actor, case = answers.looking(request, case_id)
    rows = caserows.read(case, casepage.INSIDERS)
    context = {
        "case": case,
        "rights": casepage.rights_of(actor, case, rows.scope),
        "categories": Category.choices,
        "matrix": disclosing.matrix(rows),
        "disclosed": disclosing.history(case),
    }
    return render(request, "cases/sharing.html", context)


@require_GET
def preview(request: HttpRequest, case_id: UUID, unit_id: UUID) -> HttpResponse:
    """The page of the case as another unit in it sees it: the same page, read under that unit's own grounds."""
    actor, case = answers.looking(request, case_id)
    unit = disclosing.previewed_unit(actor, case, unit_id)
    other = access.actor_as_unit(unit, actor.purpose, looking=actor)
    with acting(other):
        seen = disclosing.seen_by(other, case)
        context = page.context_of(other, seen) if seen else {"case": case}
        template = "cases/case.html" if seen else "cases/preview_nothing.html"
        return render(request, template, context | {"preview": unit, "original": case})


@require_GET
def members(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Every period in which somebody took part, ended ones too."""
    _actor, case = answers.looking(request, case_id)
    context = {
        "case": case,
        "periods": casepath.membership_history(case),
    }
    return render(request, "cases/members.html", context)


def _answers(actor: Actor, case: Case, unit: Unit) -> list[Any]:
    return access.may_share(
        actor, person=case.person, to_unit=unit, categories=[one.value for one in Category]
    )


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Asks a unit in: first which, then what may be told it and on which ground, and only then is anything sent."""
    actor = answers.actor_of(request)
    case = queries.get_for(actor, case_id)
    scope = case.scope
    access.require(actor, Permission.GRANT_GIVE, scope)
    sent = request.POST if request.method == "POST" else request.GET
    is_asked = "unit" in sent or "unit_text" in sent
    asking = AskUnitForm(sent if is_asked else None, choices={"unit": choices.units(actor, scope.unit_ids)})
    unit = asking.cleaned_data["unit"] if is_asked and asking.is_valid() else None
    context = {"case": case, "asking": asking, "unit": unit}
    if unit is None:
        return render(request, "cases/invite.html", context, status=REFUSED if request.POST else 200)
    found = _answers(actor, case, unit)
    offered = {
        "user": [("", _("The unit decides")), *choices.workers(unit.pk)],
        "categories": [(one.category, one.category_name) for one in found if one.allowed],
    }
    allowed = [
        one.category for one in found if one.allowed and one.category in {"identity", "clienthood", "plan"}
    ]
    initial = {"unit": str(unit.pk), "categories": allowed}
    form = InviteForm(request.POST if request.method == "POST" else None, choices=offered, initial=initial)
    context |= {"answers": found, "form": form}
    if request.method == "GET":
        return render(request, "cases/invite.html", context)
    if not form.is_valid():
        return render(request, "cases/invite.html", context, status=REFUSED)
    words = form.words
    words.pop("unit")
    user, key = choices.worker(words.pop("user"), unit.pk), form.cleaned_data.get("submission")
    try:
        do_once(key, lambda: network.invite(actor, case=case, unit=unit, user=user, key=key, **words))
    except RuleBroken as broken:
        form.refuse(broken.field, broken.message)
        return render(request, "cases/invite.html", context, status=REFUSED)
    messages.success(request, str(_("The invitation was sent; they now see what you chose.")))
    return redirect(reverse("cases:sharing", args=[case.pk]))


@require_GET
def offer(request: HttpRequest, case_id: UUID, transfer_id: UUID) -> HttpResponse:
    """An offer to take a case over, with what is said about it; the receiving unit decides here."""
    actor, case = answers.looking(request, case_id)
    transfer = casepath.transfer_of(case, transfer_id)
    if transfer is None:
        raise NotFound(_("There is no such page."), code="cases.transfer_not_found")
    context = {
        "case": case,
        "kind": definitions.definition(case.kind, case.definition_version).name,
        "transfer": transfer,
        "actor_unit": actor.unit_id,
    }
    return render(request, "cases/offer.html", context)
