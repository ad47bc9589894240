"""The rows of one case that the actor may know, each table read once for a page however many of its bands show it.

Rows are read without joins: the workers and units they name are read once for all of them, and filled in. A case has
tens of each of these rows, a few hundred at the end of a long life; notes, of which it may have thousands, are read
page by page by whoever shows them and only handed in here to be named.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

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
from silta.kernel import clock
from silta.organisations.models import Unit

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


# The rows of each table, of the case with this id. What stands here is worked out into SQL once in a process.
_TABLES: dict[str, Callable[[UUID], QuerySet[Any]]] = {
    "participations": lambda case: Participation.objects.filter(case_id=case),
    "changes": lambda case: StatusChange.objects.filter(case_id=case),
    "deadlines": lambda case: Deadline.objects.filter(case_id=case).only("rule", "due_on", "source", "inputs")[:_DEADLINES],
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
}  # fmt: skip
_ANY = UUID(int=0)


def read(case: Case, tables: Collection[str], *, notes: Iterable[Note] = ()) -> Rows:
    """Reads these tables of the case (names of ``Rows``), and names the workers and units of every row, ``notes`` too."""
    rows = Rows(case, notes=list(notes))
    asked = [one.name for one in fields(Rows) if one.name in tables]
    for table in asked:
        setattr(rows, table, _rows(case, table))
    name([*(row for table in asked for row in getattr(rows, table)), *rows.notes])
    return rows


def _rows(case: Case, table: str) -> list[Any]:
    if table == "grants":
        return list(access.grants_now(case.person_id))
    return _read(_worked_out(table), case.pk)


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement worked out once, and how its rows become models: Django works both out anew for every query."""

    model: type[Model]
    sql: str
    params: tuple[Any, ...]
    fields: tuple[str, ...]
    converters: tuple[tuple[int, Any, Any], ...]

    @classmethod
    def of(cls, asked: QuerySet[Any]) -> "_Statement":
        """The statement of a query without joins; ``_ANY`` stands where the id comes."""
        compiler = asked.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        columns = [column for column, _sql, _alias in compiler.select]
        converters = tuple(
            (place, convert, column)
            for place, (found, column) in compiler.get_converters(columns).items()
            for convert in found
        )
        return cls(asked.model, sql, tuple(params), tuple(one.target.attname for one in columns), converters)


def _read(statement: _Statement, key: Any) -> list[Any]:
    """The rows of a statement, with this id, or these ids, in it."""
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, [key if value == _ANY else value for value in statement.params])
        found = cursor.fetchall()
    if statement.converters:
        found = [_converted(row, statement) for row in found]
    return [statement.model.from_db(connection.alias, statement.fields, row) for row in found]


def _converted(row: tuple[Any, ...], statement: _Statement) -> list[Any]:
    values = list(row)
    for place, convert, column in statement.converters:
        values[place] = convert(values[place], column, connection)
    return values


_USERS = _Statement(
    User, "SELECT id, name FROM accounts_user WHERE id = ANY(%s)", (_ANY,), ("id", "name"), ()
)


@cache
def _worked_out(table: str) -> _Statement:
    return _Statement.of(_TABLES[table](_ANY))


@cache
def _names(model: type[Model]) -> tuple[tuple[str, str, type[Model]], ...]:
    """The fields of a model that name a worker or a unit: where the id stands, the field, and what it names."""
    return tuple(
        (one.attname, one.name, named)
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
        for attname, field_name, model in _names(type(row)):
            if key := read_fields.get(attname):
                wanted[model].add(key)
                places.append((row, field_name, model, key))
    found: dict[type[Model], dict[Any, Any]] = {
        User: {user.pk: user for user in _read(_USERS, list(wanted[User]))} if wanted[User] else {},
        Unit: Unit.objects.select_related("organisation").in_bulk(wanted[Unit]) if wanted[Unit] else {},
    }
    for row, field_name, model, key in places:
        if key in found[model]:
            setattr(row, field_name, found[model][key])
