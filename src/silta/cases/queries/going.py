"""Ended cases that will be erased: who is told of which, and from which day they go."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.enums import Part, State
from silta.cases.models import Case, Participation
from silta.cases.queries import listing
from silta.cases.rules.definitions import definition
from silta.kernel.actor import Actor

PAGE = 50


@dataclass(frozen=True, slots=True)
class Going:
    """How many cases will be erased, and the day on which the first goes; none, where there are none."""

    number: int
    first_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Row:
    """One case that will be erased, and what kind of case it is."""

    case: Case
    kind: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the cases, those that go first before the others, and where the next begin; empty on the last page."""

    rows: tuple[Row, ...]
    next: str


def _told_to(actor: Actor) -> "QuerySet[Case]":
    """Those of the acting unit: to whoever may hold them all of them, to another worker those she was last responsible for."""
    if actor.unit_id is None or not access.permits(actor, Permission.CASE_VIEW):
        return Case.objects.none()
    rows = Case.objects.filter(unit_id=actor.unit_id, erasure_on__isnull=False)
    if access.permits(actor, Permission.RETENTION_HOLD):
        return rows
    last = Participation.objects.filter(
        case=OuterRef("pk"), part=Part.RESPONSIBLE, user_id=actor.user_id, left_on=OuterRef("ended_on")
    )
    return rows.filter(Exists(last))


def counted(actor: Actor) -> Going:
    """What the first page tells; one query."""
    return Going(**_told_to(actor).aggregate(number=Count("pk"), first_on=Min("erasure_on")))


def page(actor: Actor, after: str = "") -> Page:
    """The cases of which the actor is warned, journalled as a list; ``after`` is the ``next`` of the page before.

    Empty for a role that works with no cases. An address that was mangled begins anew.
    """
    rows = _told_to(actor).select_related("person").order_by("erasure_on", "pk")
    if (start := _read(after)) is not None:
        day, key = start
        rows = rows.filter(Q(erasure_on__gt=day) | Q(pk__gt=key), erasure_on__gte=day)
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    listing.journal(actor, shown)
    return Page(
        rows=tuple(Row(case, str(definition(case.kind, case.definition_version).name)) for case in shown),
        next=f"{shown[-1].erasure_on},{shown[-1].pk}" if len(found) > PAGE else "",
    )


def _read(cursor: str) -> tuple[dt.date, UUID] | None:
    try:
        day, key = cursor.split(",")
        return dt.date.fromisoformat(day), UUID(key)
    except ValueError:
        return None


def of_client(actor: Actor) -> list[Case]:
    """The client's own cases of which she is told that they will be erased, those that go first before the others."""
    # Those told of are picked here: asked of the database, it would read the index of what goes from end to end.
    rows = Case.objects.filter(person_id=access.own_person_id(actor), state=State.ENDED)
    return [case for case in rows.order_by("erasure_on", "pk") if case.erasure_on is not None]
