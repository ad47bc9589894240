"""The standing of a case: what worklists of any size read, kept in step with the facts in one place."""

import datetime as dt
import json
from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from silta.cases.models import Case
from silta.cases.queries.facts import Known, facts_of_each
from silta.cases.rules import deadlines, definitions
from silta.cases.rules.deadlines import Due
from silta.cases.rules.schema import Fact
from silta.kernel.errors import NotFound
from silta.kernel.identifiers import new_id

_STAND = """
SELECT silta_case_stand(told.id, told.standing, told.due)
FROM jsonb_to_recordset(%s::jsonb) AS told (id uuid, standing jsonb, due jsonb)
"""


def refresh(case: Case) -> None:
    """Recomputes the standing columns and the due dates of the case; every operation on a case calls it last.

    Two queries, however much the case holds. The outcome is the same whoever acts: the facts are read and the standing
    is written by functions of the database that see past what one unit keeps from another. ``case`` gets the new
    columns. Raises ``NotFound`` where the acting unit or client has no part in the case.
    """
    if not refresh_each([case]):
        raise NotFound(_("There is no such case."), code="cases.not_found")


def refresh_each(cases: Iterable[Case]) -> int:
    """Brings many cases up to date in two queries; returns how many, for those the actor has no part in are left out."""
    rows = {case.pk: case for case in cases}
    # Joins the verb's own transaction: the lock that the first query takes holds until the second has written.
    with transaction.atomic(savepoint=False):
        known = facts_of_each(rows.keys(), locked=True)
        due = {key: _due(found) for key, found in known.items()}
        if known:
            _stand(known, due)
    for key, found in known.items():
        _show(rows[key], found, due[key])
    return len(known)


def next_deadline(due: list[Due]) -> dt.date | None:
    """The earliest due date that asks somebody to act; silence has a list of its own."""
    return min((one.due_on for one in due if not one.informational and not one.quiet), default=None)


def _due(known: Known) -> list[Due]:
    return deadlines.due(definitions.definition(known.kind, known.version), known.facts)


def _stand(known: dict[UUID, Known], due: dict[UUID, list[Due]]) -> None:
    told = [
        {"id": key, "standing": _columns(found, due[key]), "due": [_row(one) for one in due[key]]}
        for key, found in known.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_STAND, [json.dumps(told, default=str)])


def _show(case: Case, known: Known, due: list[Due]) -> None:
    case.responsible_id = known.responsible_id
    case.last_contact_on = known.facts.dates.get(Fact.CONTACTED)
    case.next_step_on = known.next_step_on
    case.next_deadline_on = next_deadline(due)
    case.open_steps = known.open_steps
    case.open_goals = known.open_goals
    case.waiting_services = known.waiting_services


def _columns(known: Known, due: list[Due]) -> dict[str, object]:
    return {
        "responsible": known.responsible_id,
        "last_contact": known.facts.dates.get(Fact.CONTACTED),
        "next_step": known.next_step_on,
        "next_deadline": next_deadline(due),
        "open_steps": known.open_steps,
        "open_goals": known.open_goals,
        "waiting_services": known.waiting_services,
    }


def _row(one: Due) -> dict[str, object]:
    return {
        "id": new_id(),
        "rule": one.rule,
        "due_on": one.due_on,
        "warn_on": one.warn_on,
        "source": one.source,
        "inputs": one.inputs,
        "subject_id": one.subject_id,
    }
