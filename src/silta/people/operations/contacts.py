"""Where a person lives and how to reach her."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from silta.audit import operations as audit
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound, RuleBroken
from silta.people import queries, rules
from silta.people.enums import ContactKind
from silta.people.models import ContactPoint, Municipality, Person, Residence
from silta.people.operations.identity import acting_unit

ONE_CURRENT = "people_residence_one_current"
_LONGEST = 250


def municipality_on(code: str, day: dt.date) -> Municipality:
    """The municipality of the code on the day; raises ``RuleBroken`` where it is unknown or was no more."""
    code = code.strip()
    found = queries.municipality_by_code(code, day)
    if found is not None:
        return found
    ended = Municipality.objects.filter(code=code).order_by("-valid_from").first()
    if ended is None:
        raise RuleBroken(
            _("There is no municipality with this code."), code="people.municipality_unknown",
            field="municipality_code",
        )  # fmt: skip
    successor = queries.successor_of(ended)
    raise RuleBroken(
        _("%(ended)s is no longer a municipality. Since %(day)s it is part of %(successor)s.")
        % {
            "ended": ended.name,
            "day": f"{ended.valid_until + dt.timedelta(days=1):%-d.%-m.%Y}" if ended.valid_until else "",
            "successor": successor.name if successor else "",
        },
        code="people.municipality_ended",
        field="municipality_code",
    )


@transaction.atomic
def set_residence(
    actor: Actor, *, person: Person, municipality_code: str, since: dt.date | None = None
) -> Residence:
    """Records in which municipality the person lives, by the code list as it stood on the day ``since`` (or today).

    The residence before it ends the day before; of a person with none, an unknown first day stays unknown. The same
    municipality again changes nothing. Raises ``RuleBroken`` for a code that is unknown or ended (and names the
    successor), for a day that is later than today or not after the start of the present residence, and
    ``people.protected`` where non-disclosure hides the present one: it can then be changed only by somebody with an open
    access that reveals it.
    """
    today, unit = clock.today(), acting_unit(actor)
    if since is not None and since > today:
        raise RuleBroken(_("The day is later than today."), code="people.since_later", field="since")
    municipality = municipality_on(municipality_code, since or today)
    present = (
        Residence.objects.select_for_update(of=("self",)).filter(person=person, valid_until=None).first()
    )
    if present is not None:
        if present.municipality_id == municipality.pk:
            return present
        since = day_of_move(present, since or today)
        present.valid_until = since - dt.timedelta(days=1)
        present.save(update_fields=["valid_until"])
    row = Residence(
        person=person, municipality=municipality, valid_from=since, recorded_by=actor.user_id, recorded_by_unit=unit,
        recorded_at=clock.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if ONE_CURRENT not in str(error):
            raise
        raise protected() from error
    audit.record(actor, "people.set_residence", person_id=person.pk, subject=row)
    return row


def day_of_move(present: Residence, since: dt.date) -> dt.date:
    """The day from which she lives elsewhere; raises ``RuleBroken`` where it is not after that of the present residence."""
    if present.valid_from is not None and since <= present.valid_from:
        raise RuleBroken(
            _("The day must be after the day from which the person has lived where she lives now."),
            code="people.since_earlier", field="since",
        )  # fmt: skip
    return since


def protected() -> RuleBroken:
    """The refusal of a residence beside one that non-disclosure hides."""
    return RuleBroken(
        _("Where this person lives is protected. Open access to protected data first."),
        code="people.protected",
    )


def checked_value(kind: str, text: str) -> str:
    """The number or address tidied; raises ``RuleBroken`` at ``value`` where it is none of its kind."""
    value = rules.tidy(text)
    if not value:
        raise RuleBroken(_("Write the number or address."), code="people.contact_missing", field="value")
    if len(value) > _LONGEST:
        raise RuleBroken(_("The address is too long."), code="people.contact_long", field="value")
    if kind == ContactKind.PHONE and not rules.is_phone(value):
        raise RuleBroken(
            _("This is not a telephone number. Write digits, such as 040 123 4567."),
            code="people.phone",
            field="value",
        )
    if kind == ContactKind.EMAIL and not rules.is_email(value):
        raise RuleBroken(
            _("This is not an e-mail address. It has the form name@example.fi."),
            code="people.email",
            field="value",
        )
    return value


@transaction.atomic
def set_contact(
    actor: Actor, *, person: Person, kind: str, value: str, is_preferred: bool = False
) -> ContactPoint:
    """Adds a telephone number or address, or returns the one the person has already; never unique among people.

    The preferred one replaces the earlier preferred of its kind. Raises ``RuleBroken`` (``kind``, ``value``).
    """
    if kind not in ContactKind.values:
        raise RuleBroken(_("Choose a kind from the list."), code="people.contact_kind", field="kind")
    value, now, unit = checked_value(kind, value), clock.now(), acting_unit(actor)
    current = list(ContactPoint.objects.filter(person=person, kind=kind, ended_at__isnull=True))
    row = next((point for point in current if rules.same_contact(kind, point.value, value)), None)
    if row is not None and (row.is_preferred or not is_preferred):
        return row
    if is_preferred:
        for point in current:
            if point.is_preferred:
                point.is_preferred = False
                point.save(update_fields=["is_preferred"])
    if row is None:
        row = ContactPoint(
            person=person, kind=kind, value=value, is_preferred=is_preferred, recorded_by=actor.user_id,
            recorded_by_unit=unit, recorded_at=now,
        )  # fmt: skip
        row.save(force_insert=True)
    else:
        row.is_preferred = True
        row.save(update_fields=["is_preferred"])
    audit.record(actor, "people.set_contact", person_id=person.pk, subject=row, contact_kind=kind)
    return row


@transaction.atomic
def end_contact(actor: Actor, *, contact: ContactPoint) -> ContactPoint:
    """Ends a contact point: it stays in the history and is offered no more. Ending it again changes nothing.

    Raises ``NotFound`` where the actor does not see it.
    """
    row = ContactPoint.objects.select_for_update(of=("self",)).filter(pk=contact.pk).first()
    if row is None:
        raise NotFound(_("There is no such contact point."), code="people.contact_not_found")
    if row.ended_at is None:
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        audit.record(actor, "people.end_contact", person_id=row.person_id, subject=row, contact_kind=row.kind)
    return row
