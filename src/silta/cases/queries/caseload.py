"""How much work a unit has: load by worker, what waits for whom, and how long."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from silta.access import queries as access
from silta.access import rules
from silta.access.enums import Permission
from silta.access.models import Membership
from silta.accounts.models import User
from silta.cases.enums import ActionState, State
from silta.cases.models import Action, Case, Deadline
from silta.cases.queries import worklist
from silta.cases.rules import definitions, workload
from silta.cases.rules.definitions import Definition
from silta.cases.rules.workload import Load
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """The cases of one worker of the unit; ``user`` is none for those nobody is responsible for."""

    user: User | None
    load: Load
    overdue: int

    @property
    def user_id(self) -> UUID | None:
        """The worker's id, for addresses."""
        return self.user.pk if self.user else None


@dataclass(frozen=True, slots=True)
class Queue:
    """How many cases wait for something, and since when the longest has."""

    cases: int
    longest_since: dt.date | None

    @property
    def days(self) -> int:
        """How many days the longest has waited."""
        return (clock.today() - self.longest_since).days if self.longest_since else 0


@dataclass(frozen=True, slots=True)
class Overview:
    """A unit at a glance."""

    workers: tuple[WorkerLoad, ...]
    unassigned: WorkerLoad
    total: Load
    for_assessment: Queue
    for_plan: Queue
    for_services: Queue
    transfers: int

    @property
    def heaviest(self) -> int:
        """The weight of the heaviest caseload, against which bars are drawn; at least one."""
        return max([worker.load.weight for worker in self.workers] + [self.unassigned.load.weight, 1])


def _of_unit(actor: Actor) -> "QuerySet[Case]":
    if actor.unit_id is None:
        return Case.objects.none()
    return Case.objects.filter(unit_id=actor.unit_id, state=State.OPEN)


def overview(actor: Actor) -> Overview:
    """The load and the queues of the acting unit, for its lead; four queries.

    Raises ``NotFound`` for a role that does not lead the unit.
    """
    if not access.permits(actor, Permission.UNIT_OVERVIEW) or actor.unit_id is None:
        raise NotFound("", code="cases.no_overview")
    loads, overdue = _loads(actor)
    workers = {user.pk: user for user in _workers(actor.unit_id)}
    missing = {key for key in loads if key is not None and key not in workers}
    workers |= {user.pk: user for user in User.objects.filter(pk__in=missing)} if missing else {}

    def of(user: User | None) -> WorkerLoad:
        key = user.pk if user else None
        load = loads.get(key, Load())
        return WorkerLoad(user, load, overdue.get(key, 0))

    found = [of(user) for user in workers.values()]
    total = Load()
    for load in loads.values():
        total += load
    queues = _queues(actor)
    return Overview(
        workers=tuple(sorted(found, key=lambda one: (-one.load.weight, one.user.name if one.user else ""))),
        unassigned=of(None), total=total, transfers=worklist.offered_to(actor).count(), **queues,
    )  # fmt: skip


def _workers(unit_id: UUID) -> "QuerySet[User]":
    """Those of the unit whose role works with cases: an officer of data protection carries no load."""
    today = clock.today()
    roles = [code for code, role in rules.ROLES.items() if Permission.CASE_WORK in role.permissions]
    current = Membership.objects.filter(unit_id=unit_id, role__in=roles, valid_from__lte=today).exclude(
        valid_until__lt=today
    )
    return User.objects.filter(is_active=True, pk__in=current.values("user_id"))


def _loads(actor: Actor) -> tuple[dict[UUID | None, Load], dict[UUID | None, int]]:
    grouped: dict[UUID | None, list[tuple[Definition, str, int]]] = defaultdict(list)
    overdue: dict[UUID | None, int] = defaultdict(int)
    rows = (
        _of_unit(actor)
        .order_by()
        .values_list("responsible_id", "kind", "definition_version", "need")
        .annotate(cases=Count("pk"), late=Count("pk", filter=Q(next_deadline_on__lt=clock.today())))
    )
    for responsible, kind, version, need, cases, late in rows:
        grouped[responsible].append((definitions.definition(kind, version), need, cases))
        overdue[responsible] += late
    return {key: workload.load(counts) for key, counts in grouped.items()}, overdue


def _queues(actor: Actor) -> dict[str, Queue]:
    waits = {
        "for_assessment": Q(assessment_started_on__isnull=True, kind="joint_support"),
        "for_plan": Q(phase="assessment"),
        "for_services": Q(waiting_services__gt=0),
    }
    since = {"for_assessment": "opened_on", "for_plan": "phase_since", "for_services": "phase_since"}
    found = _of_unit(actor).aggregate(
        **{f"{name}_cases": Count("pk", filter=condition) for name, condition in waits.items()},
        **{f"{name}_since": Min(since[name], filter=condition) for name, condition in waits.items()},
    )
    return {name: Queue(found[f"{name}_cases"], found[f"{name}_since"]) for name in waits}


@dataclass(frozen=True, slots=True)
class Appointment:
    """Something that falls on a day: a due date of a case, or a promise."""

    on: dt.date
    case: Case
    what: str
    id: UUID
    source: str = ""


def agenda(actor: Actor, first: dt.date, last: dt.date) -> list[Appointment]:
    """What falls on these days for the worker: due dates of cases she is responsible for, and her own promises.

    Two queries. Silence and dates that only inform are left out; so is everything of other units.
    """
    if not access.permits(actor, Permission.CASE_VIEW) or actor.unit_id is None:
        return []
    deadlines = (
        Deadline.objects.filter(
            case__responsible_id=actor.user_id, case__unit_id=actor.unit_id, case__state=State.OPEN,
            subject_id__isnull=True, due_on__gte=first, due_on__lte=last,
        )
        .exclude(rule__in=worklist.silent_rules())
        .select_related("case__person")
    )  # fmt: skip
    actions = Action.objects.filter(
        owner_id=actor.user_id, owner_unit_id=actor.unit_id, state=ActionState.OPEN, due_on__gte=first,
        due_on__lte=last, case__state=State.OPEN,
    ).select_related("case__person")  # fmt: skip
    return sorted(
        [*_timers(deadlines), *_promises(actions)], key=lambda one: (one.on, one.case.number, one.what)
    )


def _timers(rows: Iterable[Deadline]) -> Iterable[Appointment]:
    for row in rows:
        rule = definitions.definition(row.case.kind, row.case.definition_version).rule(row.rule)
        yield Appointment(row.due_on, row.case, str(rule.name) if rule else row.rule, row.pk, row.source)


def _promises(rows: Iterable[Action]) -> Iterable[Appointment]:
    for row in rows:
        if row.due_on is not None:
            yield Appointment(row.due_on, row.case, row.text, row.pk)
