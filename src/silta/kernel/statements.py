"""Queries worked out into SQL once in a process: Django works each out anew, which takes longer than the database's answer.

For what every page asks. Who may see which row is not decided here: a statement is sent like any other query, in the
same transaction, under the same policies.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Field, ForeignObject, Lookup, Model, QuerySet

Row = TypeVar("Row", bound=Model)

_BLANKS: dict[type[Any], Callable[[int], Any]] = {
    UUID: lambda place: UUID(int=place),
    str: lambda place: f"\0{place}",
    dt.date: lambda place: dt.date.min + dt.timedelta(place),
    dt.datetime: lambda place: dt.datetime.min.replace(tzinfo=dt.UTC) + dt.timedelta(days=place),
    list: lambda _place: _Many(),
}


class _Many:
    """The blank of a list, of whatever length: see ``AnyOf``."""


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup[Any]):
    """``field__any_of=keys``: one of these, in one statement however many there are (``in`` makes one of each length)."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The condition in SQL."""
        left, params = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", (*params, self.rhs)


@dataclass(frozen=True, slots=True)
class _Worked:
    """A query in SQL, and how its rows become models; of its parameters, what is fixed and where each value goes."""

    sql: str
    fixed: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    read: "_Reading"
    converters: tuple[tuple[int, tuple[Any, ...], Any], ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """Where in a row of the answer a model stands, and the rows related to it that were selected with it."""

    model: type[Model]
    names: tuple[str, ...]
    columns: slice
    key: int
    related: tuple[tuple["_Reading", Callable[..., None], Callable[..., None]], ...]

    @classmethod
    def of(cls, told: dict[str, Any], columns: Sequence[Any]) -> "_Reading":
        """As the compiler of the query tells it."""
        own = told["select_fields"]
        names = tuple(columns[place].target.attname for place in own)
        return cls(
            told["model"], names, slice(own[0], own[-1] + 1),
            own[0] + names.index(told["model"]._meta.pk.attname),
            tuple(
                (cls.of(one, columns), one["local_setter"], one["remote_setter"])
                for one in told.get("related_klass_infos", ())
            ),
        )  # fmt: skip

    def one(self, row: Sequence[Any]) -> Any:
        """The model in this row, with what is related to it."""
        found = self.model.from_db(connection.alias, self.names, row[self.columns])
        for reading, set_here, set_there in self.related:
            other = None if row[reading.key] is None else reading.one(row)
            set_here(found, other)
            if other is not None:
                set_there(other, found)
        return found


class Statement(Generic[Row]):
    """A query with blanks, one of each of the ``kinds``; it is called with their values.

    ``Statement(lambda unit, day: Case.objects.filter(unit=unit, opened_on=day), UUID, date)(unit_id, today).rows()``.
    The query may select related rows, and leave fields out (``only``, ``defer``); annotations and prefetching it has none.
    """

    def __init__(self, ask: Callable[..., QuerySet[Row]], *kinds: type[Any]) -> None:
        """``ask`` is called once, with a blank of each kind, when the statement is first used."""
        self._ask, self._kinds = ask, kinds

    def __call__(self, *values: Any) -> "Asked[Row]":
        """The query with these values in its blanks."""
        return Asked(self, values)

    def send(self, cursor: Any, values: Sequence[Any]) -> None:
        """Sends the query with these values."""
        params = list(self._worked.fixed)
        for place, blank in self._worked.places:
            params[place] = values[blank]
        cursor.execute(self._worked.sql, params)

    def found(self, cursor: Any) -> list[Row]:
        """What the query sent with this cursor found."""
        worked, rows = self._worked, cursor.fetchall()
        if worked.converters:
            rows = [_converted(row, worked) for row in rows]
        return [worked.read.one(row) for row in rows]

    @cached_property
    def _blanks(self) -> list[Any]:
        return [_BLANKS[kind](place) for place, kind in zip(count(1), self._kinds)]

    @cached_property
    def _worked(self) -> _Worked:
        compiler = self._ask(*self._blanks).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        columns = [column for column, _sql, _alias in compiler.select]
        places = ((place, self._blank(value)) for place, value in enumerate(params))
        return _Worked(
            sql=sql,
            fixed=tuple(params),
            places=tuple((place, blank) for place, blank in places if blank is not None),
            read=_Reading.of(compiler.klass_info, columns),
            converters=tuple(
                (place, tuple(found), column)
                for place, (found, column) in compiler.get_converters(columns).items()
            ),
        )

    def _blank(self, value: Any) -> int | None:
        """Which blank a parameter of the worked-out query is; none where it is a value of its own."""
        alike = (place for place, one in enumerate(self._blanks) if type(one) is type(value) and one == value)
        return next(alike, None)


def _converted(row: Sequence[Any], worked: _Worked) -> list[Any]:
    values = list(row)
    for place, converters, column in worked.converters:
        for convert in converters:
            values[place] = convert(values[place], column, connection)
    return values


@dataclass(frozen=True, slots=True)
class Asked(Generic[Row]):
    """A statement with its values."""

    statement: Statement[Row]
    values: Sequence[Any]

    def rows(self) -> list[Row]:
        """What it finds."""
        with connection.cursor() as cursor:
            self.statement.send(cursor, self.values)
            return self.statement.found(cursor)

    def first(self) -> Row | None:
        """The first row it finds, if any; the query itself says how many it wants."""
        return next(iter(self.rows()), None)


def together(asked: Sequence[Asked[Any]]) -> list[list[Any]]:
    """The rows of each, all sent at once: the database works on the next ones while the first are read."""
    if not asked:
        return []
    cursors = [connection.cursor() for _one in asked]
    with connection.connection.pipeline():
        for cursor, one in zip(cursors, asked, strict=True):
            one.statement.send(cursor, one.values)
    found = []
    for cursor, one in zip(cursors, asked, strict=True):
        with cursor:
            found.append(one.statement.found(cursor))
    return found
