"""What was agreed on a case and how far it has come: goals, steps, services, versions of the plan."""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from silta.cases import enums
from silta.cases.models import Action, AgreedService, Case, Flag, Goal, PlanVersion, Review, Transfer
from silta.cases.queries.caserows import Rows
from silta.cases.queries.facts import facts_of
from silta.cases.rules import definitions, requirements
from silta.cases.rules.deadlines import Facts
from silta.cases.rules.schema import Moment
from silta.kernel import clock

_DONE_SHOWN = 5
# What the band of the plan is drawn from.
TABLES = ("goals", "actions", "services", "versions", "reviews")


@dataclass(slots=True)
class GoalCard:
    """A goal with the steps and services under it."""

    goal: Goal
    steps: list[Action] = field(default_factory=list)
    done: list[Action] = field(default_factory=list)
    services: list[AgreedService] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What was agreed, and how far it has come."""

    goals: tuple[GoalCard, ...]
    closed_goals: tuple[Goal, ...]
    loose: GoalCard
    waiting: tuple[AgreedService, ...]
    services: tuple[AgreedService, ...]
    version: PlanVersion | None
    versions: int
    review: Review | None
    today: dt.date

    @property
    def words(self) -> str:
        """The client's own words that stand largest: those of the goal she confirmed first, else proposed first."""
        ordered = sorted(self.goals, key=lambda card: card.goal.state != enums.GoalState.CONFIRMED)
        return ordered[0].goal.own_words if ordered else ""


def plan_of(rows: Rows) -> Plan:
    """Goals with their near steps and services, the newest version of the plan and the newest review."""
    cards = {goal.pk: GoalCard(goal) for goal in rows.goals}
    loose = GoalCard(Goal())
    for action in rows.actions:
        card = cards.get(action.goal_id, loose) if action.goal_id else loose
        (card.steps if action.state == enums.ActionState.OPEN else card.done).append(action)
    for card in (*cards.values(), loose):
        card.done = sorted(card.done, key=lambda one: one.state_on, reverse=True)[:_DONE_SHOWN]
    for service in rows.services:
        card = cards.get(service.goal_id, loose) if service.goal_id else loose
        card.services.append(service)
    living = {enums.GoalState.PROPOSED, enums.GoalState.CONFIRMED}
    return Plan(
        goals=tuple(card for card in cards.values() if card.goal.state in living),
        closed_goals=tuple(card.goal for card in cards.values() if card.goal.state not in living),
        loose=loose,
        waiting=tuple(service for service in rows.services if service.state in enums.WAITED_FOR),
        services=tuple(rows.services),
        version=rows.versions[0] if rows.versions else None,
        versions=len(rows.versions),
        review=rows.reviews[0] if rows.reviews else None,
        today=clock.today(),
    )


def plan_versions(case: Case) -> list[PlanVersion]:
    """All versions of the plan, newest first."""
    return list(PlanVersion.objects.filter(case=case).select_related("recorded_by", "recorded_by_unit"))


_MATTERS: dict[str, tuple[type[Model], Q]] = {
    "actions": (Action, Q(state=enums.ActionState.OPEN)),
    "services": (AgreedService, Q(state__in=(*enums.WAITED_FOR, enums.ServiceState.STARTED))),
    "goals": (Goal, Q(state=enums.GoalState.PROPOSED)),
    "flags": (Flag, Q(resolved_on__isnull=True)),
    "transfers": (Transfer, Q(state=enums.TransferState.PROPOSED)),
}


def open_matters(case: Case) -> dict[str, int]:
    """What is still open before a case can end well, as far as the actor may know: counts by kind of matter."""
    counts = [
        Coalesce(
            Subquery(
                QuerySet(model).filter(still, case=OuterRef("pk")).order_by().values("case")
                .annotate(many=Count("pk")).values("many")
            ),
            0,
        )
        for model, still in _MATTERS.values()
    ]  # fmt: skip
    return dict(zip(_MATTERS, Case.objects.filter(pk=case.pk).values_list(*counts).get(), strict=True))


def lacking(case: Case, before: Moment, facts: Facts | None = None) -> list[tuple[str, str, bool]]:
    """What the definition requires before this step and the case does not have: name, source, and whether it only warns."""
    definition = definitions.definition(case.kind, case.definition_version)
    parts = requirements.missing(definition, facts or facts_of(case).facts, before)
    return [(str(part.name), part.source, part.warns_only) for part in parts]
