"""Who is responsible: one named person at a time, from the opening to the end (REQ-001-19)."""

import datetime as dt
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from silta.cases.enums import TRANSFER_STEPS, Joined, Part, TransferState
from silta.cases.models import Case, Flag, JoiningReason, LeavingReason, Participation, Transfer
from silta.cases.operations import recording, sharing
from silta.cases.rules.told import Told
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed

_LONGEST = 300
TAKEN_ON: dict[str, None] = {"left_by_id": None, "left_on": None}
"""What a case no longer tells once somebody has taken on what a leaver left."""


def responsible_now(case: Case) -> Participation | None:
    """The participation of the person responsible now; none, where nobody is named."""
    return (
        Participation.objects.filter(case=case, part=Part.RESPONSIBLE, left_on__isnull=True)
        .select_related("user", "unit__organisation")
        .first()
    )


def require_lead(actor: Actor, case: Case) -> None:
    """Lets through a worker of the unit whose case it is, or of the unit of the responsible person."""
    recording.require_work(actor, case)
    responsible = responsible_now(case)
    if actor.unit_id not in {case.unit_id, responsible.unit_id if responsible else None}:
        raise NotAllowed(_("Only the unit responsible for the case does this."), code="cases.not_own")


def close(
    row: Participation, *, on: dt.date, reason: str, writes_until: dt.date | None = None
) -> Participation:
    """Ends one period of taking part; the row stays, and for a while its unit may still write."""
    row.left_on = max(on, row.joined_on)
    row.left_reason = reason
    row.writes_until = writes_until if writes_until is not None and writes_until >= row.left_on else None
    row.save(update_fields=["left_on", "left_reason", "writes_until"])
    return row


def appoint(
    actor: Actor,
    case: Case,
    *,
    user_id: UUID,
    unit_id: UUID,
    on: dt.date,
    how: str = Joined.HANDED_OVER,
    reason: str = "",
) -> Participation:
    """Names the responsible person; where she took part otherwise, that period ends here."""
    others = Participation.objects.filter(case=case, user_id=user_id, unit_id=unit_id, left_on__isnull=True)
    for row in others.exclude(part=Part.RESPONSIBLE):
        close(row, on=on, reason=str(Part.RESPONSIBLE.label))
    row, _made = recording.new_row(
        actor, case, Participation, unit_id=unit_id, user_id=user_id, part=Part.RESPONSIBLE, joined_on=on,
        joined_how=how,
    )  # fmt: skip
    if reason:
        tell_why(actor, row, reason)
    return row


def take_down_left(actor: Actor, case: Case, reason: str) -> None:
    """Takes down the flag that told that the case came from somebody who works there no more."""
    QuerySet(Flag).filter(
        case=case, resolved_on__isnull=True, text__startswith=Told.CAME_TO_LEAD.value
    ).update(resolved_on=clock.today(), resolved_by=actor.user_id, resolution=reason)


def tell_why(actor: Actor, row: Participation, reason: str) -> None:
    """Keeps the reason for which somebody came in, for those whom it concerns (docs/adr/0006)."""
    recording.new_row(actor, row.case, JoiningReason, participation=row, text=reason[:_LONGEST])


def tell_why_left(actor: Actor, row: Participation, reason: str) -> None:
    """Keeps the words in which somebody left, for those whom they concern (docs/adr/0006)."""
    recording.new_row(actor, row.case, LeavingReason, participation=row, text=reason[:_LONGEST])


def settle(
    actor: Actor, case: Case, transfer: Transfer, state: str, *, reason: str = "", keeps_unit: bool = False
) -> Transfer:
    """Brings an open transfer to its one decision, and takes back what the offered unit got to judge by.

    Where the offered unit takes part in the case, or now takes it over (``keeps_unit``), its grounds stay.
    """
    if state not in TRANSFER_STEPS[transfer.state]:
        raise ValueError(f"a transfer does not go from {transfer.state} to {state}")
    before = transfer.state
    transfer.state, transfer.decided_on = state, clock.today()
    transfer.decided_by_id, transfer.decision_reason = actor.user_id, reason
    transfer.save(update_fields=["state", "decided_on", "decided_by", "decision_reason"])
    recording.note_status(actor, case, "transfer", before, state, on=clock.today(), subject_id=transfer.pk)
    if keeps_unit:
        return transfer
    takes_part = Participation.objects.filter(
        case=case, unit_id=transfer.to_unit_id, left_on__isnull=True
    ).exists()
    # The journal and the standing first: whoever declines knows the case no more afterwards.
    recording.finish(actor, case, f"transfer_{state}", subject=transfer)
    if not takes_part:
        sharing.end(actor, case, unit=transfer.to_unit, reason=str(TransferState(state).label))
    return transfer


def overtake_transfers(actor: Actor, case: Case, *, reason: str) -> None:
    """Closes open transfers, because something else was decided meanwhile: no request outlives its matter (lesson 3)."""
    open_ones = Transfer.objects.filter(case=case, state=TransferState.PROPOSED).select_related(
        "to_unit__organisation"
    )
    for transfer in open_ones:
        settle(actor, case, transfer, TransferState.OVERTAKEN, reason=reason)
