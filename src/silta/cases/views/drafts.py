"""What was typed and not yet saved: kept while typing, thrown away when asked."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from silta.cases import queries
from silta.cases.forms.people import RegisterForm
from silta.cases.operations import drafts
from silta.cases.views import answers
from silta.cases.views.registry import DEEDS

_KEPT = {deed.name: deed for deed in DEEDS if deed.keeps_draft}
_LONGEST = 9000
# The form for a new client, which belongs to no case yet.
NEW = "new"


def _typed(request: HttpRequest, form: type[forms.Form]) -> dict[str, Any]:
    """What was typed into the shown fields of the form, and every box that was ticked in a group of them."""
    found: dict[str, Any] = {}
    for name, one in form.base_fields.items():
        words = [_sound(word) for word in request.POST.getlist(name) if word]
        if words and not one.widget.is_hidden:
            found[name] = words if isinstance(one, forms.MultipleChoiceField) else words[-1]
    return found


def _sound(word: str) -> str:
    """Nobody types a NUL, and the database cannot hold one."""
    return word.replace("\x00", "")[:_LONGEST]


@require_POST
def keep(request: HttpRequest, case_id: UUID, form: str) -> HttpResponse:
    """Keeps the words of one form, as they are, sound or not yet."""
    deed = _KEPT.get(form)
    if deed is None:
        raise Http404
    actor = answers.actor_of(request)
    case = queries.get_for(actor, case_id)
    draft = drafts.keep_draft(actor, case=case, form=form, fields=_typed(request, deed.form))
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


@require_POST
def keep_new(request: HttpRequest) -> HttpResponse:
    """Keeps the words of the form for a new client."""
    actor = answers.actor_of(request)
    draft = drafts.keep_draft(actor, case=None, form=NEW, fields=_typed(request, RegisterForm))
    return render(request, "cases/_draft_kept.html", {"draft": draft})


@require_POST
def discard_new(request: HttpRequest) -> HttpResponse:
    """Throws away what was typed of a new client."""
    drafts.discard_draft(answers.actor_of(request), case=None, form=NEW)
    return redirect("cases:new")
