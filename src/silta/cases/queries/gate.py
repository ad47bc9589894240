"""The gate before a new client: whether she is here already, and what of that the asker may know."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.cases.models import Case
from silta.cases.queries import joining
from silta.cases.queries.reaching import visible_to
from silta.kernel.actor import Actor
from silta.organisations.models import Organisation
from silta.people import queries as people
from silta.people import rules as people_rules
from silta.people.models import Person


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the register; ``person`` is there only where the acting unit has a ground to know her."""

    person_id: UUID
    person: Person | None
    cases: tuple[Case, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate says: certainly this one, or possibly these, of whom ``unseen`` may not be shown."""

    known: Candidate | None = None
    likely: tuple[Candidate, ...] = ()
    unseen: int = 0


def nobody() -> Answer:
    """Nothing was found, or nothing was asked."""
    return Answer()


def organisation_kind(actor: Actor) -> str:
    """What kind of organisation the actor works for; it decides which kinds of case she may open."""
    if actor.organisation_id is None:
        return ""
    found = Organisation.objects.filter(pk=actor.organisation_id).values_list("kind", flat=True).first()
    return str(found or "")


def _candidate(actor: Actor, person_id: UUID, typed: people_rules.Identity | None = None) -> Candidate:
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        return Candidate(person_id, None)
    cases = tuple(visible_to(actor).filter(person_id=person_id).select_related("unit", "responsible"))
    reasons = people_rules.compare(typed, people.identity(person)).reasons if typed else ()
    return Candidate(person_id, person, cases, tuple(str(reason) for reason in reasons))


def who_is(
    actor: Actor, *, identity_code: str, first_names: str, last_name: str, birth_date: dt.date | None
) -> Answer:
    """Whether the person is in the register: by code for certain, else by name and date of birth perhaps.

    The question is journalled whatever the answer, for it tells something of a person to somebody who has no ground
    yet (703/2023 10 §). Of people she may not know, the asker hears only that there are some.
    """
    if identity_code:
        return _by_code(actor, identity_code)
    ids = people.likely_same(first_names, last_name, birth_date)
    concerned: list[UUID | None] = [*ids] or [None]
    for person_id in concerned:
        audit.record(actor, "cases.ask_gate", kind=Kind.READ, person_id=person_id, by="name", found=len(ids))
    typed = people_rules.Identity(first_names, last_name, birth_date, "")
    candidates = [_candidate(actor, person_id, typed) for person_id in ids]
    likely = tuple(one for one in candidates if one.person is not None)
    return Answer(likely=likely, unseen=len(candidates) - len(likely))


def _by_code(actor: Actor, identity_code: str) -> Answer:
    found = people.id_by_code(identity_code)
    audit.record(actor, "cases.ask_gate", kind=Kind.READ, person_id=found, by="identity_code")
    return Answer(known=_candidate(actor, found)) if found else nobody()


def who_is_meant(actor: Actor, *, identity_code: str, person_id: UUID | None) -> Answer:
    """The person for whom a case is to be opened: by her code, or one whom the acting unit may know already.

    A bare id of somebody it may not know opens nothing. A code is a question here too, journalled as at the gate.
    """
    if identity_code:
        return _by_code(actor, identity_code)
    if person_id is not None and Person.objects.filter(pk=person_id).exists():
        return Answer(known=_candidate(actor, person_id))
    return nobody()


def cases_to_join(actor: Actor, text: str) -> list[UUID]:
    """The open cases that the acting unit may join by itself, found by case number or by the client's identity code.

    Both are things somebody must have been given; the question is journalled whatever the answer.
    """
    person_id = people.id_by_code(text) if people_rules.asked(text).identity_code else None
    found = joining.cases_of(actor, person_id) if person_id else [joining.case_numbered(actor, text.upper())]
    cases = [one for one in found if one is not None]
    audit.record(
        actor, "cases.ask_to_join", kind=Kind.READ, person_id=cases[0].person_id if cases else person_id,
        found=len(cases),
    )  # fmt: skip
    return [one.case_id for one in cases]
