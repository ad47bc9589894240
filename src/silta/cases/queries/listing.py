"""Lists of cases and notes by key, as programs page through them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from silta.audit import operations as audit
from silta.audit.enums import Kind
from silta.cases.enums import State
from silta.cases.models import Case, Note
from silta.cases.queries import caserows
from silta.cases.queries.clientlist import Asked, Of, clients
from silta.cases.queries.worklist import Filters
from silta.kernel.actor import Actor

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """One page; ``next`` is the key after which the next begins, none on the last."""

    rows: Sequence[Row]
    next: UUID | None


def _page(rows: "QuerySet[Row]", limit: int) -> Listed[Row]:
    found = list(rows[: limit + 1])
    return Listed(found[:limit], found[limit - 1].pk if len(found) > limit else None)


def journal(actor: Actor, cases: Sequence[Case]) -> None:
    """Writes that these cases were listed: one event, with whose they are."""
    if cases:
        people = sorted({str(case.person_id) for case in cases})
        audit.record(actor, "cases.list", kind=Kind.READ, people=people, count=len(people))


def cases(
    actor: Actor, *, state: str = "", kind: str = "", unit: UUID | None = None, text: str = "",
    after: UUID | None = None, limit: int = 50,
) -> Listed[Case]:  # fmt: skip
    """A page of the cases the actor may know of, in the order in which they were written; the reading is journalled.

    ``text`` is part of a name, an identity code, a birth date or a number, as the search of the pages takes it.
    """
    asked = Asked(of=Of.ALL, state=State(state) if state else None, filters=Filters(kind=kind, text=text))
    rows = clients(actor, asked)
    if unit is not None:
        rows = rows.filter(unit_id=unit)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    page = _page(rows.select_related("person", "responsible").order_by("pk"), limit)
    journal(actor, page.rows)
    return page


def notes(case: Case, *, after: UUID | None = None, limit: int = 50) -> Listed[Note]:
    """A page of the notes of a case that the reader may know, the one recorded last first."""
    rows = Note.objects.filter(case=case)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    page = _page(rows.order_by("-pk"), limit)
    caserows.name(page.rows)
    return page


def whole(cases: Sequence[Case]) -> dict[UUID, Case]:
    """The same cases with all their columns, by id; one query."""
    rows = Case.objects.filter(pk__in=[case.pk for case in cases]).select_related("person", "responsible")
    return {case.pk: case for case in rows.order_by("pk")}
