"""The facts of one case, read alike whoever acts: dates, counts and ids, no content."""

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from silta.cases.models import Case
from silta.cases.rules.deadlines import Facts, Promise
from silta.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Known:
    """The facts that rules decide on, and the counts that the standing keeps beside them."""

    kind: str
    version: str
    facts: Facts
    responsible_id: UUID | None
    next_step_on: dt.date | None
    open_steps: int
    open_goals: int
    waiting_services: int


def facts_of(case: Case, *, locked: bool = False) -> Known:
    """Reads the facts in one query; ``locked`` makes others who would change the case wait for this transaction.

    The database reads past what one unit keeps from another (its internal notes), so that the day of the last contact
    is the same for all. Raises ``NotFound`` where the acting unit or client has no part in the case.
    """
    found = facts_of_each([case.pk], locked=locked)
    if not found:
        raise NotFound(_("There is no such case."), code="cases.not_found")
    return found[case.pk]


def facts_of_each(case_ids: Collection[UUID], *, locked: bool = False) -> dict[UUID, Known]:
    """The facts of many cases in one query; a case in which the actor has no part is not among them."""
    with connection.cursor() as cursor:
        # In the order of their ids, so that two who lock the same cases never wait for each other.
        cursor.execute(
            "SELECT asked.id, silta_case_facts(asked.id, %s) FROM unnest(%s::uuid[]) AS asked (id)",
            [locked, sorted(case_ids)],
        )
        rows: list[tuple[UUID, str | dict[str, Any] | None]] = cursor.fetchall()
    return {
        case_id: _known(json.loads(found) if isinstance(found, str) else found)
        for case_id, found in rows
        if found is not None
    }


def _known(row: dict[str, Any]) -> Known:
    return Known(
        kind=row["kind"],
        version=row["version"],
        facts=Facts(
            state=row["state"],
            phase=row["phase"],
            need=row["need"],
            dates={name: dt.date.fromisoformat(day) for name, day in row["dates"].items()},
            actions=_promises(row["actions"]),
            services=_promises(row["services"]),
            assessed_domains=frozenset(row["assessed_domains"]),
            triggers=frozenset(row["triggers"]),
            agreed_services=row["agreed_services"],
        ),
        responsible_id=UUID(row["responsible"]) if row["responsible"] else None,
        next_step_on=dt.date.fromisoformat(row["next_step"]) if row["next_step"] else None,
        open_steps=row["open_steps"],
        open_goals=row["open_goals"],
        waiting_services=row["waiting_services"],
    )


def _promises(rows: list[list[str]]) -> tuple[Promise, ...]:
    return tuple(Promise(UUID(subject), dt.date.fromisoformat(day)) for subject, day in rows)
