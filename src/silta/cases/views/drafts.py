"""What was typed and not yet saved: kept while typing, thrown away when asked."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from silta.cases import queries
from silta.cases.operations import drafts
from silta.cases.views import answers
from silta.cases.views.registry import DEEDS

_KEPT = {deed.name: deed for deed in DEEDS if deed.keeps_draft}
_LONGEST = 9000


@require_POST
def keep(request: HttpRequest, case_id: UUID, form: str) -> HttpResponse:
    """Keeps the words of one form, as they are, sound or not yet."""
    deed = _KEPT.get(form)
    if deed is None:
        raise Http404
    actor = answers.actor_of(request)
    case = queries.get_for(actor, case_id)
    shown = [name for name, one in deed.form.base_fields.items() if not one.widget.is_hidden]
    # Nobody types a NUL, and the database cannot hold one.
    fields = {
        name: request.POST[name].replace("\x00", "")[:_LONGEST] for name in shown if request.POST.get(name)
    }
    draft = drafts.keep_draft(actor, case=case, form=form, fields=fields)
    return render(request, "cases/_draft_kept.html", {"draft": draft})


@require_POST
def discard(request: HttpRequest, case_id: UUID, form: str) -> HttpResponse:
    """Throws the kept words away and begins afresh."""
    if form not in _KEPT:
        raise Http404
    actor = answers.actor_of(request)
    case = queries.get_for(actor, case_id)
    drafts.discard_draft(actor, case=case, form=form)
    return redirect(reverse(f"cases:{form}", args=[case_id]))
