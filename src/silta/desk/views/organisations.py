"""The keeper's organisations: found, named, closed, and whether their people sign in with two factors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from silta.access import operations as access
from silta.access.enums import Permission
from silta.access.queries import Units
from silta.desk.keeping import (
    CloseForm,
    KeepingForm,
    NamesForm,
    OrganisationFactsForm,
    OrganisationForm,
    OrganisationSearchForm,
    Parents,
    SearchForm,
    UnitForm,
    offer,
)
from silta.desk.views import asking
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotFound, RuleBroken
from silta.organisations import operations, queries
from silta.organisations.models import Organisation, Unit
from silta.ui import controls

Body = TypeVar("Body", Organisation, Unit)


def keeper(request: HttpRequest) -> Actor:
    """The actor, if she keeps organisations; raises ``NotFound`` for anybody else."""
    return asking.actor_of(request, Permission.ORGANISATIONS_MANAGE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with one form: what it does, what follows, and where it leads back."""

    title: str
    button: str
    back: str
    about: str | Promise = ""
    is_ending: bool = False
    warning: str | Promise = ""


def answered(
    request: HttpRequest, sheet: Sheet, form: KeepingForm, deed: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    """Draws the form, or does the deed with what was said in it and goes to the address the deed gives back."""
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(deed(form.cleaned_data))
        except (RuleBroken, Conflict) as error:
            form.refuse(error)
    status = 422 if form.errors else 200
    return render(request, "desk/keeping_form.html", {"sheet": sheet, "form": form}, status=status)


def onward(request: HttpRequest, following: UUID | None) -> dict[str, str]:
    """The addresses of the neighbouring pages of a list."""
    said = {name: request.GET[name] for name in ("q", "kind", "closed") if request.GET.get(name)}
    return {
        "first": f"?{urlencode(said)}" if request.GET.get("after") else "",
        "next": f"?{urlencode(said | {'after': following})}" if following else "",
    }


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """All organisations with their units, by name; searched, narrowed by kind, and paged by key."""
    keeper(request)
    form = OrganisationSearchForm(request.GET)
    today = clock.today()
    listed = queries.organisations_listed(today, **form.asked)
    context = {
        "form": form, "rows": listed.rows, "today": today, **onward(request, listed.next),
        "is_filtered": any(request.GET.get(name) for name in ("q", "kind", "closed")),
    }  # fmt: skip
    return render(request, "desk/organisations.html", context)


def found(request: HttpRequest) -> HttpResponse:
    """Founds an organisation."""
    actor = keeper(request)

    def deed(said: dict[str, Any]) -> str:
        row = operations.found_organisation(actor, **said)
        messages.success(request, _("The organisation is in the register. Add its first unit next."))
        return _address(row.pk)

    sheet = Sheet(
        _("Found an organisation"), _("Add the organisation"), reverse("desk:organisations"),
        _("People work in units: an organisation needs at least one before anybody can be invited to it."),
    )  # fmt: skip
    return answered(request, sheet, OrganisationForm(request.POST or None), deed)


@require_safe
def organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """One organisation: its facts, its units, and what can be done to it."""
    keeper(request)
    row, today = organisation_of(organisation_id), clock.today()
    form = SearchForm(request.GET)
    listed = queries.units_listed(row, today, **form.asked)
    context = {
        "organisation": row, "form": form, "units": listed.rows, "today": today, **onward(request, listed.next),
        "is_filtered": any(request.GET.get(name) for name in ("q", "closed")),
    }  # fmt: skip
    return render(request, "desk/organisation.html", context)


def names(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Corrects the names of an organisation."""
    actor, row = keeper(request), organisation_of(organisation_id)
    return renamed(request, actor, row, _address(row.pk))


def renamed(request: HttpRequest, actor: Actor, body: Body, address: str) -> HttpResponse:
    """Asks for the names of an organisation or a unit and corrects them; ``address`` is its page."""

    def deed(said: dict[str, Any]) -> str:
        operations.rename(actor, body=body, **said)
        messages.success(request, _("The names are corrected."))
        return address

    sheet = Sheet(
        _("Correct the names of %(name)s") % {"name": body.name}, _("Save the names"), address,
        _("The new name is shown everywhere, also in what was recorded earlier."),
    )  # fmt: skip
    return answered(request, sheet, NamesForm.of(body, request.POST or None), deed)


def facts(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Puts right the kind, the business id and the parent of an organisation."""
    actor, row = keeper(request), organisation_of(organisation_id)

    def deed(said: dict[str, Any]) -> str:
        access.correct_organisation(actor, organisation=row, **said)
        messages.success(request, _("The register is put right."))
        return _address(row.pk)

    sheet = Sheet(
        _("Put %(name)s right") % {"name": row.name}, _("Save"), _address(row.pk),
        _("The kind decides what the law lets the organisation know. It can be changed until its units have clients."),
    )  # fmt: skip
    now = {"kind": row.kind, "business_id": row.business_id, "parent": row.parent}
    form = OrganisationFactsForm(request.POST or None, initial=now)
    offer(form, "parent", Parents(row.pk))
    return answered(request, sheet, form, deed)


@require_safe
def parents(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """The organisations that are called so, asked for while somebody types a name."""
    keeper(request)
    return HttpResponse(controls.matches(Parents(organisation_id), request.GET.get("text", "")))


def close(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Gives an organisation its last day."""
    actor, row = keeper(request), organisation_of(organisation_id)

    def deed(said: dict[str, Any]) -> str:
        operations.close_organisation(actor, organisation=row, on=said["on"])
        messages.success(request, _("The last day of the organisation is recorded."))
        return _address(row.pk)

    sheet = Sheet(
        _("Close %(name)s") % {"name": row.name}, _("Close the organisation"), _address(row.pk),
        _("Its units must be closed by the same day. What they recorded stays under their names."), is_ending=True,
    )  # fmt: skip
    return answered(
        request,
        sheet,
        CloseForm(request.POST or None, initial={"on": row.valid_until or clock.today()}),
        deed,
    )


@require_POST
def second_factor(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Turns the demand for two-factor sign-in on or off."""
    actor, row = keeper(request), organisation_of(organisation_id)
    required = request.POST.get("required") == "yes"
    operations.require_second_factor(actor, organisation=row, required=required)
    messages.success(
        request,
        _("Two-factor sign-in is now required.") if required else _("Two-factor sign-in is no longer required."),
    )  # fmt: skip
    return redirect(_address(row.pk))


def found_unit(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Founds a unit of an organisation."""
    actor, row, today = keeper(request), organisation_of(organisation_id), clock.today()

    def deed(said: dict[str, Any]) -> str:
        unit = operations.found_unit(actor, organisation=row, **said)
        messages.success(request, _("The unit is in the register. Invite its first member next."))
        return reverse("desk:keep_unit", args=[unit.pk])

    sheet = Sheet(_("Found a unit of %(name)s") % {"name": row.name}, _("Add the unit"), _address(row.pk))
    form = UnitForm(request.POST or None, initial={"valid_from": max(today, row.valid_from)})
    offer(form, "parent", Units(actor, within=row.pk, near=row.pk))
    return answered(request, sheet, form, deed)


def organisation_of(organisation_id: UUID) -> Organisation:
    """The organisation; raises ``NotFound`` where there is none."""
    row = Organisation.objects.select_related("parent").filter(pk=organisation_id).first()
    if row is None:
        raise NotFound(_("There is no such page."), code="desk.not_found")
    return row


def _address(organisation_id: UUID) -> str:
    return reverse("desk:organisation", args=[organisation_id])
