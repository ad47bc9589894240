"""The clients: filters kept in the address and savable, deeds on many at once, and the search."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from silta.access import queries as access
from silta.access.enums import Permission
from silta.accounts import operations as accounts
from silta.accounts.models import SavedView, User
from silta.cases import queries
from silta.cases.enums import ActionState, Need, State
from silta.cases.models import Action, Case
from silta.cases.operations import actions, network, path
from silta.cases.queries import clientlist, worklist_page
from silta.cases.queries.clientlist import Asked, Of, Sort
from silta.cases.queries.worklist import Filters, Whose
from silta.cases.rules import definitions
from silta.desk import table
from silta.desk.filters import filters_of
from silta.desk.forms import BatchForm, FilterForm, SaveViewForm
from silta.desk.views import asking
from silta.desk.views.today import journal
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken

PAGE_NAME = "clients"
MOST_AT_ONCE = 200
Words = dict[str, Any]
_KEPT = ("of", "sort", "state", "text", "kind", "need", "responsible", "municipality", "reason")

OF_NAMES: dict[Of, str | Promise] = {
    Of.MINE: _("My clients"),
    Of.UNIT: _("My unit's"),
    Of.ALL: _("All we work with"),
}
SORT_NAMES: dict[Sort, str | Promise] = {
    Sort.DEADLINE: _("Next deadline"), Sort.NAME: _("Name"), Sort.CONTACT: _("Longest without contact"),
    Sort.OPENED: _("Opened"),
}  # fmt: skip


def filter_form(request: HttpRequest, workers: Sequence[User]) -> FilterForm:
    """The filters of the address, to be drawn over what the acting unit can have."""
    return FilterForm(
        request.GET,
        kinds=[(code, str(versions[0].name)) for code, versions in definitions.definitions().items()],
        workers=[(str(user.pk), user.name) for user in workers],
        municipalities=clientlist.municipality_names(),
    )


def asked_of(request: HttpRequest, actor: Actor) -> Asked:
    """What the address asks of the list; unknown words count as not said.

    Unasked, a worker sees those she is responsible for; whoever is never responsible sees all in whose case her unit is.
    """
    usual = Of.MINE if access.permits(actor, Permission.CASE_OPEN) else Of.ALL
    return Asked(
        of=asking.chosen(request.GET.get("of", ""), usual),
        sort=asking.chosen(request.GET.get("sort", ""), Sort.DEADLINE),
        state=State.ENDED if request.GET.get("state") == "ended" else State.OPEN,
        filters=filters_of(request.GET),
    )


def address(request: HttpRequest, **changed: str) -> str:
    """The query of this page with some words changed; the place in the list is left behind."""
    words = {name: request.GET[name] for name in _KEPT if request.GET.get(name)} | changed
    return urlencode({name: value for name, value in words.items() if value})


@require_safe
def clients(request: HttpRequest) -> HttpResponse:
    """The list of clients; its filters are drawn where some are on or somebody opens them."""
    actor = asking.actor_of(request, Permission.CASE_VIEW)
    workers = access.workers_of(actor.unit_id) if actor.unit_id else []
    views = SavedView.objects.filter(user_id=actor.user_id, unit=access.own_unit_id(actor), page=PAGE_NAME)
    is_filtered = any(request.GET.get(name) for name in _KEPT[3:])
    asked, query = asked_of(request, actor), address(request)
    drawing: dict[str, Any] = {"asked": asked, "query": query, "is_filtered": is_filtered, "views": views}
    if is_filtered or request.GET.get("narrow"):
        drawing |= {
            "form": filter_form(request, workers),
            "save_form": SaveViewForm(initial={"query": query}),
        }
    if request.GET.get("narrow") and asking.is_fragment(request):
        return render(request, "desk/_narrow.html", drawing)
    return _list(request, actor, asked, drawing | {"workers": workers})


def _list(request: HttpRequest, actor: Actor, asked: Asked, drawing: dict[str, Any]) -> HttpResponse:
    listed = clientlist.page(actor, asked, request.GET.get("after", ""))
    rows = worklist_page.rows_of(actor, Whose.MINE if asked.of is Of.MINE else Whose.UNIT, listed.cases)
    municipalities = clientlist.municipalities_of(listed.cases)
    for row in rows:
        row.municipality = municipalities.get(row.case.person_id)
    journal(actor, "desk.clients", rows)
    query, may_work = drawing["query"], access.permits(actor, Permission.CASE_WORK)
    context = drawing | {
        "headings": table.headings(with_responsible=asked.of is not Of.MINE),
        "rows": table.drawn(rows, may_choose=may_work, with_responsible=asked.of is not Of.MINE),
        "next": f"?{query}&{urlencode({'after': listed.next})}" if listed.next else "",
        "first": f"?{query}" if request.GET.get("after") else "",
        "ofs": [
            (one, name, address(request, of=one.value)) for one, name in OF_NAMES.items()
        ],
        "sorts": [(one, name, address(request, sort=one.value)) for one, name in SORT_NAMES.items()],
        "states": [
            (State.OPEN, _("Open cases"), address(request, state="")),
            (State.ENDED, _("Ended cases"), address(request, state="ended")),
        ],
        "all_known": "" if asked.of is Of.ALL else address(request, of=Of.ALL.value),
        "may_export": access.permits(actor, Permission.EXPORT),
        "may_work": may_work,
        "may_open": access.permits(actor, Permission.CASE_OPEN),
        "needs": Need.choices,
    }  # fmt: skip
    return render(request, "desk/clients.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Finds clients by part of a name, code or birth date among the cases one works in; absent and forbidden look alike."""
    actor = asking.actor_of(request, Permission.CASE_VIEW)
    text = request.GET.get("q", "").strip()[:100]
    found: list[worklist_page.Row] = []
    if text:
        asked = Asked(of=Of.ALL, sort=Sort.NAME, state=None, filters=Filters(text=text))
        found = [worklist_page.row_of(case) for case in clientlist.page(actor, asked).cases]
        journal(actor, "desk.search", found)
    context = {
        "text": text,
        "rows": found,
        # The same ways are offered whether the person is somewhere in the register or nowhere.
        "may_open": access.permits(actor, Permission.CASE_OPEN),
        "may_join": access.permits(actor, Permission.CASE_SELF_ATTACH),
        "may_in_emergency": access.permits(actor, Permission.EMERGENCY_ACCESS),
    }
    return render(request, "desk/search.html", context)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keeps the filters that are on under a name; the same name again takes its place."""
    actor = asking.actor_of(request, Permission.CASE_VIEW)
    form = SaveViewForm(request.POST)
    if form.is_valid():
        accounts.save_view(
            actor.user_id,
            unit_id=access.own_unit_id(actor),
            page=PAGE_NAME,
            name=form.cleaned_data["name"],
            query=form.cleaned_data["query"],
        )
        messages.success(request, str(_("The view was saved.")))
    else:
        messages.error(request, str(_("Give the view a name.")))
    return redirect(f"{reverse('desk:clients')}?{form.data.get('query', '')[:500]}")


@require_POST
def forget_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Removes a saved view of one's own."""
    actor = asking.actor_of(request, Permission.CASE_VIEW)
    accounts.forget_view(actor.user_id, view_id=view_id)
    return redirect("desk:clients")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row of a batch."""

    case: Case | None
    is_done: bool
    message: str | Promise


@dataclass(frozen=True, slots=True)
class Chosen:
    """A case that was ticked, and the version of it that stood in the list; nought where none was told."""

    case_id: UUID
    version: int


def _assign(actor: Actor, case: Case, version: int, words: Words) -> None:
    user = User.objects.filter(pk=words["responsible"]).first() if words["responsible"] else None
    if user is None:
        raise RuleBroken(_("Choose the worker."), code="desk.no_worker")
    network.hand_over(actor, case=case, to_user=user, note=words["note"], version=version)


def _add(actor: Actor, case: Case, _version: int, words: Words) -> None:
    actions.add_action(actor, case=case, text=words["text"], due_on=words["due_on"])


def _need(actor: Actor, case: Case, version: int, words: Words) -> None:
    if not words["need"]:
        raise RuleBroken(_("Choose the need of support."), code="desk.no_need")
    path.set_need(actor, case=case, need=words["need"], reason=words["reason"], version=version)


def _nudge(actor: Actor, case: Case, _version: int, _words: Words) -> None:
    waiting = Action.objects.filter(case=case, state=ActionState.OPEN).exclude(owner_unit_id=actor.unit_id)
    found = list(waiting)
    if not found:
        raise RuleBroken(_("Nobody else has an open action in this case."), code="desk.nobody_to_remind")
    for action in found:
        actions.nudge_action(actor, action=action, version=action.version)


Perform = Callable[[Actor, Case, int, Words], None]
_BATCHES: dict[str, Perform] = {
    "assign": _assign, "action": _add, "need": _need, "nudge": _nudge,
}  # fmt: skip


def _chosen(text: str) -> Chosen | None:
    """What a ticked box says, ``case.version``; none where it is no case."""
    key, _point, version = text.partition(".")
    try:
        return Chosen(UUID(key), int(version) if re.fullmatch(r"[0-9]{1,9}", version) else 0)
    except ValueError:
        return None


def _back(request: HttpRequest, objection: str) -> HttpResponse:
    """To the list as it was, with what keeps the batch from being done."""
    messages.error(request, objection)
    return redirect(f"{reverse('desk:clients')}?{request.POST.get('query', '')[:500]}")


@require_POST
def batch(request: HttpRequest) -> HttpResponse:
    """Does one deed to many cases; each stands or falls alone, and each row tells what became of it."""
    actor = asking.actor_of(request, Permission.CASE_VIEW)
    perform = _BATCHES.get(request.POST.get("deed", ""))
    chosen = list(dict.fromkeys(request.POST.getlist("case")))[:MOST_AT_ONCE]
    if perform is None or not chosen:
        return _back(request, str(_("Choose at least one client and what to do.")))
    form = BatchForm(request.POST)
    if not form.is_valid():
        return _back(request, form.objection)
    ticked = [one for text in chosen if (one := _chosen(text)) is not None]
    known = {
        case.pk: case
        for case in queries.visible_to(actor)
        .filter(pk__in=[one.case_id for one in ticked])
        .select_related("person", "unit")
    }
    outcomes = [
        _one(actor, known.get(one.case_id), one.version, perform, form.cleaned_data) for one in ticked
    ]
    context = {
        "outcomes": outcomes,
        "done": sum(one.is_done for one in outcomes),
        "query": request.POST.get("query", "")[:500],
    }
    return render(request, "desk/batch.html", context)


def _one(actor: Actor, case: Case | None, version: int, perform: Perform, words: Words) -> Outcome:
    if case is None:
        return Outcome(None, is_done=False, message=_("Not found."))
    try:
        with transaction.atomic():
            perform(actor, case, version, words)
    except (NotAllowed, NotFound):
        return Outcome(case, is_done=False, message=_("Not found."))
    except (RuleBroken, Conflict) as refusal:
        return Outcome(case, is_done=False, message=refusal.message)
    return Outcome(case, is_done=True, message=_("Done."))
