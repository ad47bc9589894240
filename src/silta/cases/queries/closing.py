"""Who sits at the table when the end of a case is decided: those who are in it, and those who have to be."""

from dataclasses import dataclass

from django.utils.translation import gettext

from silta.cases.models import Case, Participation
from silta.cases.queries.facts import facts_of
from silta.cases.rules import closing, definitions
from silta.cases.rules.deadlines import Facts
from silta.cases.rules.schema import CLIENT
from silta.organisations.enums import Kind


@dataclass(frozen=True, slots=True)
class Seat:
    """One party: the client, or the organisations of one kind that take part in the case.

    ``is_there`` says whether it takes part at all, ``is_needed`` whether the definition wants its part in the
    decision, ``may_be_missing`` whether the end may do without for a stated reason.
    """

    who: str
    name: str
    is_there: bool
    is_needed: bool
    may_be_missing: bool
    source: str


def seats(case: Case, facts: Facts | None = None) -> list[Seat]:
    """The client, the organisations of the case by kind, and after them those who are needed and not there."""
    definition = definitions.definition(case.kind, case.definition_version)
    needed = closing.needed(definition, facts or facts_of(case).facts, controller_kind=case.controller.kind)
    there = {CLIENT: gettext("The client"), **_organisations(case)}
    absent = {who: str(Kind(who).label) for who in needed if who not in there}
    return [
        Seat(
            who, name, is_there=who in there, is_needed=who in needed,
            may_be_missing=who not in needed or needed[who].may_be_missing,
            source=needed[who].source if who in needed else "",
        )
        for who, name in (there | absent).items()
    ]  # fmt: skip


def _organisations(case: Case) -> dict[str, str]:
    rows = Participation.objects.filter(case=case, left_on__isnull=True, unit__isnull=False)
    found: dict[str, dict[str, None]] = {case.controller.kind: {str(case.controller): None}}
    for row in rows.select_related("unit__organisation"):
        if row.unit is not None:
            found.setdefault(row.unit.organisation.kind, {})[str(row.unit.organisation)] = None
    return {kind: ", ".join(names) for kind, names in found.items()}
