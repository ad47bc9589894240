"""Registering many people at once: by the rules of one, in a handful of statements."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from silta.audit import operations as audit
from silta.kernel import batches
from silta.kernel.actor import Actor
from silta.people import queries
from silta.people.models import Person
from silta.people.operations.identity import Newcomer, drafted, registered, taken


@transaction.atomic
def register_many(actor: Actor, newcomers: Sequence[Newcomer]) -> list[Person]:
    """Registers each as ``register`` does, in the order given. The caller issues grants, then calls ``reach_many``.

    Raises ``RuleBroken`` for the first who breaks a rule, or whose code is taken; then nobody is registered.
    """
    people = [drafted(actor, **one) for one in newcomers]
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
