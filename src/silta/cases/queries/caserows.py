"""The rows of one case that the actor may know, each table read once for a page however many of its bands show it.

Rows are read without joins: the workers and units they name are read once for all of them, and filled in. A case has
tens of each of these rows, a few hundred at the end of a long life; notes, of which it may have thousands, are read
page by page, as whoever shows them asks.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Model

from silta.access import queries as access
from silta.access.models import Grant
from silta.accounts.models import User
from silta.cases import enums
from silta.cases.models import (
    Action,
    AgreedService,
    AssessmentEntry,
    Case,
    Deadline,
    Flag,
    Goal,
    HandOver,
    Note,
    Participation,
    PlanVersion,
    Review,
    StatusChange,
    Transfer,
)
from silta.cases.models.case import CaseScope
from silta.kernel import clock, statements
from silta.kernel.statements import Asked, Statement
from silta.organisations.models import Unit
from silta.people import queries as people
from silta.people.models import Residence

_DEADLINES = 5
_DOTS = 200


@dataclass(slots=True)
class Rows:
    """What was read of a case; a table that was not asked for is empty here."""

    case: Case
    participations: list[Participation] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    changes: list[StatusChange] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    residences: list[Residence] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    hand_overs: list[HandOver] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    services: list[AgreedService] = field(default_factory=list)
    versions: list[PlanVersion] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    entries: list[AssessmentEntry] = field(default_factory=list)
    contacts: list[Note] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def scope(self) -> CaseScope:
        """The scope of the case, as ``Case.scope`` tells it, from the participations that were read."""
        today = clock.today()
        units = {
            row.unit_id
            for row in self.participations
            if row.unit_id and (row.left_on is None or (row.writes_until and row.writes_until >= today))
        }
        return CaseScope(self.case.person_id, frozenset({*units, self.case.unit_id}))


_TABLES: dict[str, Statement[Any]] = {
    table: Statement(ask, UUID)
    for table, ask in {
        "participations": lambda case: Participation.objects.filter(case_id=case),
        "changes": lambda case: StatusChange.objects.filter(case_id=case),
        "deadlines": lambda case: Deadline.objects.filter(case_id=case).only("rule", "due_on", "source", "inputs", "subject_id")[:_DEADLINES],
        "flags": lambda case: Flag.objects.filter(case_id=case),
        "transfers": lambda case: Transfer.objects.filter(case_id=case),
        "hand_overs": lambda case: HandOver.objects.filter(case_id=case),
        "goals": lambda case: Goal.objects.filter(case_id=case),
        "actions": lambda case: Action.objects.filter(case_id=case).exclude(state=enums.ActionState.DROPPED),
        "services": lambda case: AgreedService.objects.filter(case_id=case),
        "versions": lambda case: PlanVersion.objects.filter(case_id=case).defer("content"),
        "reviews": lambda case: Review.objects.filter(case_id=case),
        "entries": lambda case: AssessmentEntry.objects.filter(case_id=case),
        "contacts": lambda case: Note.objects.filter(
            case_id=case, kind=enums.NoteKind.CONTACT, withdrawn_at__isnull=True
        ).only("happened_at", "channel", "result", "recorded_by_unit_id")[:_DOTS],
    }.items()
}  # fmt: skip
_BY_KEY: dict[type[Model], Statement[Any]] = {
    User: Statement(lambda keys: User.objects.filter(pk__any_of=keys).only("name").order_by(), list),
    Unit: Statement(
        lambda keys: Unit.objects.filter(pk__any_of=keys).select_related("organisation").order_by(), list
    ),
}


def read(case: Case, tables: Collection[str], *, notes: Asked[Note] | None = None) -> Rows:
    """Reads these tables of the case (names of ``Rows``) and these notes, and names the workers and units of every row."""
    asked = {one.name: _asked(case, one.name) for one in fields(Rows) if one.name in tables}
    if notes is not None:
        asked["notes"] = notes
    rows = Rows(case, **dict(zip(asked, statements.together(list(asked.values())), strict=True)))
    name([row for table in asked for row in getattr(rows, table)])
    return rows


def _asked(case: Case, table: str) -> Asked[Any]:
    if table == "grants":
        return access.grants_now(case.person_id)
    if table == "residences":
        return people.residence_now(case.person_id)
    return _TABLES[table](case.pk)


@cache
def _names(model: type[Model]) -> tuple[tuple[str, Any, type[Model]], ...]:
    """The fields of a model that name a worker or a unit: where the id stands, the field, and what it names."""
    return tuple(
        (one.attname, one, named)
        for one in model._meta.concrete_fields
        for named in (User, Unit)
        if one.related_model is named
    )


def name(rows: Iterable[Model]) -> None:
    """Fills in the workers and the units, with their organisations, that these rows name: two queries for all of them."""
    wanted: dict[type[Model], set[Any]] = {User: set(), Unit: set()}
    places = []
    for row in rows:
        read_fields = row.__dict__
        for attname, place, model in _names(type(row)):
            if key := read_fields.get(attname):
                wanted[model].add(key)
                places.append((row, place, model, key))
    asked = {model: _BY_KEY[model](list(keys)) for model, keys in wanted.items() if keys}
    rows_of = dict(zip(asked, statements.together(list(asked.values())), strict=True))
    found = {model: {row.pk: row for row in named} for model, named in rows_of.items()}
    for row, place, model, key in places:
        if key in found[model]:
            place.set_cached_value(row, found[model][key])
