"""The list of clients: which cases, in which order, page by page by key."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from silta.access import queries as access
from silta.access.enums import Permission
from silta.access.models import Grant
from silta.cases.enums import State
from silta.cases.models import Case
from silta.cases.queries import worklist, worklist_page
from silta.cases.queries.reaching import visible_to
from silta.cases.queries.worklist import Conditions, Filters, Reason, Whose
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.people.models import Municipality, Residence

PAGE = 30


class Of(StrEnum):
    """Whose clients are listed: those the worker is responsible for, her unit's, or all in whose case her unit is."""

    MINE = "mine"
    UNIT = "unit"
    ALL = "all"


class Sort(StrEnum):
    """In which order."""

    DEADLINE = "deadline"
    NAME = "name"
    CONTACT = "contact"
    OPENED = "opened"


_KEYS: dict[Sort, str] = {
    Sort.DEADLINE: "next_deadline_on",
    Sort.NAME: "person__search_name",
    Sort.CONTACT: "last_contact_on",
    Sort.OPENED: "opened_on",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of the list; without a state open and ended cases together, which fill one page."""

    of: Of = Of.MINE
    sort: Sort = Sort.DEADLINE
    state: State | None = State.OPEN
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list; ``next`` begins the following one."""

    cases: tuple[Case, ...]
    next: str = ""


def clients(actor: Actor, asked: Asked) -> "QuerySet[Case]":
    """All cases that were asked for, unsorted; none for a role that works with no cases.

    A person under non-disclosure is never found by municipality; whoever is in no case of hers does not find her at all.
    """
    if actor.unit_id is None or not access.permits(actor, Permission.CASE_VIEW):
        return Case.objects.none()
    if asked.of is Of.ALL:
        # Whatever is visible rests on a grant of the unit: said aloud, the search begins from the unit's grants and
        # not from every case there is.
        known = Grant.objects.filter(unit_id=actor.unit_id).values("person_id")
        rows = visible_to(actor).filter(person_id__in=known)
    else:
        rows = Case.objects.filter(unit_id=actor.unit_id)
        if asked.of is Of.MINE:
            rows = rows.filter(responsible_id=actor.user_id)
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    if asked.filters.reason in set(Reason):
        whose = Whose.MINE if asked.of is Of.MINE else Whose.UNIT
        rows = rows.filter(Conditions(actor, whose, clock.today()).of(Reason(asked.filters.reason)))
    return worklist.narrowed(rows, asked.filters)


def page(actor: Actor, asked: Asked, after: str = "") -> Listed:
    """One page of the list with people, units and responsible workers; a mangled ``after`` begins anew."""
    key = _KEYS[asked.sort]
    rows = _after(clients(actor, asked), asked.sort, key, after)
    rows = worklist_page.shown(rows, "version", "last_contact_on", "ended_on", "person__search_name")
    # Of open and ended cases together, as the search finds them, the open ones come first.
    order = [] if asked.state is not None else ["-state"]
    rows = rows.order_by(*order, F(key).asc(nulls_last=True), "id")
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    return Listed(tuple(shown), _cursor(shown[-1], asked.sort) if len(found) > PAGE else "")


def _cursor(case: Case, sort: Sort) -> str:
    value: Any = case.person.search_name if sort is Sort.NAME else getattr(case, _KEYS[sort])
    return f"{case.pk},{'' if value is None else value}"


def _after(rows: "QuerySet[Case]", sort: Sort, key: str, after: str) -> "QuerySet[Case]":
    case_id, _, text = after.replace("\x00", "").partition(",")
    try:
        last = UUID(case_id)
        value: Any = text if sort is Sort.NAME else dt.date.fromisoformat(text) if text else None
    except ValueError:
        return rows
    if value is None:
        return rows.filter(**{f"{key}__isnull": True}, id__gt=last)
    follows = Q(**{f"{key}__gt": value}) | Q(**{key: value}, id__gt=last)
    return rows.filter(follows if sort is Sort.NAME else follows | Q(**{f"{key}__isnull": True}))


def municipalities_of(cases: Sequence[Case]) -> dict[UUID, Municipality]:
    """Where the people of these cases live now, one query; nothing for those whose dwelling is hidden."""
    rows = (
        Residence.objects.filter(person__in=[case.person_id for case in cases], valid_until__isnull=True)
        .select_related("municipality")
        .only("person", "municipality__name_fi", "municipality__name_sv")
    )
    return {row.person_id: row.municipality for row in rows}


def municipality_names() -> list[tuple[str, str]]:
    """The code and name of every municipality of today, by name in the reader's language; one query."""
    rows = Municipality.objects.filter(valid_until__isnull=True).only("code", "name_fi", "name_sv")
    return sorted({one.code: one.name for one in rows}.items(), key=lambda one: one[1])
