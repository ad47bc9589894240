"""Transfers: a case is offered to another unit or organisation, which decides; one decision ends the offer."""

import datetime as dt
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.accounts.models import User
from silta.cases.enums import State, TransferState
from silta.cases.models import Case, HandOver, Participation, Transfer
from silta.cases.operations import path, recording, responsibility, sharing
from silta.cases.rules.told import Told
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, RuleBroken
from silta.organisations.models import Unit


@transaction.atomic
def propose_transfer(
    actor: Actor, *, case: Case, to_unit: Unit, reason: str, note: str = "", key: UUID | None = None
) -> Transfer:
    """Offers the case to another unit; until it decides it knows only who the client is and that there is a case.

    Raises ``RuleBroken`` where that kind of organisation does not take such cases (a transfer to a body without the
    duty, REQ-001-24), where no ground lets it know the client, where it has an open case of the same kind, or another
    offer is open.
    """
    responsibility.require_lead(actor, case)
    recording.require_open(recording.renew(case))
    words = recording.require_text(reason, field="reason", message=_("Tell why the case is transferred."))
    _require_fit(case, to_unit)
    transfer = _new(actor, case, to_unit, reason=words, note=note, key=key)
    known = {category for grant in sharing.current_grants(case, to_unit) for category in grant.categories}
    if missing := sharing.ESSENTIALS - known:
        sharing.share(actor, case, to_unit=to_unit, categories=missing, from_unit=case.unit)
    recording.finish(actor, case, "propose_transfer", subject=transfer, recipient_unit_id=to_unit.pk)
    return transfer


def _require_fit(case: Case, to_unit: Unit) -> None:
    today = clock.today()
    if to_unit.pk == case.unit_id:
        raise RuleBroken(_("The case is in that unit already."), code="cases.same_unit", field="to_unit")
    if to_unit.valid_from > today or (to_unit.valid_until is not None and to_unit.valid_until < today):
        raise RuleBroken(_("The unit does not exist any more."), code="cases.unit_closed", field="to_unit")
    if to_unit.organisation.kind not in path.definition_of(case).controller_kinds:
        raise RuleBroken(_("That kind of organisation has no duty to take over such a case."),
                         code="cases.unit_without_duty", field="to_unit")  # fmt: skip


def _new(actor: Actor, case: Case, to_unit: Unit, *, reason: str, note: str, key: UUID | None) -> Transfer:
    try:
        with transaction.atomic():
            transfer, is_new = recording.new_row(
                actor, case, Transfer, key=key, from_unit_id=case.unit_id, to_unit=to_unit, reason=reason,
                note=note.strip(),
            )  # fmt: skip
    except IntegrityError as error:
        raise RuleBroken(_("The case is already offered to a unit. Withdraw that offer first."),
                         code="cases.transfer_open") from error  # fmt: skip
    if is_new:
        recording.note_status(
            actor, case, "transfer", "", TransferState.PROPOSED, on=clock.today(), subject_id=transfer.pk
        )
    return transfer


def _opened(actor: Actor, transfer: Transfer, *, by_unit: UUID) -> tuple[Case, Transfer]:
    """The case and the transfer as they stand now, locked; refuses others than the unit whose decision it is."""
    access.require(actor, Permission.CASE_WORK)
    if actor.unit_id != by_unit:
        raise NotAllowed(_("This is decided by the other unit."), code="cases.transfer_of_another")
    case = recording.case_of(transfer)
    recording.renew(case)
    now = Transfer.objects.select_related("to_unit__organisation", "from_unit__organisation").get(
        pk=transfer.pk
    )
    if now.state != TransferState.PROPOSED:
        raise Conflict(
            _("This offer has been decided already: %(state)s.") % {"state": TransferState(now.state).label},
            code="cases.transfer_decided",
        )
    return case, now


