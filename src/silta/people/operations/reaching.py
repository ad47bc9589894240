"""Where many people live and how to reach them: by the rules of one, in a handful of statements."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.db import IntegrityError, transaction

from silta.audit import operations as audit
from silta.kernel import batches, clock
from silta.kernel.actor import Actor
from silta.people import rules
from silta.people.models import ContactPoint, Municipality, Residence
from silta.people.operations.contacts import (
    ONE_CURRENT,
    checked_value,
    day_of_move,
    municipality_on,
    protected,
)
from silta.people.operations.identity import acting_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where a person lives, if it is told, and how to reach her; ``contacts`` are pairs of kind and value."""

    person_id: UUID
    municipality_code: str = ""
    contacts: tuple[tuple[str, str], ...] = ()


@transaction.atomic
def reach_many(actor: Actor, told: Sequence[Reach]) -> None:
    """Records for each what ``set_residence`` and ``set_contact`` would, from today on.

    Raises what they raise, for the first that breaks a rule; then nothing is written.
    """
    _settle(actor, {one.person_id: one.municipality_code for one in told if one.municipality_code})
    _connect(actor, [(one.person_id, kind, value) for one in told for kind, value in one.contacts])


def _settle(actor: Actor, codes: dict[UUID, str]) -> None:
    today, unit = clock.today(), acting_unit(actor)

    @cache
    def municipality(code: str) -> Municipality:
        return municipality_on(code, today)

    wanted = {person_id: municipality(code) for person_id, code in codes.items()}
    present = {row.person_id: row for row in _residences_now(wanted)}
    moved: list[Residence] = []
    new: list[Residence] = []
    for person_id, place in wanted.items():
        before, since = present.get(person_id), None
        if before is not None:
            if before.municipality_id == place.pk:
                continue
            since = day_of_move(before, today)
            before.valid_until = since - dt.timedelta(days=1)
            moved.append(before)
        new.append(
            batches.new(
                Residence, person_id=person_id, municipality_id=place.pk, valid_from=since, recorded_by=actor.user_id,
                recorded_by_unit=unit, recorded_at=clock.now(),
            )
        )  # fmt: skip
    batches.bulk_change(moved, ["valid_until"])
    try:
        with transaction.atomic():
            batches.bulk_insert(new)
    except IntegrityError as error:
        if ONE_CURRENT not in str(error):
            raise
        raise protected() from error
    audit.record_many(actor, "people.set_residence", [audit.Told(row.person_id, row) for row in new])


def _residences_now(person_ids: Collection[UUID]) -> Iterable[Residence]:
    rows = Residence.objects.select_for_update(of=("self",)).filter(person__in=person_ids, valid_until=None)
    return rows.order_by("pk") if person_ids else ()


def _connect(actor: Actor, told: Sequence[tuple[UUID, str, str]]) -> None:
    unit, now = acting_unit(actor), clock.now()
    known: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    for person_id, kind, value in ContactPoint.objects.filter(
        person__in={person_id for person_id, _kind, _value in told}, ended_at__isnull=True
    ).values_list("person_id", "kind", "value"):
        known[person_id, kind].append(value)
    new: list[ContactPoint] = []
    for person_id, kind, text in told:
        value, there = checked_value(kind, text), known[person_id, kind]
        if any(rules.same_contact(kind, other, value) for other in there):
            continue
        there.append(value)
        new.append(
            batches.new(
                ContactPoint, person_id=person_id, kind=kind, value=value, recorded_by=actor.user_id, recorded_by_unit=unit,
                recorded_at=now,
            )
        )  # fmt: skip
    batches.bulk_insert(new)
    journal = [audit.Told(row.person_id, row, details={"contact_kind": row.kind}) for row in new]
    audit.record_many(actor, "people.set_contact", journal)
