"""The client as the register knows her, and others who may be the same person."""

import datetime as dt
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext_lazy as _

from silta.access import queries as access
from silta.access.enums import Permission
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.cases.models import Case
from silta.cases.queries.reaching import visible_to
from silta.kernel.actor import Actor
from silta.people import queries as people
from silta.people.enums import Language
from silta.people.models import ContactPoint, Merge, Municipality, Person
from silta.people.queries import PossibleDuplicate


@dataclass(frozen=True, slots=True)
class Details:
    """The client's details; ``is_hidden`` where non-disclosure keeps back where she is and how to reach her."""

    person: Person
    mother_tongue: str
    service_language: str
    municipality: Municipality | None
    contact_points: tuple[ContactPoint, ...]
    is_hidden: bool
    may_reveal: bool
    is_revealed: bool
    other_cases: tuple[Case, ...]


def _language(code: str) -> str:
    return str(dict(Language.choices).get(code, code))


def details_of(actor: Actor, case: Case) -> Details:
    """The client's details; the look is journalled apart from the look at the case."""
    audit.record(actor, "cases.view_details", kind=Kind.READ, person_id=case.person_id, subject=case)
    revealed = access.open_emergency(actor, case.person_id) if case.person.non_disclosure else None
    is_revealed = revealed is not None and revealed.reveals_protected
    return Details(
        person=case.person,
        mother_tongue=_language(case.person.mother_tongue),
        service_language=_language(case.person.service_language),
        municipality=people.current_municipality(case.person),
        contact_points=tuple(people.contact_points(case.person)),
        is_hidden=case.person.non_disclosure and not is_revealed,
        may_reveal=access.permits(actor, Permission.PROTECTED_REVEAL),
        is_revealed=is_revealed,
        other_cases=tuple(visible_to(actor).filter(person_id=case.person_id).exclude(pk=case.pk)),
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows side by side, field by field."""

    other: Person
    lines: tuple[tuple[str, str, str], ...]


_COMPARED = {
    "last_name": _("Last name"),
    "first_names": _("First names"),
    "call_name": _("Name used"),
    "birth_date": _("Date of birth"),
    "identity_code": _("Identity code"),
    "service_language": _("Language of service"),
}


def doubles_of(case: Case) -> list[PossibleDuplicate]:
    """Others of the register whom the actor may know and who may be the same person, surest first."""
    return people.possible_duplicates(case.person)


def pair_of(case: Case, other_id: str) -> Pair | None:
    """The client and one of her possible doubles side by side; none, where that is not one of them."""
    found = next((one.person for one in doubles_of(case) if str(one.person.pk) == other_id), None)
    if found is None:
        return None
    lines = tuple(
        (str(label), _shown(name, case.person), _shown(name, found)) for name, label in _COMPARED.items()
    )
    return Pair(found, lines)


def _shown(name: str, person: Person) -> str:
    value = getattr(person, name)
    if isinstance(value, dt.date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    return _language(value) if name == "service_language" else str(value or "–")


def merges_of(case: Case) -> list[Merge]:
    """The merges into this client, newest first, undone ones too."""
    return list(Merge.objects.filter(person_id=case.person_id).select_related("duplicate"))
