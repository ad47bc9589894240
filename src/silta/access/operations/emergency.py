"""Emergency access: past the usual grounds or past non-disclosure, with a reason, for minutes, reviewed afterwards."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries, rules
from silta.access.enums import Category, Permission
from silta.access.models import EmergencyAccess, Grant
from silta.access.operations.grants import end_each
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.organisations.models import Unit

GROUND = "emergency"
_SOURCE = "access.emergencyaccess"


@transaction.atomic
def open_emergency_access(
    actor: Actor, *, person_id: UUID | None, reason: str, minutes: int, reveals_protected: bool = False
) -> EmergencyAccess:
    """Opens what the unit's grants do not, to this user alone, for ``minutes``; the unit's lead reviews it afterwards.

    Where the unit lacks categories a short grant on the ground of emergency covers them; with ``reveals_protected``
    the contact data and municipality that non-disclosure hides are shown as well. Raises ``NotAllowed`` without the
    permission, ``RuleBroken`` for a short reason or a time out of the box, and last, so that nobody who opens nothing
    learns who is in the register, ``NotFound`` for an unknown person.
    """
    queries.require(actor, Permission.EMERGENCY_ACCESS)
    if reveals_protected:
        queries.require(actor, Permission.PROTECTED_REVEAL)
    _check(reason, minutes)
    unit = Unit.objects.select_related("organisation").get(pk=queries.own_unit_id(actor))
    kind = unit.organisation.kind
    everything = sorted(map(str, Category))
    if not rules.may_grant(
        rules.grounds()[GROUND], everything, kind, kind, same_organisation=True, today=clock.today()
    ):
        raise NotAllowed(
            _("Emergency access is not for this kind of organisation."), code="access.emergency_kind"
        )
    if person_id is None or not queries.person_exists(person_id):
        raise NotFound(_("There is no such person."), code="access.no_person")
    now = clock.now()
    missing = sorted(set(everything) - queries.covered_categories(actor, person_id))
    access = EmergencyAccess(
        person_id=person_id, unit=unit, reveals_protected=reveals_protected, reason=reason.strip(), starts_at=now,
        ends_at=now + dt.timedelta(minutes=minutes), recorded_by_id=actor.user_id, recorded_by_unit=unit, recorded_at=now,
    )  # fmt: skip
    audit.record(
        actor, "access.open_emergency", kind=Kind.DISCLOSE, person_id=person_id, subject=access, ground=GROUND,
        recipient_unit_id=unit.pk, minutes=minutes, reveals_protected=reveals_protected, categories=missing,
    )  # fmt: skip
    access.save(force_insert=True)
    if missing:
        access.grant = _short_grant(actor, access, missing, now)
        access.save(update_fields=["grant"])
    return access


def _check(reason: str, minutes: int) -> None:
    limits = rules.emergency_limits()
    if len(reason.strip()) < limits.least_reason:
        raise RuleBroken(
            _("Say why in at least %(least)s characters: the reason is reviewed.") % {"least": limits.least_reason},
            code="access.emergency_reason", field="reason",
        )  # fmt: skip
    if not limits.least_minutes <= minutes <= limits.most_minutes:
        raise RuleBroken(
            _("The time must be from %(least)s to %(most)s minutes.")
            % {"least": limits.least_minutes, "most": limits.most_minutes},
            code="access.emergency_minutes", field="minutes",
        )  # fmt: skip


def _short_grant(actor: Actor, access: EmergencyAccess, categories: list[str], now: dt.datetime) -> Grant:
    grant = Grant(
        person_id=access.person_id, unit=access.unit, ground=GROUND, categories=categories, valid_from=now,
        valid_until=access.ends_at, source_type=_SOURCE, source_id=access.pk, recorded_by_id=actor.user_id,
        recorded_by_unit=access.unit, recorded_at=now,
    )  # fmt: skip
    audit.record(
        actor, "access.give_grant", kind=Kind.DISCLOSE, person_id=access.person_id, subject=grant, ground=GROUND,
        recipient_unit_id=access.unit_id, categories=categories, source=str(access.pk),
    )  # fmt: skip
    grant.save(force_insert=True)
    return grant


@transaction.atomic
def close_emergency_access(actor: Actor, *, access: EmergencyAccess) -> EmergencyAccess:
    """Ends one's own emergency access before its time; the review remains. Raises ``Conflict`` when it is over."""
    now = clock.now()
    if access.recorded_by_id != actor.user_id or access.unit_id != actor.unit_id:
        raise NotAllowed(_("Only the one who opened it closes it."), code="access.emergency_of_another")
    if access.ends_at <= now:
        raise Conflict(_("The emergency access is over already."), code="access.emergency_over")
    access.ends_at = max(now, access.starts_at + dt.timedelta(microseconds=1))
    access.save(update_fields=["ends_at"])
    audit.record(actor, "access.close_emergency", person_id=access.person_id, subject=access, ground=GROUND)
    if access.grant is not None:
        end_each(actor, [access.grant], now, "closed by the user")
    return access


@transaction.atomic
def review_emergency_access(
    actor: Actor, *, access: EmergencyAccess, was_justified: bool, note: str = ""
) -> EmergencyAccess:
    """The lead of the unit says whether an emergency access was justified; nobody reviews her own.

    Raises ``NotAllowed`` for another unit's or one's own, ``RuleBroken`` when an unjustified one has no note,
    ``Conflict`` when it has been reviewed.
    """
    queries.require(actor, Permission.EMERGENCY_REVIEW)
    if access.unit_id != actor.unit_id or access.recorded_by_id == actor.user_id:
        raise NotAllowed(
            _("Another lead must review this."), code="access.emergency_review", person_id=access.person_id
        )
    if not was_justified and not note.strip():
        raise RuleBroken(
            _("Say why it was not justified and what follows."), code="access.emergency_note", field="note"
        )
    locked = EmergencyAccess.objects.select_for_update(of=("self",)).get(pk=access.pk)
    if locked.reviewed_at is not None:
        raise Conflict(_("Somebody has reviewed this already."), code="access.emergency_reviewed")
    locked.reviewed_at, locked.reviewed_by_id = clock.now(), actor.user_id
    locked.was_justified, locked.review_note = was_justified, note.strip()
    locked.save(update_fields=["reviewed_at", "reviewed_by", "was_justified", "review_note"])
    audit.record(
        actor, "access.review_emergency", person_id=access.person_id, subject=access, ground=GROUND,
        was_justified=was_justified,
    )  # fmt: skip
    return locked
