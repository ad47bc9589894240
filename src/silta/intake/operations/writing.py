"""Writes sound rows through the verbs of the other rooms: the people, their cases, what happened before, the ties."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext

from silta.accounts.models import User
from silta.cases.models import Case
from silta.cases.operations import caseload, importing, network
from silta.cases.operations import person as client
from silta.cases.rules.past import Past
from silta.intake.enums import Field
from silta.intake.models import File, Tie
from silta.intake.queries.context import known_services
from silta.intake.queries.matching import Examined, first_day
from silta.kernel import batches, clock
from silta.kernel.actor import Actor
from silta.kernel.folding import fold
from silta.people import operations as register
from silta.people.enums import ContactKind, NoCodeReason
from silta.people.models import Municipality

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


def bring_in(actor: Actor, found: Sequence[Examined]) -> None:
    """Clients or cases that are new here: registered where they are not yet, their cases opened, their past written.

    Each of ``found`` gets the ids of its person and case. Raises what the other rooms' verbs raise, for the first that
    breaks a rule; then none is brought in. Two of them must not mean one person (``rules.waves``).
    """
    # What can be read before anything is written is read first: a write need not be waited for, a read must be.
    places = register.municipalities_now(
        {code for one in found if (code := one.values.get(Field.MUNICIPALITY, ""))}
    )
    strangers = [one for one in found if one.person_id is None]
    people = register.register_many(actor, [_newcomer(one) for one in strangers])
    for one, person in zip(strangers, people, strict=True):
        one.person_id = person.pk
    newcomers = {person.pk for person in people}
    cases = caseload.open_many(
        actor, [_opening(one, is_newcomer=one.person_id in newcomers) for one in found]
    )
    for one, case in zip(found, cases, strict=True):
        one.case_id = case.pk
    register.reach_many(
        actor, [_reach(one, one.values, places, is_newcomer=one.person_id in newcomers) for one in found]
    )


def _newcomer(one: Examined) -> register.Newcomer:
    values = one.values
    code, reason = values.get(Field.IDENTITY_CODE, ""), ""
    if not code:
        given = _as_given(one)
        code, reason = given, NoCodeReason.UNSOUND if given else NoCodeReason.NOT_KNOWN
    said = {name: values[named] for named, name in _OF_PERSON.items() if named in values}
    said |= {"identity_code": code, "no_code_reason": reason, "birth_date": values.get(Field.BIRTH_DATE)}
    return cast("register.Newcomer", said)


def _reach(
    one: Examined,
    values: Mapping[Field, Any],
    places: Mapping[str, Municipality],
    *,
    is_newcomer: bool = False,
) -> register.Reach:
    return register.Reach(
        person_id=known(one.person_id), municipality=places.get(values.get(Field.MUNICIPALITY, "")),
        contacts=tuple((kind.value, values[named]) for named, kind in _CONTACTS.items() if values.get(named)),
        is_newcomer=is_newcomer,
    )  # fmt: skip


def _opening(one: Examined, *, is_newcomer: bool) -> caseload.Opening:
    values, past = one.values, history(one.values)
    past.pop("note", None)
    responsible = values.get(Field.RESPONSIBLE)
    return caseload.Opening(
        person_id=known(one.person_id), kind=values[Field.SERVICE], opened_on=first_day(values),
        responsible_id=UUID(responsible) if responsible else None,
        official_reference=values.get(Field.EXTERNAL_ID, ""), past=Past(**past),
        note=remembered(one, str(values.get(Field.NOTE, ""))), is_newcomer=is_newcomer,
    )  # fmt: skip


def remembered(one: Examined, note: str) -> str:
    """The note of the file, and words of the earlier system that have no place of their own in Silta."""
    lines = [note] if note else []
    if (named := one.checked.texts.get(Field.RESPONSIBLE)) and Field.RESPONSIBLE not in one.values:
        lines.append(gettext("Responsible person in the earlier system: %(name)s") % {"name": named})
    service = one.checked.texts.get(Field.SERVICE, "")
    if known_services().get(fold(service)) != one.values[Field.SERVICE]:
        lines.append(gettext("Service in the earlier system: %(name)s") % {"name": service})
    return "\n".join(lines)


def _as_given(one: Examined) -> str:
    """A code that does not hold, as the file gives it; the register keeps it to be checked."""
    return next(
        (problem.value for problem in one.checked.problems if problem.code == "unsound_code"), ""
    ).strip()


def history(values: dict[Field, Any]) -> dict[str, Any]:
    """What the values tell of the case's past, by the names ``record_history`` takes."""
    return {name: values[named] for named, name in _OF_HISTORY.items() if values.get(named)}


def bring_up_to_date(actor: Actor, found: Sequence[Examined]) -> None:
    """Changes of known cases what the file has changed, field by field, each by the verb of its field.

    The responsible person changes seldom, and one by one; the rest for all at once.
    Raises what the verbs raise, for the first that breaks a rule; then none is changed.
    """
    ids = [known(one.case_id) for one in found]
    cases = Case.objects.select_related("person", "unit__organisation", "controller").in_bulk(ids)
    changes = [(one, cases[known(one.case_id)], _changed(one)) for one in found]
    client.correct_people(
        actor,
        [
            register.Correction(case.person_id, case.person.version, of_person)
            for _one, case, changed in changes
            if (of_person := {name: changed[named] for named, name in _OF_PERSON.items() if named in changed})
        ],
    )
    places = register.municipalities_now(
        {code for _one, _case, changed in changes if (code := changed.get(Field.MUNICIPALITY, ""))}
    )
    register.reach_many(actor, [_reach(one, changed, places) for one, _case, changed in changes])
    for _one, case, changed in changes:
        if user := _user(changed.get(Field.RESPONSIBLE)):
            network.hand_over(actor, case=case, to_user=user, note=gettext("Changed by an imported file"))
            case.refresh_from_db()
    told = ((case, history(changed)) for _one, case, changed in changes)
    importing.record_histories(actor, [(case, days) for case, days in told if days])


def _changed(one: Examined) -> dict[Field, Any]:
    return {change.field: change.new for change in one.changes}


def _user(user_id: str | None) -> User | None:
    return User.objects.filter(pk=user_id).first() if user_id else None


def known(found: UUID | None) -> UUID:
    """The id that a row has by now."""
    if found is None:
        raise ValueError("a row that is written has found its person and case")
    return found


def tie(actor: Actor, file: File, found: Sequence[Examined]) -> None:
    """Remembers which person and case each client number is, and what the file said of them."""
    new: list[Tie] = []
    changed: list[Tie] = []
    for one in found:
        number, told = one.values.get(Field.EXTERNAL_ID, ""), one.digests
        if not number or (one.tie is not None and one.tie.digests == told):
            continue
        held = one.tie or batches.new(
            Tie, unit_id=file.unit_id, source=file.source, external_id=number, person_id=known(one.person_id),
            case_id=known(one.case_id),
        )  # fmt: skip
        held.digests, held.file_id = told, file.pk
        held.recorded_by_id, held.recorded_by_unit_id, held.recorded_at = (
            known(actor.user_id), actor.unit_id, clock.now(),
        )  # fmt: skip
        (new if one.tie is None else changed).append(held)
    batches.bulk_insert(new)
    batches.bulk_change(
        changed, ["digests", "file_id", "recorded_by_id", "recorded_by_unit_id", "recorded_at"]
    )
