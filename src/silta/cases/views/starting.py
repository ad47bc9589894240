"""The beginning: the gate against registering somebody twice, a new client, and joining a case one has work in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.forms.base import CaseForm
from silta.cases.forms.network import JoinForm
from silta.cases.forms.people import GateForm, OpenKnownForm, RegisterForm
from silta.cases.models import Draft
from silta.cases.operations import drafts, network, opening, registering
from silta.cases.queries import casepage, gate
from silta.cases.rules import definitions
from silta.cases.views import answers
from silta.cases.views.deeds import REFUSED, do_once
from silta.cases.views.drafts import NEW
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound, RuleBroken
from silta.kernel.folding import fold
from silta.kernel.identifiers import compact_identity_code, new_id

_PAGE = "cases/new.html"


def _kinds(actor: Actor) -> list[tuple[str, str]]:
    return [(one.code, str(one.name)) for one in _definitions(actor)]


def _definitions(actor: Actor) -> list[definitions.Definition]:
    """The kinds the unit may open, first what the worker is acting for: that one is chosen beforehand."""
    kinds = definitions.kinds_open_to(gate.organisation_kind(actor), on=clock.today())
    return sorted(kinds, key=lambda one: one.purpose != actor.purpose)


def _show(request: HttpRequest, step: str, *, status: int = 200, **context: Any) -> HttpResponse:
    return render(
        request,
        _PAGE,
        {"step": step, "kinds": _definitions(answers.actor_of(request)), **context},
        status=status,
    )


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Who is it? Nobody is registered before this question has been answered."""
    actor = answers.actor_of(request)
    access.require(actor, Permission.CASE_OPEN)
    draft = casepage.draft_of(actor, None, NEW)
    if request.method == "GET":
        return _show(request, "gate", form=GateForm(), draft=draft, gate_fields=_gate_words(draft))
    form = GateForm(request.POST)
    if not form.is_valid():
        return _show(request, "gate", form=form, status=REFUSED)
    typed = form.words
    found = gate.who_is(actor, **typed)
    if found.known is not None:
        initial = {"identity_code": typed["identity_code"]}
        if found.known.person is not None:
            initial["person"] = str(found.known.person.pk)
        known = OpenKnownForm(choices={"kind": _kinds(actor)}, initial=_first_kind(actor) | initial)
        return _show(request, "known", found=found, form=known)
    kept = draft.fields if draft and _is_of(draft, typed) else {}
    register = RegisterForm(choices={"kind": _kinds(actor)}, initial=_first_kind(actor) | kept | typed)
    return _show(
        request,
        "likely" if found.likely else "register",
        found=found,
        form=register,
        draft=draft if kept else None,
    )


def _gate_words(draft: Draft | None) -> dict[str, str]:
    """The answers to the gate's question that an unsaved form holds."""
    names = [name for name in GateForm.base_fields if name != "submission"]
    return {name: draft.fields[name] for name in names if draft.fields.get(name)} if draft else {}


def _is_of(draft: Draft, typed: dict[str, Any]) -> bool:
    """Whether the unsaved form speaks of whoever was named at the gate: the same code, or the same names."""
    if code := str(typed["identity_code"]):
        return compact_identity_code(draft.fields.get("identity_code", "")) == code
    names = [
        fold(f"{one.get('first_names', '')} {one.get('last_name', '')}") for one in (draft.fields, typed)
    ]
    return names[0] == names[1]


def _first_kind(actor: Actor) -> dict[str, Any]:
    kinds = _kinds(actor)
    return {"kind": kinds[0][0]} if kinds else {}


@require_http_methods(["POST"])
def register(request: HttpRequest) -> HttpResponse:
    """A new person and her case, written together or not at all."""
    actor = answers.actor_of(request)
    access.require(actor, Permission.CASE_OPEN)
    form = RegisterForm(request.POST, choices={"kind": _kinds(actor)})
    if not form.is_valid():
        return _show(request, "register", form=form, status=REFUSED)
    key = form.cleaned_data.get("submission") or new_id()
    try:
        do_once(
            key,
            lambda: registering.register_and_open(
                actor, person_fields=form.person_fields, key=key, **form.case_fields
            ),
        )
    except RuleBroken as broken:
        if broken.code == "people.already_registered":
            return _show(request, "known", found=gate.who_is(actor, **_gate_fields(form)),
                         form=_known_from(actor, form), status=REFUSED)  # fmt: skip
        form.refuse(broken.field, broken.message)
        return _show(request, "register", form=form, status=REFUSED)
    drafts.discard_draft(actor, case=None, form=NEW)
    messages.success(request, str(_("The case was opened.")))
    return redirect("cases:case", case_id=key)


def _gate_fields(form: RegisterForm) -> dict[str, Any]:
    return {
        name: form.cleaned_data[name] for name in ("identity_code", "first_names", "last_name", "birth_date")
    }


def _known_from(actor: Actor, form: RegisterForm) -> CaseForm:
    typed = form.case_fields | {"identity_code": form.cleaned_data["identity_code"]}
    return OpenKnownForm(choices={"kind": _kinds(actor)}, initial=typed)


@require_http_methods(["POST"])
def open_known(request: HttpRequest) -> HttpResponse:
    """A case for somebody in the register: found by her code again, or a client of the unit already."""
    actor = answers.actor_of(request)
    access.require(actor, Permission.CASE_OPEN)
    form = OpenKnownForm(request.POST, choices={"kind": _kinds(actor)})
    if not form.is_valid():
        return _show(request, "known", form=form, found=gate.nobody(), status=REFUSED)
    words = form.words
    found = gate.who_is_meant(actor, identity_code=words.pop("identity_code"), person_id=words.pop("person"))
    if found.known is None:
        raise NotFound(_("There is no such page."), code="cases.person_not_found")
    key, person_id = form.cleaned_data.get("submission") or new_id(), found.known.person_id
    try:
        do_once(key, lambda: opening.open_case(actor, person=person_id, key=key, **words))
    except RuleBroken as broken:
        form.refuse(broken.field, broken.message)
        return _show(request, "known", form=form, found=found, status=REFUSED)
    messages.success(request, str(_("The case was opened.")))
    return redirect("cases:case", case_id=key)


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Comes into a case one has work in, with a reason that is kept and shown."""
    actor = answers.actor_of(request)
    access.require(actor, Permission.CASE_SELF_ATTACH)
    if request.method == "GET":
        return render(request, "cases/join.html", {"form": JoinForm()})
    form = JoinForm(request.POST)
    if not form.is_valid():
        return render(request, "cases/join.html", {"form": form}, status=REFUSED)
    words = form.words
    found = gate.cases_to_join(actor, words.pop("find"))
    try:
        case_id = _only(found)
        do_once(
            form.cleaned_data.get("submission"), lambda: network.self_attach(actor, case_id=case_id, **words)
        )
    except RuleBroken as broken:
        form.refuse(broken.field, broken.message)
        return render(request, "cases/join.html", {"form": form}, status=REFUSED)
    messages.success(request, str(_("You are now in the case.")))
    return redirect(reverse("cases:case", args=[case_id]))


def _only(found: list[UUID]) -> UUID:
    """The one case that was meant; raises ``RuleBroken`` at the field where there is none, or more than one."""
    if not found:
        raise RuleBroken(_("No case was found with this number or code. Check it, or ask a colleague in the case "
                           "to invite you."), code="cases.nothing_to_join", field="find")  # fmt: skip
    if len(found) > 1:
        raise RuleBroken(_("The person has several cases. Use the number of the one you have work in."),
                         code="cases.several_to_join", field="find")  # fmt: skip
    return found[0]
