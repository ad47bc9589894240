"""The page of a case: one page in four bands, each of them also a fragment of its own."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from silta.cases import queries
from silta.cases.forms.plan import ActionForm
from silta.cases.models import Case
from silta.cases.queries import casehistory, caseknown, casepage, casepath, caseplan
from silta.cases.queries.casepage import Head
from silta.cases.views import answers, choices, picture
from silta.kernel.actor import Actor

BANDS = ("plan", "path", "happened", "known")


def context_of(
    actor: Actor, case: Case, *, only: str = "", show: str = "", before: str = ""
) -> dict[str, Any]:
    """What the page shows, or one band of it with the header."""
    head = casepage.head_of(actor, case)
    context: dict[str, Any] = {"case": case, "head": head}
    wanted = (only,) if only in BANDS else BANDS
    services = None
    if "plan" in wanted:
        plan = caseplan.plan_of(case)
        services = list(plan.services)
        context |= {"plan": plan, "quick_add": _quick_add(actor, case, head)}
    if "path" in wanted:
        found = caseplan.services_of(case) if services is None else services
        moments = casepath.moments_of(case, head.insiders)
        context |= {
            "picture": picture.draw(case, found, moments),
            "changes": casepath.moves_of(case, head.changes),
        }
    if "happened" in wanted:
        context |= casehistory.happened_of(actor, case, show=show, before=before)
    if "known" in wanted:
        context["known"] = caseknown.known_of(case, head.covered)
    return context


def _quick_add(actor: Actor, case: Case, head: Head) -> ActionForm | None:
    if not (head.may_work and head.sees_plan and case.state == "open"):
        return None
    return ActionForm(choices={"owner": choices.owners(actor, head.insiders), "goal": choices.goals(case)})


@require_GET
def case_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The case, whole; or the band that the page on the screen asked for anew."""
    actor, case = answers.looking(request, case_id)
    show, before = request.GET.get("show", ""), request.GET.get("before", "")
    band = answers.target_of(request)
    if band == "more-moments":
        return render(
            request, "cases/_moments.html", context_of(actor, case, only="happened", show=show, before=before)
        )
    if band in BANDS:
        context = context_of(actor, case, only=band, show=show, before=before)
        return render(request, f"cases/_{band}.html", context)
    return render(request, "cases/case.html", context_of(actor, case, show=show, before=before))


def changed(request: HttpRequest, case_id: UUID, band: str, message: str, *, after: str = "") -> HttpResponse:
    """The band that changed and the header above it, as fragments, with a word for those who hear the page."""
    actor = answers.actor_of(request)
    case = queries.get_for(actor, case_id)
    context = context_of(actor, case, only=band) | {
        "message": message, "band": band, "is_answer": True, "after": after,
    }  # fmt: skip
    response = render(request, "cases/_answer.html", context)
    response["HX-Retarget"] = f"#{band}"
    response["HX-Reswap"] = "outerHTML"
    return response
