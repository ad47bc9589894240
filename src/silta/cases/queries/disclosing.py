"""Who may know what of the client of a case, what went to whom, and how the case looks to another unit."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from silta.access.enums import Category
from silta.access.models import Grant
from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.cases.models import Case
from silta.cases.queries import caserows
from silta.cases.queries.casepage import INSIDERS, Insider, insiders
from silta.cases.queries.caserows import Rows
from silta.cases.queries.reaching import visible_to
from silta.kernel.actor import Actor
from silta.kernel.errors import NotFound
from silta.organisations.models import Unit


@dataclass(frozen=True, slots=True)
class Cell:
    """One participant and one category: the grounds on which it is known; none, where it is not."""

    category: str
    grounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A unit that knows something of the client, who works in it with her, and what it knows."""

    unit: Unit
    people: tuple[Insider, ...]
    cells: tuple[Cell, ...]


def matrix(rows: Rows) -> list[MatrixRow]:
    """Units by categories: those in the case first, then any other that has a ground to know the client now.

    ``rows`` are of at least those tables that tell who is in the case.
    """
    inside = [one for one in insiders(rows.case, rows) if one.participation.unit is not None]
    units: dict[UUID, Unit] = {one.participation.unit.pk: one.participation.unit for one in inside
                               if one.participation.unit}  # fmt: skip
    known: dict[tuple[UUID, str], list[str]] = {}
    for grant in rows.grants:
        units.setdefault(grant.unit_id, grant.unit)
        for category in grant.categories:
            known.setdefault((grant.unit_id, category), []).append(grant.ground)
    return [
        MatrixRow(
            unit,
            tuple(one for one in inside if one.participation.unit_id == unit.pk),
            tuple(
                Cell(code, tuple(dict.fromkeys(known.get((unit.pk, code), ())))) for code in Category.values
            ),
        )
        for unit in units.values()
    ]


def history(case: Case) -> list[Grant]:
    """Every ground to know something of the client that was ever given, newest first."""
    found = list(Grant.objects.filter(person_id=case.person_id).order_by("-valid_from", "-id")[:200])
    caserows.name(found)
    return found


def previewed_unit(actor: Actor, case: Case, unit_id: UUID) -> Unit:
    """The unit as which the case is looked at; the look is journalled. Raises ``NotFound`` for one that is not in it."""
    found = next((row.unit for row in matrix(caserows.read(case, INSIDERS)) if row.unit.pk == unit_id), None)
    if found is None:
        raise NotFound(_("There is no such page."), code="cases.unit_not_in_case")
    audit.record(
        actor,
        "cases.preview",
        kind=Kind.READ,
        person_id=case.person_id,
        subject=case,
        recipient_unit_id=unit_id,
    )
    return found


def seen_by(other: Actor, case: Case) -> Case | None:
    """The case as the previewed unit finds it, without a read of its own in the journal; none, where it finds nothing."""
    return (
        visible_to(other).select_related("person", "unit__organisation", "responsible")
        .filter(pk=case.pk).first()
    )  # fmt: skip
