"""How much work a unit has: load by worker, what waits for whom, and how long."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from silta.access import queries as access
from silta.access import rules
from silta.access.enums import Permission
from silta.access.models import Membership
from silta.accounts.models import User
from silta.cases.enums import State
from silta.cases.models import Case
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
class Loads:
    """Who of a unit carries how much."""

    workers: tuple[WorkerLoad, ...]
    unassigned: WorkerLoad
    total: Load

    @property
    def heaviest(self) -> int:
        """The weight of the heaviest caseload, against which bars are drawn; at least one."""
        return max([worker.load.weight for worker in self.workers] + [self.unassigned.load.weight, 1])


@dataclass(frozen=True, slots=True)
class Overview:
    """A unit at a glance."""

    loads: Loads
    for_assessment: Queue
    for_plan: Queue
    for_services: Queue


def _of_unit(actor: Actor) -> "QuerySet[Case]":
    if actor.unit_id is None:
        return Case.objects.none()
    return Case.objects.filter(unit_id=actor.unit_id, state=State.OPEN)


def loads(actor: Actor) -> Loads:
    """The load of each worker of the acting unit, the heaviest first, for its lead; two queries.

    Those who left the unit and still have cases are told too. Raises ``NotFound`` for a role that does not lead it.
    """
    if not access.permits(actor, Permission.UNIT_OVERVIEW) or actor.unit_id is None:
        raise NotFound("", code="cases.no_overview")
    found, overdue = _counted(actor)
    # By key: with "or" in one condition every user there is would be read.
    keys = {*_workers(actor.unit_id), *(key for key in found if key is not None)}
    users = User.objects.filter(pk__any_of=list(keys)).only("name", "is_active")
    workers = [
        WorkerLoad(user, found.get(user.pk, Load()), overdue.get(user.pk, 0))
        for user in users
        if user.is_active or user.pk in found
    ]
    return Loads(
        workers=tuple(sorted(workers, key=lambda one: (-one.load.weight, one.user.name if one.user else ""))),
        unassigned=WorkerLoad(None, found.get(None, Load()), overdue.get(None, 0)),
        total=sum(found.values(), Load()),
    )  # fmt: skip


def overview(actor: Actor) -> Overview:
    """The load and the queues of the acting unit, for its lead; three queries.

    Raises ``NotFound`` for a role that does not lead the unit.
    """
    return Overview(loads(actor), **_queues(actor))


def _workers(unit_id: UUID) -> "QuerySet[Membership, UUID]":
    """Those of the unit whose role works with cases: an officer of data protection carries no load."""
    today = clock.today()
    roles = [code for code, role in rules.ROLES.items() if Permission.CASE_WORK in role.permissions]
    current = Membership.objects.filter(unit_id=unit_id, role__in=roles, valid_from__lte=today)
    return current.exclude(valid_until__lt=today).values_list("user_id", flat=True)


def _counted(actor: Actor) -> tuple[dict[UUID | None, Load], dict[UUID | None, int]]:
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
    """Something that falls on a day: a due date of a case, or a promise; ``source`` is that of a due date's rule."""

    id: UUID
    on: dt.date
    what: str
    source: str
    case_id: UUID
    number: str
    person_id: UUID
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """How the person is called."""
        return f"{self.first_name} {self.last_name}"


_AGENDA = """
WITH falling AS (
  SELECT d.id, d.case_id, d.due_on, d.rule AS what, d.source, true AS is_timer
  FROM cases_deadline d
  WHERE d.unit_id = %(unit)s AND d.due_on BETWEEN %(first)s AND %(last)s AND d.subject_id IS NULL
    AND NOT d.rule = ANY (%(silent)s)
  UNION ALL
  SELECT a.id, a.case_id, a.due_on, a.text, '', false
  FROM cases_action a
  WHERE a.owner_id = %(user)s AND a.owner_unit_id = %(unit)s AND a.state = 'open'
    AND a.due_on BETWEEN %(first)s AND %(last)s
)
SELECT f.id, f.due_on, f.what, f.source, c.id, c.number, p.id, coalesce(nullif(p.call_name, ''), p.first_names), p.last_name,
  f.is_timer, c.kind, c.definition_version
FROM falling f JOIN cases_case c ON c.id = f.case_id JOIN people_person p ON p.id = c.person_id
WHERE c.state = 'open' AND (NOT f.is_timer OR c.unit_id = %(unit)s AND c.responsible_id = %(user)s)
ORDER BY f.due_on, c.number, f.id
"""


def agenda(actor: Actor, first: dt.date, last: dt.date) -> list[Appointment]:
    """What falls on these days for the worker: due dates of cases she is responsible for, and her own promises.

    One query. Silence and dates that only inform are left out; so is everything of other units.
    """
    if not access.permits(actor, Permission.CASE_VIEW) or actor.unit_id is None:
        return []
    asked: dict[str, Any] = {
        "unit": actor.unit_id, "user": actor.user_id, "first": first, "last": last,
        "silent": sorted(worklist.silent_rules()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_AGENDA, asked)
        return [_appointment(Appointment(*row[:-3]), *row[-3:]) for row in cursor.fetchall()]


def _appointment(told: Appointment, is_timer: bool, kind: str, version: str) -> Appointment:
    rule = definitions.definition(kind, version).rule(told.what) if is_timer else None
    return replace(told, what=str(rule.name)) if rule else told
