"""The officer gives a client her own data on her behalf: asking, reading and saving, each journalled with its ground."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from silta.access import operations, queries
from silta.access.enums import Permission
from silta.access.forms import ExportForm
from silta.access.queries import own_data
from silta.access.views.answers import actor_of, tell_at_field
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.kernel.request import Request
from silta.people import queries as people


@require_http_methods(["GET", "POST"])
def exports(request: Request) -> HttpResponse:
    """Asks for a client's data on her behalf, and lists what this officer has asked for."""
    actor = actor_of(request)
    queries.require(actor, Permission.OWN_DATA_GIVE)
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _asked(actor, form):
        messages.success(request, _("The data are being put together. Look again in a moment."))
        return redirect("access:exports")
    return render(request, "access/exports.html", {"form": form, "exports": queries.exports_of(actor)})


def _asked(actor: Actor, form: ExportForm) -> bool:
    asked = dict(form.cleaned_data)
    person_id = people.id_by_code(asked.pop("identity_code"))
    if person_id is None or not queries.organisation_knows(person_id):
        form.add_error("identity_code", _("Your organisation holds nothing under this code."))
        return False
    try:
        operations.ask_on_behalf(actor, person_id=person_id, **asked)
    except RuleBroken as error:
        tell_at_field(form, error)
        return False
    return True


@require_safe
def read(request: Request, export_id: UUID) -> HttpResponse:
    """The readable form, to be printed and given."""
    row = operations.read_export(actor_of(request), export_id=export_id, form="page")
    return render(request, "access/export_read.html", {"export": row, "content": row.content})


@require_safe
def download(request: Request, export_id: UUID) -> HttpResponse:
    """The form for machines, as a file."""
    row = operations.read_export(actor_of(request), export_id=export_id, form="json")
    answer = JsonResponse(own_data.for_machines(row), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="silta-{row.asked_at:%Y-%m-%d}.json"'
    return answer
