"""Giving and ending grants: everything anybody may know rests on one."""

import datetime as dt
from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import rules
from silta.access.models import Consent, Grant
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.kernel import batches, clock
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.organisations.models import Unit
from silta.people.models import Person


def give_grant(
    actor: Actor,
    *,
    person: Person,
    unit: Unit,
    ground: str,
    categories: Collection[str],
    from_unit: Unit,
    valid_until: dt.datetime | None = None,
    consent: Consent | None = None,
    reference: str = "",
    source_type: str = "",
    source_id: UUID | None = None,
) -> Grant:
    """Lets ``unit`` know these categories of the person, from now on, on a ground that holds between the two parties.

    Raises ``RuleBroken`` where the ground does not hold between the organisations' kinds, for these categories or
    today, where it needs a consent and none is given that covers them, or a contract and none is named
    (``reference``): such a sharing cannot be recorded. The journal is written first; the database takes no grant
    that the journal does not know.
    """
    named = _ground_that_holds(ground, categories, from_unit, unit)
    _demand_what_it_needs(
        named, categories=categories, person=person, unit=unit, consent=consent, reference=reference
    )
    now = clock.now()
    if consent is not None and consent.valid_until is not None:
        valid_until = min(filter(None, [valid_until, _end_of(consent.valid_until)]))
    grant = Grant(
        person=person, unit=unit, ground=ground, categories=sorted(categories), valid_from=now, valid_until=valid_until,
        consent=consent, reference=reference.strip(), source_type=source_type, source_id=source_id,
        recorded_by_id=actor.user_id, recorded_by_unit_id=actor.unit_id, recorded_at=now,
    )  # fmt: skip
    # What is refused is refused above: the two writes need no savepoint of their own within the caller's transaction.
    with transaction.atomic(savepoint=False):
        audit.record(
            actor, "access.give_grant", kind=Kind.DISCLOSE, person_id=person.pk, subject=grant, ground=ground,
            recipient_unit_id=unit.pk, categories=sorted(categories), source=str(source_id or ""),
        )  # fmt: skip
        grant.save(force_insert=True)
    return grant


@transaction.atomic
def give_grants(
    actor: Actor,
    *,
    matters: Mapping[UUID, UUID],
    unit: Unit,
    ground: str,
    categories: Collection[str],
    from_unit: Unit,
    source_type: str,
) -> list[Grant]:
    """Lets ``unit`` know these categories of many people on one ground, each for her own matter (matter to person).

    For grounds that need neither consent nor contract; raises ``RuleBroken`` as ``give_grant`` does. The journal is
    written first here too.
    """
    named = _ground_that_holds(ground, categories, from_unit, unit)
    _demand_what_it_needs(
        named, categories=categories, person=Person(), unit=unit, consent=None, reference=""
    )
    given, now = sorted(categories), clock.now()
    grants = [
        batches.new(
            Grant, person_id=person_id, unit_id=unit.pk, ground=ground, categories=given, valid_from=now, source_type=source_type,
            source_id=matter_id, recorded_by_id=actor.user_id, recorded_by_unit_id=actor.unit_id, recorded_at=now,
        )
        for matter_id, person_id in matters.items()
    ]  # fmt: skip
    told = [
        audit.Told(one.person_id, one, ground, unit.pk, {"categories": given, "source": str(one.source_id)})
        for one in grants
    ]
    audit.record_many(actor, "access.give_grant", told, kind=Kind.DISCLOSE)
    batches.bulk_insert(grants)
    return grants


def _end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), clock.HELSINKI)


def _ground_that_holds(code: str, categories: Collection[str], from_unit: Unit, unit: Unit) -> rules.Ground:
    named = rules.grounds().get(code)
    same = unit.organisation_id == from_unit.organisation_id
    if named is None or not rules.may_grant(
        named, categories, from_unit.organisation.kind, unit.organisation.kind, same_organisation=same,
        today=clock.today(),
    ):  # fmt: skip
        raise RuleBroken(
            _("The law does not allow sharing these data between these two on this ground."),
            code="access.ground_does_not_hold", field="ground",
        )  # fmt: skip
    return named


def _demand_what_it_needs(
    ground: rules.Ground,
    *,
    categories: Collection[str],
    person: Person,
    unit: Unit,
    consent: Consent | None,
    reference: str,
) -> None:
    if ground.needs is rules.Needs.CONSENT and not (
        consent is not None
        and (consent.person_id, consent.to_unit_id, consent.ground) == (person.pk, unit.pk, ground.code)
        and set(categories) <= set(consent.categories)
        and consent.withdrawn_at is None
        and (consent.valid_until is None or consent.valid_until >= clock.today())
    ):
        raise RuleBroken(
            _("This sharing needs the client's consent, and it must name these data and this recipient."),
            code="access.consent_missing", field="ground",
        )  # fmt: skip
    if ground.needs is rules.Needs.CONTRACT and not reference.strip():
        raise RuleBroken(
            _("This sharing rests on a written contract: name it."),
            code="access.contract_missing",
            field="reference",
        )


@transaction.atomic
def end_grants(
    actor: Actor,
    *,
    source_type: str,
    source_id: UUID,
    unit: Unit | None,
    reason: str,
    at: dt.datetime | None = None,
) -> int:
    """Ends the current grants that came from one source (a case, say), of one unit or of all; returns how many.

    They end now, or at the later moment ``at``; a grant that ends before it anyway is left alone.
    """
    now = clock.now()
    rows = Grant.objects.filter(source_type=source_type, source_id=source_id, valid_from__lte=now)
    if unit is not None:
        rows = rows.filter(unit=unit)
    until = max(at or now, now)
    return end_each(actor, list(rows.exclude(valid_until__lte=until)), until, reason)


def end_each(actor: Actor, grants: Collection[Grant], until: dt.datetime, reason: str) -> int:
    """Ends these grants at a moment; each end is journalled. Only other operations of this room call it."""
    for grant in grants:
        grant.valid_until, grant.ended_reason = until, reason
        audit.record(
            actor, "access.end_grant", person_id=grant.person_id, subject=grant, ground=grant.ground,
            recipient_unit_id=grant.unit_id,
        )  # fmt: skip
        grant.save(update_fields=["valid_until", "ended_reason"])
    return len(grants)
