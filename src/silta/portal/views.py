"""The client's own pages: my plan, my say in it, who knows what of me and why. Every page is one column of plain words."""

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from silta.access import operations as access_operations
from silta.access import queries as access
from silta.access import rules as access_rules
from silta.access.enums import Category, Permission
from silta.access.models import Consent, Grant, Membership
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.cases import queries as cases
from silta.cases.enums import ActionState, GoalState, Part, ServiceState, State
from silta.cases.models import Action, AgreedService, Case, Deadline, Goal, Participation
from silta.cases.operations import actions, goals
from silta.cases.queries import going
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.people.rules import tidy

_SAME_USE = ("who", "unit", "what", "purpose", "ground", "recipient", "categories", "refused", "kind", "person_id")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who works with me: who she is, what she answers for, how to reach her."""

    name: str
    unit: str
    answers_for: str
    phone: str
    is_responsible: bool


@dataclass(frozen=True, slots=True)
class MyCase:
    """One matter of mine, as the first page tells it."""

    case: Case
    next_steps: list[Action]
    goals: list[Goal]
    helpers: list[Helper]
    services: list[AgreedService]
    deadline: Deadline | None


def _client(request: HttpRequest, permission: Permission = Permission.OWN_DATA) -> Actor:
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.is_client:
        raise NotAllowed("", code="portal.not_a_client")
    access.require(actor, permission)
    return actor


def _helpers(case: Case) -> list[Helper]:
    """Those who take part now: the responsible person first."""
    rows = list(
        Participation.objects.filter(case=case, left_on__isnull=True).select_related(
            "user", "unit__organisation"
        )
    )
    places: dict[tuple[UUID | None, UUID | None], str] = {
        (row.user_id, row.unit_id): row.phone
        for row in Membership.objects.filter(user__in=[row.user_id for row in rows if row.user_id])
        if row.valid_until is None
    }
    found = [
        Helper(
            name=row.user.name if row.user else row.outsider_name,
            unit=f"{row.unit.name}, {row.unit.organisation.name}" if row.unit else "",
            answers_for=row.answers_for,
            phone=places.get((row.user_id, row.unit_id), ""),
            is_responsible=row.part == Part.RESPONSIBLE,
        )
        for row in rows
    ]
    return sorted(found, key=lambda helper: (not helper.is_responsible, helper.name))


def _my_case(case: Case) -> MyCase:
    mine = Action.objects.filter(case=case, state=ActionState.OPEN).select_related("owner", "owner_unit")
    return MyCase(
        case=case,
        next_steps=sorted(mine, key=lambda step: not step.owner_is_client),
        goals=list(Goal.objects.filter(case=case, state__in=[GoalState.PROPOSED, GoalState.CONFIRMED])),
        helpers=_helpers(case),
        services=list(
            AgreedService.objects.filter(case=case)
            .exclude(state__in=[ServiceState.DONE, ServiceState.REFUSED])
            .select_related("provider_unit__organisation")
        ),
        deadline=Deadline.objects.filter(case=case, rule__in=["plan_due", "review_due"])
        .order_by("due_on")
        .first(),
    )


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The client's plan: next steps, goals in my own words, who helps me, what is agreed, when we meet."""
    actor = _client(request)
    found = list(
        cases.visible_to(actor).filter(state=State.OPEN).select_related("person", "unit", "responsible")
    )
    audit.record(actor, "portal.view", kind=Kind.READ, person_id=actor.person_id)
    told = {
        "cases": [_my_case(case) for case in found], "going": going.of_client(actor), "page": "home",
        "today": clock.today(),
    }  # fmt: skip
    return render(request, "portal/home.html", told)


@dataclass(frozen=True, slots=True)
class Used:
    """The same use of my data several times on a day and one after another: when it last was, when first, how often."""

    event: access.Told
    since: dt.datetime
    times: int

    @property
    def lasted(self) -> bool:
        """Whether the first and the last differ by the clock that is shown."""
        return self.event.at.replace(second=0, microsecond=0) > self.since.replace(second=0, microsecond=0)


