"""Writes one sound row through the verbs of the other rooms: the person, her case, what happened before, the tie."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from silta.accounts.models import User
from silta.cases.enums import Source
from silta.cases.models import Case
from silta.cases.operations import importing, network, opening
from silta.cases.operations import person as client
from silta.intake.enums import Field
from silta.intake.models import File, Tie
from silta.intake.queries.context import known_services
from silta.intake.queries.matching import REMEMBERED, Examined, first_day
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.people import operations as register
from silta.people.enums import ContactKind, NoCodeReason
from silta.people.models import Person
from silta.people.rules import fold

_OF_PERSON = {
    Field.LAST_NAME: "last_name", Field.FIRST_NAMES: "first_names", Field.MOTHER_TONGUE: "mother_tongue",
    Field.SERVICE_LANGUAGE: "service_language", Field.NON_DISCLOSURE: "non_disclosure",
}  # fmt: skip
_OF_HISTORY = {
    Field.ASSESSMENT_STARTED_ON: "assessment_started_on", Field.PLAN_MADE_ON: "plan_made_on",
    Field.LAST_REVIEW_ON: "last_review_on", Field.LAST_CONTACT_ON: "last_contact_on", Field.ENDED_ON: "ended_on",
    Field.NOTE: "note",
}  # fmt: skip
_CONTACTS = {Field.PHONE: ContactKind.PHONE, Field.EMAIL: ContactKind.EMAIL}


def bring_in(actor: Actor, one: Examined) -> tuple[UUID, UUID]:
    """A client or a case that is new here: registered where she is not yet, her case opened, its history written.

    Returns the ids of the person and the case. Raises what the other rooms' verbs raise.
    """
    values = one.values
    person: Person | UUID = one.person_id if one.person_id is not None else _register(actor, one)
    responsible = _user(values.get(Field.RESPONSIBLE))
    case = opening.open_case(
        actor, person=person, kind=values[Field.SERVICE], source=Source.IMPORTED, opened_on=first_day(values),
        responsible=responsible, without_responsible=responsible is None,
        official_reference=values.get(Field.EXTERNAL_ID, ""),
    )  # fmt: skip
    _reach(actor, case, values)
    history = {**_history(values), "note": _remembered(one, str(values.get(Field.NOTE, "")))}
    if any(history.values()):
        importing.record_history(actor, case=case, **history)
    return case.person_id, case.pk


def _remembered(one: Examined, note: str) -> str:
    """The note of the file, and words of the earlier system that have no place of their own in Silta."""
    lines = [note] if note else []
    if (named := one.checked.texts.get(Field.RESPONSIBLE)) and Field.RESPONSIBLE not in one.values:
        lines.append(gettext("Responsible person in the earlier system: %(name)s") % {"name": named})
    service = one.checked.texts.get(Field.SERVICE, "")
    if known_services().get(fold(service)) != one.values[Field.SERVICE]:
        lines.append(gettext("Service in the earlier system: %(name)s") % {"name": service})
    return "\n".join(lines)


def _register(actor: Actor, one: Examined) -> Person:
    values = one.values
    code, reason, born = values.get(Field.IDENTITY_CODE, ""), "", values.get(Field.BIRTH_DATE)
    if not code:
        given = _as_given(one)
        code, reason = given, NoCodeReason.UNSOUND if given else NoCodeReason.NOT_KNOWN
    fields: dict[str, Any] = {name: values[named] for named, name in _OF_PERSON.items() if named in values}
    return register.register(actor, identity_code=code, no_code_reason=reason, birth_date=born, **fields)


def _as_given(one: Examined) -> str:
    """A code that does not hold, as the file gives it; the register keeps it to be checked."""
    return next(
        (problem.value for problem in one.checked.problems if problem.code == "unsound_code"), ""
    ).strip()


def _reach(actor: Actor, case: Case, values: dict[Field, Any]) -> None:
    if code := values.get(Field.MUNICIPALITY):
        register.set_residence(actor, person=case.person, municipality_code=code)
    for named, kind in _CONTACTS.items():
        if value := values.get(named):
            register.set_contact(actor, person=case.person, kind=kind, value=value)


def _history(values: dict[Field, Any]) -> dict[str, Any]:
    return {name: values[named] for named, name in _OF_HISTORY.items() if values.get(named)}


def _user(user_id: str | None) -> User | None:
    return User.objects.filter(pk=user_id).first() if user_id else None


def bring_up_to_date(actor: Actor, one: Examined) -> None:
    """Changes of a known case what the file has changed, field by field, each by its own verb."""
    case = Case.objects.select_related("person", "unit__organisation", "controller").get(
        pk=_known(one.case_id)
    )
    changed = {change.field: change.new for change in one.changes}
    if of_person := {name: changed[named] for named, name in _OF_PERSON.items() if named in changed}:
        case.person = client.correct_person(
            actor, person=case.person, version=case.person.version, **of_person
        )
    _reach(
        actor,
        case,
        {named: value for named, value in changed.items() if named in {Field.MUNICIPALITY, *_CONTACTS}},
    )
    if user := _user(changed.get(Field.RESPONSIBLE)):
        network.hand_over(actor, case=case, to_user=user, note=gettext("Changed by an imported file"))
        case.refresh_from_db()
    if history := _history(changed):
        importing.record_history(actor, case=case, **history)


def _known(case_id: UUID | None) -> UUID:
    if case_id is None:
        raise ValueError("a row that changes a case has found it")
    return case_id


def tie(actor: Actor, file: File, one: Examined) -> None:
    """Remembers that this client number is this person and this case, and what the file said of them."""
    number = one.values.get(Field.EXTERNAL_ID, "")
    if not number or one.person_id is None or one.case_id is None:
        return
    told = {named.value: one.digests[named] for named in REMEMBERED if one.digests.get(named)}
    found = one.tie or Tie(
        unit_id=file.unit_id,
        source=file.source,
        external_id=number,
        person_id=one.person_id,
        case_id=one.case_id,
    )
    if found.digests == told and one.tie is not None:
        return
    found.digests, found.file = told, file
    found.recorded_by_id, found.recorded_by_unit_id, found.recorded_at = (
        actor.user_id,
        actor.unit_id,
        clock.now(),
    )
    found.save(force_insert=one.tie is None)
