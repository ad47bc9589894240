"""Counts the indicators from an extract: each expression by Ibis on DuckDB, then every published cell of it."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from silta.evaluation.enums import Measure
from silta.evaluation.rules.definitions import Indicator
from silta.evaluation.rules.suppression import Bucket

# The published tables: of each, the columns it is grouped by.
TABLES: tuple[tuple[str, ...], ...] = (
    (),
    ("month",),
    ("unit",),
    ("unit", "month"),
    ("municipality",),
    ("kind",),
)
UNKNOWN = ""
_NINETY = 0.9
Table = Any
Expression = Callable[[Mapping[str, Table], dt.date, Mapping[str, Any]], Table]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as counted, before anything is hidden: ``unknown`` rows have no value and are not in ``n``."""

    value: float | None
    n: int
    people: int
    unknown: int


def _waiting(tables: Mapping[str, Table], _as_of: dt.date, _parameters: Mapping[str, Any]) -> Table:
    """Days from the opening of a case to the day its first service began, of cases in which one has begun or was received."""
    services = tables["services"]
    begun = services.filter(services.started_on.notnull() | services.state.isin(["started", "done"]))
    # Of those received without a recorded first day nothing is known; of several, the first that is recorded counts.
    first = begun.group_by("case_key").aggregate(month_day=begun.started_on.min())
    cases = tables["cases"].inner_join(first, "case_key")
    days = cases.month_day.delta(cases.opened_on, unit="day")
    # A service that began before the case was opened was not waited for in it.
    return cases.filter(cases.month_day.isnull() | (cases.month_day >= cases.opened_on)).mutate(
        value=days.cast("float64")
    )


def _plan_in_time(tables: Mapping[str, Table], as_of: dt.date, parameters: Mapping[str, Any]) -> Table:
    """Whether the first plan was made within the months; unknown where it was made and the assessment's start is not recorded."""
    plans = tables["plans"]
    first = plans.group_by("case_key").aggregate(made_on=plans.made_on.min())
    cases = tables["cases"].filter(ibis._.kind == parameters["kind"]).left_join(first, "case_key")
    cases = cases.mutate(
        month_day=cases.assessment_started_on, due_on=_months_after(cases.assessment_started_on, parameters)
    )
    last = ibis.coalesce(cases.ended_on, ibis.literal(as_of) - ibis.interval(days=1)).cast("date")
    counted = cases.made_on.notnull() | (cases.due_on <= last)
    in_time = ibis.coalesce(cases.made_on <= cases.due_on, ibis.literal(value=False)).cast("float64")
    return cases.filter(counted).mutate(
        value=ibis.ifelse(cases.due_on.isnull(), ibis.null("float64"), in_time)
    )


def _no_next_step(tables: Mapping[str, Table], as_of: dt.date, _parameters: Mapping[str, Any]) -> Table:
    """Whether an open case has no open step, as of the day of the extract."""
    cases = tables["cases"].filter(ibis._.state == "open")
    return cases.mutate(month_day=ibis.literal(as_of), value=(cases.open_steps == 0).cast("float64"))


def _review_in_time(tables: Mapping[str, Table], as_of: dt.date, parameters: Mapping[str, Any]) -> Table:
    """Whether the plan was looked at again within the months, once for each time it was due."""
    plans, reviews = tables["plans"], tables["reviews"]
    looked = plans.select("case_key", on=plans.made_on).union(
        reviews.select("case_key", on=reviews.held_on), distinct=True
    )
    # A review held before there was any plan began no time.
    first = plans.group_by("case_key").aggregate(first_on=plans.made_on.min())
    looked = looked.inner_join(first, "case_key")
    looked = looked.filter(looked.on >= looked.first_on)
    looked = looked.mutate(
        due_on=_months_after(looked.on, parameters),
        next_on=looked.on.lead().over(group_by="case_key", order_by=looked.on),
    ).select("case_key", "due_on", "next_on")
    cases = tables["cases"].filter(ibis._.kind == parameters["kind"]).inner_join(looked, "case_key")
    last = ibis.coalesce(cases.ended_on, ibis.literal(as_of) - ibis.interval(days=1)).cast("date")
    counted = cases.next_on.notnull() | (cases.due_on <= last)
    in_time = ibis.coalesce(cases.next_on <= cases.due_on, ibis.literal(value=False))
    return cases.filter(counted).mutate(month_day=cases.due_on, value=in_time.cast("float64"))


EXPRESSIONS: dict[str, Expression] = {
    "waiting": _waiting,
    "plan_in_time": _plan_in_time,
    "no_next_step": _no_next_step,
    "review_in_time": _review_in_time,
}


def _months_after(day: Any, parameters: Mapping[str, Any]) -> Any:
    return (day + ibis.interval(months=int(parameters["months"]))).cast("date")


def count(
    folder: Path, as_of: dt.date, asked: Sequence[Indicator]
) -> Iterator[tuple[Indicator, dict[Bucket, Cell]]]:
    """The cells of each indicator over the extract in ``folder``, as of the day it was taken.

    Units stand under the keys of the extract, in hexadecimal; a municipality that is not known is ``UNKNOWN``.
    """
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET enable_progress_bar = false")
    tables = {path.stem: connection.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
    for expression, sharing in _by_expression(asked).items():
        found: dict[str, dict[Bucket, Cell]] = {one.code: {} for one in sharing}
        with _ready(EXPRESSIONS[expression](tables, as_of, sharing[0].parameters), tables).cache() as rows:
            for columns in TABLES:
                for row in _aggregated(rows, columns, sharing).to_pyarrow().to_pylist():
                    bucket = Bucket(**{name: _text(row[name]) for name in columns})
                    for one in sharing:
                        found[one.code][bucket] = Cell(row[one.code], row["n"], row["people"], row["unknown"])
        yield from ((one, found[one.code]) for one in sharing)
    connection.disconnect()


def _by_expression(asked: Sequence[Indicator]) -> dict[str, list[Indicator]]:
    found: dict[str, list[Indicator]] = {}
    for one in asked:
        found.setdefault(one.expression, []).append(one)
    return found


def _ready(rows: Table, tables: Mapping[str, Table]) -> Table:
    """The rows of an expression with nothing but what they are grouped by, and their value."""
    residences = tables["residences"].select("municipality", person="person_key")
    joined = rows.left_join(residences, rows.person_key == residences.person)
    return joined.select(
        person_key=joined.person_key,
        unit=joined.unit_key,
        kind=joined.kind,
        municipality=ibis.coalesce(joined.municipality, ibis.literal(UNKNOWN)),
        month=joined.month_day.strftime("%Y-%m-01"),
        value=joined.value,
    )


def _aggregated(rows: Table, columns: tuple[str, ...], sharing: Sequence[Indicator]) -> Table:
    known = rows.filter(rows.month.notnull()) if "month" in columns else rows
    values = {one.code: _measured(known.value, one.measure) for one in sharing}
    return known.aggregate(
        by=list(columns),
        n=known.value.count(),
        people=known.person_key.nunique(where=known.value.notnull()),
        unknown=known.value.isnull().sum().fill_null(0),
        **values,
    )


def _measured(value: Any, measure: Measure) -> Any:
    if measure is Measure.MEDIAN:
        return value.quantile(0.5)
    return value.quantile(_NINETY) if measure is Measure.P90 else value.mean()


def _text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
