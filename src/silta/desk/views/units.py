"""The keeper's units: named, closed, and their work handed over to another in a reform."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from silta.access.queries import Units
from silta.cases.operations import reform
from silta.cases.queries import reform as work
from silta.desk.keeping import CloseForm, HandOverForm, ReceiverForm, UnitFactsForm, offer
from silta.desk.views.organisations import Sheet, answered, keeper, renamed
from silta.kernel import clock
from silta.kernel.errors import Conflict, NotFound, RuleBroken
from silta.organisations import operations, queries
from silta.organisations.models import Unit


@require_safe
def unit(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    """One unit: its facts, its work in figures, its hand-overs, and what can be done to it."""
    actor, row, today = keeper(request), unit_of(unit_id), clock.today()
    # Were it handed over tomorrow, whoever works here today would go along.
    figures = work.work_of(actor, row, today + dt.timedelta(days=1))
    context = {
        "unit": row, "work": figures, "history": queries.history_of(row), "today": today,
        "ordered": work.ordered_of(row.pk),
    }  # fmt: skip
    return render(request, "desk/keep_unit.html", context)


def names(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    """Corrects the names of a unit."""
    actor, row = keeper(request), unit_of(unit_id)
    return renamed(request, actor, row, _address(row.pk))


def facts(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    """Puts right the sector of a unit and the unit above it."""
    actor, row = keeper(request), unit_of(unit_id)

    def deed(said: dict[str, Any]) -> str:
        operations.correct_unit(actor, unit=row, **said)
        messages.success(request, _("The register is put right."))
        return _address(row.pk)

    sheet = Sheet(_("Put %(name)s right") % {"name": row.name}, _("Save"), _address(row.pk))
    form = UnitFactsForm(request.POST or None, initial={"sector": row.sector, "parent": row.parent})
    offer(form, "parent", Units(actor, within=row.organisation_id, without=row.pk, near=row.organisation_id))
    return answered(request, sheet, form, deed)


def close(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    """Gives a unit its last day; warns where it still has clients."""
    actor, row, today = keeper(request), unit_of(unit_id), clock.today()

    def deed(said: dict[str, Any]) -> str:
        operations.close_unit(actor, unit=row, on=said["on"])
        messages.success(request, _("The last day of the unit is recorded."))
        return _address(row.pk)

    is_in_hand = work.work_of(actor, row, today).is_in_hand
    sheet = Sheet(
        _("Close %(name)s") % {"name": row.name}, _("Close the unit"), _address(row.pk),
        _("What the unit recorded stays under its name."), is_ending=True,
        warning=_("Clients still wait for this unit. Hand its work over instead: the unit is closed at the same time.")
        if is_in_hand else "",
    )  # fmt: skip
    form = CloseForm(request.POST or None, initial={"on": row.valid_until or today})
    return answered(request, sheet, form, deed)


@require_safe
def receiver(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    """The first step of a hand-over: which unit takes the work."""
    actor, row = keeper(request), unit_of(unit_id)
    form = ReceiverForm(request.GET or None, Units(actor, without=row.pk, near=row.organisation_id))
    if form.is_bound and form.is_valid():
        return redirect("desk:unit_hand_over", unit_id=row.pk, to_id=form.cleaned_data["to_unit"].pk)
    return render(request, "desk/receiver.html", {"unit": row, "form": form})


def hand_over(request: HttpRequest, unit_id: UUID, to_id: UUID) -> HttpResponse:
    """The second step: what would move, shown before it does; and the order that moves it."""
    actor, row, to_unit = keeper(request), unit_of(unit_id), unit_of(to_id)
    form, figures = HandOverForm(request.POST or None), work.work_of(actor, row, clock.today())
    if request.method == "POST" and form.is_valid():
        try:
            reform.order_hand_over(actor, from_unit=row, to_unit=to_unit, **form.cleaned_data)
        except (RuleBroken, Conflict) as error:
            form.refuse(error)
        else:
            messages.success(request, _("The work is being handed over. You can leave the page."))
            return redirect(_address(row.pk))
    context = {
        "unit": row, "to_unit": to_unit, "form": form, "work": figures,
        "is_elsewhere": row.organisation_id != to_unit.organisation_id,
        "not_held": work.kinds_not_held(figures.kinds, to_unit.organisation),
    }  # fmt: skip
    return render(request, "desk/unit_hand_over.html", context, status=422 if form.errors else 200)


def unit_of(unit_id: UUID) -> Unit:
    """The unit with its organisation; raises ``NotFound`` where there is none."""
    row = Unit.objects.select_related("organisation", "parent").filter(pk=unit_id).first()
    if row is None:
        raise NotFound(_("There is no such page."), code="desk.not_found")
    return row


def _address(unit_id: UUID) -> str:
    return reverse("desk:keep_unit", args=[unit_id])
