"""Organisations are reformed: all the work of a unit goes to its successor in one step (REQ-001-96)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from silta.access import operations as access_operations
from silta.access import queries as access
from silta.access.enums import Permission
from silta.access.models import Membership
from silta.audit import operations as audit
from silta.audit.enums import Outcome
from silta.cases.enums import WAITED_FOR, ActionState, State, TransferState
from silta.cases.models import Action, AgreedService, Case, Participation, Transfer
from silta.cases.operations import recording, responsibility, sharing, standing
from silta.cases.queries import reform as queries
from silta.kernel import clock
from silta.kernel.acting import maintaining
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, RuleBroken, SiltaError
from silta.organisations import operations as organisations
from silta.organisations.models import Unit


@dataclass(frozen=True, slots=True)
class Moved:
    """What went over: cases of the unit, its parts in the cases of others, workers; and grounds that did not."""

    cases: int
    parts: int
    workers: int
    grounds_ended: int


def hand_over_work(actor: Actor, *, from_unit: Unit, to_unit: Unit, on: dt.date, reason: str) -> Moved:
    """Moves everything that one unit does to the unit that succeeds it, and records the succession.

    Its cases, open and ended, change unit and, between organisations, controller; its workers become workers of the
    new unit and stay responsible for what they were responsible for; its parts, open promises and services in the
    cases of others go over; open offers of transfer are overtaken. What was recorded keeps the name of the unit that
    recorded it. Grounds go over on the successor's own clienthood or the same statute; one that rests on a consent or
    contract with the former unit ends, and is counted, for the client has consented to nobody else.

    A whole unit is no client's case that one worker sees, so this runs past row-level security, only on the command
    line or in the worker, by the keeper of the installation. Raises ``PermissionError`` elsewhere, ``NotAllowed``
    without the permission, ``RuleBroken`` before the day has come, where the succession is not possible, or where the
    receiving organisation is not of a kind that holds such cases.
    """
    access.require(actor, Permission.ORGANISATIONS_MANAGE)
    _require_day(on)
    with transaction.atomic(), maintaining():
        own_kinds = Case.objects.filter(unit=from_unit).order_by().values_list("kind", flat=True).distinct()
        _require_kinds(own_kinds, to_unit)
        organisations.succeed(actor, from_unit=from_unit, to_unit=to_unit, on=on, reason=reason)
        move = _Move(actor, from_unit, to_unit, on, reason.strip())
        workers = move.workers()
        touched = {case.pk: case for case in move.cases()}
        own = len(touched)
        for row in move.parts():
            touched.setdefault(row.case_id, row.case)
        ended = sum(move.grounds(case) for case in touched.values())
        move.promises()
        standing.refresh_each(touched.values())
        moved = Moved(own, len(touched) - own, workers, ended)
        audit.record(
            actor, "cases.hand_over_work", subject=to_unit, recipient_unit_id=to_unit.pk, from_unit=str(from_unit.pk),
            cases=moved.cases, parts=moved.parts, workers=moved.workers, grounds_ended=moved.grounds_ended,
        )  # fmt: skip
    return moved


@transaction.atomic
def order_hand_over(actor: Actor, *, from_unit: Unit, to_unit: Unit, on: dt.date, reason: str) -> None:
    """Asks the worker to hand a unit's work over; what ``hand_over_work`` would refuse is refused here already.

    Raises ``NotAllowed`` without the permission, ``RuleBroken`` before the day or where the succession is not possible,
    ``Conflict`` while a hand-over of the unit's work waits or is under way.
    """
    access.require(actor, Permission.ORGANISATIONS_MANAGE)
    _require_day(on)
    organisations.require_succession(from_unit=from_unit, to_unit=to_unit, on=on, reason=reason)
    _require_kinds(queries.work_of(actor, from_unit, on).kinds, to_unit)
    if queries.ordered_of(from_unit.pk).state in {queries.Standing.WAITING, queries.Standing.UNDER_WAY}:
        raise Conflict(
            _("The work of this unit is being handed over already."), code="cases.hand_over_ordered"
        )
    audit.record(
        actor, "cases.order_hand_over", subject=to_unit, recipient_unit_id=to_unit.pk, from_unit=str(from_unit.pk),
        on=on.isoformat(),
    )  # fmt: skip
    app.configure_task(queries.TASK, lock=queries.TASK).defer(
        user_id=str(actor.user_id), keeping_unit=str(actor.unit_id), from_unit=str(from_unit.pk),
        to_unit=str(to_unit.pk), on=on.isoformat(), reason=reason.strip(),
    )  # fmt: skip


@transaction.atomic
def tell_failure(actor: Actor, *, from_unit: Unit, error: Exception) -> None:
    """Notes in the journal that an ordered hand-over failed, and the code of what stopped it, for the keeper to read."""
    code = error.code if isinstance(error, SiltaError) else "unforeseen"
    audit.record(actor, "cases.fail_hand_over", subject=from_unit, outcome=Outcome.REFUSED, code=code)


def _require_day(on: dt.date) -> None:
    if on > clock.today():
        raise RuleBroken(
            _("The work is handed over on the day, not before it."), code="cases.future_day", field="on"
        )


def _require_kinds(kinds: Iterable[str], to_unit: Unit) -> None:
    if names := queries.kinds_not_held(kinds, to_unit.organisation):
        raise RuleBroken(
            _("An organisation of this kind does not hold such cases: %(names)s.") % {"names": ", ".join(names)},
            code="cases.hand_over_kind", field="to_unit",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Move:
    actor: Actor
    old: Unit
    new: Unit
    on: dt.date
    reason: str

    def workers(self) -> int:
        """Memberships of the old unit that still run continue in the new one; returns how many."""
        rows = queries.memberships_to_move(self.old, self.on)
        count = 0
        for row in rows.select_related("user"):
            there = Membership.objects.filter(
                user=row.user, unit=self.new, role=row.role, purpose=row.purpose, valid_until__isnull=True
            )
            if not there.exists():
                access_operations.invite_member(
                    self.actor, email=row.user.email, name=row.user.name, unit=self.new, role=row.role,
                    purpose=row.purpose, title=row.title, phone=row.phone, valid_from=self.on,
                )  # fmt: skip
                count += 1
            if row.valid_until is None:
                access_operations.end_membership(
                    self.actor,
                    membership=row,
                    reason=self.reason,
                    on=self.on - dt.timedelta(days=1),
                    passes_on=True,
                )
        return count

    def cases(self) -> list[Case]:
        """Every case of the old unit, moved; the path tells of it."""
        rows = list(Case.objects.filter(unit=self.old).select_related("unit__organisation", "controller"))
        for case in rows:
            controller = case.controller_id
            for transfer in Transfer.objects.filter(case=case, state=TransferState.PROPOSED):
                self._overtake(case, transfer)
            recording.change(case, case.version, unit_id=self.new.pk, controller_id=self.new.organisation_id)
            case.unit, case.controller = self.new, self.new.organisation
            self._tell(case, "unit", self.old.pk, self.new.pk)
            if controller != self.new.organisation_id:
                self._tell(case, "controller", controller, self.new.organisation_id)
        return rows

    def _tell(self, case: Case, subject: str, before: Any, after: Any) -> None:
        recording.note_status(
            self.actor, case, subject, str(before), str(after), on=self.on, reason=self.reason
        )

    def _overtake(self, case: Case, transfer: Transfer) -> None:
        transfer.state, transfer.decided_on = TransferState.OVERTAKEN, self.on
        transfer.decision_reason = self.reason
        transfer.save(update_fields=["state", "decided_on", "decision_reason"])
        self._tell_transfer(case, transfer)
        if not Participation.objects.filter(case=case, unit=transfer.to_unit, left_on__isnull=True).exists():
            sharing.end(self.actor, case, unit=transfer.to_unit, reason=self.reason)

    def _tell_transfer(self, case: Case, transfer: Transfer) -> None:
        recording.note_status(
            self.actor, case, "transfer", TransferState.PROPOSED, TransferState.OVERTAKEN, on=self.on,
            reason=self.reason, subject_id=transfer.pk,
        )  # fmt: skip

    def parts(self) -> list[Participation]:
        """Every part the old unit has now goes on under the new unit, in a new period with the same person."""
        for transfer in Transfer.objects.filter(
            to_unit=self.old, state=TransferState.PROPOSED
        ).select_related("case"):
            self._overtake(transfer.case, transfer)
        rows = Participation.objects.filter(unit=self.old, left_on__isnull=True).select_related(
            "case__unit__organisation", "user"
        )
        found = list(rows)
        for row in found:
            responsibility.close(row, on=self.on, reason=self.reason)
            there = Participation.objects.filter(
                case=row.case, unit=self.new, user=row.user, part=row.part, left_on__isnull=True
            )
            if not there.exists():
                moved, _made = recording.new_row(
                    self.actor, row.case, Participation, unit=self.new, user_id=row.user_id, part=row.part,
                    answers_for=row.answers_for, joined_on=max(self.on, row.joined_on), joined_how=row.joined_how,
                )  # fmt: skip
                responsibility.tell_why(self.actor, moved, self.reason)
        return found

    def grounds(self, case: Case) -> int:
        """Gives the new unit what the old one knew of the case, where the law still lets it; returns what ended."""
        before = sharing.current_grants(case, self.old)
        sharing.end(self.actor, case, unit=self.old, reason=self.reason)
        lost = 0
        for grant in before:
            lost += not sharing.succeed(self.actor, case, grant, unit=self.new)
        return lost

    def promises(self) -> None:
        """Open promises and awaited services of the old unit are the new unit's to keep."""
        Action.objects.filter(owner_unit=self.old, state=ActionState.OPEN, case__state=State.OPEN).update(
            owner_unit=self.new, version=F("version") + 1
        )
        AgreedService.objects.filter(
            Q(state__in=WAITED_FOR) | Q(state="started"), provider_unit=self.old, case__state=State.OPEN
        ).update(provider_unit=self.new, version=F("version") + 1)