def _together(events: Iterable[access.Told]) -> list[Used]:
    """Uses that differ only by the time of the day are told once, so that the others are not lost among them."""

    def same(event: access.Told) -> tuple[object, ...]:
        day = timezone.localdate(event.at)
        return day, *(getattr(event, name) for name in _SAME_USE)

    found = [list(several) for _use, several in itertools.groupby(events, same)]
    return [Used(several[0], several[-1].at, len(several)) for several in found]


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Who has seen my data, in plain sentences."""
    actor = _client(request)
    page = access.own_journal(actor, key=request.GET.get("after", ""))
    told = {"uses": _together(page.events), "next_key": page.next_key, "page": "journal"}
    return render(request, "portal/journal.html", told)


@require_safe
def sharing(request: HttpRequest) -> HttpResponse:
    """Who may see what of me, and on which ground; my consents."""
    actor = _client(request)
    person_id = access.own_person_id(actor)
    today = clock.today()
    grounds = access_rules.grounds()
    by_unit: dict[UUID, list[Grant]] = {}
    for grant in access.current_grants(person_id):
        by_unit.setdefault(grant.unit_id, []).append(grant)
    knowing = [
        {
            "unit": grants[0].unit,
            "categories": [one.label for one in Category if any(one in grant.categories for grant in grants)],
            "why": [
                grounds[code] for code in dict.fromkeys(grant.ground for grant in grants) if code in grounds
            ],
        }
        for grants in by_unit.values()
    ]
    consents = [
        {"row": row, "categories": [Category(one).label for one in row.categories],
         "stands": row.withdrawn_at is None and (row.valid_until is None or row.valid_until >= today)}
        for row in access.consents_of(person_id)
    ]  # fmt: skip
    audit.record(actor, "portal.view", kind=Kind.READ, person_id=actor.person_id)
    return render(
        request, "portal/sharing.html", {"knowing": knowing, "consents": consents, "page": "sharing"}
    )


def _say(request: HttpRequest, deed: Callable[[], object], thanks: str) -> HttpResponse:
    """Does what the client said and thanks her; a refusal by the rules is told in words, nothing is lost."""
    try:
        deed()
    except Conflict:
        messages.warning(request, _("Somebody changed this at the same time. Look at it again."))
    except RuleBroken as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, thanks)
    return redirect("portal:home")


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def _goal(actor: Actor, goal_id: UUID) -> Goal:
    goal = Goal.objects.filter(pk=goal_id, person_id=access.own_person_id(actor)).first()
    if goal is None:
        raise NotFound("", code="portal.no_goal")
    return goal


@require_POST
def confirm_goal(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    """Yes, this is my goal."""
    actor = _client(request, Permission.OWN_PLAN_SAY)
    goal = _goal(actor, goal_id)
    return _say(
        request,
        lambda: goals.confirm_goal(actor, goal=goal, version=_version(request)),
        _("Thank you. This is now your goal."),
    )


@require_POST
def decline_goal(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    """No, this is not my goal; a reason may be told and is never demanded."""
    actor = _client(request, Permission.OWN_PLAN_SAY)
    goal = _goal(actor, goal_id)
    reason = tidy(request.POST.get("reason", ""))[:300]
    return _say(
        request, lambda: goals.decline_goal(actor, goal=goal, version=_version(request), reason=reason),
        _("Thank you. Your no is recorded. It does you no harm. You can talk about it at your next meeting."),
    )  # fmt: skip


@require_POST
def complete_step(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """I have done this step; only a step that is the client's own."""
    actor = _client(request, Permission.OWN_PLAN_SAY)
    action = Action.objects.filter(
        pk=action_id, person_id=access.own_person_id(actor), owner_is_client=True
    ).first()
    if action is None:
        raise NotFound("", code="portal.no_step")
    return _say(
        request, lambda: actions.complete_action(actor, action=action, version=_version(request)),
        _("Well done. The step is marked as done."),
    )  # fmt: skip


@require_POST
def withdraw_consent(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """I take my consent back; it ends at once."""
    actor = _client(request, Permission.OWN_CONSENT)
    consent = (
        Consent.objects.select_related("person")
        .filter(pk=consent_id, person_id=access.own_person_id(actor))
        .first()
    )
    if consent is None:
        raise NotFound("", code="portal.no_consent")
    _say(
        request, lambda: access_operations.withdraw_consent(actor, consent=consent),
        _("Your consent is withdrawn. It ended at once."),
    )  # fmt: skip
    return redirect("portal:sharing")


@require_http_methods(["GET", "POST"])
def own_data(request: HttpRequest) -> HttpResponse:
    """Everything that is held about me: asking for it, and what I have asked for."""
    actor = _client(request)
    if request.method == "POST":
        language = (get_language() or "fi")[:2]
        try:
            access_operations.ask_for_own_data(actor, language=language)
        except RuleBroken as error:
            messages.warning(request, str(error.message))
        else:
            messages.success(request, _("Your data are being put together. It takes a moment."))
        return redirect("portal:own_data")
    rows = access.exports_of(actor)
    told = {
        "exports": rows, "is_waiting": any(row.is_waiting for row in rows), "days": access_rules.EXPORT_DAYS,
        "going": going.of_client(actor), "page": "own_data",
    }  # fmt: skip
    return render(request, "portal/own_data.html", told)


@require_safe
def read_own_data(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Everything that is held about me, to read and to print; that I read it is journalled too."""
    row = access_operations.read_export(_client(request), export_id=export_id, form="page")
    told = {"export": row, "content": row.content, "page": "own_data"}
    return render(request, "portal/own_data_read.html", told)


@require_safe
def own_data_file(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """The same as a file that programs read, to take along."""
    row = access_operations.read_export(_client(request), export_id=export_id, form="json")
    answer = JsonResponse(
        access.own_data.for_machines(row), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    answer["Content-Disposition"] = f'attachment; filename="silta-{row.asked_at:%Y-%m-%d}.json"'
    return answer
