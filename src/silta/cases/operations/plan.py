"""The plan: whole versions that are never altered, accepted by the client, reviewed together (381/2023 5-6 §)."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category
from silta.cases.enums import AcceptedHow, ActionState, GoalState, ServiceState
from silta.cases.models import Action, AgreedService, Case, Goal, PlanVersion, Review
from silta.cases.operations import path, recording
from silta.cases.queries.facts import facts_of
from silta.cases.rules import requirements
from silta.cases.rules.schema import Moment
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, RuleBroken


@transaction.atomic
def make_plan(
    actor: Actor,
    *,
    case: Case,
    reason: str,
    how_followed: str,
    made_on: dt.date | None = None,
    key: UUID | None = None,
) -> PlanVersion:
    """Makes the next version of the plan out of the goals, steps and services as they now stand, with the reason.

    Raises ``RuleBroken`` where a part is missing that the definition requires before a plan (how it is followed, a
    goal the client has confirmed, the domains assessed …; 381/2023 4-5 §), naming every missing part.
    """
    recording.require_work(actor, case, Category.PLAN)
    recording.require_open(case)
    if key is not None and (there := PlanVersion.objects.filter(pk=key, case=case).first()):
        return there
    words = recording.require_text(reason, field="reason", message=_("Tell why the plan is made or changed."))
    followed = recording.require_text(
        how_followed, field="how_followed", message=_("Tell how the plan is followed up.")
    )
    today = clock.today()
    day = recording.no_later_than(made_on or today, today, field="made_on")
    _require_parts(case)
    recording.lock(case)
    last = PlanVersion.objects.filter(case=case).aggregate(last=Max("number"))["last"] or 0
    plan, _made = recording.new_row(
        actor, case, PlanVersion, key=key, number=last + 1, made_on=day, reason=words, how_followed=followed,
        content=snapshot(case, followed),
    )  # fmt: skip
    path.follow(actor, case, "plan_made", on=day)
    recording.finish(actor, case, "make_plan", subject=plan, number=plan.number)
    return plan


def _require_parts(case: Case) -> None:
    parts = requirements.missing(path.definition_of(case), facts_of(case).facts, Moment.PLAN)
    if missing := [str(part.name) for part in parts if not part.warns_only]:
        raise RuleBroken(
            _("Before the plan is made, these are needed: %(parts)s.") % {"parts": "; ".join(missing)},
            code="cases.plan_parts_missing",
        )


def snapshot(case: Case, how_followed: str) -> dict[str, Any]:
    """The plan as it stands: living goals, open steps, services that were not refused, and how it is followed."""
    goals = Goal.objects.filter(case=case, state__in=[GoalState.PROPOSED, GoalState.CONFIRMED])
    actions = Action.objects.filter(case=case, state=ActionState.OPEN).select_related("owner_unit", "owner")
    services = AgreedService.objects.filter(case=case).exclude(state=ServiceState.REFUSED)
    return {
        "how_followed": how_followed,
        "goals": [
            {"id": str(goal.pk), "own_words": goal.own_words, "wording": goal.wording, "state": goal.state,
             "proposed_by": goal.proposed_by}
            for goal in goals
        ],
        "steps": [
            {"id": str(action.pk), "goal": _text(action.goal_id), "text": action.text, "due_on": _text(action.due_on),
             "owner_is_client": action.owner_is_client, "owner_unit": _text(action.owner_unit),
             "owner": _text(action.owner)}
            for action in actions
        ],
        "services": [
            {"id": str(service.pk), "goal": _text(service.goal_id), "name": service.name,
             "provider": _text(service.provider_unit) or service.provider_name, "state": service.state,
             "expected_on": _text(service.expected_on)}
            for service in services.select_related("provider_unit")
        ],
    }  # fmt: skip


def _text(value: object) -> str:
    return "" if value is None else str(value)


@transaction.atomic
def accept_plan(
    actor: Actor, *, plan: PlanVersion, accepted_how: str = AcceptedHow.ELECTRONICALLY, explained_how: str = "",
    accepted_on: dt.date | None = None,
) -> PlanVersion:  # fmt: skip
    """Records that the client accepts the plan: she does so herself, electronically, or a worker writes down how.

    However it is accepted, a worker tells how its content and meaning were explained (VNA 385/2024 2 §). Raises
    ``RuleBroken`` where a newer version is there or the explanation is missing, ``Conflict`` where it was answered.
    """
    case = recording.case_of(plan)
    recording.require_say(actor, case)
    recording.require_open(case)
    _require_newest(case, plan)
    explained = explained_how.strip()
    if actor.is_client:
        accepted_how = AcceptedHow.ELECTRONICALLY
    else:
        explained = recording.require_text(
            explained_how,
            field="explained_how",
            message=_("Tell how the content and its meaning were explained."),
        )
    today = clock.today()
    day = recording.no_later_than(accepted_on or today, today, field="accepted_on")
    if day < plan.made_on:
        raise RuleBroken(
            _("The day is before the plan was made."), code="cases.day_too_early", field="accepted_on"
        )
    _answer(
        plan,
        accepted_on=day,
        accepted_how=AcceptedHow(accepted_how),
        explained_how=explained,
        refused_reason="",
    )
    path.follow(actor, case, "plan_accepted", on=day)
    recording.finish(actor, case, "accept_plan", subject=plan, how=str(accepted_how))
    return plan


@transaction.atomic
def refuse_plan(actor: Actor, *, plan: PlanVersion, reason: str) -> PlanVersion:
    """Records that the client does not accept the plan, in her own words. Nothing follows by itself (REQ-002-28).

    She may accept the same version later.
    """
    case = recording.case_of(plan)
    recording.require_say(actor, case)
    recording.require_open(case)
    _require_newest(case, plan)
    words = recording.require_text(
        reason, field="reason", message=_("Write what the client does not accept.")
    )
    _answer(plan, refused_reason=words)
    recording.finish(actor, case, "refuse_plan", subject=plan)
    return plan


def _require_newest(case: Case, plan: PlanVersion) -> None:
    if PlanVersion.objects.filter(case=case, number__gt=plan.number).exists():
        raise RuleBroken(_("There is a newer version of the plan."), code="cases.plan_outdated")


def _answer(plan: PlanVersion, **answer: Any) -> None:
    if not QuerySet(PlanVersion).filter(pk=plan.pk, accepted_on__isnull=True).update(**answer):
        raise Conflict(_("The plan has been accepted already."), code="cases.conflict")
    for name, value in answer.items():
        setattr(plan, name, value)


@transaction.atomic
def hold_review(
    actor: Actor,
    *,
    case: Case,
    findings: str,
    present: str = "",
    asked_by_client: bool = False,
    held_on: dt.date | None = None,
    key: UUID | None = None,
) -> Review:
    """Records that the plan was looked at together, and what was found; the next review counts from it (381/2023 6 §)."""
    recording.require_work(actor, case, Category.PLAN)
    recording.require_open(case)
    words = recording.require_text(findings, field="findings", message=_("Write what was found."))
    today = clock.today()
    review, is_new = recording.new_row(
        actor, case, Review, key=key, findings=words, present=present.strip(), asked_by_client=asked_by_client,
        held_on=recording.no_later_than(held_on or today, today, field="held_on"),
        plan_version=PlanVersion.objects.filter(case=case).first(),
    )  # fmt: skip
    if is_new:
        recording.finish(actor, case, "hold_review", subject=review)
    return review
