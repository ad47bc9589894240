"""The journal as people read it: names are looked up when it is shown, never kept in it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from silta.access import rules
from silta.access.enums import Category, Permission, Purpose
from silta.access.queries.deciding import own_person_id, require
from silta.accounts.models import User
from silta.audit import operations as audit
from silta.audit import queries as journal
from silta.audit import rules as audit_rules
from silta.audit.enums import Kind, Outcome
from silta.audit.models import Event
from silta.kernel.actor import Actor
from silta.organisations.models import Unit
from silta.people import queries as people


@dataclass(frozen=True, slots=True)
class Told:
    """One event in words: who for which unit, what, for what purpose, on which ground, to whom, when."""

    at: dt.datetime
    who: str
    unit: str
    what: str
    purpose: str
    ground: str
    recipient: str
    categories: str
    refused: bool
    kind: str
    person_id: str


@dataclass(frozen=True, slots=True)
class ToldPage:
    """One page of the journal in words; ``next_key`` opens the next, if there is one."""

    events: list[Told]
    next_key: str | None


def _ids(values: Sequence[str]) -> set[UUID]:
    found = set()
    for value in values:
        try:
            found.add(UUID(value))
        except ValueError:
            continue
    return found


def tell(page: journal.Page) -> ToldPage:
    """A page of events in the reader's language, with the names of people and units as they are today."""
    users = dict(User.objects.filter(pk__in=_ids([e.user_id for e in page.events])).values_list("pk", "name"))
    wanted = _ids([e.unit_id for e in page.events] + [e.recipient_unit_id for e in page.events])
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in=wanted).select_related("organisation")}
    return ToldPage([_told(event, users, units) for event in page.events], page.next_key)


def _unit_name(units: dict[UUID, Unit], value: str) -> str:
    unit = units.get(UUID(value)) if value else None
    return f"{unit.name}, {unit.organisation.name}" if unit else ""


def _told(event: Event, users: dict[UUID, str], units: dict[UUID, Unit]) -> Told:
    ground = rules.grounds().get(event.ground)
    details = event.details or {}
    return Told(
        at=event.at,
        who=users.get(UUID(event.user_id), "") if event.user_id else "",
        unit=_unit_name(units, event.unit_id),
        what=audit_rules.told(event.action),
        purpose=str(Purpose(event.purpose).label) if event.purpose in Purpose else "",
        ground=f"{ground.name} ({ground.citation})" if ground else "",
        recipient=_unit_name(units, event.recipient_unit_id),
        categories=", ".join(
            str(Category(one).label) for one in details.get("categories", ()) if one in Category
        ),
        refused=event.outcome == Outcome.REFUSED,
        kind=str(Kind(event.kind).label),
        person_id=event.person_id,
    )


def own_journal(actor: Actor, *, key: str = "") -> ToldPage:
    """Who has used the client's own data, the newest first (703/2023 11 §); the reading is journalled too.

    What was done under the ids of duplicates that were merged into her is told as well.

    Raises ``NotAllowed`` for whoever is not a client in her own matter.
    """
    person_id = own_person_id(actor)
    page = tell(journal.events_of_person(people.identities_of(person_id), key=key))
    audit.record(actor, "portal.read_journal", kind=Kind.READ, person_id=person_id)
    return page


def searched_journal(actor: Actor, wanted: journal.Search, *, key: str = "") -> ToldPage:
    """The officer's search within her organisation; the search is journalled, with the person it was about.

    Raises ``NotAllowed`` without the permission to search.
    """
    require(actor, Permission.JOURNAL_SEARCH)
    page = tell(journal.search(wanted, key=key))
    audit.record(
        actor,
        "access.read_journal",
        kind=Kind.READ,
        person_id=next(iter(wanted.person_ids), None),
        found=len(page.events),
    )
    return page


def own_acts(actor: Actor, *, key: str = "") -> ToldPage:
    """What was done in the actor's own name, by herself or by her programs, the newest first; the reading is journalled."""
    page = tell(journal.search(journal.Search(user_id=actor.user_id), key=key))
    audit.record(actor, "access.read_own_acts", kind=Kind.READ, found=len(page.events))
    return page
