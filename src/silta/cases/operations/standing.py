"""The standing of a case: what worklists of any size read, kept in step with the facts in one place."""

import datetime as dt
import json

from django.db import connection, transaction

from silta.cases.models import Case
from silta.cases.queries.facts import Known, facts_of
from silta.cases.rules import deadlines, definitions
from silta.cases.rules.deadlines import Due
from silta.cases.rules.schema import Fact
from silta.kernel.identifiers import new_id


@transaction.atomic
def refresh(case: Case) -> None:
    """Recomputes the standing columns and the due dates of the case; every operation on a case calls it last.

    Two queries, however much the case holds. The outcome is the same whoever acts: the facts are read and the standing
    is written by functions of the database that see past what one unit keeps from another. ``case`` gets the new
    columns. Raises ``NotFound`` where the acting unit or client has no part in the case.
    """
    known = facts_of(case, locked=True)
    definition = definitions.definition(known.kind, known.version)
    due = deadlines.due(definition, known.facts)
    columns = _columns(known, due)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT silta_case_stand(%s, %s::jsonb, %s::jsonb)",
            [case.pk, json.dumps(columns, default=str), json.dumps([_row(one) for one in due], default=str)],
        )
    case.responsible_id = known.responsible_id
    case.last_contact_on = known.facts.dates.get(Fact.CONTACTED)
    case.next_step_on = known.next_step_on
    case.next_deadline_on = next_deadline(due)
    case.open_steps = known.open_steps
    case.open_goals = known.open_goals
    case.waiting_services = known.waiting_services


def next_deadline(due: list[Due]) -> dt.date | None:
    """The earliest due date that asks somebody to act; silence has a list of its own."""
    return min((one.due_on for one in due if not one.informational and not one.quiet), default=None)


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
