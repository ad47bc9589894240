"""Registering a person and correcting what is known of her identity."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from silta.audit import operations as audit
from silta.kernel import batches, clock
from silta.kernel.actor import Actor
from silta.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken
from silta.kernel.folding import fold
from silta.kernel.identifiers import birth_date_of, compact_identity_code
from silta.people import queries, rules
from silta.people.enums import NoCodeReason
from silta.people.models import Person

_TEXTS = {"first_names": 150, "last_name": 150, "call_name": 80}
_LANGUAGES = ("mother_tongue", "service_language")
_CODE = ("identity_code", "no_code_reason", "birth_date")
_FLAGS = ("needs_interpreter", "non_disclosure")
CORRECTABLE = frozenset((*_TEXTS, *_LANGUAGES, *_CODE, *_FLAGS))
_OLDEST = 130


def acting_unit(actor: Actor) -> UUID:
    """The unit the actor writes for; raises ``NotAllowed`` for a client: registers are kept by units."""
    if actor.unit_id is None:
        raise NotAllowed(_("The register is kept by professionals."), code="people.unit_needed")
    return actor.unit_id


def locked(person_id: UUID) -> Person:
    """The person's row, held until the transaction ends; raises ``NotFound`` where the actor does not see it."""
    row = Person.objects.select_for_update(of=("self",)).filter(pk=person_id).first()
    if row is None:
        raise _not_there()
    return row


def _not_there() -> NotFound:
    return NotFound(_("There is no such person."), code="people.not_found")


class Newcomer(TypedDict, total=False):
    """What is said of a person when she is registered; what is not said is empty, and her languages are Finnish."""

    first_names: Required[str]
    last_name: Required[str]
    call_name: str
    identity_code: str
    no_code_reason: str
    birth_date: dt.date | None
    mother_tongue: str
    service_language: str
    needs_interpreter: bool
    non_disclosure: bool


def register(actor: Actor, **told: Unpack[Newcomer]) -> Person:
    """Adds a person to the register. The caller issues a grant before reading her back.

    A person without a code is registered with the reason; one whose code does not hold, with the reason ``unsound``,
    and the code is kept as it was given: warn, record the reason, go on (peers, lesson 16). Raises ``RuleBroken`` with
    the field at fault; ``people.already_registered`` where the code is taken, in whatever unit.
    """
    person = drafted(actor, **told)
    _require_free(person)
    with transaction.atomic(savepoint=False):
        _save(person, adding=True)
        audit.record(actor, "people.register", person_id=person.pk, subject=person, **registered(person))
    return person


def registered(person: Person) -> dict[str, Any]:
    """What the journal tells of a registration: whether there is a code, why not, and whether she is protected."""
    return {
        "has_code": bool(person.identity_code), "no_code_reason": person.no_code_reason,
        "non_disclosure": person.non_disclosure,
    }  # fmt: skip


def drafted(actor: Actor, **told: Unpack[Newcomer]) -> Person:
    """The row ``register`` would write, every rule of one person checked, nothing written; raises as ``register`` does."""
    person = batches.new(
        Person, recorded_by=actor.user_id, recorded_by_unit=acting_unit(actor), recorded_at=clock.now()
    )
    for field in _FLAGS:
        setattr(person, field, bool(told.get(field, False)))
    for field in _TEXTS:
        setattr(person, field, _name(field, str(told.get(field, ""))))
    for field in _LANGUAGES:
        setattr(person, field, _language(field, str(told.get(field, "fi"))))
    code, reason = told.get("identity_code", ""), told.get("no_code_reason", "")
    _set_code(person, code, reason, told.get("birth_date"), clock.today())
    person.search_name = rules.search_name(person.first_names, person.last_name, person.call_name)
    return person


