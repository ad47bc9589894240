"""Registering many people at once: by the rules of one, in a handful of statements."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from silta.audit import operations as audit
from silta.kernel import batches
from silta.kernel.actor import Actor
from silta.people import queries
from silta.people.models import Person
from silta.people.operations.identity import drafted, registered, taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A person to be registered."""

    first_names: str
    last_name: str
    identity_code: str = ""
    no_code_reason: str = ""
    birth_date: dt.date | None = None
    mother_tongue: str = "fi"
    service_language: str = "fi"
    non_disclosure: bool = False


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
            batches.bulk_insert(people)
    except IntegrityError as error:
        if "people_person_identity_code" not in str(error):
            raise
        raise taken() from error
    audit.record_many(
        actor, "people.register", [audit.Told(one.pk, one, details=registered(one)) for one in people]
    )
    return people
