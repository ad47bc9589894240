"""A person's consents, and the question "may I share this?" before anything is sent."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from silta.access import operations, queries
from silta.access.enums import Category, Permission
from silta.access.forms import ConsentForm, SharingForm
from silta.access.views.answers import actor_of, person_known_to, tell_at_field
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.kernel import clock
from silta.kernel.errors import Conflict, RuleBroken
from silta.kernel.request import Request


def consents(request: Request, person_id: UUID) -> HttpResponse:
    """What the person has permitted, with its history, and recording another."""
    actor = actor_of(request)
    queries.require(actor, Permission.CONSENT_RECORD)
    person = person_known_to(actor, person_id)
    form = ConsentForm(
        request.POST or None, units=queries.Units(actor),
        initial={"given_on": clock.today(), "language": person.service_language},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            operations.record_consent(actor, person=person, **form.cleaned_data)
        except RuleBroken as error:
            tell_at_field(form, error)
        else:
            messages.success(request, _("The consent is recorded."))
            return redirect("access:consents", person_id=person.pk)
    if request.method != "POST":
        audit.record(actor, "access.read_consents", kind=Kind.READ, person_id=person.pk)
    today = clock.today()
    rows = [
        {"row": row, "categories": [Category(one).label for one in row.categories],
         "stands": row.withdrawn_at is None and (row.valid_until is None or row.valid_until >= today)}
        for row in queries.consents_of(person.pk)
    ]  # fmt: skip
    return render(request, "access/consents.html", {"person": person, "form": form, "rows": rows})


@require_POST
def withdraw(request: Request, consent_id: UUID) -> HttpResponse:
    """The person takes a consent back, told by her to the worker; what rested on it ends at once."""
    actor = actor_of(request)
    consent = queries.consent_for(actor, consent_id)
    try:
        ended = operations.withdraw_consent(actor, consent=consent)
    except Conflict as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(
            request, _("The consent is withdrawn. Rights that ended with it: %(count)d.") % {"count": ended}
        )
    return redirect("access:consents", person_id=consent.person_id)


@require_safe
def may_share(request: Request, person_id: UUID) -> HttpResponse:
    """Yes or no for each category, with the ground and its text, before anything is sent."""
    actor = actor_of(request)
    queries.require(actor, Permission.GRANT_GIVE)
    person = person_known_to(actor, person_id)
    asked = "to_unit" in request.GET or "to_unit_text" in request.GET
    form = SharingForm(
        request.GET if asked else None, units=queries.Units(actor, without=queries.own_unit_id(actor))
    )
    answers = None
    if asked and form.is_valid():
        answers = queries.may_share(actor, person=person, **form.cleaned_data)
    template = (
        "access/_answers.html" if request.headers.get("HX-Request") == "true" else "access/sharing.html"
    )
    return render(request, template, {"person": person, "form": form, "answers": answers})