@transaction.atomic
def accept_transfer(
    actor: Actor, *, transfer: Transfer, responsible: User | None = None, transition_days: int | None = None
) -> Case:
    """Takes the case over: its unit, its responsible person and, between organisations, its controller change.

    The new unit gets to know what may flow to it from the old one; the old unit may still write and know until the
    transition window closes. The path and every row before stay as they are (REQ-001-96). Raises ``RuleBroken`` where
    the responsible does not work in the unit, no ground opens the plan to it, or its organisation has an open case of
    the same kind; ``Conflict`` where the offer has been decided already.
    """
    access.require(actor, Permission.CASE_OPEN)
    case, transfer = _opened(actor, transfer, by_unit=transfer.to_unit_id)
    old, new = transfer.from_unit, transfer.to_unit
    user = responsible or User.objects.get(pk=actor.user_id)
    if sharing.works_in(user.pk, [new.pk]) is None:
        raise RuleBroken(_("The responsible person must work in the unit that takes the case."),
                         code="cases.responsible_elsewhere", field="responsible")  # fmt: skip
    today = clock.today()
    days = path.definition_of(case).transition_days if transition_days is None else transition_days
    until = today + dt.timedelta(days=days) if days > 0 else None
    sharing.take_over(actor, case, from_unit=old, to_unit=new)
    former = _close_old_unit(case, old, until)
    was_left = case.left_by_id is not None
    _move(actor, case, new)
    if was_left:
        responsibility.take_down_left(actor, case, Told.CASE_TRANSFERRED)
    responsibility.appoint(actor, case, user_id=user.pk, unit_id=new.pk, on=today)
    recording.new_row(
        actor, case, HandOver, from_user_id=former.user_id if former else None, to_user=user, on=today,
        note=transfer.note, transition_until=until,
    )  # fmt: skip
    responsibility.settle(actor, case, transfer, TransferState.ACCEPTED, keeps_unit=True)
    case.responsible = user
    recording.finish(actor, case, "accept_transfer", subject=transfer, from_unit=str(old.pk))
    reason = Told.CASE_TRANSFERRED
    if until is None:
        sharing.end(actor, case, unit=old, reason=reason)
    else:
        sharing.limit(actor, case, unit=old, until=sharing.end_of(until), reason=reason)
    return case


def _close_old_unit(case: Case, old: Unit, until: dt.date | None) -> Participation | None:
    former = responsibility.responsible_now(case)
    leaving = Participation.objects.filter(case=case, left_on__isnull=True).filter(
        Q(unit=old) | Q(part="responsible")
    )
    for row in leaving:
        responsibility.close(row, on=clock.today(), reason=Told.CASE_TRANSFERRED, writes_until=until)
    return former


def _move(actor: Actor, case: Case, new: Unit) -> None:
    before, controller = str(case.unit_id), case.controller_id
    if (
        new.organisation_id != controller
        and Case.objects.filter(
            person_id=case.person_id, kind=case.kind, controller_id=new.organisation_id, state=State.OPEN
        ).exists()
    ):
        raise RuleBroken(_("Your organisation already has an open case of this kind for this person."),
                         code="cases.already_open")  # fmt: skip
    recording.change(
        case, case.version, unit_id=new.pk, controller_id=new.organisation_id, **responsibility.TAKEN_ON
    )
    case.unit, case.controller = new, new.organisation
    today = clock.today()
    recording.note_status(actor, case, "unit", before, str(new.pk), on=today)
    if controller != new.organisation_id:
        recording.note_status(actor, case, "controller", str(controller), str(new.organisation_id), on=today)


@transaction.atomic
def decline_transfer(actor: Actor, *, transfer: Transfer, reason: str) -> Transfer:
    """Does not take the case, with the reason; the case stays where it is, and the offered unit knows it no more."""
    words = recording.require_text(reason, field="reason", message=_("Tell why the case is not taken."))
    case, transfer = _opened(actor, transfer, by_unit=transfer.to_unit_id)
    return responsibility.settle(actor, case, transfer, TransferState.DECLINED, reason=words)


@transaction.atomic
def withdraw_transfer(actor: Actor, *, transfer: Transfer, reason: str = "") -> Transfer:
    """Takes the offer back before it is decided."""
    case, transfer = _opened(actor, transfer, by_unit=transfer.from_unit_id)
    return responsibility.settle(actor, case, transfer, TransferState.WITHDRAWN, reason=reason.strip())
