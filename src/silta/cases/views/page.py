"""The page of a case: one page in four bands, each of them also a fragment of its own."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from silta.cases import queries
from silta.cases.forms.plan import ActionForm
from silta.cases.models import Case
from silta.cases.queries import casehistory, caseknown, casepage, casepath, caseplan, caserows
from silta.cases.queries.casepage import Head
from silta.cases.queries.caserows import Rows
from silta.cases.views import answers, choices, picture
from silta.kernel.actor import Actor

BANDS = ("plan", "path", "happened", "known")
_TABLES = {"plan": caseplan.TABLES, "path": casepath.TABLES, "happened": (), "known": ("entries",)}
# What else a deed of one band changes: a step done is told in the history, an end closes what the plan held open.
_WITH = {
    "plan": ("plan", "path", "happened"),
    "path": BANDS,
    "happened": ("path", "happened"),
    "known": ("happened", "known"),
}


def context_of(
    actor: Actor, case: Case, *, bands: tuple[str, ...] = BANDS, show: str = "", before: str = ""
) -> dict[str, Any]:
    """What the page shows, or some bands of it with the header; each table is read once for all of them."""
    asked = casehistory.window(show, before)
    tables = {*casepage.HEAD, *(table for band in bands for table in _TABLES[band])}
    is_told = "happened" in bands
    rows = caserows.read(
        case, tables | asked.tables if is_told else tables, notes=asked.notes(case) if is_told else None
    )
    head = casepage.head_of(actor, rows)
    context: dict[str, Any] = {"case": case, "head": head, "rights": head.rights, "here": _here(case)}
    if "plan" in bands:
        context |= {"plan": caseplan.plan_of(rows), "quick_add": _quick_add(actor, rows, head)}
    if "path" in bands:
        context |= {
            "picture": picture.draw(case, rows.services, casepath.moments_of(rows, head.insiders)),
            "changes": casepath.moves_of(case, head.changes),
        }
    if is_told:
        context |= casehistory.happened_of(actor, rows, asked)
    if "known" in bands:
        context["known"] = caseknown.known_of(case, rows.entries, head.covered)
    return context


def _quick_add(actor: Actor, rows: Rows, head: Head) -> ActionForm | None:
    if not (head.rights.may_work and head.sees_plan and rows.case.state == "open"):
        return None
    offered = {"owner": choices.owners(actor, head.insiders), "goal": choices.goals(rows.goals)}
    return ActionForm(choices=offered)


def _history(actor: Actor, case: Case, show: str, before: str) -> dict[str, Any]:
    """The history alone: no more is read than it tells."""
    asked = casehistory.window(show, before)
    rows = caserows.read(case, asked.tables, notes=asked.notes(case))
    told = casehistory.happened_of(actor, rows, asked)
    return {"case": case, "rights": casepage.rights_of(actor, case), "here": _here(case), **told}


def _here(case: Case) -> str:
    return reverse("cases:case", args=[case.pk])


@require_GET
def case_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The case, whole; or the band that the page on the screen asked for anew, or more of its history."""
    actor, case = answers.looking(request, case_id)
    show, before = request.GET.get("show", ""), request.GET.get("before", "")
    part = answers.target_of(request)
    if part == "more-moments":
        return render(request, "cases/_moments.html", _history(actor, case, show, before))
    if part == "happened":
        return render(request, "cases/_happened.html", _history(actor, case, show, before))
    if part in BANDS:
        return render(request, f"cases/_{part}.html", context_of(actor, case, bands=(part,)))
    return render(request, "cases/case.html", context_of(actor, case, show=show, before=before))


def changed(request: HttpRequest, case_id: UUID, band: str, message: str, *, after: str = "") -> HttpResponse:
    """The band that changed and every other part that tells of it, as fragments, with a word for those who hear the page.

    Raises ``NotFound`` where the deed ended the actor's own way to the case.
    """
    actor = answers.actor_of(request)
    case = queries.get_for(actor, case_id)
    bands = _WITH[band]
    context = context_of(actor, case, bands=bands, show=_shown(request)) | {
        "message": message, "band": band, "bands": bands, "is_answer": True, "after": after,
    }  # fmt: skip
    response = render(request, "cases/_answer.html", context)
    response["HX-Retarget"] = f"#{band}"
    response["HX-Reswap"] = "outerHTML"
    return response


def _shown(request: HttpRequest) -> str:
    """The filter of the history that the page on the screen stands under; none where its address is no address."""
    try:
        address = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return ""
    return next(iter(parse_qs(address.query).get("show", ())), "")
