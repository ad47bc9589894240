"""Finding a case to join before one is in it: the only look past row-level security, and it answers yes or nothing."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from silta.access import rules as access_rules
from silta.access.enums import Category
from silta.cases.rules import definitions
from silta.kernel import clock
from silta.kernel.actor import Actor
from silta.organisations.models import Unit


@dataclass(frozen=True, slots=True)
class Joinable:
    """A case that the acting unit may join by itself, and on which ground."""

    case_id: UUID
    person_id: UUID
    unit_id: UUID
    ground: str


def case_to_join(actor: Actor, case_id: UUID) -> Joinable | None:
    """The open case, where a ground that needs no consent holds between its organisation and the acting one.

    Not so within one organisation, and not where the kind of case names another organisation's ground.
    """
    return next((one for one in _joinable(actor, "SELECT * FROM silta_case_to_join(%s, '')", case_id)), None)


def case_numbered(actor: Actor, number: str) -> Joinable | None:
    """The same, by the number of the case."""
    found = _joinable(actor, "SELECT * FROM silta_case_to_join(NULL, %s)", number.strip())
    return found[0] if found else None


def cases_of(actor: Actor, person_id: UUID) -> list[Joinable]:
    """The person's open cases that the acting unit may join by itself."""
    return _joinable(actor, "SELECT * FROM silta_cases_to_join(%s)", person_id)


def _joinable(actor: Actor, sql: str, value: UUID | str) -> list[Joinable]:
    if actor.unit_id is None:
        return []
    own = Unit.objects.select_related("organisation").get(pk=actor.unit_id)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value])
        rows = cursor.fetchall()
    units = {
        unit.pk: unit
        for unit in Unit.objects.select_related("organisation").filter(pk__in={row[2] for row in rows})
    }
    found = []
    for case_id, person_id, unit_id, kind, version in rows:
        ground = access_rules.grounds()[definitions.definition(kind, version).ground]
        if _opens(ground, units[unit_id], own):
            found.append(Joinable(case_id, person_id, unit_id, ground.code))
    return found


def _opens(ground: access_rules.Ground, unit: Unit, own: Unit) -> bool:
    return (
        unit.organisation_id != own.organisation_id
        and not ground.within_organisation
        and ground.needs is access_rules.Needs.NONE
        and access_rules.may_grant(
            ground, [Category.IDENTITY, Category.CLIENTHOOD], unit.organisation.kind, own.organisation.kind,
            same_organisation=False, today=clock.today(),
        )
    )  # fmt: skip
