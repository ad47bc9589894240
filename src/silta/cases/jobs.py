"""What runs in the background: the night's forgetting of old words, the cases of those who have left, and the hand-over of a unit's work."""

import datetime as dt
from uuid import UUID

from procrastinate.contrib.django import app

from silta.access import queries as access
from silta.cases.operations import drafts, leaving, reform
from silta.cases.queries.reform import TASK
from silta.kernel.acting import acting
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed
from silta.organisations.models import Unit


@app.periodic(cron="10 2 * * *")
@app.task(name="cases.forget_drafts", queueing_lock="cases.forget_drafts")
def forget_drafts(timestamp: int) -> None:
    """Forgets old drafts."""
    drafts.forget_drafts()


@app.periodic(cron="*/15 * * * *")
@app.task(name="cases.take_over_left", queueing_lock="cases.take_over_left")
def take_over_left(timestamp: int) -> None:
    """Brings the cases of those who work in their unit no more to its lead."""
    leaving.take_over_left()


@app.task(name=TASK)
def hand_over_work(
    *, user_id: str, keeping_unit: str, from_unit: str, to_unit: str, on: str, reason: str
) -> None:
    """Does a hand-over that was ordered on a page, by the keeper who ordered it, if she still is one; all or nothing.

    What stops it is noted in the journal, past the transaction that is undone, and raised to the queue.
    """
    units = Unit.objects.select_related("organisation").in_bulk([UUID(from_unit), UUID(to_unit)])
    giver, places = units[UUID(from_unit)], access.memberships_of(UUID(user_id))
    place = next((row.pk for row in places if str(row.unit_id) == keeping_unit), None)
    actor = access.actor_for(UUID(user_id), place) if place else None
    try:
        _hand_over(actor, giver, units[UUID(to_unit)], dt.date.fromisoformat(on), reason)
    except Exception as error:
        told_by = actor or Actor(UUID(user_id), role="", purpose="")
        with acting(told_by):
            reform.tell_failure(told_by, from_unit=giver, error=error)
        raise


def _hand_over(actor: Actor | None, from_unit: Unit, to_unit: Unit, on: dt.date, reason: str) -> None:
    if actor is None:
        raise NotAllowed("the membership has ended", code="cases.membership_ended")
    with acting(actor):
        reform.hand_over_work(actor, from_unit=from_unit, to_unit=to_unit, on=on, reason=reason)
