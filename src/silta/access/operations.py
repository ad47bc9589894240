"""The verbs of access: giving and ending grants, and locking the tables."""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from silta.access import policies, rules
from silta.access.models import Consent, Grant
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.organisations.models import Unit
from silta.people.models import Person


@transaction.atomic
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
    source_type: str = "",
    source_id: UUID | None = None,
) -> Grant:
    """Lets ``unit`` know these categories of the person, from now on, on a ground that holds between the two parties.

    Raises ``RuleBroken`` where the ground does not hold between the organisations' kinds, for these categories or
    today, or where it needs a consent and none is given that covers them: such a sharing cannot be recorded.
    """
    today = clock.today()
    named = rules.grounds().get(ground)
    same = unit.organisation_id == from_unit.organisation_id
    if named is None or not rules.may_grant(
        named, categories, from_unit.organisation.kind, unit.organisation.kind, same_organisation=same, today=today
    ):
        raise RuleBroken(_("The law does not allow sharing these data between these two on this ground."),
                         code="access.ground_does_not_hold")  # fmt: skip
    if named.needs is rules.Needs.CONSENT and (consent is None or not set(categories) <= set(consent.categories)):
        raise RuleBroken(_("This sharing needs the client's consent, and it must name these data."),
                         code="access.consent_missing")  # fmt: skip
    now = clock.now()
    grant = Grant(
        person=person, unit=unit, ground=ground, categories=sorted(categories), valid_from=now, valid_until=valid_until,
        consent=consent, source_type=source_type, source_id=source_id,
        recorded_by_id=actor.user_id, recorded_by_unit_id=actor.unit_id, recorded_at=now,
    )  # fmt: skip
    grant.save(force_insert=True)
    audit.record(
        actor, "access.give_grant", kind=Kind.DISCLOSE, person_id=person.pk, subject=grant, ground=ground,
        recipient_unit_id=unit.pk, categories=sorted(categories),
    )  # fmt: skip
    return grant


@transaction.atomic
def end_grants(actor: Actor, *, source_type: str, source_id: UUID, unit: Unit | None, reason: str) -> int:
    """Ends the current grants that came from one source (a case, say), of one unit or of all; returns how many."""
    now = clock.now()
    rows = Grant.objects.filter(source_type=source_type, source_id=source_id, valid_from__lte=now).exclude(
        valid_until__lte=now
    )
    if unit is not None:
        rows = rows.filter(unit=unit)
    ended = list(rows)
    for grant in ended:
        grant.valid_until, grant.ended_reason = now, reason
        grant.save(update_fields=["valid_until", "ended_reason"])
        audit.record(
            actor, "access.end_grant", person_id=grant.person_id, subject=grant, ground=grant.ground,
            recipient_unit_id=grant.unit_id,
        )  # fmt: skip
    return len(ended)


def lock_tables() -> int:
    """Brings row-level security in line with the rooms' declarations; run as the owner, after every migration.

    Returns the number of tables locked.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        tables = [policy.table for policy in policies.declared()]
        columns = {
            table: {column.name for column in connection.introspection.get_table_description(cursor, table)}
            for table in tables
        }
        for statement in policies.statements(columns):
            cursor.execute(statement)
    return len(tables)
