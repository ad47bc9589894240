"""A new client from the street: the person and her first case, in one transaction."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.cases.models import Case
from silta.cases.operations import opening, recording
from silta.kernel.actor import Actor
from silta.kernel.errors import RuleBroken
from silta.people import operations as register
from silta.people import queries as people
from silta.people.enums import ContactKind


@transaction.atomic
def register_and_open(
    actor: Actor, *, person_fields: dict[str, Any], kind: str, source: str, contact_reason: str = "",
    opened_on: dt.date | None = None, official_reference: str = "", key: UUID | None = None,
) -> Case:  # fmt: skip
    """Registers a person, opens her first case, and writes where she lives and how to reach her: all or nothing.

    Raises ``NotAllowed`` where the role may not register people, ``RuleBroken`` where the person is in the register
    already (``people.already_registered``), the municipality is not known, or the case cannot be opened. The same
    ``key`` again gives back the same case and registers nobody.
    """
    access.require(actor, Permission.PERSON_REGISTER)
    access.require(actor, Permission.CASE_OPEN)
    unit = recording.unit_of(actor)
    if key is not None and (there := opening.opened_before(key, unit)):
        return there
    fields = dict(person_fields)
    place, phone, email = fields.pop("municipality"), fields.pop("phone"), fields.pop("email")
    municipality = people.municipality_named(place) if place else None
    if place and municipality is None:
        raise RuleBroken(_("There is no such municipality. Write its name in Finnish or Swedish."),
                         code="cases.no_municipality", field="municipality")  # fmt: skip
    person = register.register(actor, **fields)
    case = opening.begin(
        actor, person, unit=unit, kind=kind, source=source, contact_reason=contact_reason, opened_on=opened_on,
        responsible_id=actor.user_id, official_reference=official_reference, key=key, has_past=False,
    )  # fmt: skip
    if municipality is not None:
        register.set_residence(actor, person=person, municipality_code=municipality.code)
    for contact_kind, value in ((ContactKind.PHONE, phone), (ContactKind.EMAIL, email)):
        if value:
            register.set_contact(actor, person=person, kind=contact_kind, value=value)
    return case
