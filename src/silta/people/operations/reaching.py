"""Where many people live and how to reach them: by the rules of one, in a handful of statements."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from silta.audit import operations as audit
from silta.kernel import batches, clock
from silta.kernel.actor import Actor
from silta.people import queries, rules
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
    """Where a person lives, if it is told, and how to reach her; ``contacts`` are pairs of kind and value.

    A newcomer was registered in this transaction: nothing is known of her yet with which it could be compared.
    """

    person_id: UUID
    municipality: Municipality | None = None
    contacts: tuple[tuple[str, str], ...] = ()
    is_newcomer: bool = False


def municipalities_now(codes: Iterable[str]) -> dict[str, Municipality]:
    """The municipality of each code today, for ``Reach``; raises what ``set_residence`` raises of a code."""
    wanted, today = set(codes), clock.today()
    found = queries.municipalities_by_code({code.strip() for code in wanted}, today) if wanted else {}
    return {code: found.get(code.strip()) or municipality_on(code, today) for code in wanted}


@transaction.atomic
def reach_many(actor: Actor, told: Sequence[Reach]) -> None:
    """Records for each what ``set_residence`` and ``set_contact`` would, from today on.

    Raises what they raise, for the first that breaks a rule; then nothing is written.
    """
    known = {one.person_id for one in told if not one.is_newcomer}
    _settle(actor, {one.person_id: one.municipality for one in told if one.municipality is not None}, known)
    _connect(actor, [(one.person_id, kind, value) for one in told for kind, value in one.contacts], known)


def _settle(actor: Actor, wanted: Mapping[UUID, Municipality], known: Collection[UUID]) -> None:
    today, unit = clock.today(), acting_unit(actor)
    present = {row.person_id: row for row in _residences_now([one for one in wanted if one in known])}
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
    rows = Residence.objects.select_for_update(of=("self",)).filter(
        person_id__any_of=list(person_ids), valid_until=None
    )
    return rows.order_by("pk") if person_ids else ()


def _connect(actor: Actor, told: Sequence[tuple[UUID, str, str]], known: Collection[UUID]) -> None:
    unit, now = acting_unit(actor), clock.now()
    present = _contacts_now({person_id for person_id, _kind, _value in told if person_id in known})
    new: list[ContactPoint] = []
    for person_id, kind, text in told:
        value, there = checked_value(kind, text), present[person_id, kind]
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


def _contacts_now(person_ids: Collection[UUID]) -> dict[tuple[UUID, str], list[str]]:
    found: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    if person_ids:
        rows = ContactPoint.objects.filter(person_id__any_of=list(person_ids), ended_at__isnull=True)
        for person_id, kind, value in rows.values_list("person_id", "kind", "value"):
            found[person_id, kind].append(value)
    return found
