"""The one deed of a worklist row, done in place: a fragment where the page can show it, a page of its own elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from silta.access import queries as access
from silta.access.enums import Permission
from silta.accounts.models import User
from silta.cases import queries
from silta.cases.enums import NoteKind, ProposedBy, ServiceState
from silta.cases.models import Action, AgreedService, Case, Transfer
from silta.cases.operations import actions, goals, marks, network, notes, plan, services, transfers
from silta.cases.queries import worklist_page
from silta.desk import forms, rows
from silta.desk.views import asking
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotFound, RuleBroken

REFUSED, CONFLICT = 422, 409
Words = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Doing:
    """How one deed is asked for and done; ``is_plain`` needs nothing typed, the button says it all."""

    form: type[forms.DeedForm]
    button: str | Promise
    done: str | Promise
    perform: Callable[[Actor, Case, Words], object]
    is_plain: bool = False


def _part(model: Any, case: Case, words: Words) -> Any:
    found = model.objects.filter(pk=words.get("subject"), case_id=case.pk).first()
    if found is None:
        raise NotFound(_("There is no such page."), code="desk.no_subject")
    return found


def _complete(actor: Actor, case: Case, words: Words) -> object:
    return actions.complete_action(actor, action=_part(Action, case, words), version=words["version"] or 0)


def _nudge(actor: Actor, case: Case, words: Words) -> object:
    return actions.nudge_action(actor, action=_part(Action, case, words), version=words["version"] or 0)


def _accept(actor: Actor, case: Case, words: Words) -> object:
    return transfers.accept_transfer(actor, transfer=_part(Transfer, case, words))


def _step(actor: Actor, case: Case, words: Words) -> object:
    return actions.add_action(
        actor, case=case, text=words["text"], due_on=words["due_on"], key=words["submission"]
    )


def _goal(actor: Actor, case: Case, words: Words) -> object:
    return goals.propose_goal(
        actor, case=case, own_words=words["own_words"], proposed_by=ProposedBy.CLIENT, key=words["submission"]
    )


def _contact(actor: Actor, case: Case, words: Words) -> object:
    return notes.write_note(
        actor, case=case, kind=NoteKind.CONTACT, text=words["text"], channel=words["channel"],
        result=words["result"], key=words["submission"],
    )  # fmt: skip


def _review(actor: Actor, case: Case, words: Words) -> object:
    return plan.hold_review(
        actor, case=case, findings=words["findings"], present=words["present"], key=words["submission"]
    )


def _plan(actor: Actor, case: Case, words: Words) -> object:
    return plan.make_plan(
        actor, case=case, reason=words["reason"], how_followed=words["how_followed"], key=words["submission"]
    )


def _mark(actor: Actor, case: Case, words: Words) -> object:
    return marks.note_mark(actor, case=case, mark=words["mark"], on=words["on"])


def _service(actor: Actor, case: Case, words: Words) -> object:
    return services.change_service(
        actor, service=_part(AgreedService, case, words), version=words["version"] or 0, state=ServiceState.STARTED,
        on=words["on"],
    )  # fmt: skip


def _responsible(actor: Actor, case: Case, words: Words) -> object:
    return network.hand_over(
        actor, case=case, to_user=words["responsible"], note=words["note"], version=words["version"] or 0,
        key=words["submission"],
    )  # fmt: skip


def _keep(actor: Actor, case: Case, words: Words) -> object:
    return network.keep(actor, case=case, version=words["version"] or 0)


DOINGS: dict[str, Doing] = {
    "complete": Doing(forms.DeedForm, _("Mark as done"), _("Done."), _complete, is_plain=True),
    "nudge": Doing(forms.DeedForm, _("Remind"), _("Reminded."), _nudge, is_plain=True),
    "accept": Doing(forms.DeedForm, _("Take the case"), _("The case is yours now."), _accept, is_plain=True),
    "step": Doing(forms.StepForm, _("Add the next step"), _("The step was added."), _step),
    "goal": Doing(forms.GoalForm, _("Write a goal"), _("The goal was written."), _goal),
    "contact": Doing(forms.ContactForm, _("Record a contact"), _("The contact was recorded."), _contact),
    "review": Doing(forms.ReviewForm, _("Record the review"), _("The review was recorded."), _review),
    "plan": Doing(forms.PlanForm, _("Make the plan"), _("The plan was made."), _plan),
    "mark": Doing(forms.MarkForm, _("Record the day"), _("The day was recorded."), _mark),
    "service": Doing(forms.ServiceForm, _("Began"), _("The service has begun."), _service),
    "keep": Doing(forms.DeedForm, _("I keep it"), _("You keep the case."), _keep, is_plain=True),
    "hand_over": Doing(
        forms.ResponsibleForm,
        _("Hand over"),
        _("The case was handed over."),
        _responsible,
    ),
    "responsible": Doing(
        forms.ResponsibleForm,
        _("Name a responsible person"),
        _("A responsible person was named."),
        _responsible,
    ),
}
"""Each deed by the name that addresses and rows use."""


@require_http_methods(["GET", "POST"])
def deed(request: HttpRequest, case_id: UUID, name: str) -> HttpResponse:
    """Shows the form of a deed, or does it: a refusal comes back with everything that was typed, at its field."""
    actor = asking.actor_of(request, Permission.CASE_VIEW)
    doing = DOINGS.get(name)
    if doing is None:
        raise NotFound(_("There is no such page."), code="desk.no_deed")
    case = queries.get_for(actor, case_id)
    form = _form(doing, actor, request, case)
    if request.method == "GET":
        return _show(request, case, name, doing, form)
    if not form.is_valid():
        return _show(request, case, name, doing, form, status=REFUSED)
    try:
        with transaction.atomic():
            doing.perform(actor, case, form.cleaned_data)
    except (RuleBroken, Conflict) as refusal:
        form.refuse(refusal.field, refusal.message)
        if isinstance(refusal, Conflict):
            return _show(request, queries.get_for(actor, case_id), name, doing, form, status=CONFLICT)
        return _show(request, case, name, doing, form, status=REFUSED)
    return _answer(request, actor, case_id, doing)


def _form(doing: Doing, actor: Actor, request: HttpRequest, case: Case) -> forms.DeedForm:
    if request.method == "POST":
        form = doing.form(request.POST)
    else:
        given = {name: request.GET[name] for name in ("subject", "version", "mark") if name in request.GET}
        if doing.form is forms.ResponsibleForm:
            given["version"] = str(case.version)
        form = doing.form(initial={"on": clock.today(), **given})
    if isinstance(form, forms.ResponsibleForm) and actor.unit_id is not None:
        workers = [user.pk for user in access.workers_of(actor.unit_id) if user.pk != case.responsible_id]
        field: Any = form.fields["responsible"]
        field.queryset = User.objects.filter(pk__in=workers)
        field.initial = None if case.responsible_id == actor.user_id else actor.user_id
    return form


def _show(
    request: HttpRequest, case: Case, name: str, doing: Doing, form: forms.DeedForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "case": case, "name": name, "doing": doing, "form": form, "whose": request.GET.get("whose", ""),
        "action": reverse("desk:deed", args=[case.pk, name]),
    }  # fmt: skip
    if asking.is_fragment(request):
        response = render(request, "desk/_deed.html", context, status=status)
        # A refused button has no form on the page yet: its answer opens in the row, as an asked-for form does.
        response["HX-Retarget"], response["HX-Reswap"] = f"#deed-{case.pk}", "innerHTML"
        return response
    return render(request, "desk/deed.html", context, status=status)


def _answer(request: HttpRequest, actor: Actor, case_id: UUID, doing: Doing) -> HttpResponse:
    if not asking.is_fragment(request):
        messages.success(request, str(doing.done))
        return redirect("desk:today")
    reader = rows.Reader.of(request, asking.whose_of(request, actor))
    cases = worklist_page.shown(queries.visible_to(actor).filter(pk=case_id))
    found = [
        rows.row(one, reader, doing.done) for one in worklist_page.rows_of(actor, reader.whose, list(cases))
    ]
    response = HttpResponse(found[0] if found else rows.gone(doing.done))
    response["HX-Retarget"], response["HX-Reswap"] = f"#row-{case_id}", "outerHTML"
    return response
