"""The client's own details, kept right by those who work with her; the register itself does not authorise."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Category, Permission
from silta.cases.models import Case
from silta.kernel.actor import Actor
from silta.kernel.errors import NotAllowed, RuleBroken
from silta.people import operations as register
from silta.people import queries as people
from silta.people.models import ContactPoint, Person, Residence


def _require(actor: Actor, person: Person, permission: Permission) -> None:
    """Lets through a professional whose unit has a ground to know who the person is."""
    access.require(actor, permission)
    if Category.IDENTITY not in access.covered_categories(actor, person.pk):
        raise _not_known()


def _not_known() -> NotAllowed:
    return NotAllowed(_("There is nothing here."), code="cases.person_not_covered")


@transaction.atomic
def correct_person(actor: Actor, *, person: Person, version: int, **changed: Any) -> Person:
    """Puts names, code, languages or non-disclosure right; the database keeps what was there before.

    Raises ``NotAllowed`` without a ground, ``Conflict`` where somebody else was faster, ``RuleBroken`` at the field.
    """
    _require(actor, person, Permission.PERSON_EDIT)
    return register.correct(actor, person=person, version=version, **changed)


@transaction.atomic
def correct_people(actor: Actor, corrections: Sequence[register.Correction]) -> list[Person]:
    """Does for each what ``correct_person`` does, in the order given; raises as it does, and then corrects nobody."""
    if not corrections:
        return []
    access.require(actor, Permission.PERSON_EDIT)
    grants = access.own_grants(actor, {one.person_id for one in corrections})
    if any(Category.IDENTITY not in access.covered_by(actor, held) for held in grants.values()):
        raise _not_known()
    return register.correct_many(actor, corrections)


@transaction.atomic
def move_person(actor: Actor, *, case: Case, municipality: str, since: dt.date | None = None) -> Residence:
    """Records the home municipality by its name; raises ``RuleBroken`` where there is none of that name today."""
    _require(actor, case.person, Permission.PERSON_EDIT)
    found = people.municipality_named(municipality)
    if found is None:
        raise RuleBroken(_("There is no such municipality. Write its name in Finnish or Swedish."),
                         code="cases.no_municipality", field="municipality")  # fmt: skip
    return register.set_residence(actor, person=case.person, municipality_code=found.code, since=since)


@transaction.atomic
def add_contact_point(
    actor: Actor, *, case: Case, kind: str, value: str, is_preferred: bool = False
) -> ContactPoint:
    """Records a telephone number or an address of the client."""
    _require(actor, case.person, Permission.PERSON_EDIT)
    return register.set_contact(actor, person=case.person, kind=kind, value=value, is_preferred=is_preferred)


@transaction.atomic
def end_contact_point(actor: Actor, *, contact: ContactPoint) -> ContactPoint:
    """Records that a telephone number or an address no longer reaches the client; it stays in the history."""
    _require(actor, contact.person, Permission.PERSON_EDIT)
    return register.end_contact(actor, contact=contact)
