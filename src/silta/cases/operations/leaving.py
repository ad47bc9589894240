"""Nobody's case is left with somebody who works there no more: it comes to the lead of the unit, until another is named."""

from dataclasses import dataclass

from silta.access.models import Membership
from silta.audit import operations as audit
from silta.cases.models import Case, Flag, HandOver, Participation
from silta.cases.operations import recording, responsibility, standing
from silta.cases.queries import leaving as queries
from silta.cases.rules import told
from silta.cases.rules.told import Told
from silta.kernel import clock
from silta.kernel.acting import maintaining
from silta.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class TakenOver:
    """How many cases came to a lead, and how many stayed where they were, for their unit has no lead."""

    cases: int
    without_lead: int


def take_over_left() -> TakenOver:
    """Makes the lead of the unit responsible for every open case whose responsible person works there no more.

    However the membership ended: by a lead, by the keeper, by its last day, or with the user. A flag in the case tells
    it; the lead names another by handing it over. A case of a unit without a lead stays, is counted, and comes to the
    first lead there is. It is no worker's deed, so it runs past row-level security and stands in the journal as the
    system's; the rows name the lead, in whose hands the case now is. Runs in the worker; raises ``PermissionError`` in
    the web process.
    """
    moved = alone = 0
    with maintaining():
        left = list(queries.left_behind())
        for row in left:
            lead = queries.lead_of(row.unit_id) if row.unit_id else None
            lead = lead or queries.lead_of(row.case.unit_id)
            if lead is None:
                alone += 1
            else:
                _pass_on(row, lead)
                moved += 1
    return TakenOver(moved, alone)


def _pass_on(row: Participation, lead: Membership) -> None:
    case, today = row.case, clock.today()
    holder = Actor(lead.user_id, lead.role, lead.purpose, lead.unit_id, lead.unit.organisation_id)
    responsibility.close(row, on=today, reason=Told.WORKS_NO_MORE)
    responsibility.appoint(holder, case, user_id=lead.user_id, unit_id=lead.unit_id, on=today)
    recording.new_row(
        holder, case, HandOver, from_user_id=row.user_id, to_user_id=lead.user_id, on=today, note=""
    )
    if row.user_id is not None and row.unit_id is not None:
        # The version stays: what a worker of the case was just writing is no less right for it.
        Case.objects.filter(pk=case.pk).update(
            left_by_id=row.user_id, left_on=queries.left_on(row.user_id, row.unit_id)
        )
    name = row.user.name if row.user else ""
    recording.new_row(holder, case, Flag, text=told.with_names(Told.CAME_TO_LEAD, name=name))
    standing.refresh(case)
    audit.record(
        None, "cases.take_over_left", person_id=case.person_id, subject=case, from_user=str(row.user_id),
        to_user=str(lead.user_id),
    )  # fmt: skip