@transaction.atomic
def correct(actor: Actor, *, person: Person, version: int, **changed: Any) -> Person:
    """Corrects what is known of a person: any of names, code or its reason, birth date, languages, flags.

    ``version`` is the one the corrector read; raises ``Conflict`` where somebody has written since, ``RuleBroken`` with
    the field at fault, ``NotFound`` where the actor does not see the row. What was before stays in the history. Nothing
    is written, and the version stays, where nothing changes.
    """
    row = locked(person.pk)
    fields = _corrected(row, version, changed)
    if not fields:
        return row
    if "identity_code" in fields:
        _require_free(row)
    _save(row, adding=False)
    audit.record(actor, "people.correct", person_id=row.pk, subject=row, fields=fields)
    return row


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be put right of a person, given as to ``correct``, and the version that the corrector read."""

    person_id: UUID
    version: int
    changed: Mapping[str, Any]


@transaction.atomic
def correct_many(actor: Actor, corrections: Sequence[Correction]) -> list[Person]:
    """Corrects each as ``correct`` does, in the order given, nobody twice; an identity code is no matter for many.

    Raises what ``correct`` raises, for the first that breaks a rule; then nobody is corrected.
    """
    if any(one.changed.keys() & set(_CODE) for one in corrections):
        raise TypeError("identity codes are corrected one by one")
    ids = [one.person_id for one in corrections]
    rows = {
        row.pk: row
        for row in Person.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    }
    if set(ids) - rows.keys():
        raise _not_there()
    fields = {one.person_id: _corrected(rows[one.person_id], one.version, one.changed) for one in corrections}
    changed = [rows[person_id] for person_id, names in fields.items() if names]
    batches.bulk_change(changed, [*sorted(CORRECTABLE - set(_CODE)), "search_name", "version"])
    told = [audit.Told(row.pk, row, details={"fields": fields[row.pk]}) for row in changed]
    audit.record_many(actor, "people.correct", told)
    return [rows[person_id] for person_id in ids]


def _corrected(row: Person, version: int, changed: Mapping[str, Any]) -> list[str]:
    """Puts the corrections on the row; returns the names of the fields that are another now, and writes nothing."""
    if unknown := changed.keys() - CORRECTABLE:
        raise TypeError(f"a person has no correctable {sorted(unknown)}")
    if row.version != version:
        raise Conflict(
            _("Somebody else has changed these details meanwhile. Look at them again before you save."),
            code="people.version",
        )
    if row.merged_into_id:
        raise RuleBroken(_("This person was merged into another. Correct that one."), code="people.is_merged")
    before = {field: getattr(row, field) for field in CORRECTABLE | {"unsound_code"}}
    _apply(row, changed)
    fields = sorted(field for field, value in before.items() if getattr(row, field) != value)
    if fields:
        row.search_name = rules.search_name(row.first_names, row.last_name, row.call_name)
        row.version += 1
    return fields


def set_non_disclosure(
    actor: Actor, *, person: Person, non_disclosure: bool, version: int | None = None
) -> Person:
    """Puts non-disclosure for personal safety on or lifts it (703/2023 38.2 § 4 k.).

    While it is on, row-level security hides contact points and municipality, their history included, from everybody
    without an open access that reveals them. Errors as of ``correct``.
    """
    expected = locked(person.pk).version if version is None else version
    return correct(actor, person=person, version=expected, non_disclosure=non_disclosure)


def _apply(row: Person, changed: Mapping[str, Any]) -> None:
    for field in changed.keys() & _TEXTS.keys():
        setattr(row, field, _name(field, changed[field]))
    for field in changed.keys() & set(_LANGUAGES):
        setattr(row, field, _language(field, changed[field]))
    for field in changed.keys() & set(_FLAGS):
        setattr(row, field, bool(changed[field]))
    if changed.keys() & set(_CODE):
        _change_code(row, changed)


def _change_code(row: Person, changed: Mapping[str, Any]) -> None:
    """What is not named stays: the code as it was given, its reason, and a date of birth that no code carries."""
    reason = changed.get("no_code_reason", row.no_code_reason)
    kept = row.identity_code or (row.unsound_code if reason == NoCodeReason.UNSOUND else "")
    code = changed.get("identity_code", kept)
    born = None if code and row.identity_code else row.birth_date
    _set_code(row, code, reason, changed.get("birth_date", born), clock.today())


def _name(field: str, text: str) -> str:
    name = rules.tidy(text)
    if not name and field != "call_name":
        raise RuleBroken(_("Write the name."), code=f"people.{field}_missing", field=field)
    if name and not fold(name):
        raise RuleBroken(_("A name has at least one letter."), code=f"people.{field}_no_letter", field=field)
    if len(name) > _TEXTS[field]:
        raise RuleBroken(_("The name is too long."), code=f"people.{field}_long", field=field)
    return name


def _language(field: str, text: str) -> str:
    code = rules.language_code(text)
    if code is None:
        raise RuleBroken(
            _("Give the language as its code of two or three letters, such as fi, sv or so."),
            code=f"people.{field}_unknown", field=field,
        )  # fmt: skip
    return code


def _set_code(person: Person, text: str, reason: str, birth_date: dt.date | None, today: dt.date) -> None:
    """Sets the code, or the reason why there is none, and the date of birth that agrees with them."""
    given = compact_identity_code(text)
    if reason and reason not in NoCodeReason.values:
        raise RuleBroken(
            _("Choose a reason from the list."), code="people.no_code_reason", field="no_code_reason"
        )
    fault = rules.code_fault(given, today=today) if given else None
    if fault is not None and reason != NoCodeReason.UNSOUND:
        raise _code_broken(*fault)
    if given and fault is None:
        born = birth_date_of(given)
        if birth_date not in {None, born}:
            raise RuleBroken(
                _("The date of birth and the identity code do not agree."), code="people.birth_date_differs",
                field="birth_date",
            )  # fmt: skip
        person.identity_code, person.no_code_reason, person.unsound_code = given, "", ""
        person.birth_date = born
        return
    if not reason:
        raise RuleBroken(
            _("Give the identity code, or the reason why there is none."), code="people.code_or_reason",
            field="identity_code",
        )  # fmt: skip
    if birth_date is not None and not _plausible(birth_date, today):
        raise RuleBroken(
            _("The date of birth is not possible."), code="people.birth_date", field="birth_date"
        )
    person.identity_code, person.no_code_reason, person.birth_date = "", reason, birth_date
    person.unsound_code = rules.tidy(given)[:20] if reason == NoCodeReason.UNSOUND else ""


def _plausible(birth_date: dt.date, today: dt.date) -> bool:
    return birth_date <= today and rules.age_on(birth_date, today) <= _OLDEST


def _code_broken(fault: str, why: str | Promise) -> RuleBroken:
    return RuleBroken(why, code=f"people.code_{fault}", field="identity_code")


def taken() -> RuleBroken:
    """The refusal of a code that somebody has already."""
    return RuleBroken(
        _("A person with this identity code is already in the register."), code="people.already_registered",
        field="identity_code",
    )  # fmt: skip


def _require_free(person: Person) -> None:
    if person.identity_code and queries.id_by_code(person.identity_code) not in {None, person.pk}:
        raise taken()


def _save(person: Person, *, adding: bool) -> None:
    """Saves the row; somebody who registered the same code in the same moment is met by the constraint."""
    if adding and not person.identity_code:
        person.save(force_insert=True)
        return
    try:
        with transaction.atomic():
            person.save(force_insert=adding, force_update=not adding)
    except IntegrityError as error:
        if "people_person_identity_code" not in str(error):
            raise
        raise taken() from error
