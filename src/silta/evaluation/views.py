"""The page of figures: each with its chart, its base and its tables; and how fresh ones are ordered."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from silta.access import queries as access
from silta.access.enums import Permission
from silta.evaluation import operations, queries
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound, RuleBroken
from silta.kernel.request import Request
from silta.organisations.models import Unit


def _actor_of(request: Request) -> Actor:
    """The acting professional, where her role reads figures; raises ``NotFound`` for everybody else."""
    actor = request.actor
    if actor is None or not access.permits(actor, Permission.FIGURES_VIEW):
        raise NotFound(_("There is nothing here."), code="evaluation.not_permitted")
    return actor


@require_safe
def figures(request: Request) -> HttpResponse:
    """The figures of all, or of one unit: a lead's own, or the one an evaluator asks for."""
    actor = _actor_of(request)
    sees_all = access.permits(actor, Permission.FIGURES_REGION)
    units = queries.units_with_figures(actor)
    unit = (
        _unit_asked(request, units) if sees_all else Unit.objects.filter(pk=access.own_unit_id(actor)).first()
    )
    run = queries.latest_done()
    context = {
        "figures": queries.figures(actor, unit) if run else [], "run": run, "unit": unit,
        "units": units if sees_all else [], **_standing(),
    }  # fmt: skip
    return render(request, "evaluation/figures.html", context)


def _unit_asked(request: Request, units: list[Unit]) -> Unit | None:
    """The unit of the address, if there are figures of it; any other word counts as not said."""
    asked = request.GET.get("unit", "")
    return next((unit for unit in units if str(unit.pk) == asked), None)


def _standing() -> dict[str, object]:
    """Where the newest reckoning stands, and when the next comes by itself."""
    latest = queries.latest()
    return {"latest": latest, "is_under_way": queries.is_under_way(latest), "next": queries.next_nightly()}


@require_POST
def order(request: Request) -> HttpResponse:
    """Orders fresh figures."""
    try:
        operations.order(_actor_of(request))
    except RuleBroken as broken:
        messages.info(request, str(broken.message))
    return redirect("evaluation:figures")


@require_safe
def progress(request: Request) -> HttpResponse:
    """How far a reckoning is; HTMX asks every few seconds, and the page loads anew when it is over."""
    _actor_of(request)
    standing = _standing()
    response = render(request, "evaluation/_progress.html", standing)
    if not standing["is_under_way"]:
        response["HX-Refresh"] = "true"
    return response


@require_safe
def chart(request: Request, chart_id: UUID) -> HttpResponse:
    """One chart; drawn anew it has another address, so that it may be kept."""
    found = queries.chart_for(_actor_of(request), chart_id)
    headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(found.svg, content_type="image/svg+xml; charset=utf-8", headers=headers)
