"""Registering many people at once: by the rules of one, in a handful of statements."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.db import IntegrityError, transaction

from silta.audit import operations as audit
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.people import queries
from silta.people.models import ContactPoint, Municipality, Person, Residence
from silta.people.operations.contacts import checked_value, municipality_on
from silta.people.operations.identity import acting_unit, drafted, registered, taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A person to be registered, and where to reach her; ``contacts`` are pairs of kind and value."""

    first_names: str
    last_name: str
    identity_code: str = ""
    no_code_reason: str = ""
    birth_date: dt.date | None = None
    mother_tongue: str = "fi"
    service_language: str = "fi"
    non_disclosure: bool = False
    municipality_code: str = ""
    contacts: tuple[tuple[str, str], ...] = ()


@transaction.atomic
def register_many(actor: Actor, newcomers: Sequence[Newcomer]) -> list[Person]:
    """Registers each as ``register`` does, in the order given. The caller issues grants, then calls ``reach_many``.

    Raises ``RuleBroken`` for the first who breaks a rule, or whose code is taken; then nobody is registered.
    """
    people = [
        drafted(
            actor, first_names=one.first_names, last_name=one.last_name, identity_code=one.identity_code,
            no_code_reason=one.no_code_reason, birth_date=one.birth_date, mother_tongue=one.mother_tongue,
            service_language=one.service_language, non_disclosure=one.non_disclosure,
        )
        for one in newcomers
    ]  # fmt: skip
    if queries.ids_by_code([person.identity_code for person in people if person.identity_code]):
        raise taken()
    try:
        with transaction.atomic():
            Person.objects.bulk_create(people)
    except IntegrityError as error:
        if "people_person_identity_code" not in str(error):
            raise
        raise taken() from error
    audit.record_many(
        actor, "people.register", [audit.Told(one.pk, one, details=registered(one)) for one in people]
    )
    return people


@transaction.atomic
def reach_many(actor: Actor, registered_now: Sequence[tuple[Person, Newcomer]]) -> None:
    """Records where people who were registered a moment ago live and how to reach them, as the verbs of one person do.

    Not for people who have a residence or contact points already: those replace nothing here. Raises ``RuleBroken``
    where a municipality is unknown or ended, or a value is none of its kind; then nothing is written.
    """
    today, unit, now = clock.today(), acting_unit(actor), clock.now()

    @cache
    def municipality(code: str) -> Municipality:
        return municipality_on(code, today)

    written = {"recorded_by": actor.user_id, "recorded_by_unit": unit, "recorded_at": now}
    residences = [
        Residence(person=person, municipality=municipality(one.municipality_code), **written)
        for person, one in registered_now
        if one.municipality_code
    ]
    points = [
        ContactPoint(person=person, kind=kind, value=checked_value(kind, value), **written)
        for person, one in registered_now
        for kind, value in one.contacts
    ]
    Residence.objects.bulk_create(residences)
    audit.record_many(actor, "people.set_residence", [audit.Told(row.person_id, row) for row in residences])
    ContactPoint.objects.bulk_create(points)
    told = [audit.Told(row.person_id, row, details={"contact_kind": row.kind}) for row in points]
    audit.record_many(actor, "people.set_contact", told)
