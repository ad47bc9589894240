"""Examines rows: checked cell by cell, matched with the register, and compared with what is known."""

import datetime as dt
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings

from silta.intake.enums import Field, Outcome, RowState
from silta.intake.models import File, Row, Tie
from silta.intake.queries.knowledge import Knowledge, case_of, gather
from silta.intake.rules import checking, problems, repeats
from silta.intake.rules.changes import Change, as_text, differ
from silta.intake.rules.problems import Problem
from silta.intake.rules.reading import Checked, Context
from silta.kernel.folding import fold
from silta.people import queries as people
from silta.people.models import Person
from silta.people.rules import same_contact

_BLOCK = sha256().block_size
# Fields whose last told value is remembered, as a digest, so that a later file changes only what it changed itself.
REMEMBERED = tuple(
    named for named in Field if named not in {Field.EXTERNAL_ID, Field.IDENTITY_CODE, Field.BIRTH_DATE}
)


@dataclass(slots=True)
class Examined:
    """One row, understood: what it says, what is wrong, whom it means and what importing it would do."""

    row: Row
    checked: Checked
    person_id: UUID | None = None
    person: Person | None = None
    tie: Tie | None = None
    case_id: UUID | None = None
    outcome: str = ""
    changes: list[Change] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)

    def take_digests(self) -> None:
        """Takes the digests of what the row says, by which a later file is told from it."""
        told = ((named, self.values.get(named)) for named in REMEMBERED)
        self.digests = {named.value: found for named, value in told if (found := digest(named, value))}

    @property
    def values(self) -> dict[Field, Any]:
        """What the row says, field by field."""
        return self.checked.values

    @property
    def is_protected(self) -> bool:
        """Whether the person is under non-disclosure, by the file or by the register.

        Where the file's answer cannot be read, she is until it has been put right.
        """
        is_said = bool(self.checked.texts.get(Field.NON_DISCLOSURE)) and self.values.get(
            Field.NON_DISCLOSURE, True
        )
        return is_said or bool(self.person and self.person.non_disclosure)


def cells_of(row: Row) -> dict[int, str]:
    """The row's cells by column, with the corrections made in the page in place of what came."""
    cells = dict(enumerate(row.cells))
    cells.update({int(index): text for index, text in row.corrected.items()})
    return cells


def seen(row: Row, checked: Checked, context: Context) -> repeats.Seen:
    """What the search for repetitions compares of a row."""
    cells = cells_of(row)
    column = {named: index for index, named in context.columns.items()}
    contents = "\x1f".join(cells.get(index, "").strip() for index in sorted(context.columns))
    values = checked.values
    return repeats.Seen(
        key=row.pk, number=row.number, contents=sha256(contents.encode()).hexdigest(),
        external_id=values.get(Field.EXTERNAL_ID, ""), identity_code=values.get(Field.IDENTITY_CODE, ""),
        name=f"{values.get(Field.FIRST_NAMES, '')} {values.get(Field.LAST_NAME, '')}".strip(),
        service=values.get(Field.SERVICE, fold(cells.get(column.get(Field.SERVICE, -1), ""))),
    )  # fmt: skip


def keys(one: Examined) -> list[tuple[str, str]]:
    """By what another row may be found to mean the same person or the same client number."""
    values = one.values
    name = fold(f"{values.get(Field.LAST_NAME, '')} {values.get(Field.FIRST_NAMES, '')}")
    found = [
        ("number", values.get(Field.EXTERNAL_ID, "")),
        ("code", values.get(Field.IDENTITY_CODE, "")),
        ("name", name if Field.IDENTITY_CODE not in values else ""),
    ]
    return [(kind, key) for kind, key in found if key]


def read_rows(rows: Iterable[Row], context: Context, width: int) -> list[Examined]:
    """Checks the cells of each row; nothing is looked up."""
    return [
        Examined(row, checking.check(cells_of(row), context, stripped=frozenset(row.stripped), width=width))
        for row in rows
    ]


def look_up(file: File, found: Sequence[Examined]) -> None:
    """Matches sound rows with the register and with earlier imports, and tells what importing each would do.

    The order of matching (lesson 14): the client number of the same source, then the identity code; a name alone never
    decides. What another unit holds is asked for by code only, and nothing of it is told but that code and name do not
    go together.
    """
    codes = {one.row.pk: code for one in found if (code := one.values.get(Field.IDENTITY_CODE))}
    holders = people.ids_by_code(codes.values()) if codes else {}
    by_code = {row: holders.get(code) for row, code in codes.items()}
    numbers = [one.values.get(Field.EXTERNAL_ID, "") for one in found]
    known = gather(file, numbers, [person_id for person_id in by_code.values() if person_id])
    for one in found:
        one.tie = known.ties.get(one.values.get(Field.EXTERNAL_ID, ""))
        _match(one, by_code.get(one.row.pk), known)
        if one.person_id is not None:
            one.person = known.people.get(one.person_id)
        _compare(one, known)


