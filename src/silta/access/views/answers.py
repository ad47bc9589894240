"""What the pages of this room have in common: who acts, and how a broken rule is told at its field."""

from uuid import UUID

from django import forms

from silta.access import queries
from silta.access.enums import Category
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.kernel.request import Request
from silta.people.models import Person


def actor_of(request: Request) -> Actor:
    """The actor of the request; raises ``NotAllowed`` where nobody acts."""
    if request.actor is None:
        raise NotAllowed("", code="access.nobody")
    return request.actor


def tell_at_field(form: forms.Form, error: RuleBroken | Conflict) -> None:
    """Shows a broken rule at the field it names, or above the form."""
    form.add_error(error.field if error.field in form.fields else None, str(error.message))


def person_known_to(actor: Actor, person_id: UUID) -> Person:
    """A person whose clienthood the actor's unit has a ground to know; raises ``NotFound`` for any other."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None or Category.CLIENTHOOD not in queries.covered_categories(actor, person.pk):
        raise NotFound("", code="access.no_person")
    return person