def _match(one: Examined, by_code: UUID | None, known: Knowledge) -> None:
    if one.tie is not None:
        one.person_id = one.tie.person_id
        if by_code is not None and by_code != one.person_id:
            one.checked.report("several_cases", Field.EXTERNAL_ID, one.values[Field.EXTERNAL_ID])
        return
    one.person_id = by_code
    first, last = one.values.get(Field.FIRST_NAMES, ""), one.values.get(Field.LAST_NAME, "")
    born = one.values.get(Field.BIRTH_DATE)
    if by_code is not None:
        there = known.people.get(by_code)
        agrees = (
            _names_agree(first, last, there) if there else by_code in people.likely_same(first, last, born)
        )
        if not agrees:
            one.checked.report("name_and_code_disagree", Field.IDENTITY_CODE, one.values[Field.IDENTITY_CODE])
    elif born is not None and Field.IDENTITY_CODE not in one.values:
        alike = Person.objects.filter(pk__in=people.likely_same(first, last, born))
        if alike.exists():
            one.checked.report("perhaps_registered", Field.IDENTITY_CODE, f"{first} {last}")


def _names_agree(first: str, last: str, person: Person) -> bool:
    here, there = set(fold(first).split()), set(fold(person.first_names).split())
    return fold(last) == fold(person.last_name) and (here <= there or there <= here)


def _compare(one: Examined, known: Knowledge) -> None:
    if one.person_id is None:
        one.outcome = Outcome.NEW
        return
    case = case_of(
        known, one.person_id, one.values.get(Field.SERVICE, ""), one.values.get(Field.OPENED_ON), one.tie
    )
    if case is None or one.person is None:
        one.outcome = Outcome.NEW
        return
    one.case_id = case.pk
    current = _current(one.person, case, known)
    for named, kind in ((Field.PHONE, "phone"), (Field.EMAIL, "email")):
        if any(same_contact(kind, one.values.get(named, ""), value) for value in current[named]):
            current[named] = [*current[named], one.values[named]]
    found = differ(one.values, current, one.tie.digests if one.tie else {}, digest)
    one.changes = found.changes
    one.checked.problems.extend(found.problems)
    one.outcome = Outcome.UPDATED if found.changes else Outcome.UNCHANGED


def _current(person: Person, case: Any, known: Knowledge) -> dict[Field, Any]:
    """What Silta holds of the client, field by field; lists where one of several is enough."""
    current: dict[Field, Any] = {
        Field.LAST_NAME: person.last_name,
        Field.FIRST_NAMES: person.first_names,
        Field.MOTHER_TONGUE: person.mother_tongue,
        Field.SERVICE_LANGUAGE: person.service_language,
        Field.NON_DISCLOSURE: person.non_disclosure,
        Field.PHONE: known.phones.get(person.pk, []),
        Field.EMAIL: known.emails.get(person.pk, []),
        Field.SERVICE: case.kind,
        Field.OPENED_ON: case.opened_on,
        Field.ASSESSMENT_STARTED_ON: case.assessment_started_on,
        Field.PLAN_MADE_ON: known.plans.get(case.pk, []),
        Field.LAST_REVIEW_ON: known.reviews.get(case.pk, []),
        Field.LAST_CONTACT_ON: case.last_contact_on,
        Field.ENDED_ON: case.ended_on,
        Field.RESPONSIBLE: str(case.responsible_id) if case.responsible_id else "",
        # What an earlier import wrote as a note is compared by its digest alone.
        Field.NOTE: None,
    }
    if not person.non_disclosure:
        current[Field.MUNICIPALITY] = known.places.get(person.pk, "")
    elif person.pk in known.places:
        current[Field.MUNICIPALITY] = known.places[person.pk]
    return current


def digest(named: Field, value: Any) -> str:
    """A keyed digest of one value: tells whether a later file says the same, and nothing else."""
    text = as_text(value)
    if not text or isinstance(value, list):
        return ""
    began, end = (part.copy() for part in _keyed(named, settings.SECRET_KEY))
    began.update(text.encode())
    end.update(began.digest())
    found: str = end.hexdigest()
    return found[:20]


@cache
def _keyed(named: Field, secret: str) -> tuple[Any, Any]:
    """How the two hashes of every digest of a field begin; ``salted_hmac`` gives the same digest in twice the time."""
    key = sha256(f"silta.intake.{named.value}{secret}".encode()).digest().ljust(_BLOCK, b"\0")
    return sha256(key.translate(hmac.trans_36)), sha256(key.translate(hmac.trans_5C))


def settle(one: Examined, repeated: Mapping[UUID, list[Problem]]) -> None:
    """Puts what was found onto the row: its state, outcome, problems, changes and the keys it is found by."""
    row, found = one.row, [*one.checked.problems, *repeated.get(one.row.pk, [])]
    row.is_protected = one.is_protected
    row.problems = [(problem.veiled() if row.is_protected else problem).as_data() for problem in found]
    row.problem_codes = list(dict.fromkeys(problem.code for problem in found))
    row.external_id = one.values.get(Field.EXTERNAL_ID, "")
    row.identity_code = one.values.get(Field.IDENTITY_CODE, "")
    row.outcome = one.outcome
    row.changes = [change.as_data(is_protected=row.is_protected) for change in one.changes]
    if row.state == RowState.LEFT_OUT:
        return
    if "same_row" in row.problem_codes:
        row.state, row.outcome = RowState.READY, Outcome.SKIPPED
    elif problems.stands(found, row.accepted):
        row.state, row.outcome = RowState.BAD, ""
    else:
        row.state = RowState.READY


def first_day(values: Mapping[Field, Any]) -> dt.date:
    """The day the clienthood began, of a row that was found sound."""
    day: dt.date = values[Field.OPENED_ON]
    return day
